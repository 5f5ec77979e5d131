/** The operator's screen: what is known, what was typed, what is being done. Views read it, keys and clicks call it. */

import { html, render } from "lit-html";
import { now, since } from "../clock.ts";
import { get, post, Refused, type FieldError } from "../http.ts";
import { t } from "../words.ts";
import { Drafts, Outbox, type Letter } from "./keep.ts";
import { Live } from "./live.ts";
import { Phone, type Entry } from "./phone.ts";
import { Meter, remind, Ring } from "./sound.ts";
import { keyOf, type Branch, type Config, type FieldSpec, type State, type Step, type ToDial, type Whom } from "./state.ts";
import { screen } from "./views/screen.ts";

/** How a call is to be passed on, as far as it is chosen. */
export interface Passing {
  mode: "attended" | "blind";
  find: string;
  number: string;
}

export type Panel = "" | "keypad" | "transfer" | "volume" | "keys" | "pause" | "skip" | "end";
export type Tab = "guide" | "result";

export interface Notice {
  text: string;
  kind: "danger" | "success" | "warning";
  until: number;
}

/** Facts that a written field makes by itself: such a step is done as soon as its field is there. */
const BY_FIELD = ["reason_recorded", "measure_taken", "language_agreed"];
const FIELD_PAUSE_MS = 1200;
const WHOM_MS = 3000;
const DIAL_WITHIN_MS = 60_000; // a call that was asked for elsewhere waits no longer for a phone
const RAISE_MS = 6000;
const CLAIM_AGAIN_MS = 2000;

export class Desk {
  readonly config: Config;
  readonly drafts = new Drafts();
  readonly outbox: Outbox;
  readonly phone: Phone;
  readonly live: Live;
  state: State | null = null;
  panel: Panel = "";
  tab: Tab = "guide";
  branch = ""; // the branch that is being looked at
  focus = ""; // the step that the operator went to by hand
  phrase: Record<string, number> = {}; // which of the alternative phrases was chosen
  errors: Record<string, FieldError[]> = {}; // by form
  unfolded = new Set<string>(); // forms that lie open: what was opened, or refused, stays so until it is closed by hand
  notice: Notice | null = null;
  busy = new Set<string>();
  lost = false; // the server does not answer
  meter: Meter | null = null;
  found: { id: number; name: string; about: string }[] | null = null;
  whom: Whom | null = null; // to whom the call may be passed on; asked while the list is open
  passing: Passing = { mode: "attended", find: "", number: "" };
  asked = "";
  lastContact = "";
  private readonly page = Math.random().toString(36).slice(2, 12); // this page's own name
  private claimed = false; // a state has said that this page has the phone
  private turn = 0; // grows whenever this page takes the phone or loses it
  private letGo: () => void = () => undefined;
  private toDial: ToDial | null; // waits for a phone
  number = ""; // typed to be called
  private readonly root: HTMLElement;
  private readonly ring = new Ring();
  private readonly pending = new Map<string, string>(); // steps done here and not yet there
  private etag = "";
  private whomEtag = "";
  private refreshing = false;
  private again = false;
  private outdated = false; // a post was answered since the state was asked for
  private readonly arrived = new Map<string, string>(); // what the server has, and the state shown may lack: still a draft
  private drawn = false;
  private timers: Record<string, number> = {};

  constructor(root: HTMLElement, config: Config) {
    this.root = root;
    this.config = config;
    this.toDial = config.dial;
    this.phone = new Phone(config.phone, () => this.entry(), () => this.phoneChanged());
    this.live = new Live(config.urls.live, () => void this.refresh(), () => this.draw());
    this.outbox = new Outbox(
      (letter) => this.sent(letter),
      (letter, errors, message) => this.refused(letter, errors, message),
    );
  }

  async start(): Promise<void> {
    this.lastContact = sessionStorage.getItem("kindline.last") ?? "";
    this.root.replaceChildren();
    if (this.toDial) this.waitToDial();
    await this.refresh();
    this.live.start();
    window.setInterval(() => this.draw(), 500);
    window.setInterval(() => void this.askWhom(), WHOM_MS);
    window.addEventListener("online", () => void this.refresh());
    document.addEventListener("visibilitychange", () => void this.refresh());
    if (this.config.phone) await this.holdLine();
  }

  /**
   * One page of a person has the phone. A second page of this browser says so and may take it over; a page on another
   * machine takes it as it opens, and this one reads in the state that it has lost it.
   */
  async holdLine(steal = false): Promise<void> {
    const mine = ++this.turn;
    const lost = (): void => {
      if (this.turn !== mine) return; // it has been taken here once more since
      this.turn += 1;
      this.phone.stop("elsewhere");
    };
    const line = async (): Promise<void> => {
      const done = new Promise<void>((resolve) => (this.letGo = resolve));
      await this.phone.takeMicrophone();
      await this.claimPhone(mine);
      await done;
    };
    const name = `kindline.phone.${this.config.employee.id}`;
    if (!navigator.locks) return void line();
    void navigator.locks
      .request(name, steal ? { steal: true } : { ifAvailable: true }, (lock) => {
        if (!lock) return lost();
        return line();
      })
      .catch(lost);
  }

  /** Tell the house that this page has the phone now; it answers with what to register with, sooner or later. */
  private async claimPhone(mine: number): Promise<void> {
    while (this.turn === mine) {
      try {
        const { phone } = await post<{ phone: Entry | null }>(this.config.urls.page, { page: this.page });
        await this.refresh();
        if (this.turn === mine && phone) this.phone.start(phone);
        if (phone) return;
      } catch {
        // the house is away, or does not know us any more: the state says which
      }
      await new Promise((again) => window.setTimeout(again, CLAIM_AGAIN_MS));
    }
  }

  /** What the phone registers with now: of this session alone, as long as this page has the phone. */
  private async entry(): Promise<Entry | null> {
    try {
      return (await post<{ phone: Entry | null }>(this.config.urls.phone, { page: this.page })).phone;
    } catch (error) {
      if (error instanceof Refused && error.status === 409) this.leavePhone();
      else await this.refresh(); // the session may be over
      return null;
    }
  }

  private leavePhone(): void {
    this.claimed = false;
    this.turn += 1;
    this.phone.stop("elsewhere");
    this.letGo();
  }

  /** Another page of the same person has taken the phone: this one must not take it back by registering anew. */
  private yieldPhone(state: State): void {
    const mine = state.operator.page === this.page;
    if (mine || !this.claimed) {
      this.claimed = mine; // a state that was asked for before the claim still names the former page
      return;
    }
    this.leavePhone();
  }

  // --- what is known -------------------------------------------------------------------------------

  /** Ask for the state; one question at a time, and once more if news came meanwhile. */
  async refresh(): Promise<void> {
    if (this.refreshing) {
      this.again = true;
      return;
    }
    this.refreshing = true;
    try {
      do {
        this.again = this.outdated = false;
        const fresh = await get<State>(this.config.urls.state, this.etag);
        if (this.outdated) continue; // what was typed and saved meanwhile would vanish for a moment
        this.etag = fresh.etag;
        this.lost = false;
        if (fresh.body) this.take(fresh.body);
        this.settle();
      } while (this.again);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) window.location.assign(this.config.urls.login);
      this.lost = true;
    }
    this.refreshing = false;
    this.draw();
  }

  /** Ask for the list of whom to pass the call on to, as long as somebody looks at it. */
  private async askWhom(): Promise<void> {
    if (this.panel !== "transfer" || this.state?.call?.transfer) return;
    try {
      const fresh = await get<Whom>(this.config.urls.passing, this.whomEtag);
      this.whomEtag = fresh.etag;
      if (!fresh.body) return;
      this.whom = fresh.body;
      this.draw();
    } catch {
      // what is shown stays; that the server is away is told by the state
    }
  }

  private take(state: State): void {
    const before = this.state?.call ?? null;
    const over = this.over;
    this.state = state;
    for (const step of this.allSteps()) if (step.done_at) this.pending.delete(keyOf(step));
    const call = state.call;
    if (call && call.contact !== before?.contact) this.callCame(state);
    if (this.over && !(over && call?.contact === before?.contact)) this.tab = "result";
    if (!call && before) {
      this.tab = "guide";
      this.panel = "";
      this.branch = this.focus = "";
    }
    if (call?.held_since && call.hold?.reminded_s && before?.hold && call.hold.reminded_s !== before.hold.reminded_s) remind();
    this.takePresumed(state);
    this.yieldPhone(state);
    void this.dialAsked();
    if (call && this.phone.talk && call.muted !== undefined) this.phone.mute(call.muted);
  }

  private callCame(state: State): void {
    const contact = state.call!.contact;
    this.lastContact = contact;
    sessionStorage.setItem("kindline.last", contact);
    this.errors = {};
    this.unfolded.clear();
    this.passing = { mode: "attended", find: "", number: "" };
    this.whom = null;
    this.whomEtag = "";
    this.pending.clear();
    this.found = null;
    this.asked = "";
    this.focus = "";
    this.panel = "";
    this.tab = this.over ? "result" : "guide";
    const taken = state.guide?.branches.find((branch) => branch.id === state.guide?.branch);
    this.branch = taken && taken.steps.some((step) => !this.settled(step)) ? taken.id : "";
  }

  /** One client alone has this number: once the call is answered he is taken for it, until somebody says otherwise. */
  private takePresumed(state: State): void {
    const call = state.call;
    if (!state.presumed || !state.client || !call?.answered_at || call.role !== "operator" || this.outbox.has(`client/${call.contact}`)) return;
    this.outbox.put({ key: `client/${call.contact}`, url: this.url(call.contact, "client"), body: { client: state.client.id, via: "caller" } });
  }

  get contact(): string {
    return this.state?.call?.contact ?? "";
  }

  get ringing(): boolean {
    if (this.phone.ringing) return true;
    return this.state?.operator.state === "ringing";
  }

  /** My part of the call is over: it has ended, or a colleague has taken it from me. */
  get over(): boolean {
    const { call, operator } = this.state ?? {};
    if (call && this.visit) return call.closed;
    return Boolean(call && (call.ended_at || (operator?.state === "wrap_up" && operator.contact === call.contact)));
  }

  /** A visitor at the counter: there is no phone in it. */
  get visit(): boolean {
    return this.state?.call?.channel === "office" && this.config.urls.visits !== undefined;
  }

  /** Whether the contact may be closed now: a call when it is over, a visit at any time. */
  get closable(): boolean {
    return this.visit || Boolean(this.state?.call?.ended_at);
  }

  /** Whether the buttons of the phone mean anything: I talk, and the call is mine. */
  get talking(): boolean {
    const call = this.state?.call;
    return Boolean(call && !this.visit && !this.over && !this.ringing && call.role === "operator");
  }

  allSteps(): Step[] {
    const guide = this.state?.guide;
    return guide ? [...guide.steps, ...guide.branches.flatMap((branch) => branch.steps)] : [];
  }

  openBranch(): Branch | null {
    return this.state?.guide?.branches.find((branch) => branch.id === this.branch) ?? null;
  }

  /** What must still come before the talk may be ended in this branch: its steps, and clocks that have to run out. */
  beforeEnd(branch: Branch): string[] {
    const steps = branch.steps.filter((step) => step.required && step.done_by !== "call_terminated" && !step.done_at);
    const named = new Set(branch.steps.map((step) => step.timer));
    const running = (this.state?.guide?.timers ?? []).filter(
      (timer) => timer.unlocks && named.has(timer.id) && since(timer.from_at, timer.to_at) < (timer.max_s ?? 0),
    );
    return [...steps, ...running].map((one) => one.title);
  }

  steps(): Step[] {
    return this.openBranch()?.steps ?? this.state?.guide?.steps ?? [];
  }

  isDone(step: Step): boolean {
    return Boolean(step.done_at) || this.pending.has(keyOf(step));
  }

  settled(step: Step): boolean {
    return this.isDone(step) || step.spent || Boolean(step.skipped);
  }

  /** The step to read and do now: the one gone to by hand, else the first that is open. */
  current(): Step | null {
    const steps = this.steps();
    const chosen = steps.find((step) => keyOf(step) === this.focus);
    return chosen ?? steps.find((step) => !this.settled(step) && !step.waits) ?? null;
  }

  spec(field: string): FieldSpec {
    return this.config.fields.find((spec) => spec.id === field) ?? { id: field, label: field, type: "text" };
  }

  /** What an input shows: the typed text if it is not saved yet, else what the server has. */
  value(field: string): string {
    return this.drafts.get(this.contact, field) ?? (this.saved(field) || this.suggested(field));
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

  // --- typing --------------------------------------------------------------------------------------

  type(field: string, text: string): void {
    const contact = this.contact;
    this.drafts.set(contact, field, text);
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
    if (text === undefined || !contact || text === this.arrived.get(`${contact}/${field}`)) return;
    if (text === this.saved(field) && contact === this.contact) {
      if (text || !this.suggested(field)) this.drafts.drop(contact, field); // else what was emptied would fill again
      return;
    }
    this.outbox.put({ key: `field/${contact}/${field}`, url: this.url(contact, "field"), body: { field, value: text, source } });
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

  /** A state that was asked for after what was typed had arrived shows it: it is no draft any more. */
  private settle(): void {
    for (const [key, text] of this.arrived) {
      const [contact = "", field = ""] = key.split("/");
      if (this.drafts.get(contact, field) === text) this.drafts.drop(contact, field);
    }
    this.arrived.clear();
  }

  private refused(letter: Letter, errors: FieldError[], message: string): void {
    const [kind, , ...rest] = letter.key.split("/");
    if (kind === "step") this.pending.delete(rest.join("/"));
    if (kind === "field") this.errors["field"] = [...(this.errors["field"] ?? []), ...errors];
    this.say(errors[0]?.message ?? (message || t("refused")), "danger");
    void this.refresh();
  }

  // --- doing ---------------------------------------------------------------------------------------

  url(contact: string, verb: string): string {
    return this.config.urls.calls.replace("00000000-0000-0000-0000-000000000000", contact).replace("VERB", verb);
  }

  /** Do something that is answered at once; a refusal is shown with its fields. */
  async act(verb: string, body: Record<string, unknown> = {}, form = ""): Promise<Record<string, unknown> | null> {
    return this.tell(this.url(this.contact, verb), verb, body, form);
  }

  async tell(url: string, verb: string, body: Record<string, unknown>, form = ""): Promise<Record<string, unknown> | null> {
    if (this.busy.has(verb)) return null;
    this.busy.add(verb);
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

  async setOperator(state: string, reason = ""): Promise<void> {
    this.panel = "";
    if (state === "ready") await this.phone.takeMicrophone();
    await this.tell(this.config.urls.operator, "operator", { state, reason });
  }

  async endWrapUp(): Promise<void> {
    if (this.visit) return window.location.assign(this.config.urls.visits!);
    await this.tell(this.config.urls.operator, "operator", { state: "ready", reason: "" });
  }

  answer(): void {
    if (this.phone.answer()) this.ring.stop();
    this.draw();
  }

  async decline(): Promise<void> {
    const contact = this.phone.ringing?.contact || this.contact; // the phone may know of the call before the page does
    const passedOn = this.phone.ringing?.kind === "consult" || this.state?.call?.role === "specialist";
    if (passedOn) await this.tell(this.url(contact, "transfer-refuse"), "decline", { reason: "declined" });
    else await this.tell(this.url(contact, "decline"), "decline", {});
  }

  async mute(): Promise<void> {
    const on = !this.state?.call?.muted;
    this.phone.mute(on);
    await this.act(on ? "mute" : "unmute");
  }

  /** Recording pauses while a secret is said, and goes on; a step of the guide says which of the two. */
  async secret(pause = !this.state?.call?.secret_since): Promise<void> {
    if (pause) await this.act("recording-pause", { reason: "card" });
    else await this.act("recording-resume");
  }

  /** Between the client and the colleague who is to take him: the other one waits with music. */
  async swap(): Promise<void> {
    const call = this.state?.call;
    if (!call?.transfer || call.role === "specialist" || call.conference_since || call.transfer.state === "ringing") return;
    await this.act(call.transfer.aside ? "transfer-to-colleague" : "transfer-to-client");
  }

  async hold(): Promise<void> {
    if (this.state?.call?.held_since) await this.act("resume");
    else if (!(await this.act("hold", { announced: this.told("announced", "consent"), consent: this.told("consent"), reason: "" }))) this.askToWait();
  }

  /** Whether the client knows of the hold that is to begin, by a step of the guide that tells him. */
  private told(...ways: string[]): boolean {
    return this.allSteps().some((step) => ways.includes(step.hold) && this.isDone(step));
  }

  /** The client is not put on hold: the step in which he agrees to it, unless it is done. */
  private askToWait(): void {
    const step = this.allSteps().find((one) => one.hold === "consent");
    if (!step || this.isDone(step)) return;
    this.branch = step.branch;
    this.tab = "guide";
    this.go(step);
  }

  async hangUp(): Promise<void> {
    const ending = this.openBranch();
    if (ending?.ends_call && ending.grounds.length) this.toggle("end");
    else await this.act("hangup");
  }

  digit(digit: string): void {
    void this.act("dtmf", { digits: digit });
  }

  /** Mark a step done: shown at once, sent until the server has it, after the fields typed in it. */
  done(step: Step, by: "click" | "key"): void {
    if (this.isDone(step) || step.refused) return;
    this.sendAsked(step);
    if (BY_FIELD.includes(step.done_by)) return this.focusInput();
    const key = keyOf(step);
    this.pending.set(key, new Date(now()).toISOString());
    const phrase = step.phrases[this.phrase[key] ?? 0] ?? "";
    this.outbox.put({
      key: `step/${this.contact}/${key}`,
      url: this.url(this.contact, "step"),
      body: { step: step.id, branch: step.branch, phrase, by },
    });
    this.focus = "";
    this.draw();
    this.focusInput();
  }

  async skip(step: Step, reason: string): Promise<void> {
    this.panel = "";
    this.focus = "";
    await this.act("skip", { step: step.id, branch: step.branch, reason });
  }

  go(step: Step | undefined): void {
    if (!step) return;
    this.focus = keyOf(step);
    this.draw();
    this.focusInput();
  }

  /** Move to the next or previous step without doing the present one. */
  move(by: number): void {
    const steps = this.steps();
    const at = steps.findIndex((step) => step === this.current());
    this.go(steps[Math.max(0, Math.min(steps.length - 1, at + by))]);
  }

  take_branch(branch: Branch): void {
    this.branch = branch.id;
    this.focus = this.waitsAgain(branch);
    this.tab = "guide";
    if (!branch.taken)
      this.outbox.put({ key: `branch/${this.contact}/${branch.id}`, url: this.url(this.contact, "branch"), body: { branch: branch.id } });
    this.draw();
    this.focusInput();
  }

  /** The step by which the client is told anew that he will wait, once he has been thanked for the last time. */
  private waitsAgain(branch: Branch): string {
    const back = branch.steps.find((step) => step.id === this.state?.call?.hold?.step);
    const spent = branch.steps.find((step) => step.spent);
    return spent && !(back && !this.settled(back)) ? keyOf(spent) : "";
  }

  leaveBranch(): void {
    this.branch = this.focus = "";
    this.draw();
    this.focusInput();
  }

  show(tab: Tab): void {
    this.tab = tab;
    this.draw();
  }

  toggle(panel: Panel): void {
    this.panel = this.panel === panel ? "" : panel;
    if (this.panel === "volume") this.listen();
    else this.deaf();
    if (this.panel === "transfer") void this.askWhom();
    this.draw();
  }

  passes(chosen: Partial<Passing>): void {
    Object.assign(this.passing, chosen);
    this.draw();
  }

  say(text: string, kind: Notice["kind"]): void {
    this.notice = { text, kind, until: Date.now() + RAISE_MS };
    this.draw();
  }

  /** Put the cursor where the present step asks something that is not known yet. */
  focusInput(): void {
    requestAnimationFrame(() => {
      const inputs = [...this.root.querySelectorAll<HTMLInputElement>(".step-now [data-field]")];
      const empty = inputs.find((input) => !input.value);
      if (empty) empty.focus();
      else if (document.activeElement instanceof HTMLElement && document.activeElement.closest(".guide")) document.activeElement.blur();
    });
  }

  // --- sound ---------------------------------------------------------------------------------------

  private async listen(): Promise<void> {
    await this.phone.takeMicrophone();
    if (this.phone.microphone) this.meter = new Meter(this.phone.microphone);
    const beat = (): void => {
      if (this.panel !== "volume" || !this.meter) return;
      const bar = this.root.querySelector<HTMLElement>("[data-level]");
      if (bar) bar.style.width = `${Math.round(this.meter.level() * 100)}%`;
      requestAnimationFrame(beat);
    };
    this.draw();
    requestAnimationFrame(beat);
  }

  private deaf(): void {
    this.meter?.stop();
    this.meter = null;
  }

  /** Nobody is called by surprise long after it was asked for. */
  private waitToDial(): void {
    this.say(t("dial_wait"), "success");
    window.setTimeout(() => {
      if (this.toDial) this.say(t("dial_forgotten"), "danger");
      this.toDial = null;
    }, DIAL_WITHIN_MS);
  }

  /** A call that was asked for on another page: made as soon as a phone is there, this page's or, where it has none, another. */
  private async dialAsked(): Promise<void> {
    const settled = ["registered", "elsewhere", "refused"].includes(this.phone.line);
    if (!this.toDial || !settled || !this.state?.operator.registered || this.busy.has("dial")) return;
    const { url, body } = this.toDial;
    this.toDial = null;
    await this.tell(url, "dial", body);
  }

  /** The number that is typed is called; what is refused stays typed. */
  async callOut(by = ""): Promise<void> {
    if (!this.number.trim()) return;
    if (!(await this.tell(this.config.urls.call_out, "dial", { number: this.number, by }))) return;
    this.number = "";
    if (by) this.say(t("call_out_key"), "success");
  }

  private phoneChanged(): void {
    void this.dialAsked();
    const call = this.phone.ringing;
    if (call && call.kind !== "reattach" && call.kind !== "callback") this.ring.start();
    else this.ring.stop();
    if (call && call.contact !== this.contact) void this.refresh();
    this.draw();
  }

  // --- drawing -------------------------------------------------------------------------------------

  draw(): void {
    if (this.drawn) return;
    this.drawn = true;
    requestAnimationFrame(() => {
      this.drawn = false;
      if (this.notice && this.notice.until < Date.now()) this.notice = null;
      render(this.state ? screen(this) : html`<p class="p-4" role="status">${t(this.lost ? "no_answer" : "loading")}</p>`, this.root);
      this.announce();
    });
  }

  private announce(): void {
    const call = this.state?.call;
    document.title = this.ringing && call ? `☎ ${call.caller}` : t(this.visit ? "visit_screen" : "operator_screen");
    if (call && !performance.getEntriesByName(`card:${call.contact}`).length) performance.mark(`card:${call.contact}`);
  }
}
