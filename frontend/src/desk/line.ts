/** The line: which page of a person has the phone, what rings on it, what is dialled from it, how loud one speaks. */

import { post, Refused } from "../http.ts";
import { t } from "../words.ts";
import { Led } from "./led.ts";
import { Phone, type Entry } from "./phone.ts";
import { Meter, Ring } from "./sound.ts";
import type { State, ToDial } from "./state.ts";

const DIAL_WITHIN_MS = 60_000; // a call that was asked for elsewhere waits no longer for a phone
const CLAIM_AGAIN_MS = 2000;
const CALLED_WITHIN_MS = 6000; // a phone that has signed on again is called within it
const RENEWED_EVERY_MS = 30_000;

export abstract class Line extends Led {
  readonly phone = new Phone(this.config.phone, () => this.entry(), () => this.phoneChanged(), () => this.uneasy());
  meter: Meter | null = null;
  number = ""; // typed to be called
  private readonly page = Math.random().toString(36).slice(2, 12); // this page's own name
  private claimed = false; // a state has said that this page has the phone
  private turn = 0; // grows whenever this page takes the phone or loses it
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
    const mine = ++this.turn;
    this.claimed = false;
    const lost = (): void => {
      if (this.turn !== mine) return; // it has been taken here once more since
      this.turn += 1;
      this.claimed = false;
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
    const before = this.state?.operator.page;
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
      await this.refresh();
      if (this.turn === mine && ![before, this.page].includes(this.state?.operator.page)) return this.leavePhone(); // he sat down elsewhere meanwhile
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
  protected yieldPhone(state: State): void {
    const mine = state.operator.page === this.page;
    if (mine || !this.claimed) {
      this.claimed = mine; // a state that was asked for before the claim still names the former page
      return;
    }
    this.leavePhone();
  }

  /** The house misses this page's phone, or calls it in vain, while the phone believes to be signed on: its line is dead. */
  protected seeToPhone(): void {
    const { operator, call } = this.state ?? {};
    const missed = this.claimed && this.phone.line === "registered" && (!operator?.page_registered || call?.media_lost);
    if (!missed) this.missedAt = 0;
    else if (!this.missedAt) {
      this.missedAt = Date.now();
      this.phone.check();
      window.setTimeout(() => void this.refresh(), CALLED_WITHIN_MS + 100); // no other news may come until then
    } else if (Date.now() > this.missedAt + CALLED_WITHIN_MS && this.phone.calledAt < this.missedAt && (call?.media_lost || !this.phone.talk)) {
      this.missedAt = Date.now() + RENEWED_EVERY_MS;
      void this.phone.renew();
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
