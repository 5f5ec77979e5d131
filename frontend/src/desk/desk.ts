/**
 * The operator's screen: views read it, keys and clicks call it. Its layers, each on the one before: what is `known`, what
 * the server is `told`, how one is `led` by the guide, the `line`; here the call itself, and the drawing.
 */

import { html, render } from "lit-html";
import { get, Refused } from "../http.ts";
import { t } from "../words.ts";
import type { Panel } from "./known.ts";
import { Line } from "./line.ts";
import { Live } from "./live.ts";
import { remind } from "./sound.ts";
import { keyOf, type State, type Whom } from "./state.ts";
import { isPressed } from "./pointer.ts";
import { isLong } from "./views/passing.ts";
import { screen } from "./views/screen.ts";

/** How a call is to be passed on, as far as it is chosen. */
export interface Passing {
  mode: "attended" | "blind";
  find: string;
  number: string;
  long: boolean; // the list was so long once that one looks in it by typing
}

const unchosen = (): Passing => ({ mode: "attended", find: "", number: "", long: false });

const WHOM_MS = 3000;

export class Desk extends Line {
  readonly live = new Live(this.config.urls.live, () => void this.refresh(), () => this.draw());
  lost = false; // the server does not answer
  found: { id: number; name: string; about: string }[] | null = null;
  whom: Whom | null = null; // to whom the call may be passed on; asked while the list is open
  passing: Passing = unchosen();
  asked = "";
  lastContact = "";
  private etag = "";
  private whomEtag = "";
  private refreshing = false;
  private again = false;
  private drawn = false;
  private opener: Element | null = null; // what had the keyboard when a panel was opened
  private digits = ""; // keyed, and not on their way yet

  async start(): Promise<void> {
    this.lastContact = sessionStorage.getItem("kindline.last") ?? "";
    this.root.replaceChildren();
    if (this.toDial) this.waitToDial();
    await this.refresh();
    this.live.start();
    window.setInterval(() => this.draw(), 500);
    window.setInterval(() => void this.askWhom(), WHOM_MS);
    window.addEventListener("online", () => this.uneasy());
    document.addEventListener("visibilitychange", () => void this.refresh());
    if (this.config.phone) await this.holdLine();
  }

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
        this.seeToPhone();
      } while (this.again);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) window.location.assign(this.config.urls.login);
      if (!this.lost) this.live.again();
      this.lost = true;
    }
    this.refreshing = false;
    this.draw();
  }

  /** The network may have been away: nothing that stood before is trusted to stand still. */
  protected uneasy(): void {
    this.live.again();
    void this.refresh();
  }

  /** Ask for the list of whom to pass the call on to, as long as somebody looks at it. */
  private async askWhom(): Promise<void> {
    if (this.panel !== "transfer" || this.state?.call?.transfer) return;
    try {
      const fresh = await get<Whom>(this.config.urls.passing, this.whomEtag);
      this.whomEtag = fresh.etag;
      if (!fresh.body) return;
      this.whom = fresh.body;
      this.passing.long ||= isLong(fresh.body);
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
    else if (this.watching) this.branch = this.taken(); // he sees the step at which the operator is
    if (this.over && !(over && call?.contact === before?.contact)) this.toResult();
    if (!call && before) {
      this.tab = "guide";
      this.panel = "";
      this.opener = null;
      this.branch = this.focus = this.held = "";
      this.resultNext = false;
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
    this.passing = unchosen();
    this.whom = null;
    this.whomEtag = "";
    this.pending.clear();
    this.found = null;
    this.asked = "";
    this.focus = this.held = "";
    this.resultNext = false;
    this.panel = "";
    this.opener = null; // a ringing call is answered by Space, not by what stood open
    this.tab = this.over ? "result" : "guide";
    this.branch = this.taken();
  }

  /** The turn that the talk has taken and has not come back from, as the server knows it. */
  private taken(): string {
    const guide = this.state?.guide;
    const taken = guide?.branches.find((branch) => branch.id === guide.branch);
    return taken?.steps.some((step) => !this.settled(step)) ? taken.id : "";
  }

  /** My part of the call is over: its result comes before me, but not under the hands of whoever types. */
  private toResult(): void {
    if (this.held && this.tab === "guide") this.resultNext = true;
    else this.tab = "result";
  }

  // --- doing ----------------------------------------------------------------------------------------

  async setOperator(state: string, reason = ""): Promise<void> {
    this.panel = "";
    if (state === "ready") await this.phone.takeMicrophone();
    await this.tell(this.config.urls.operator, "operator", { state, reason });
  }

  async endWrapUp(): Promise<void> {
    if (this.visit) return window.location.assign(this.config.urls.visits!);
    await this.tell(this.config.urls.operator, "operator", { state: "ready", reason: "" });
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
    if (this.busy.has("hold")) return; // pressed twice: it is not refused
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
    if (ending?.ends_call && ending.grounds.length && !this.watching) this.toggle("end");
    else await this.act("hangup");
  }

  /** Digits in the order in which they are keyed; those that are keyed while one is on its way go together after it. */
  async digit(digit: string): Promise<void> {
    this.digits += digit;
    if (this.busy.has("dtmf")) return;
    while (this.digits) {
      const digits = this.digits;
      this.digits = "";
      await this.act("dtmf", { digits });
    }
  }

  toggle(panel: Panel): void {
    this.panel = this.panel === panel ? "" : panel;
    if (this.panel) this.opener = document.activeElement;
    if (this.panel === "volume") this.listen();
    else this.deaf();
    if (this.panel === "transfer") void this.askWhom();
    this.draw();
  }

  passes(chosen: Partial<Passing>): void {
    Object.assign(this.passing, chosen);
    this.draw();
  }

  // --- drawing --------------------------------------------------------------------------------------

  draw(): void {
    if (this.drawn) return;
    this.drawn = true;
    requestAnimationFrame(() => {
      this.drawn = false;
      if (this.notice && this.notice.until < Date.now()) this.notice = null;
      render(this.state ? screen(this) : html`<p class="p-4" role="status">${t(this.lost ? "no_answer" : "loading")}</p>`, this.root);
      this.comeBack();
      this.releaseStep();
      this.announce();
    });
  }

  /** A panel that had the keyboard is closed: it goes back to what has opened it. */
  private comeBack(): void {
    if (this.panel || !this.opener) return;
    if (document.activeElement === document.body && this.opener instanceof HTMLElement) this.opener.focus();
    this.opener = null;
  }

  /** Not every browser says that what had the focus is gone: nobody types in a step where nothing has it. */
  private releaseStep(): void {
    const isIn = this.root.querySelector(".step-now")?.contains(document.activeElement);
    if (this.held && !isIn && document.hasFocus() && !isPressed()) this.leave();
  }

  private announce(): void {
    const call = this.state?.call;
    document.title = this.ringing && call ? `☎ ${call.caller}` : t(this.visit ? "visit_screen" : "operator_screen");
    if (call && !performance.getEntriesByName(`card:${call.contact}`).length) performance.mark(`card:${call.contact}`);
  }
}
