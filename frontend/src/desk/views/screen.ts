/** The whole screen: the bar above, then call, guide and client side by side. */

import { html, nothing, type TemplateResult } from "lit-html";
import { minutes, since } from "../../clock.ts";
import { icon } from "../../icons.ts";
import { t } from "../../words.ts";
import type { Desk } from "../desk.ts";
import { labelOf, PHONE_KEYS, setSingleKeys, singleKeysOn } from "../keys.ts";
import { callView } from "./call.ts";
import { clientView } from "./client.ts";
import { guideView } from "./guide.ts";
import { autofocus, button, type View } from "./parts.ts";
import { resultView, verdictsView } from "./result.ts";
import { visitView } from "./visit.ts";

export function screen(desk: Desk): TemplateResult {
  if (desk.visit) return visitScreen(desk);
  return html`
    ${bar(desk)}
    ${trouble(desk)}
    <div class="desk-grid">
      <section class="desk-call" aria-label=${t("call")}>${callView(desk)}</section>
      <section class="desk-guide" aria-label=${t("guide")}>${centre(desk)}</section>
      <section class="desk-client" aria-label=${t("client")}>${ofOperator(desk, clientView(desk))}</section>
    </div>
    ${notices(desk)}`;
}

/** What belongs to the operator of the talk; a supervisor who is in it reads it. */
function ofOperator(desk: Desk, part: TemplateResult): TemplateResult {
  return desk.watching ? html`<fieldset class="watched" disabled>${part}</fieldset>` : part;
}

/** A visit: the guide, and beside it one column with the visitor, the clocks and what is printed. */
function visitScreen(desk: Desk): TemplateResult {
  return html`${trouble(desk)}
    <div class="desk-grid visit-grid">
      <section class="desk-guide" aria-label=${t("guide")}>${centre(desk)}</section>
      <div class="visit-side">
        <section aria-label=${t("visit")}>${visitView(desk)}</section>
        <section aria-label=${t("client")}>${clientView(desk)}</section>
      </div>
    </div>
    ${notices(desk)}`;
}

function notices(desk: Desk): TemplateResult {
  return html`<div class="notice-place" role="status" aria-live="polite">
      ${desk.notice ? html`<div class="alert alert-${desk.notice.kind} notice">${desk.notice.text}
        <button type="button" class="btn-close" aria-label=${t("close")} @click=${() => { desk.notice = null; desk.draw(); }}></button></div>` : nothing}
    </div>
    ${desk.panel === "keys" ? keysDialog(desk) : nothing}`;
}

function bar(desk: Desk): TemplateResult {
  const { operator, queue, todo } = desk.state!;
  const waiting = queue.waiting ? t("waiting_n", { n: queue.waiting, longest: queue.longest_since ? minutes(since(queue.longest_since)) : "0:00" }) : t("nobody_waiting");
  return html`<div class="desk-bar">
    <div class="states" role="group" aria-label=${t("my_state")}>
      ${stateButton(desk, "ready", "success")}
      <span class="dropdown-place">
        ${button(t("state_paused"), () => desk.toggle("pause"), { look: `state-button ${operator.state === "paused" ? "on-warning" : ""}`, pressed: operator.state === "paused" })}
        ${desk.panel === "pause" ? pauseMenu(desk) : nothing}
      </span>
      ${stateButton(desk, "offline", "secondary")}
    </div>
    <div class="state-now" role="status">
      <span class="badge state-${operator.state}">${t(`state_${operator.state}`)}</span>
      ${operator.since ? html`<span class="state-time">${minutes(since(operator.since))}</span>` : nothing}
      ${operator.wanted ? html`<span class="text-secondary">${t("then_state", { state: t(`state_${operator.wanted}`) })}</span>` : nothing}
      ${operator.reason ? html`<span class="text-secondary">${reasonTitle(desk, operator.reason)}</span>` : nothing}
      ${operator.forced_by ? html`<span class="text-secondary">${t("set_by", { name: operator.forced_by })}</span>` : nothing}
    </div>
    <div class="bar-facts">
      <span class="bar-fact ${queue.waiting ? "bar-hot" : ""}">${waiting}</span>
      ${phoneState(desk)}
      ${todo.callbacks ? html`<a class="bar-fact" href=${desk.config.urls.callbacks}>${t("callbacks_n", { n: todo.callbacks })}</a>` : nothing}
      ${button("", () => desk.toggle("keys"), { icon: "keyboard", look: "btn-icon btn-ghost-secondary", title: t("keys") })}
    </div>
  </div>`;
}

function stateButton(desk: Desk, state: string, colour: string): TemplateResult {
  const on = desk.state!.operator.state === state;
  const mute = state === "ready" && !desk.state!.phone.up; // nobody could be called: the bar says why
  return button(t(`state_${state}`), () => void desk.setOperator(state), {
    id: `state-${state}`, look: `state-button ${on ? `on-${colour}` : ""}`, pressed: on, disabled: mute || desk.busy.has("operator"), said: mute ? "phone-off" : undefined,
  });
}

function reasonTitle(desk: Desk, reason: string): string {
  return desk.config.reasons.find((known) => known.id === reason)?.title ?? desk.config.told[reason] ?? reason;
}

function pauseMenu(desk: Desk): TemplateResult {
  return html`<div class="menu" role="group" aria-label=${t("pause_reason")}>
    ${desk.config.reasons.map((reason) => html`<button type="button" class="menu-item" @click=${() => void desk.setOperator("paused", reason.id)}>${reason.title}</button>`)}
  </div>`;
}

function phoneState(desk: Desk): TemplateResult {
  const { phone } = desk.state!;
  if (!phone.up) return html`<span class="bar-fact phone-off" id="phone-off">${icon("phoneOff")} ${t("phone_off")}</span>`;
  if (desk.phone.line === "registered" && !desk.phone.microphoneWhy) return html`<span class="bar-fact phone-on">${icon("phone")} ${t("phone_ready")}</span>`;
  if (desk.state!.operator.registered) return html`<span class="bar-fact phone-on">${icon("phone")} ${t("phone_own")}</span>`;
  return html`<span class="bar-fact phone-wait">${icon("phone")} ${t(`line_${desk.phone.line}`)}</span>`;
}

/** What is wrong and what to do, in the operator's words, until it is over. */
function trouble(desk: Desk): View {
  const { phone } = desk.state!;
  const lines: TemplateResult[] = [];
  for (const told of desk.state!.emergencies ?? []) lines.push(html`${told}`);
  if (desk.lost) lines.push(html`${t("trouble_lost")}`);
  if (!phone.up) lines.push(html`<strong>${t("phone_off")}:</strong> ${phone.reason || t("phone_off_unknown")}`);
  if (desk.phone.microphoneWhy) lines.push(html`${t(desk.phone.microphoneWhy === "NotFoundError" ? "microphone_none" : "microphone_denied")}`);
  if (desk.phone.line === "elsewhere")
    lines.push(html`${t("line_elsewhere")} ${button(t("take_over"), () => void desk.holdLine(true), { look: "btn-sm btn-outline-primary" })}`);
  if (desk.phone.line === "refused") lines.push(html`${t("trouble_refused", { why: desk.phone.why })}`);
  if (desk.outbox.troubled) lines.push(html`${t("trouble_saving", { n: desk.outbox.mine.length })}`);
  return lines.length ? html`<div class="alert alert-warning trouble" role="alert">${lines.map((line) => html`<p>${line}</p>`)}</div>` : nothing;
}

function centre(desk: Desk): TemplateResult {
  if (!desk.state!.call) return idle(desk);
  const tab = (name: "guide" | "result", key: string): TemplateResult => html`<button type="button" role="tab" id="tab-${name}" class="nav-link ${desk.tab === name ? "active" : ""}"
      aria-selected=${String(desk.tab === name)} aria-controls="tab-panel" @click=${() => desk.show(name)}>${t(`tab_${name}`)} <kbd aria-hidden="true">${labelOf(key)}</kbd></button>`;
  return html`<div class="card">
    <div class="card-header tabs"><div class="nav nav-tabs card-header-tabs" role="tablist">${tab("guide", "guide")}${tab("result", "result")}</div></div>
    <div id="tab-panel" role="tabpanel" aria-labelledby="tab-${desk.tab}">
      ${desk.watching ? html`<p class="watching-note">${t("watching_guide")}</p>` : nothing}
      ${ofOperator(desk, desk.tab === "guide" ? guideView(desk) : resultView(desk))}</div>
  </div>`;
}

/** Between calls: what the last one came to, and that one waits for the next. */
function idle(desk: Desk): TemplateResult {
  const { operator, phone, verdicts } = desk.state!;
  const hint = operator.state === "ready" ? t("idle_ready") : operator.state === "paused" ? t("idle_paused") : t("idle_offline");
  return html`<div class="card idle"><div class="card-body">
      <p class="idle-word">${hint}</p>
      ${operator.state === "ready" || !phone.up ? nothing : button(t("become_ready"), () => void desk.setOperator("ready"), { look: "btn-success btn-lg", icon: "phoneCall" })}
    </div></div>
    ${verdicts ? html`<div class="card mt-3"><div class="card-body">${verdictsView(desk, verdicts)}</div></div>` : nothing}`;
}

function keysDialog(desk: Desk): TemplateResult {
  const close = (): void => desk.toggle("keys");
  const rows = Object.entries(PHONE_KEYS).map(([, action]) => html`<tr><td><kbd>${labelOf(action)}</kbd></td><td>${t(`key_${action}`)}</td></tr>`);
  return html`<div class="veil" @click=${(event: Event) => { if (event.target === event.currentTarget) close(); }}>
    <div class="card dialog" role="dialog" aria-modal="true" aria-label=${t("keys")} tabindex="-1" ${autofocus()}>
      <div class="card-header"><h2 class="card-title">${t("keys")}</h2><button type="button" class="btn-close ms-auto" aria-label=${t("close")} @click=${close}></button></div>
      <div class="card-body">
        <table class="table table-sm"><tbody>
          <tr><td><kbd>${t("key_space")}</kbd> <kbd>Enter</kbd></td><td>${t("key_done")}</td></tr>
          <tr><td><kbd>↑</kbd> <kbd>↓</kbd></td><td>${t("key_move")}</td></tr>
          <tr><td><kbd>1</kbd>…<kbd>9</kbd></td><td>${t("key_phrase")}</td></tr>
          <tr><td><kbd>Esc</kbd></td><td>${t("key_escape")}</td></tr>
          ${rows}
        </tbody></table>
        <label class="form-check"><input type="checkbox" class="form-check-input" ?checked=${singleKeysOn()}
          @change=${(event: Event) => setSingleKeys((event.target as HTMLInputElement).checked)} /><span class="form-check-label">${t("single_keys")}</span></label>
      </div>
    </div>
  </div>`;
}
