/** What is known of the call, its guide and the person at the screen: read by everybody, changed by the layers above. */

import { since } from "../clock.ts";
import type { Phone } from "./phone.ts";
import { keyOf, type Branch, type Config, type FieldSpec, type State, type Step } from "./state.ts";

export type Panel = "" | "keypad" | "transfer" | "volume" | "keys" | "pause" | "skip" | "end";
export type Tab = "guide" | "result";

export abstract class Known {
  readonly config: Config;
  abstract readonly phone: Phone;
  state: State | null = null;
  panel: Panel = "";
  tab: Tab = "guide";
  protected resultNext = false; // the call is over: once he who types has left his field
  branch = ""; // the branch that is being looked at
  focus = ""; // the step that the operator went to by hand
  skipping = ""; // the step for which it is asked why it is left out
  protected held = ""; // the step in which somebody types: it stays before him until he leaves it
  protected readonly root: HTMLElement;
  protected readonly pending = new Map<string, string>(); // steps done here and not yet there

  constructor(root: HTMLElement, config: Config) {
    this.root = root;
    this.config = config;
  }

  abstract draw(): void;
  abstract refresh(): Promise<void>;

  url(contact: string, verb: string): string {
    return this.config.urls.calls.replace("00000000-0000-0000-0000-000000000000", contact).replace("VERB", verb);
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

  /** A supervisor in another's talk: he reads what its operator is led by, and does nothing of it. */
  get watching(): boolean {
    return this.state?.call?.role === "supervisor";
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

  /** The step to read and do now: the one being typed in, or gone to by hand, else the first that is open. */
  current(): Step | null {
    const steps = this.steps();
    const chosen = steps.find((step) => keyOf(step) === (this.held || this.focus));
    return chosen ?? steps.find((step) => !this.settled(step) && !step.waits) ?? null;
  }

  spec(field: string): FieldSpec {
    return this.config.fields.find((spec) => spec.id === field) ?? { id: field, label: field, type: "text" };
  }
}
