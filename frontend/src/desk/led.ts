/** The guide on the screen: which step is read, what is done of it, which branch is taken. */

import { now } from "../clock.ts";
import { placeOf } from "./keys.ts";
import { keyOf, type Branch, type Step } from "./state.ts";
import type { Tab } from "./known.ts";
import { Told } from "./told.ts";

/** Facts that a written field makes by itself: such a step is done as soon as its field is there. */
const BY_FIELD = ["reason_recorded", "measure_taken", "language_agreed"];

export abstract class Led extends Told {
  phrase: Record<string, number> = {}; // which of the alternative phrases was chosen

  /** Somebody types in a step: whatever comes meanwhile, it stays before him. */
  stayAt(step: Step): void {
    this.held = keyOf(step);
  }

  /** He has left it, or done it: what came meanwhile is shown. */
  leave(): void {
    this.held = "";
    if (this.resultNext) this.tab = "result";
    this.resultNext = false;
    this.draw();
  }

  /** Mark a step done: shown at once, sent until the server has it, after the fields typed in it. */
  done(step: Step, by: "click" | "key"): void {
    if (this.isDone(step)) return this.goOn(); // by its field, before Enter was pressed in it
    if (step.refused) return;
    this.leave();
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
    this.leave();
    await this.act("skip", { step: step.id, branch: step.branch, reason });
  }

  go(step: Step | undefined): void {
    if (!step) return;
    this.focus = keyOf(step);
    this.held = "";
    this.resultNext = false;
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
    this.held = "";
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
    this.branch = "";
    this.goOn();
  }

  /** To the step that is open now, from wherever one has gone or typed. */
  goOn(): void {
    this.focus = "";
    this.leave();
    this.focusInput();
  }

  /** What was waited for has come: on, unless he types elsewhere by now. */
  goOnUnlessTyping(): void {
    if (!this.held) this.goOn();
  }

  show(tab: Tab): void {
    this.tab = tab;
    this.held = "";
    this.resultNext = false;
    this.draw();
  }

  /** Put the cursor where the present step asks something that is not known yet, unless somebody types elsewhere by now. */
  focusInput(): void {
    requestAnimationFrame(() => {
      const at = document.activeElement;
      if (placeOf(at) === "text" && !at!.closest(".guide")) return;
      const inputs = [...this.root.querySelectorAll<HTMLInputElement>(".step-now [data-field]")];
      const empty = inputs.find((input) => !input.value);
      if (empty) empty.focus();
      else if (at instanceof HTMLElement && at.closest(".guide")) at.blur();
    });
  }
}
