/** What the server is told: fields as they are typed, posts that wait for it, acts that are answered at once. */

import { post, Refused, type FieldError } from "../http.ts";
import { t } from "../words.ts";
import { Drafts, Outbox, type Letter } from "./keep.ts";
import { Known } from "./known.ts";
import type { State, Step } from "./state.ts";

export interface Notice {
  text: string;
  kind: "danger" | "success" | "warning";
  until: number;
}

const FIELD_PAUSE_MS = 1200;
const RAISE_MS = 6000;

function isTypedIn(field: string): boolean {
  return document.activeElement instanceof HTMLElement && document.activeElement.dataset["field"] === field;
}

export abstract class Told extends Known {
  readonly drafts = new Drafts();
  readonly outbox = new Outbox(
    this.config.employee.id,
    (letter) => this.sent(letter),
    (letter, errors, message) => this.refused(letter, errors, message),
  );
  errors: Record<string, FieldError[]> = {}; // by form
  unfolded = new Set<string>(); // forms that lie open: what was opened, or refused, stays so until it is closed by hand
  notice: Notice | null = null;
  busy = new Set<string>();
  protected outdated = false; // a post was answered since the state was asked for
  private readonly arrived = new Map<string, string>(); // what the server has, and the state shown may lack: still a draft
  private readonly emptied = new Set<string>();
  private readonly wishes = new Map<string, Record<string, unknown>>(); // on their way, by the key of their letter
  private readonly timers: Record<string, number> = {};

  // --- typing --------------------------------------------------------------------------------------

  /** What an input shows: the typed text if it is not saved yet, else what the server has. */
  value(field: string): string {
    return this.drafts.get(this.contact, field) ?? (this.saved(field) || this.suggested(field));
  }

  /** As `value`, with what is offered where nothing is known; what somebody has emptied stays empty. */
  offered(field: string, first: string): string {
    return this.value(field) || (this.emptied.has(`${this.contact}/${field}`) ? "" : first);
  }

  /** What the talk has told already is not typed a second time. */
  private suggested(field: string): string {
    return field === "substance" ? this.value("matter") : "";
  }

  /** Text of a form that is sent as a whole, with what is already known as its first value. */
  formValue(form: string, field: string, first = ""): string {
    return this.drafts.get(this.contact, `${form}.${field}`) ?? first;
  }

  unsaved(field: string): boolean {
    const text = this.drafts.get(this.contact, field);
    return text !== undefined && text !== this.saved(field) && text !== this.arrived.get(`${this.contact}/${field}`);
  }

  private saved(field: string): string {
    return this.state?.guide?.fields[field] ?? "";
  }

  errorOf(form: string, field: string): FieldError | null {
    return this.errors[form]?.find((error) => error.field === field) ?? null;
  }

  type(field: string, text: string): void {
    const contact = this.contact;
    this.drafts.set(contact, field, text);
    if (text) this.emptied.delete(`${contact}/${field}`);
    else this.emptied.add(`${contact}/${field}`);
    window.clearTimeout(this.timers[field]);
    this.timers[field] = window.setTimeout(() => this.sendField(contact, field), FIELD_PAUSE_MS);
    this.draw();
  }

  typeForm(form: string, field: string, text: string): void {
    this.drafts.set(this.contact, `${form}.${field}`, text);
    this.errors[form] = (this.errors[form] ?? []).filter((error) => error.field !== field);
    this.draw();
  }

  /** Send a field now; it stays a draft until the server has it. */
  sendField(contact: string, field: string, source = "asked"): void {
    window.clearTimeout(this.timers[field]);
    const text = this.drafts.get(contact, field);
    if (text === undefined || !contact) return;
    const key = `field/${contact}/${field}`;
    const arrived = this.arrived.get(`${contact}/${field}`);
    if (!this.outbox.has(key)) {
      if (text === arrived) return;
      if (arrived === undefined && text === this.saved(field) && contact === this.contact) {
        if (text || !this.suggested(field)) this.drafts.drop(contact, field); // else what was emptied would fill again
        return;
      }
    } // else what is on its way, or has come and the state lacks, is not what stands here now
    this.outbox.put({ key, url: this.url(contact, "field"), body: { field, value: text, source } });
  }

  /** Send what a step asks, as it stands on the screen: typed, or suggested and left as it was. */
  sendAsked(step: Step): void {
    for (const field of step.ask) {
      const text = this.value(field);
      if (text && !this.saved(field)) this.drafts.set(this.contact, field, text);
      this.sendField(this.contact, field);
    }
  }

  private sent(letter: Letter): void {
    this.outdated = true;
    const [kind, contact = "", field = ""] = letter.key.split("/");
    if (kind === "field") {
      this.arrived.set(`${contact}/${field}`, String(letter.body["value"]));
      this.errors["field"] = (this.errors["field"] ?? []).filter((error) => error.field !== field);
    }
    void this.refresh();
  }

  /**
   * A state that was asked for after what was typed had arrived shows it: it is no draft any more. The server leaves off the
   * blank at the end: not while the next word is about to be typed.
   */
  protected settle(): void {
    for (const [key, text] of this.arrived) {
      const [contact = "", field = ""] = key.split("/");
      if (contact === this.contact && isTypedIn(field)) continue;
      this.arrived.delete(key);
      if (!text && contact === this.contact && this.suggested(field)) continue; // else what was emptied would fill again
      if (this.drafts.get(contact, field) === text) this.drafts.drop(contact, field);
    }
    for (const key of this.wishes.keys()) if (!this.outbox.has(key)) this.wishes.delete(key);
  }

  /** What a client wishes, kept at once and one after another; shown as it was said until a state shows it. */
  wish(name: string, verb: string, body: Record<string, unknown>): void {
    const key = this.wishKey(name);
    this.wishes.set(key, body);
    this.outbox.put({ key, url: this.url(this.contact, verb), body: { ...body, client: this.state?.client?.id } });
    this.draw();
  }

  /** What was said of a wish and is not in the state yet. */
  wished(name: string): Record<string, unknown> {
    return this.wishes.get(this.wishKey(name)) ?? {};
  }

  /** Of this client alone: another may be taken for the one who calls before it has arrived. */
  private wishKey(name: string): string {
    return `wish/${this.contact}/${this.state?.client?.id ?? ""}/${name}`;
  }

  private refused(letter: Letter, errors: FieldError[], message: string): void {
    const [kind, , ...rest] = letter.key.split("/");
    if (kind === "step") this.pending.delete(rest.join("/"));
    if (kind === "wish") this.wishes.delete(letter.key);
    if (kind === "field") this.errors["field"] = [...(this.errors["field"] ?? []), ...errors];
    this.say(errors[0]?.message ?? (message || t("refused")), "danger");
    void this.refresh();
  }

  /** One client alone has this number: once the call is answered he is taken for it, until somebody says otherwise. */
  protected takePresumed(state: State): void {
    const call = state.call;
    if (!state.presumed || !state.client || !call?.answered_at || call.role !== "operator" || this.outbox.has(`client/${call.contact}`)) return;
    this.outbox.put({ key: `client/${call.contact}`, url: this.url(call.contact, "client"), body: { client: state.client.id, via: "caller" } });
  }

  // --- doing ---------------------------------------------------------------------------------------

  /** Do something that is answered at once; a refusal is shown with its fields. */
  async act(verb: string, body: Record<string, unknown> = {}, form = ""): Promise<Record<string, unknown> | null> {
    return this.tell(this.url(this.contact, verb), verb, body, form);
  }

  async tell(url: string, verb: string, body: Record<string, unknown>, form = ""): Promise<Record<string, unknown> | null> {
    if (this.busy.has(verb)) return null;
    this.busy.add(verb);
    if (this.notice?.kind === "danger") this.notice = null; // what was refused before is tried anew
    this.draw();
    try {
      const answer = await post(url, body);
      if (form) this.errors[form] = [];
      return answer;
    } catch (error) {
      if (error instanceof Refused) {
        if (form) this.errors[form] = error.errors;
        if (form) this.unfolded.add(form);
        this.say(error.errors.length > 1 ? t("fields_missing", { n: error.errors.length }) : (error.errors[0]?.message ?? error.message), "danger");
      } else this.say(t("no_answer"), "danger");
      return null;
    } finally {
      this.busy.delete(verb);
      void this.refresh();
    }
  }

  say(text: string, kind: Notice["kind"]): void {
    this.notice = { text, kind, until: Date.now() + RAISE_MS };
    this.draw();
  }
}
