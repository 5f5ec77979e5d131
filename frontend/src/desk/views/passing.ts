/** Passing a call on: to whom, in which way, and what is done of it. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { minutes, since } from "../../clock.ts";
import { icon } from "../../icons.ts";
import { t } from "../../words.ts";
import { labelOf } from "../keys.ts";
import type { Desk } from "../desk.ts";
import type { Away, Call, Colleague, Department, Ways, Whom } from "../state.ts";
import { button, clause, field, type View } from "./parts.ts";

const MANY = 8; // so many lines are found faster by typing

/** Who calls and why stands in the same inputs from the choice until the call is taken or comes back, whatever comes meanwhile. */
export function transfer(desk: Desk, call: Call): TemplateResult {
  const taken = call.transfer && call.role === "specialist";
  return html`<div class="card-body transfer"><h2 class="part-title">${t("transfer")}</h2>
    ${taken ? receive(desk, call) : call.transfer ? given(call) : nothing}
    ${taken ? nothing : introduction(desk)}
    ${taken ? nothing : call.transfer ? deeds(desk, call) : desk.whom ? whom(desk, desk.whom) : nothing}</div>`;
}

/** I have passed it on blindly, and nobody has the client yet. */
export function forwarded(call: Call): View {
  return isForwarded(call) ? html`<p class="call-flag passed" role="status">${icon("transfer")} ${t("forwarding_to", { name: call.transfer!.target })}</p>` : nothing;
}

export function isForwarded(call: Call): boolean {
  return Boolean(call.transfer?.blind) && call.role !== "specialist";
}

// --- to whom ----------------------------------------------------------------------------------------

export function isLong({ colleagues, departments, away }: Whom): boolean {
  return colleagues.length + departments.length + away.length > MANY;
}

/** A line is one person's, wherever the list puts him: a click or the keyboard's place in it is never another's. */
const byId = (one: { id: number }): number => one.id;

function whom(desk: Desk, { colleagues, departments, away, ways }: Whom): TemplateResult {
  const wanted = desk.passing.find.trim().toLowerCase();
  const fits = (...words: string[]): boolean => words.join(" ").toLowerCase().includes(wanted);
  const people = colleagues.filter((one) => fits(one.name, one.about));
  const units = departments.filter((one) => fits(one.name, one.number));
  const gone = away.filter((one) => fits(one.name, one.about, ...one.deputies.map((deputy) => deputy.name)));
  return html`${way(desk, ways)}
    <p class="form-label">${t("transfer_to")}</p>
    ${desk.passing.long ? find(desk) : nothing}
    ${colleagues.length ? html`<ul class="colleagues">${repeat(people, byId, (person) => colleague(desk, person))}</ul>` : html`<p>${t("no_colleagues")}</p>`}
    ${units.length ? html`<h3 class="form-label">${t("departments")}</h3><ul class="destinations">${repeat(units, (unit) => unit.number, (unit) => department(desk, unit))}</ul>` : nothing}
    ${gone.length ? html`<h3 class="form-label">${t("away")}</h3><ul class="destinations">${repeat(gone, byId, (person) => absent(desk, person))}</ul>` : nothing}
    ${ways.outside ? outside(desk) : nothing}`;
}

/** Blindly only where the standard lets it; else it is said which clause is against it. */
function way(desk: Desk, { blind, clause: against, reading }: Ways): TemplateResult {
  if (!blind)
    return html`<p class="call-sub">${t("way_blind_not")} ${clause(desk, against)}${reading ? html`<small class="d-block">${reading}</small>` : nothing}</p>`;
  const one = (mode: "attended" | "blind", title: string): TemplateResult => html`<label class="outcome ${desk.passing.mode === mode ? "chosen" : ""}"><input type="radio" name="transfer-way" value=${mode}
    .checked=${desk.passing.mode === mode} @change=${() => desk.passes({ mode })} /><span>${title}</span></label>`;
  return html`<fieldset class="field"><legend class="form-label">${t("transfer_way")}</legend>
    <div class="outcomes">${one("attended", t("way_attended"))}${one("blind", t("way_blind"))}</div>
    ${desk.passing.mode === "blind" ? html`<small>${t("way_blind_hint")}</small>` : nothing}</fieldset>`;
}

function find(desk: Desk): TemplateResult {
  return html`<input class="form-control mb-2" type="search" id="transfer-find" aria-label=${t("transfer_find")} placeholder=${t("transfer_find")}
    .value=${desk.passing.find} @input=${(event: Event) => desk.passes({ find: (event.target as HTMLInputElement).value })} />`;
}

function ask(desk: Desk, to: Record<string, unknown>): void {
  const mode = desk.whom?.ways.blind ? desk.passing.mode : "attended";
  void desk.act("transfer", { ...to, mode, ...(mode === "blind" ? said(desk) : {}) }, "transfer");
}

/** Who the client is and what it is about, as whoever takes the call is to know. */
function said(desk: Desk): Record<string, string> {
  return { client_name: named(desk), matter: desk.value("matter") };
}

function line(desk: Desk, to: Record<string, unknown>, title: string, about: string, badge: TemplateResult): TemplateResult {
  return html`<button type="button" class="menu-item" ?disabled=${desk.busy.has("transfer")} @click=${() => ask(desk, to)}>
    <span>${title}<small>${about}</small></span>${badge}</button>`;
}

function colleague(desk: Desk, person: Colleague, absentee = 0): TemplateResult {
  const free = person.state === "ready" || person.mobile !== "";
  const to = { target_employee: person.id, ...(absentee ? { deputy_for: absentee } : {}) };
  const about = [absentee ? t("deputy") : "", person.about, person.mobile].filter(Boolean).join(" · ");
  const badge = html`<span class="badge state-${person.state}">${t(`state_${person.state}`)}</span>${free ? nothing : html`<span class="visually-hidden">${t("not_free")}</span>`}`;
  return html`<li>${line(desk, to, person.name, about, badge)}</li>`;
}

function department(desk: Desk, unit: Department): TemplateResult {
  const free = unit.free ? t("free_n", { n: unit.free }) : t("nobody_free");
  const badge = html`<span class="badge state-${unit.free ? "ready" : "offline"}">${free}</span>`;
  return html`<li>${line(desk, { extension: unit.number }, unit.name, t("extension_n", { number: unit.number }), badge)}</li>`;
}

/** Who is away is not offered himself: those who stand in for him are. */
function absent(desk: Desk, person: Away): TemplateResult {
  const none = person.deputies.length ? "" : t("no_deputy");
  return html`<li><div class="menu-item"><span>${person.name}<small>${[person.about, none].filter(Boolean).join(" · ")}</small></span></div>
    ${person.deputies.length ? html`<ul class="destinations deputies">${repeat(person.deputies, byId, (deputy) => colleague(desk, deputy, person.id))}</ul>` : nothing}</li>`;
}

function outside(desk: Desk): TemplateResult {
  const send = (event: Event): void => {
    event.preventDefault();
    if (desk.passing.number.trim()) ask(desk, { number: desk.passing.number.trim() });
  };
  const error = desk.errorOf("transfer", "number");
  return html`<form class="outside" novalidate @submit=${send}>
    <label class="form-label" for="transfer-number">${t("outside_number")}</label>
    <div class="outside-line"><input class="form-control" type="tel" id="transfer-number" autocomplete="off" maxlength="32" aria-invalid=${error ? "true" : "false"}
      aria-describedby=${error ? "transfer-number-note" : nothing} .value=${desk.passing.number} @input=${(event: Event) => desk.passes({ number: (event.target as HTMLInputElement).value })} />
    <button class="btn btn-outline-primary" id="transfer-outside" ?disabled=${desk.busy.has("transfer")}>${t("outside_call")}</button></div>
    ${error ? html`<span class="text-danger-ink" id="transfer-number-note" role="alert">${error.message}</span>` : nothing}
  </form>`;
}

function named(desk: Desk): string {
  return desk.offered("client_name", desk.state!.client?.name ?? "");
}

function introduction(desk: Desk): TemplateResult {
  return html`${field(desk, desk.spec("client_name"), { form: "", id: "transfer-name", value: named(desk) })}
    ${field(desk, desk.spec("matter"), { form: "", id: "transfer-matter", value: desk.value("matter") })}`;
}

function given(call: Call): TemplateResult {
  const { state, target, aside, since: began } = call.transfer!;
  return html`<p role="status"><strong>${target}</strong> · ${t(`transfer_${state}`)} ${began ? minutes(since(began)) : nothing}</p>
    ${call.conference_since ? html`<p>${t("conference_with", { name: target })}</p>` : nothing}
    ${aside ? html`<p class="call-flag" role="status">${t("colleague_waits", { name: target })}</p>` : nothing}`;
}

function deeds(desk: Desk, call: Call): TemplateResult {
  const { state, lacks, aside } = call.transfer!;
  const together = Boolean(call.conference_since);
  const swapping = desk.busy.has("transfer-to-client") || desk.busy.has("transfer-to-colleague");
  return html`<div class="call-buttons">
      ${state === "ringing" ? nothing : button(t("introduce"), () => void desk.act("transfer-introduce", said(desk)), { icon: "user", look: state === "talking" ? "btn-primary" : "btn-outline-secondary", id: "transfer-introduce" })}
      ${state === "ringing" || together ? nothing : button(t(aside ? "to_colleague" : "to_client"), () => void desk.swap(), { icon: "transfer", look: "btn-outline-primary", key: labelOf("swap"), disabled: swapping, id: "swap" })}
      ${state === "ringing" || together ? nothing : button(t("conference"), () => void desk.act("transfer-conference"), { icon: "users", look: "btn-outline-primary", disabled: desk.busy.has("transfer-conference"), id: "conference" })}
      ${state === "ringing" ? nothing : button(t(together ? "leave_them" : "connect"), () => void desk.act("transfer-complete"), { icon: "check", look: "btn-success", why: lacks ? t(`first_${lacks}`) : "", id: "transfer-connect" })}
      ${state === "ringing" || call.transfer!.screen ? nothing : aloud(desk, state)}
      ${button(t(together || aside ? "colleague_go" : "back_to_client"), () => void desk.act("transfer-cancel"), { icon: "x", look: "btn-outline-secondary", id: "transfer-back" })}
    </div>`;
}

function receive(desk: Desk, call: Call): TemplateResult {
  const fields = desk.state!.guide?.fields ?? {};
  const { state, from } = call.transfer!;
  const together = Boolean(call.conference_since);
  return html`<p role="status">${together ? t("conference_with", { name: from }) : t(call.transfer!.aside ? "wait_for_colleague" : "transfer_for_you", { from })}</p>
    <dl class="call-facts"><div><dt>${t("client")}</dt><dd>${fields["client_name"] ?? ""}</dd></div><div><dt>${desk.spec("matter").label}</dt><dd>${fields["matter"] ?? ""}</dd></div></dl>
    ${state === "ringing" ? nothing : html`<div class="call-buttons">
      ${state === "accepted" ? html`<p class="call-sub" role="status">${t("accepted")}</p>` : button(t("accept"), () => void desk.act("transfer-accept"), { icon: "check", look: "btn-success", id: "transfer-accept" })}
      ${together
        ? button(t("conference_leave"), () => void desk.act("hangup"), { icon: "phoneOff", look: "btn-outline-danger" })
        : button(t("cannot_answer"), () => void desk.act("transfer-refuse", { reason: "cannot_answer" }), { icon: "x", look: "btn-outline-danger", id: "transfer-refuse" })}
    </div>`}`;
}

/** Who was called has no screen before him: the operator hears whether he takes the call, and says so. */
function aloud(desk: Desk, state: string): TemplateResult {
  return html`${state === "accepted" ? nothing : button(t("he_accepts"), () => void desk.act("transfer-accept"), { icon: "check", look: "btn-outline-secondary", id: "transfer-he-accepts" })}
    ${button(t("he_refuses"), () => void desk.act("transfer-refuse", { reason: "cannot_answer" }), { icon: "x", look: "btn-outline-secondary", id: "transfer-he-refuses" })}`;
}
