/** Left: the call. Its state, its time, the phone's buttons. */

import { html, nothing, type TemplateResult } from "lit-html";
import { minutes, since, until } from "../../clock.ts";
import { icon } from "../../icons.ts";
import { t } from "../../words.ts";
import type { Desk } from "../desk.ts";
import { labelOf } from "../keys.ts";
import { beep } from "../sound.ts";
import type { Branch, Call, Ground } from "../state.ts";
import { button, clause, clock, type View } from "./parts.ts";
import { forwarded, transfer } from "./passing.ts";

export function callView(desk: Desk): TemplateResult {
  const { call, guide } = desk.state!;
  const timers = guide?.timers ?? [];
  return html`
    <div class="card call-card call-${phase(desk)}">
      <div class="card-body">
        ${call ? head(desk, call) : desk.phone.ringing ? comes(desk) : html`<p class="call-phase">${t("no_call")}</p>`}
        ${buttons(desk, call)}
        ${desk.panel === "keypad" ? keypad(desk) : nothing}
        ${desk.panel === "end" ? grounds(desk) : nothing}
        ${desk.panel === "volume" ? volume(desk) : nothing}
      </div>
    </div>
    ${call && !desk.over && (desk.panel === "transfer" || call.transfer) ? html`<div class="card">${transfer(desk, call)}</div>` : nothing}
    ${timers.length && call ? html`<div class="card"><div class="card-body"><h2 class="part-title">${t("timers")}</h2>
      <ul class="clocks">${timers.map((timer) => clock(desk, timer))}</ul></div></div>` : nothing}`;
}

type Phase = "none" | "ringing" | "talking" | "held" | "conference" | "wrap_up" | "lost" | "dialling";

/** What the person at the screen has to do with the call just now. */
export function phase(desk: Desk): Phase {
  const call = desk.state!.call;
  if (!call) return desk.phone.ringing ? "ringing" : "none";
  if (desk.over) return "wrap_up";
  if (desk.ringing) return "ringing";
  if (call.media_lost) return "lost";
  if (call.held_since) return "held";
  if (call.conference_since) return "conference";
  return call.answered_at ? "talking" : "dialling";
}

/** The phone rings before the server's answer is here: what the phone itself knows. */
function comes(desk: Desk): TemplateResult {
  return html`<p class="call-phase" role="status">${t("phase_ringing")}</p>
    <p class="call-who">${desk.phone.ringing!.session.remote_identity.uri.user}</p>`;
}

function head(desk: Desk, call: Call): TemplateResult {
  const now = phase(desk);
  const { operator, client } = desk.state!;
  const left = now === "wrap_up" && operator.until ? until(operator.until) : null;
  return html`
    <p class="call-phase" role="status">${t(`phase_${now}`)}</p>
    <p class="call-timer" role="timer" aria-live="off">${minutes(left ?? since(startOf(now, call, operator.since ?? call.started_at)))}</p>
    ${now === "wrap_up" ? html`<p class="call-sub">${operator.until ? t("wrap_up_left") : t("wrap_up_since")}</p>` : nothing}
    ${call.handed_to || call.outside ? html`<p class="call-flag">${icon("transfer")} ${t("handed_to", { name: call.handed_to || call.outside })}</p>` : nothing}
    ${forwarded(call)}
    <p class="call-who">${client?.name ?? (call.caller || t("number_hidden"))}</p>
    <p class="call-sub">${client ? call.caller : nothing}</p>
    <dl class="call-facts">
      ${call.line ? html`<div><dt>${t("line")}</dt><dd>${call.line}</dd></div>` : nothing}
      ${call.queue_title ? html`<div><dt>${t("queue")}</dt><dd>${call.queue_title}</dd></div>` : nothing}
      ${call.from_menu ? html`<div><dt>${t("menu_choice")}</dt><dd>${call.from_menu}</dd></div>` : nothing}
      ${call.enqueued_at ? html`<div><dt>${t("waited")}</dt><dd>${minutes(since(call.enqueued_at, call.answered_at ?? call.offered_at))}</dd></div>` : nothing}
      ${now !== "ringing" && call.answered_at ? html`<div><dt>${t("talk")}</dt><dd>${minutes(since(call.answered_at, call.ended_at))}</dd></div>` : nothing}
      ${call.hold ? html`<div><dt>${t("holds")}</dt><dd>${t("holds_n", { n: call.hold.times, time: minutes(call.hold.over_s + (call.held_since ? since(call.held_since) : 0)) })}</dd></div>` : nothing}
    </dl>
    ${holding(desk, call)}
    ${call.supervised && now !== "wrap_up" ? html`<p class="call-flag supervised" role="status">${icon("users")} ${supervised(call.supervised)}</p>` : nothing}
    ${call.muted && (now === "talking" || now === "conference") ? html`<p class="call-flag">${icon("micOff")} ${t("muted_now")}</p>` : nothing}
    ${call.secret_since && now !== "wrap_up" ? html`<p class="call-flag" role="status">${icon("lock")} ${t("secret_now")}</p>` : nothing}
    ${now === "lost" ? html`<p class="call-flag">${icon("alert")} ${t("media_lost")}</p>` : nothing}`;
}

/** A client waits on hold: said again and again, with the words to come back with; gone when he is not on hold any more. */
function holding(desk: Desk, call: Call): TemplateResult {
  const hold = call.held_since ? call.hold : null;
  const told = hold?.reminded_s ?? 0;
  const over = hold?.max_s && told >= Math.floor(hold.max_s);
  const back = desk.allSteps().find((step) => step.id === hold?.step)?.phrases[0];
  return html`<div role="alert" class="hold-place">${hold && told
    ? html`<div class="alert ${over ? "alert-danger" : "alert-warning"} hold-told"><p>${icon("alert")} ${over
        ? html`${t("hold_at_limit", { time: minutes(told), max: minutes(hold.max_s!) })} ${clause(desk, hold.clause)}`
        : t("hold_reminded", { time: minutes(told) })}</p>
        ${back ? html`<blockquote class="phrase" lang=${desk.state!.guide!.language}>${back}</blockquote>` : nothing}</div>`
    : nothing}</div>`;
}

/** How a supervisor is in the call, said to himself or to the operator. */
function supervised(by: NonNullable<Call["supervised"]>): string {
  const named = { name: by.name };
  return by.mine ? t(`supervising_${by.mode}`, named) : t(`supervised_${by.mode}`, named);
}

/** Nobody is on the line: a number may be typed and called. */
function callOut(desk: Desk): TemplateResult {
  const free = desk.state!.operator.registered && !desk.state!.call;
  const send = (event: Event): void => {
    event.preventDefault();
    void desk.callOut();
  };
  return html`<form class="call-out" @submit=${send}>
    <label class="form-label" for="call-out">${t("call_out")}</label>
    <span class="skip-line"><input id="call-out" class="form-control" type="tel" inputmode="tel" autocomplete="off" maxlength="40" placeholder=${t("call_out_hint")} .value=${desk.number}
      @input=${(event: Event) => (desk.number = (event.target as HTMLInputElement).value)} />
    <button class="btn btn-outline-success" ?disabled=${!free || desk.busy.has("dial")} aria-describedby=${free ? nothing : "call-out-why"}>${icon("phoneCall")} ${t("call_now")}</button>
    ${desk.config.mobile ? button(t("call_out_mobile"), () => void desk.callOut("mobile"), { look: "btn-outline-secondary", disabled: desk.busy.has("dial"), id: "call-out-mobile" }) : nothing}</span>
    ${free ? nothing : html`<span class="call-sub" id="call-out-why">${t("call_out_phone")}</span>`}</form>`;
}

/** From when the large clock counts. */
function startOf(now: Phase, call: Call, stateSince: string): string {
  const known: Partial<Record<Phase, string | null>> = { ringing: call.offered_at, held: call.held_since, conference: call.conference_since, wrap_up: call.ended_at ?? stateSince };
  return (now in known ? known[now] : call.answered_at) ?? call.started_at;
}

function buttons(desk: Desk, call: Call | null): TemplateResult {
  const busy = (verb: string): boolean => desk.busy.has(verb);
  switch (phase(desk)) {
    case "ringing":
      return html`<div class="call-buttons">
        ${button(t("answer"), () => desk.answer(), { icon: "phoneCall", look: "btn-success btn-answer", key: labelOf("answer"), disabled: !desk.phone.ringing, said: desk.phone.ringing ? undefined : "answer-why", id: "answer" })}
        ${button(t("decline"), () => void desk.decline(), { icon: "phoneOff", look: "btn-outline-danger", key: labelOf("decline"), disabled: busy("decline") })}
        ${desk.phone.ringing ? nothing : html`<p class="call-sub" id="answer-why">${t("answer_on_phone")}</p>`}
      </div>`;
    case "talking":
    case "held":
    case "conference":
    case "lost":
    case "dialling": {
      const held = Boolean(call?.held_since);
      const together = Boolean(call?.conference_since);
      const microphone = button(t(call?.muted ? "unmute" : "mute"), () => void desk.mute(), { icon: call?.muted ? "micOff" : "mic", look: call?.muted ? "btn-warning" : "btn-outline-secondary", key: labelOf("mute"), pressed: call?.muted ?? false });
      if (call?.role === "supervisor")
        return html`<div class="call-buttons">${button(t("leave_talk"), () => void desk.hangUp(), { icon: "phoneOff", look: "btn-outline-danger", key: labelOf("hangup"), disabled: busy("hangup"), id: "hangup" })}</div>`;
      if (call?.role === "specialist") return together ? html`<div class="call-buttons">${microphone}</div>` : html``; // the call is still a colleague's
      return html`<div class="call-buttons two">
        ${button(t(held ? "resume" : "hold"), () => void desk.hold(), { icon: held ? "play" : "pause", look: held ? "btn-primary btn-wide" : "btn-outline-secondary", key: labelOf("hold"), disabled: busy("hold") || busy("resume"), why: together ? t("conference_no_hold") : call?.transfer ? t("transfer_no_hold") : "", id: "hold" })}
        ${microphone}
        ${button(t("keypad"), () => desk.toggle("keypad"), { icon: "dialpad", look: "btn-outline-secondary", key: labelOf("keypad"), pressed: desk.panel === "keypad" })}
        ${button(t("transfer"), () => desk.toggle("transfer"), { icon: "transfer", look: "btn-outline-secondary", key: labelOf("transfer"), pressed: desk.panel === "transfer" })}
        ${secret(desk, call)}
        ${button(t("hang_up"), () => void desk.hangUp(), { icon: "phoneOff", look: "btn-danger btn-wide", key: labelOf("hangup"), disabled: busy("hangup"), id: "hangup" })}
      </div>`;
    }
    default:
      return html`${!call && (desk.config.phone || desk.config.mobile) ? callOut(desk) : nothing}<div class="call-buttons">
        ${button(t("volume_test"), () => desk.toggle("volume"), { icon: "volume", look: "btn-outline-secondary", key: labelOf("volume"), pressed: desk.panel === "volume" })}
      </div>`;
  }
}

/** While a card's number or a password is said nothing is recorded; it ends by itself when it is forgotten. */
function secret(desk: Desk, call: Call | null): View {
  const now = phase(desk);
  const paused = Boolean(call?.secret_since);
  if (!paused && now !== "talking" && now !== "conference") return nothing;
  const look = paused ? "btn-warning btn-wide" : "btn-outline-secondary btn-wide";
  return button(t(paused ? "secret_end" : "secret"), () => void desk.secret(), { icon: paused ? "lockOpen" : "lock", look, key: labelOf("secret"), pressed: paused, disabled: desk.busy.has("recording-pause") || desk.busy.has("recording-resume"), title: t("secret_why"), id: "secret" });
}

function keypad(desk: Desk): TemplateResult {
  return html`<div class="keypad" role="group" aria-label=${t("keypad")}>
    ${["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"].map((digit) => html`<button type="button" class="btn" @click=${() => void desk.digit(digit)}>${digit}</button>`)}
  </div>`;
}

/** Ending the talk against the client's will: only on a ground of the standard, and after what must come first. */
function grounds(desk: Desk): View {
  const branch = desk.openBranch();
  if (!branch) return nothing;
  const first = desk.beforeEnd(branch);
  return html`<div class="mt-3" role="group" aria-label=${t("end_ground")}>
    <p class="part-title">${t("end_ground")}</p>
    ${first.length ? html`<p class="step-refused" role="status">${icon("lock")} ${t("end_after", { what: first.join(", ") })}</p>` : branch.grounds.map((ground) => groundButton(desk, branch, ground))}
    ${button(t("hang_up_plain"), () => { desk.toggle("end"); void desk.act("hangup"); }, { look: "btn-ghost-secondary w-100" })}
  </div>`;
}

function groundButton(desk: Desk, branch: Branch, ground: Ground): TemplateResult {
  const end = (): void => {
    desk.toggle("end");
    void desk.act("terminate", { ground: ground.id, branch: branch.id });
  };
  return button(ground.title, end, { look: "btn-outline-danger w-100 mb-2", id: `ground-${ground.id}` });
}

function volume(desk: Desk): TemplateResult {
  return html`<div class="mt-3 volume">
    <p class="part-title">${t("volume_test")}</p>
    <p>${t("volume_speak")}</p>
    <div class="level" role="img" aria-label=${t("volume_level")}><span data-level></span></div>
    ${desk.meter ? nothing : html`<p class="call-sub">${t("microphone_wait")}</p>`}
    ${button(t("volume_tone"), () => beep(440, 1), { icon: "volume", look: "btn-sm btn-outline-secondary mt-2" })}
  </div>`;
}
