/** A visit at the counter: who is here since when, the papers that are printed, the documents that were brought. */

import { html, nothing, type TemplateResult } from "lit-html";
import { minutes, since } from "../../clock.ts";
import { tokenOf } from "../../http.ts";
import { icon } from "../../icons.ts";
import { t } from "../../words.ts";
import type { Desk } from "../desk.ts";
import type { AppealBrief, Passport, Step } from "../state.ts";
import { button, clock, field, type View } from "./parts.ts";

const MARKS = ["there", "faulty", "missing", "not_needed"];
const FORM = "documents";

export function visitView(desk: Desk): TemplateResult {
  const { call, client, guide } = desk.state!;
  const timers = guide?.timers ?? [];
  return html`<div class="card call-card call-talking"><div class="card-body">
      <p class="call-phase" role="status">${t(call!.closed ? "phase_visit_over" : "phase_visit")}</p>
      <p class="call-timer" role="timer" aria-live="off">${minutes(since(call!.started_at, call!.ended_at))}</p>
      <p class="call-who">${client?.name ?? t("visitor_unknown")}</p>
      <div class="call-buttons">
        ${button(t("memo_print"), () => printMemo(desk), { icon: "file", look: "btn-outline-primary", id: "memo" })}
        <a class="btn btn-outline-secondary" href=${desk.config.urls.visits!}>${t("visits_back")}</a>
      </div>
      ${timers.length ? html`<h2 class="part-title mt-3">${t("timers")}</h2><ul class="clocks">${timers.map((timer) => clock(desk, timer))}</ul>` : nothing}
    </div></div>`;
}

// --- printing ---------------------------------------------------------------------------------------

/** A PDF in a tab of its own; it is a post, for the printing is kept as a fact. */
export function print(desk: Desk, url: string): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  form.target = "_blank";
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "csrfmiddlewaretoken";
  token.value = tokenOf();
  form.append(token);
  document.body.append(form);
  form.submit();
  form.remove();
  for (const wait of [1500, 4000]) window.setTimeout(() => void desk.refresh(), wait);
}

export function printMemo(desk: Desk): void {
  print(desk, desk.config.urls.memo!);
}

/** The blank of a registered appeal, to be signed by the visitor. */
export function printBlank(desk: Desk, appeal: AppealBrief): View {
  if (!desk.visit) return nothing;
  const url = desk.config.urls.blank!.replace(/0$/, String(appeal.id));
  return button(t("blank_print"), () => print(desk, url), { icon: "file", look: "btn-outline-primary", id: `blank-${appeal.id}` });
}

export function nextVisitor(desk: Desk): TemplateResult {
  return html`<form method="post" action=${desk.config.urls.visit_new!}>
    <input type="hidden" name="csrfmiddlewaretoken" value=${tokenOf()} />
    <button class="btn btn-success btn-lg" id="next-visitor">${icon("user")}<span>${t("visit_next")}</span></button></form>`;
}

// --- documents --------------------------------------------------------------------------------------

function chosen(desk: Desk): Passport | null {
  return desk.config.services.find((one) => one.id === desk.value("service")) ?? null;
}

/** The passport of the chosen service; at the check of the set also the list to mark. */
export function serviceView(desk: Desk, step: Step): View {
  const service = chosen(desk);
  if (!service) return step.done_by ? html`<p class="step-refused">${t("choose_service")}</p>` : nothing;
  const kept = desk.state!.documents?.find((one) => one.service === service.id);
  if (step.done_by === "documents_checked") return checklist(desk, service);
  if (step.done_by) return kept?.number ? html`<p role="status"><strong>${t("accepted_number", { number: kept.number })}</strong></p>` : nothing;
  return passport(desk, service);
}

function passport(desk: Desk, service: Passport): TemplateResult {
  return html`<div class="passport" lang=${desk.config.profile.language}><h4>${service.title}</h4>
    <ul>${service.documents.map((one) => html`<li>${one.title}</li>`)}</ul>
    ${service.stages.length ? html`<p><strong>${t("stages")}:</strong> ${service.stages.join(" → ")}</p>` : nothing}
    ${service.terms.map((term) => html`<p><strong>${term.title}:</strong> ${term.text}</p>`)}
    <p><strong>${t("result_of_service")}:</strong> ${service.result}</p></div>`;
}

function markOf(desk: Desk, service: Passport, document: string): string {
  const kept = desk.state!.documents?.find((one) => one.service === service.id);
  return desk.formValue(FORM, `${service.id}.${document}`, kept?.marks[document] ?? "");
}

function dueOf(desk: Desk, service: Passport): string {
  const kept = desk.state!.documents?.find((one) => one.service === service.id);
  return desk.formValue(FORM, "due_on", kept?.due_on ?? "");
}

function checklist(desk: Desk, service: Passport): TemplateResult {
  const marks = service.documents.map((one) => markOf(desk, service, one.id));
  const wanting = marks.some((mark) => mark === "missing" || mark === "faulty");
  return html`<div class="passport"><h4>${t("documents_marks")}</h4>
    ${service.documents.map((one) => row(desk, service, one))}
    ${wanting ? html`${field(desk, { id: "due_on", label: t("due_on"), type: "date" }, { form: FORM, id: "documents-due", value: dueOf(desk, service), required: true })}
      <p class="hint">${t("due_on_hint")}</p>` : nothing}</div>`;
}

function row(desk: Desk, service: Passport, one: { id: string; title: string }): TemplateResult {
  const mark = markOf(desk, service, one.id);
  const error = desk.errorOf(FORM, one.id);
  const name = `mark-${service.id}-${one.id}`;
  const set = (value: string): void => {
    desk.errors[FORM] = (desk.errors[FORM] ?? []).filter((other) => other.field !== one.id);
    desk.typeForm(FORM, `${service.id}.${one.id}`, value);
  };
  return html`<fieldset class="mark-row"><legend>${one.title}</legend>
    <div class="marks">${MARKS.map((value) => html`<label class="outcome ${value === mark ? "chosen" : ""}"><input type="radio" name=${name} value=${value}
      .checked=${value === mark} @change=${() => set(value)} /><span>${t(`mark_${value}`)}</span></label>`)}</div>
    ${error ? html`<span class="text-danger-ink" role="alert">${error.message}</span>` : nothing}</fieldset>`;
}

export async function checkDocuments(desk: Desk): Promise<void> {
  const service = chosen(desk);
  if (!service) return desk.say(t("choose_service"), "warning");
  const contact = desk.contact;
  const marks = Object.fromEntries(service.documents.map((one) => [one.id, markOf(desk, service, one.id)]));
  const body = { service: service.id, marks, due_on: dueOf(desk, service) };
  if (await desk.act("check-documents", body, FORM)) desk.drafts.dropForm(contact, `${FORM}.`);
}
