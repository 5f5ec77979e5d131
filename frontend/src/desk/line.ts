/** The line: which page of a person has the phone, what rings on it, what is dialled from it, how loud one speaks. */

import { post } from "../http.ts";
import { t } from "../words.ts";
import { Led } from "./led.ts";
import { Phone } from "./phone.ts";
import { Meter, Ring } from "./sound.ts";
import type { State, ToDial } from "./state.ts";

const DIAL_WITHIN_MS = 60_000; // a call that was asked for elsewhere waits no longer for a phone
const CALLED_WITHIN_MS = 6000; // a phone that has signed on again is called within it
const RENEWED_EVERY_MS = 30_000;

export abstract class Line extends Led {
  readonly phone = new Phone(this.config.phone, () => this.phoneChanged(), () => this.uneasy());
  meter: Meter | null = null;
  number = ""; // typed to be called
  private readonly page = Math.random().toString(36).slice(2, 12); // this page's own name
  private claimed = false; // a state has said that this page has the phone
  private missedAt = 0; // since when the house misses a phone that believes to be signed on
  private letGo: () => void = () => undefined;
  protected toDial: ToDial | null = this.config.dial; // waits for a phone
  private readonly ring = new Ring();

  /** The network may have been away. */
  protected abstract uneasy(): void;

  /**
   * One page of a person has the phone. A second page of this browser says so and may take it over; a page on another
   * machine takes it as it opens, and this one reads in the state that it has lost it.
   */
  async holdLine(steal = false): Promise<void> {
    const line = async (): Promise<void> => {
      await this.phone.takeMicrophone();
      await this.claimPhone();
      this.phone.start();
      await new Promise<void>((resolve) => (this.letGo = resolve));
    };
    const name = `kindline.phone.${this.config.employee.id}`;
    if (!navigator.locks) return void line();
    void navigator.locks
      .request(name, steal ? { steal: true } : { ifAvailable: true }, (lock) => {
        if (!lock) return this.phone.stop("elsewhere");
        return line();
      })
      .catch(() => this.phone.stop("elsewhere"));
  }

  /** Tell the house that this page has the phone now; where it cannot be told, the phone itself may still register. */
  private async claimPhone(): Promise<void> {
    try {
      await post(this.config.urls.page, { page: this.page });
    } catch {
      return;
    }
    await this.refresh();
  }

  /** Another page of the same person has taken the phone: this one must not take it back by registering anew. */
  protected yieldPhone(state: State): void {
    const mine = state.operator.page === this.page;
    if (mine || !this.claimed) {
      this.claimed = mine; // a state that was asked for before the claim still names the former page
      return;
    }
    this.claimed = false;
    this.phone.stop("elsewhere");
    this.letGo();
  }

  /** The house misses this page's phone, or calls it in vain, while the phone believes to be signed on: its line is dead. */
  protected seeToPhone(): void {
    const { operator, call } = this.state ?? {};
    const missed = this.claimed && this.phone.line === "registered" && (!operator?.registered || call?.media_lost);
    if (!missed) this.missedAt = 0;
    else if (!this.missedAt) {
      this.missedAt = Date.now();
      this.phone.check();
    } else if (Date.now() > this.missedAt + CALLED_WITHIN_MS && this.phone.calledAt < this.missedAt && (call?.media_lost || !this.phone.talk)) {
      this.missedAt = Date.now() + RENEWED_EVERY_MS;
      this.phone.renew();
    }
  }

  answer(): void {
    if (this.phone.answer()) this.ring.stop();
    this.draw();
  }

  /** Nobody is called by surprise long after it was asked for. */
  protected waitToDial(): void {
    this.say(t("dial_wait"), "success");
    window.setTimeout(() => {
      if (this.toDial) this.say(t("dial_forgotten"), "danger");
      this.toDial = null;
    }, DIAL_WITHIN_MS);
  }

  /** A call that was asked for on another page: made as soon as a phone is there, this page's or, where it has none, another. */
  protected async dialAsked(): Promise<void> {
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

  protected async listen(): Promise<void> {
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

  protected deaf(): void {
    this.meter?.stop();
    this.meter = null;
  }
}
