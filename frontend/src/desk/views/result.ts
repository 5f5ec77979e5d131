/** The result: topic, outcome, summary; an appeal with its number and deadline; a callback; what the clauses came to. */

import { html, nothing, type TemplateResult } from "lit-html";
import { minutes, until } from "../../clock.ts";
import { icon } from "../../icons.ts";
import { t } from "../../words.ts";
import type { Desk } from "../desk.ts";
import type { AppealBrief, AppealField, Call, Outcome, Requirement, Result, Verdicts } from "../state.ts";
import { button, clause, clauses, field, topicField, topicOf, type View } from "./parts.ts";
import { isForwarded } from "./passing.ts";
import { nextVisitor, printBlank } from "./visit.ts";

export function resultView(desk: Desk): TemplateResult {
  const { result, guide, verdicts, operator, call } = desk.state!;
  if (!result || !guide) return html`<div class="card-body">${t("no_guide")}</div>`;
  return html`<div class="card-body result">
    ${operator.state === "wrap_up" && operator.until ? html`<p class="wrap-left" role="timer">${t("wrap_up_until", { left: minutes(until(operator.until)) })}</p>` : nothing}
    ${call?.closed ? closed(desk, verdicts) : call && desk.over && (call.handed_to || isForwarded(call)) ? handed(desk, call) : html`
      ${closing(desk, result, guide.outcomes)}
      ${appealForm(desk, result)}
      ${callbackForm(desk, result)}`}
  </div>`;
}

/** Why a step may be left out. */
export function skipReasons(desk: Desk): string[] {
  const left = desk.visit ? ["visitor_left"] : desk.state!.guide?.hung_up ? ["client_hung_up"] : [];
  return [...left, "client_refused", "already_known", "not_applicable"];
}

// --- topic, outcome, summary ------------------------------------------------------------------------

function closing(desk: Desk, result: Result, outcomes: Outcome[]): TemplateResult {
  const topic = topicOf(desk);
  const outcome = desk.formValue("close", "outcome", result.outcome);
  const chosen = outcomes.find((other) => other.id === outcome);
  const summary = desk.formValue("close", "summary", result.summary || desk.value("matter"));
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const contact = desk.contact;
    const answer = await desk.act("close", { topic: topic || null, outcome, summary, skip_reason: desk.formValue("close", "skip_reason") }, "close");
    if (answer) desk.drafts.dropForm(contact, "close.");
  };
  const missing = [...(chosen?.missing ?? [])];
  const shown = ["topic", "outcome", "summary", ...missing.map((need) => need.id)];
  const refused = (desk.errors["close"] ?? []).filter((error) => !shown.includes(error.field));
  return html`<form class="closing" id="form-close" @submit=${submit} novalidate>
    <div class="closing-grid">
      ${topicField(desk, "close-topic")}
      <fieldset class="field"><legend class="form-label">${t("outcome")}<span class="required">*</span></legend>
        <div class="outcomes">${outcomes.map((other) => html`<label class="outcome ${other.id === outcome ? "chosen" : ""}"><input type="radio" name="outcome" value=${other.id}
          .checked=${other.id === outcome} @change=${() => desk.typeForm("close", "outcome", other.id)} /><span>${other.title}</span></label>`)}</div>
        ${desk.errorOf("close", "outcome") ? html`<span class="text-danger-ink" role="alert">${desk.errorOf("close", "outcome")!.message}</span>` : nothing}
      </fieldset>
      ${field(desk, { id: "summary", label: t("summary"), type: "textarea" }, { form: "close", id: "close-summary", value: summary })}
    </div>
    ${missing.length ? still(desk, missing) : nothing}
    ${missing.some((need) => need.kind === "step") && desk.closable ? leaveOut(desk) : nothing}
    ${refused.length ? html`<div class="missing" role="alert"><ul>${refused.map((error) => html`<li>${icon("alert")} ${error.message} ${clause(desk, error.clause ?? "")}</li>`)}</ul></div>` : nothing}
    <div class="step-controls"><button class="btn btn-primary btn-lg" id="close-contact" ?disabled=${desk.busy.has("close") || !desk.closable}
      title=${desk.closable ? "" : t("close_after_call")}>${t("close_contact")}</button>
      ${desk.closable ? nothing : html`<span class="call-sub">${t("close_after_call")}</span>`}</div>
  </form>`;
}

/** After the call the steps that were not done are left out together, for one reason, which is kept with each. */
function leaveOut(desk: Desk): TemplateResult {
  const options = skipReasons(desk).map((reason) => ({ id: reason, title: t(`skip_${reason}`) }));
  return field(desk, { id: "skip_reason", label: t("skip_rest"), type: "select", options }, { form: "close", id: "close-skip-reason", value: desk.formValue("close", "skip_reason") });
}

function still(desk: Desk, missing: Requirement[]): TemplateResult {
  const go = (need: Requirement): void => {
    const step = desk.allSteps().find((other) => other.id === need.id);
    if (!step) return;
    desk.branch = step.branch;
    desk.show("guide");
    desk.go(step);
  };
  return html`<div class="missing"><p class="part-title">${t("still_needed")}</p><ul>${missing.map((need) => html`<li>${icon("alert")}
    ${need.kind === "step" ? html`<button type="button" class="linkish" @click=${() => go(need)}>${need.title}</button>` : need.title} ${clauses(desk, need.clauses)}</li>`)}</ul></div>`;
}

// --- appeal -----------------------------------------------------------------------------------------

const KNOWN: Record<string, (desk: Desk) => string> = {
  phone: (desk) => desk.state!.client?.phones[0] ?? desk.state!.call?.caller ?? "",
  email: (desk) => desk.state!.client?.emails[0] ?? "",
  residence: (desk) => desk.value("address") || (desk.state!.client?.residence ?? ""),
};

function firstValue(desk: Desk, name: string): string {
  return desk.value(name) || KNOWN[name]?.(desk) || "";
}

function appealForm(desk: Desk, result: Result): TemplateResult {
  const { appeal } = desk.config;
  const value = (name: string): string => desk.formValue("appeal", name, firstValue(desk, name));
  const needed = appeal.ways.find((way) => way.id === answerBy(desk))?.needs;
  const none = (name: string): boolean => name !== needed && desk.formValue("appeal", `none-${name}`) === "1";
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const contact = desk.contact;
    const fields = Object.fromEntries(appeal.fields.map(({ id }) => [id, none(id) ? "" : value(id)]));
    const none_fields = appeal.fields.filter(({ id }) => none(id)).map(({ id }) => id);
    const body = { ...fields, answer_by: answerBy(desk), kinds: value("kind").split(",").filter(Boolean), subject: value("subject"), topic: topicOf(desk) || null, none_fields, form: desk.visit ? value("form") : "" };
    if (await desk.act("appeal", body, "appeal")) desk.drafts.dropForm(contact, "appeal.");
  };
  const kinds = desk.config.appeal.kinds;
  const chosen = value("kind").split(",").filter(Boolean);
  return html`<details id="form-appeal" class="form-block" .open=${desk.unfolded.has("appeal")} @toggle=${folds(desk, "appeal")}>
    <summary><h2>${t("appeal")}</h2>${result.appeals.length ? html`<span class="badge state-ready">${result.appeals.map((other) => other.number).join(", ")}</span>` : nothing}</summary>
    ${result.appeals.map((other) => registered(desk, other))}
    <form @submit=${submit} novalidate>
      <div class="form-grid">
        <fieldset class="field wide"><legend class="form-label">${t("appeal_kind")}<span class="required">*</span></legend>
          <div class="outcomes">${kinds.map((kind) => kindTick(desk, kind, chosen))}</div>
          ${desk.errorOf("appeal", "kind") ? html`<span class="text-danger-ink" role="alert">${desk.errorOf("appeal", "kind")!.message} ${clause(desk, desk.errorOf("appeal", "kind")!.clause ?? "")}</span>` : nothing}
        </fieldset>
        ${desk.visit ? howMade(desk, value("form")) : nothing}
        ${appeal.subjects.length ? field(desk, { id: "subject", label: t("appeal_subject"), type: "select", options: appeal.subjects }, { form: "appeal", id: "appeal-subject", value: value("subject") }) : nothing}
        ${appeal.ways.length ? field(desk, { id: "answer_by", label: t("answer_by"), type: "select", options: appeal.ways }, { form: "appeal", id: "appeal-answer-by", value: answerBy(desk) }) : nothing}
        ${appeal.fields.map((item) => formField(desk, "appeal", item.id === needed ? { ...item, required: true, none_allowed: false } : item, value(item.id), none(item.id)))}
      </div>
      <div class="step-controls"><button class="btn btn-primary" id="register-appeal" ?disabled=${desk.busy.has("appeal")}>${t("register_appeal")}</button></div>
    </form>
  </details>`;
}

/** The way that the client wants, as chosen here or agreed in the guide; else the usual one, which the server takes for none. */
function answerBy(desk: Desk): string {
  const said = desk.formValue("appeal", "answer_by", desk.value("letter_channel"));
  return desk.config.appeal.ways.some((way) => way.id === said) ? said : (desk.config.appeal.ways[0]?.id ?? "");
}

/** A visitor speaks and the employee writes, or the visitor signs the printed blank. */
function howMade(desk: Desk, form: string): TemplateResult {
  const way = (id: string, title: string): TemplateResult => html`<label class="outcome ${id === form ? "chosen" : ""}"><input type="radio" name="appeal-form" value=${id}
    .checked=${id === form} @change=${() => desk.typeForm("appeal", "form", id)} /><span>${title}</span></label>`;
  return html`<fieldset class="field wide"><legend class="form-label">${t("appeal_form")}</legend><div class="outcomes">${way("", t("appeal_oral"))}${way("written", t("appeal_written"))}</div></fieldset>`;
}

/** A form that was opened stays open: what is typed must not be folded away when the last fault is put right. */
function folds(desk: Desk, form: string): (event: Event) => void {
  return (event) => void ((event.target as HTMLDetailsElement).open ? desk.unfolded.add(form) : desk.unfolded.delete(form));
}

/** One contact may voice several kinds at once; the first ticked leads. */
function kindTick(desk: Desk, kind: { id: string; title: string }, chosen: string[]): TemplateResult {
  const on = chosen.includes(kind.id);
  const change = (): void => desk.typeForm("appeal", "kind", (on ? chosen.filter((other) => other !== kind.id) : [...chosen, kind.id]).join(","));
  return html`<label class="outcome ${on ? "chosen" : ""}"><input type="checkbox" .checked=${on} @change=${change} /><span>${kind.title}</span></label>`;
}

function formField(desk: Desk, form: string, item: AppealField, value: string, none: boolean): TemplateResult {
  const tick = html`<label class="form-check none-tick"><input type="checkbox" class="form-check-input" id="${form}-none-${item.id}" .checked=${none}
    @change=${(event: Event) => desk.typeForm(form, `none-${item.id}`, (event.target as HTMLInputElement).checked ? "1" : "")} /><span class="form-check-label">${t("has_none")}</span></label>`;
  const spec = desk.spec(item.id);
  return html`<div class="${spec.type === "textarea" ? "wide" : ""} ${none ? "none-on" : ""}">${field(desk, spec, {
    form, id: `${form}-${item.id}`, value: none ? "" : value, required: item.required, extra: item.none_allowed ? tick : nothing,
  })}</div>`;
}

/** The number and the limit as the client is to be told, and how the limit came about. */
function registered(desk: Desk, appeal: AppealBrief): TemplateResult {
  const tell = (body: number): void => void desk.act("forward", { appeal: appeal.id, body });
  return html`<div class="registered" role="status">
    <p><span>${t("appeal_number")}</span> <strong>${appeal.number}</strong></p>
    ${printBlank(desk, appeal)}
    <p><span>${t("answer_until")}</span> <strong>${appeal.limit || t("no_limit")}</strong> ${clauses(desk, appeal.clauses)}</p>
    ${appeal.derivation.length ? html`<details open><summary>${t("derivation")}</summary><ol lang=${desk.config.profile.language}>${appeal.derivation.map((line) => html`<li>${line}</li>`)}</ol></details>` : nothing}
    ${desk.config.bodies.length ? html`<details><summary>${t("forward_appeal")}</summary><ul class="plain">${desk.config.bodies.map((body) => html`<li>
      <button type="button" class="menu-item" @click=${() => tell(body.id)}><span>${body.name}<small>${body.competence} ${body.phone}</small></span></button></li>`)}</ul>
      ${button(t("forwarding_told"), () => void desk.act("tell-forwarding", { appeal: appeal.id }), { look: "btn-sm btn-outline-primary" })}</details>` : nothing}
  </div>`;
}

// --- callback ---------------------------------------------------------------------------------------

function callbackForm(desk: Desk, result: Result): TemplateResult {
  const value = (name: string): string => desk.formValue("callback", name, firstValue(desk, name) || (name === "name" ? desk.value("client_name") || desk.state!.client?.name || "" : ""));
  const none = (name: string): boolean => desk.formValue("callback", `none-${name}`) === "1";
  const extra = desk.config.callback.fields;
  const extraValues = (): Record<string, string> => Object.fromEntries(extra.map(({ id }) => [id, none(id) ? "" : value(id)]));
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const contact = desk.contact;
    const body = { phone: value("phone"), name: value("name"), matter: value("matter"), due_at: value("due_at"), fields: extraValues(), none_fields: extra.filter(({ id }) => none(id)).map(({ id }) => id) };
    if (await desk.act("callback", body, "callback")) {
      desk.drafts.dropForm(contact, "callback.");
      desk.say(t("callback_kept"), "success");
    }
  };
  return html`<details id="form-callback" class="form-block" .open=${desk.unfolded.has("callback")} @toggle=${folds(desk, "callback")}>
    <summary><h2>${t("callback")}</h2>${result.callbacks.length ? html`<span class="badge state-ready">${result.callbacks.map((other) => other.due).join(", ")}</span>` : nothing}</summary>
    <form @submit=${submit} novalidate><div class="form-grid">
      ${field(desk, desk.spec("phone"), { form: "callback", id: "callback-phone", value: value("phone"), required: true })}
      ${field(desk, { ...desk.spec("client_name"), id: "name" }, { form: "callback", id: "callback-name", value: value("name") })}
      ${field(desk, desk.spec("due_at"), { form: "callback", id: "callback-due", value: desk.formValue("callback", "due_at", firstValue(desk, "due_at") || desk.state!.promise) })}
      ${extra.map((item) => formField(desk, "callback", item, value(item.id), none(item.id)))}
      <div class="wide">${field(desk, desk.spec("matter"), { form: "callback", id: "callback-matter", value: value("matter") })}</div>
    </div><div class="step-controls"><button class="btn btn-primary" id="promise-callback" ?disabled=${desk.busy.has("callback")}>${t("promise_callback")}</button></div></form>
  </details>`;
}

/** A colleague has the client now, or is being called, and will close the contact: nothing is left to write here. */
function handed(desk: Desk, call: Call): TemplateResult {
  const who = call.handed_to ? t("handed_to", { name: call.handed_to }) : t("forwarding_to", { name: call.transfer!.target });
  return html`<div class="finished" role="status"><p>${icon("transfer")} ${who}</p>
    <p class="call-sub">${t("handed_hint")}</p>
    ${button(t("become_ready"), () => void desk.endWrapUp(), { look: "btn-success btn-lg", icon: "phoneCall" })}</div>`;
}

// --- verdicts ---------------------------------------------------------------------------------------

function closed(desk: Desk, verdicts: Verdicts | null): TemplateResult {
  return html`<div class="finished" role="status"><p>${icon("check")} ${t("contact_closed")}</p>
    ${desk.visit ? nextVisitor(desk) : button(t("become_ready"), () => void desk.endWrapUp(), { look: "btn-success btn-lg", icon: "phoneCall" })}</div>
    ${verdicts ? verdictsView(desk, verdicts) : nothing}`;
}

export function verdictsView(desk: Desk, verdicts: Verdicts): TemplateResult {
  const missed = verdicts.rows.filter((row) => row.verdict === "not_met");
  const met = verdicts.rows.filter((row) => row.verdict === "met");
  if (!verdicts.judged) return html`<p class="call-sub" role="status">${t("judging")}</p>`;
  return html`<div class="verdicts"><h2 class="part-title">${t("verdicts")} <a href=${desk.config.urls.contact.replace("CONTACT", verdicts.contact)}>${t("whole_contact")}</a></h2>
    <p class="verdict-counts"><span class="badge v-met">${t("met_n", { n: verdicts.met })}</span> <span class="badge v-not_met">${t("not_met_n", { n: missed.length })}</span>
      <span class="badge v-not_measurable">${t("not_measurable_n", { n: verdicts.not_measurable })}</span></p>
    ${rows(desk, missed)}
    ${met.length ? html`<details><summary>${t("met_list")}</summary>${rows(desk, met)}</details>` : nothing}</div>`;
}

function rows(desk: Desk, list: Verdicts["rows"]): View {
  if (!list.length) return nothing;
  return html`<ul class="plain">${list.map((row) => html`<li class="verdict-row">${clause(desk, row.clause)} <span lang=${desk.config.profile.language}>${row.text}</span>
    <div class="call-sub">${row.observed ? t("observed", { value: row.observed }) : nothing} ${row.limit ? t("limit_is", { value: row.limit }) : nothing}</div></li>`)}</ul>`;
}

