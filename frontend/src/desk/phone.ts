/** The browser's phone: registers at Asterisk over a web socket, rings, answers, comes back after a reload. */

import JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { RTCSessionEvent } from "jssip/lib/UA";
import type { Config } from "./state.ts";

export type Line = "off" | "connecting" | "registered" | "refused" | "elsewhere";

export interface Ringing {
  contact: string;
  kind: string; // offer | reattach | consult | callback | supervise
  session: RTCSession;
  offered: string[]; // at which addresses the engine takes the sound
}

/** What this page registers with: of this session alone, and only for some hours. */
export interface Entry {
  password: string;
  renew_s: number; // until the next one should be asked for
}

const AGAIN_MS = [500, 1000, 2000, 4000, 8000]; // pauses of one who was not let in; the last again and again
const TOLD_AFTER = 3; // an engine that was started anew may not know us for a moment

/** Asks for the microphone as a person's voice needs it; tests ask for the plain signal. */
const CONSTRAINTS: MediaStreamConstraints = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } };

/** Whether the engine can use an address of ours: it takes UDP alone, of a family that it has itself; else it would stay deaf. */
function isUsable({ protocol, address }: RTCIceCandidate, offered: string[]): boolean {
  if (protocol !== "udp" || !address || address.endsWith(".local")) return false;
  return !offered.length || offered.some((other) => other.includes(":") === address.includes(":"));
}

export class Phone {
  line: Line = "off";
  why = "";
  microphone: MediaStream | null = null;
  microphoneWhy = "";
  ringing: Ringing | null = null;
  talk: Ringing | null = null;
  remote: MediaStream | null = null;
  calledAt = 0; // when it was called last
  private ua: JsSIP.UA | null = null;
  private readonly speaker = new Audio();
  private refusals = 0; // in a row
  private next = 0; // the timer of the next time that the entry is asked for
  private readonly config: NonNullable<Config["phone"]> | null;
  private readonly entry: () => Promise<Entry | null>;
  private readonly changed: () => void;
  private readonly silent: () => void;

  /**
   * `entry` asks what to register with now; null: nobody can say, or the phone is no longer this page's. `silent`: nothing
   * comes from the other side of a talk any more.
   */
  constructor(config: Config["phone"], entry: () => Promise<Entry | null>, changed: () => void, silent: () => void) {
    this.config = config;
    this.entry = entry;
    this.changed = changed;
    this.silent = silent;
    this.speaker.autoplay = true;
  }

  /** Take the microphone once, for all calls of this page. */
  async takeMicrophone(): Promise<void> {
    if (this.microphone) return;
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
      this.microphone = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
      this.microphoneWhy = "";
    } catch (error) {
      this.microphoneWhy = error instanceof DOMException ? error.name : "Error";
    }
    this.changed();
  }

  start(entry: Entry): void {
    if (this.ua || !this.config) return;
    this.line = "connecting";
    this.refusals = 0;
    const ua = new JsSIP.UA({
      sockets: [this.config.socket, ...this.config.others].map((url) => new JsSIP.WebSocketInterface(url)),
      uri: this.config.uri,
      password: entry.password,
      authorization_user: this.config.user,
      session_timers: false,
      register_expires: 120,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
    });
    const told = (line: Line, why = ""): void => {
      if (this.ua === ua) this.setLine(line, why); // what was stopped signs off, and says so after it was left
    };
    ua.on("registered", () => {
      this.refusals = 0;
      told("registered");
    });
    ua.on("unregistered", () => told("connecting"));
    ua.on("registrationFailed", ({ cause }) => {
      if (this.ua !== ua) return;
      told(++this.refusals < TOLD_AFTER ? "connecting" : "refused", cause ?? "");
      this.askAgainIn(AGAIN_MS[Math.min(this.refusals, AGAIN_MS.length) - 1]!);
    });
    ua.on("disconnected", () => told("connecting"));
    ua.on("newRTCSession", (event: RTCSessionEvent) => this.onSession(event));
    this.ua = ua;
    ua.start();
    this.askAgainIn(entry.renew_s * 1000);
  }

  private askAgainIn(ms: number): void {
    window.clearTimeout(this.next);
    this.next = window.setTimeout(() => void this.enter(), ms);
  }

  /** Register with what holds now; the talk and the address at which the engine calls this page stay meanwhile. */
  private async enter(): Promise<void> {
    const ua = this.ua;
    const entry = await this.entry();
    if (!ua || this.ua !== ua) return;
    if (!entry) return this.askAgainIn(AGAIN_MS.at(-1)!);
    this.askAgainIn(entry.renew_s * 1000);
    ua.set("password", entry.password);
    if (ua.isConnected()) ua.register(); // else it does so as soon as it is
  }

  /** Leave the line to another page of the same person. */
  stop(line: Line = "off"): void {
    window.clearTimeout(this.next);
    this.ua?.stop();
    this.ua = null;
    this.setLine(line);
  }

  /** Sign on again, though it seems to be signed on: a line that nobody knows any more breaks by it, and is made anew. */
  check(): void {
    if (this.line === "registered") this.ua?.register();
  }

  /** Begin anew, with another line; a talk on it would end. */
  async renew(): Promise<void> {
    const { ua, calledAt } = this;
    const entry = await this.entry();
    if (!entry || this.ua !== ua || this.calledAt !== calledAt) return; // who was called meanwhile has a line
    this.stop();
    this.start(entry);
  }

  /** Answer what rings; the answer leaves on the first candidate that the engine can use, not after the last. */
  answer(): boolean {
    const call = this.ringing;
    if (!call) return false;
    this.ringing = null;
    this.talk = call;
    for (const track of this.microphone?.getTracks() ?? []) track.enabled = true;
    call.session.on("icecandidate", ({ candidate, ready }) => {
      if (isUsable(candidate, call.offered)) ready();
    });
    call.session.answer({
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers: [] },
      ...(this.microphone ? { mediaStream: this.microphone } : {}),
    });
    performance.mark(`answer:${call.contact}`);
    this.changed();
    return true;
  }

  /** Silence the microphone here at once; the switchboard does the same on its side. */
  mute(on: boolean): void {
    if (!this.talk) return;
    if (on) this.talk.session.mute({ audio: true });
    else this.talk.session.unmute({ audio: true });
  }

  digits(digits: string): void {
    this.talk?.session.sendDTMF(digits, { transportType: "RFC2833" as never });
  }

  private setLine(line: Line, why = ""): void {
    this.line = line;
    this.why = why;
    this.changed();
  }

  private onSession({ session, originator, request }: RTCSessionEvent): void {
    if (String(originator) !== "remote") return;
    const call: Ringing = {
      contact: request.getHeader("X-Kindline-Contact") ?? "",
      kind: request.getHeader("X-Kindline-Kind") ?? "offer",
      session,
      offered: [...String(request.body ?? "").matchAll(/^a=candidate:\S+ \d+ \S+ \d+ (\S+) /gm)].map((found) => found[1]!),
    };
    performance.mark(`invite:${call.contact}`);
    this.calledAt = Date.now();
    this.watch(call);
    if (call.kind === "reattach") this.forget();
    this.ringing = call;
    if (call.kind === "reattach" || call.kind === "callback" || call.kind === "supervise") this.answer();
    this.changed();
  }

  /** The line of a talk that the network has cut: the engine has ended it, and calls anew. */
  private forget(): void {
    const cut = this.talk?.session;
    if (cut && !cut.isEnded()) cut.terminate();
  }

  private watch(call: Ringing): void {
    const { session } = call;
    session.on("peerconnection", ({ peerconnection }) => this.listen(peerconnection));
    const over = (): void => {
      if (this.ringing === call) this.ringing = null;
      if (this.talk === call) {
        this.talk = null;
        this.remote = null;
      }
      this.changed();
    };
    session.on("ended", over);
    session.on("failed", over);
    session.on("confirmed", () => this.changed());
  }

  private listen(connection: RTCPeerConnection): void {
    connection.addEventListener("iceconnectionstatechange", () => {
      if (["disconnected", "failed"].includes(connection.iceConnectionState)) this.silent();
    });
    connection.addEventListener("track", (event) => {
      this.remote = event.streams[0] ?? new MediaStream([event.track]);
      this.speaker.srcObject = this.remote;
      void this.speaker.play().catch(() => undefined);
      this.changed();
    });
  }
}
