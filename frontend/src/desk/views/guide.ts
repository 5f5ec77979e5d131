/** Centre: the guide. The present step large with its words, then what comes, then the turns the talk may take. */

import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { repeat } from "lit-html/directives/repeat.js";
import { icon } from "../../icons.ts";
import { t } from "../../words.ts";
import type { Desk } from "../desk.ts";
import { labelOf, placeOf, singleKeysOn } from "../keys.ts";
import { unpressed } from "../pointer.ts";
import { keyOf, type Branch, type Guide, type Step } from "../state.ts";
import { autofocus, button, clauses, field, topicField, topicOf, type View } from "./parts.ts";
import { skipReasons } from "./result.ts";
import { checkDocuments, printMemo, serviceView } from "./visit.ts";

export function guideView(desk: Desk): TemplateResult {
  const guide = desk.state!.guide;
  if (!guide) return html`<div class="card-body">${t("no_guide")}</div>`;
  const branch = desk.openBranch();
  const steps = desk.steps();
  const now = desk.current();
  return html`<div class="guide card-body">
    ${silence(desk, guide)}
    ${trail(desk, guide, branch, steps)}
    ${now ? keyed(keyOf(now), present(desk, guide, now)) : finished(desk, branch)}
    ${branch ? attempts(desk, branch) : nothing}
    ${others(desk, steps, now)}
    ${turns(desk, guide)}
  </div>`;
}

/** Nobody is heard: said beside the guide, with the turn for a bad line at hand; gone with the first word. */
function silence(desk: Desk, guide: Guide): TemplateResult {
  const since_at = desk.state!.call?.silence_since;
  const bad = guide.branches.find((one) => one.id === "bad_line");
  const open = desk.openBranch()?.id === "bad_line";
  return html`<div role="status" class="silence-place">${since_at
    ? html`<div class="alert alert-warning silence"><span>${icon("alert")} ${t("silence_now")}</span>
      ${bad && !open ? button(t("silence_bad_line", { title: bad.title }), () => desk.take_branch(bad), { look: "btn-sm btn-outline-primary", id: "silence-bad-line" }) : nothing}</div>`
    : nothing}</div>`;
}

function trail(desk: Desk, guide: Guide, branch: Branch | null, steps: Step[]): TemplateResult {
  const done = steps.filter((step) => desk.settled(step)).length;
  return html`<div class="trail">
    <h2>${branch ? branch.title : guide.title}</h2>
    <span class="trail-count">${t("done_of", { n: done, of: steps.length })}</span>
    ${branch ? button(t("back_to_talk"), () => desk.leaveBranch(), { look: "btn-sm btn-outline-primary ms-auto", key: "Esc" }) : nothing}
  </div>`;
}

/** One step in elements of its own: what is typed, aimed at or focused in it is never another step's. */
function present(desk: Desk, guide: Guide, step: Step): TemplateResult {
  const done = desk.isDone(step);
  return html`<article class="step-now ${done ? "step-past" : ""}" aria-labelledby="step-title" @input=${(event: Event) => isText(event.target) && desk.stayAt(step)} @focusout=${(event: FocusEvent) => left(desk, event)}>
    <header>
      <h3 id="step-title">${step.title}</h3>
      ${step.required ? nothing : html`<span class="tag">${t("if_needed")}</span>`}
      ${step.firm && step.required && !done ? html`<span class="tag">${icon("lock")} ${t("firm")}</span>` : nothing}
      ${done ? html`<span class="tag tag-done">${icon("check")} ${t("done")}</span>` : nothing}
      ${clauses(desk, step.clauses)}
    </header>
    ${words(desk, guide, step)}
    ${step.hint ? html`<p class="hint">${step.hint}</p>` : nothing}
    ${step.ask.includes("service") || step.done_by.startsWith("documents_") ? serviceView(desk, step) : nothing}
    ${step.ask.length ? html`<div class="asks">${step.ask.map((name, at) => ask(desk, step, name, at))}</div>` : nothing}
    ${step.refused ? html`<p class="step-refused" role="alert">${icon("lock")} ${step.refused}</p>` : nothing}
    ${desk.panel === "skip" && desk.skipping === keyOf(step) ? skipping(desk, step) : controls(desk, step, done)}
  </article>`;
}

/** What is chosen in a list or ticked is whole at once: only letters have somebody go on. */
function isText(target: EventTarget | null): boolean {
  return placeOf(target) === "text" && !(target instanceof HTMLSelectElement);
}

/** Who goes to another window, or to a button of the same step, has not left it. */
function left(desk: Desk, { currentTarget, relatedTarget, target }: FocusEvent): void {
  if (target !== document.activeElement && !(currentTarget as Node).contains(relatedTarget as Node | null)) unpressed(() => desk.leave());
}

/** The words to read aloud; where the standard gives several, the operator takes one by its number. */
function words(desk: Desk, guide: Guide, step: Step): View {
  if (!step.phrases.length) return nothing;
  const key = keyOf(step);
  const chosen = desk.phrase[key] ?? 0;
  const phrase = (text: string, at: number): TemplateResult =>
    step.phrases.length === 1
      ? html`<blockquote class="phrase" lang=${guide.language}>${text}</blockquote>`
      : html`<button type="button" class="phrase phrase-choice ${at === chosen ? "chosen" : ""}" lang=${guide.language} aria-pressed=${String(at === chosen)}
          @click=${() => { desk.phrase[key] = at; desk.draw(); }}><kbd aria-hidden="true">${at + 1}</kbd><span>${text}</span></button>`;
  return html`<div class="phrases">${step.phrases.map(phrase)}</div>`;
}

function ask(desk: Desk, step: Step, name: string, at: number): TemplateResult {
  const next = (): void => {
    desk.sendField(desk.contact, name);
    const inputs = [...document.querySelectorAll<HTMLElement>(".step-now [data-field]")];
    const following = inputs[at + 1];
    if (following) following.focus();
    else if (actionOf(step) && !desk.isDone(step)) document.querySelector<HTMLElement>("[data-step-action]")?.click();
    else desk.done(step, "key");
  };
  if (name === "topic") return topicField(desk, `ask-${step.id}-topic`);
  return field(desk, desk.spec(name), { form: "", id: `ask-${step.id}-${name}`, value: desk.value(name), onEnter: next });
}

function controls(desk: Desk, step: Step, done: boolean): View {
  const action = actionOf(step);
  const once = (act: () => void) => (event: MouseEvent): void => {
    if (event.detail < 2) act(); // the second of a double click would do the next step, unread
  };
  return html`<div class="step-controls">
    ${done ? nothing : toClient(desk, step)}
    ${action && !done ? html`<button type="button" class="btn btn-primary btn-lg" data-step-action @click=${once(() => void run(desk, step, action))} ?disabled=${Boolean(step.refused)}>${action === "secret_end" ? t("secret_end") : t(`act_${action}`)}</button>` : nothing}
    ${done
      ? button(t("next_step"), () => desk.goOn(), { look: "btn-outline-primary btn-lg", icon: "chevron" })
      : action ? nothing : html`<button type="button" class="btn btn-lg btn-primary" data-step-done ?disabled=${Boolean(step.refused)} @click=${once(() => desk.done(step, "click"))}>
          ${icon("check")}<span>${t("step_done")}</span><kbd aria-hidden="true">${t("key_space")}</kbd></button>`}
    ${done || (step.firm && step.required) ? nothing : step.required
      ? button(t("skip"), () => askWhy(desk, step), { look: "btn-ghost-secondary", icon: "skip" })
      : button(t("not_needed"), () => desk.move(1), { look: "btn-ghost-secondary", key: "↓" })}
  </div>`;
}

/** The client waits while operator and colleague talk: what he is to hear before he is connected is said to him alone, or with all three together. */
function toClient(desk: Desk, step: Step): View {
  const call = desk.state!.call;
  const apart = call?.transfer && call.role !== "specialist" && call.transfer.state !== "ringing" && !call.conference_since && !call.transfer.aside;
  if (!step.offers || !apart) return nothing;
  if (step.offers === "client")
    return button(t("to_client"), () => void desk.swap(), { icon: "transfer", look: "btn-success btn-lg", key: labelOf("swap"), disabled: desk.busy.has("transfer-to-client"), id: "step-client" });
  return button(t("conference"), () => void desk.act("transfer-conference"), { icon: "users", look: "btn-success btn-lg", disabled: desk.busy.has("transfer-conference"), id: "step-conference" });
}

/** Of this step alone: another that comes meanwhile is not left out for the same reason. */
function askWhy(desk: Desk, step: Step): void {
  desk.skipping = keyOf(step);
  if (desk.panel === "skip") desk.draw();
  else desk.toggle("skip");
}

/** A required step is left out only with a reason, which is kept. */
function skipping(desk: Desk, step: Step): TemplateResult {
  const send = (event: Event): void => {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem("reason") as HTMLInputElement;
    if (input.value.trim()) void desk.skip(step, input.value.trim());
    else input.focus();
  };
  return html`<form class="skip" @submit=${send}>
    <label class="form-label" for="skip-reason">${t("skip_reason")}</label>
    <div class="skip-line"><input id="skip-reason" name="reason" class="form-control" required ${autofocus()} />
      <button class="btn btn-primary">${t("skip")}</button>
      ${button(t("cancel"), () => desk.toggle("skip"), { look: "btn-ghost-secondary" })}</div>
    <div class="skip-quick">${skipReasons(desk).map((reason) =>
      button(t(`skip_${reason}`), () => void desk.skip(step, reason), { look: "btn-sm btn-outline-secondary" }))}</div>
  </form>`;
}

/** Steps that are completed by a deed of their own rather than by saying "done". */
function actionOf(step: Step): string {
  const deeds: Record<string, string> = {
    identified: "identify", callback_promised: "callback", transfer_started: "transfer",
    transfer_answered: "transfer", transfer_accepted: "transfer", transfer_completed: "connect", transfer_introduced: "introduce", appeal_registered: "appeal",
    appeal_forwarded: "forward", forwarding_told: "forward", hold_started: "hold", contact_attempted: "attempt", account_shown: "show_account",
    call_terminated: "terminate", topic_set: "topic", microphone_muted: "mute", recording_paused: "secret", recording_resumed: "secret_end",
    documents_checked: "check_documents", documents_accepted: "accept_documents", result_handed_over: "hand_over",
    contact_data_confirmed: "contact_data", memo_given: "memo", blank_printed: "blank",
  };
  return deeds[step.done_by] ?? "";
}

async function run(desk: Desk, step: Step, action: string): Promise<void> {
  desk.leave();
  desk.sendAsked(step);
  const typed = Object.fromEntries(step.ask.map((name) => [name, desk.value(name)]));
  if (action === "identify") await desk.act("identify", { fields: typed }, "field");
  else if (action === "transfer") desk.toggle("transfer");
  else if (action === "introduce") await desk.act("transfer-introduce", { client_name: desk.value("client_name"), matter: desk.value("matter") });
  else if (action === "connect") await desk.act("transfer-complete");
  else if (action === "show_account") await desk.act("show-account");
  else if (action === "terminate") desk.toggle("end");
  else if (action === "mute") await desk.mute();
  else if (action === "hold") await desk.hold();
  else if (action === "secret" || action === "secret_end") await desk.secret(action === "secret");
  else if (action === "attempt") await desk.act("attempt");
  else if (action === "topic" && step.ask.includes("topic")) await onward(desk, "topic", { topic: topicOf(desk) || null }, "close");
  else if (action === "check_documents") await checkDocuments(desk);
  else if (action === "accept_documents") await onward(desk, "accept-documents");
  else if (action === "hand_over") await onward(desk, "hand-over", { fields: typed }, "field");
  else if (action === "contact_data") await onward(desk, "contact-data", { fields: typed }, "field");
  else if (action === "memo") printMemo(desk);
  else {
    desk.show("result");
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const place = action === "forward" || action === "blank" ? "appeal" : action === "topic" ? "close" : action;
      const form = document.getElementById(`form-${place}`);
      if (form instanceof HTMLDetailsElement) form.open = true;
      form?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    }));
  }
}

/** A deed that completes the present step: once it is done, the talk goes on with the next. */
async function onward(desk: Desk, verb: string, body: Record<string, unknown> = {}, form = ""): Promise<void> {
  if (await desk.act(verb, body, form)) desk.goOnUnlessTyping();
}

/** Attempts to be heard are made again and again while the clock runs; each is counted. */
function attempts(desk: Desk, branch: Branch): View {
  const made = desk.state!.call?.attempts ?? 0;
  if (!made || !branch.steps.some((step) => step.done_by === "contact_attempted")) return nothing;
  return html`<div class="step-controls attempts"><span role="status">${t("attempts_n", { n: made })}</span>
    ${desk.talking ? button(t("act_attempt"), () => void desk.act("attempt"), { look: "btn-outline-primary", id: "attempt-again", disabled: desk.busy.has("attempt") }) : nothing}</div>`;
}

function finished(desk: Desk, branch: Branch | null): TemplateResult {
  const ends = branch?.ends_call && branch.grounds.length > 0 && desk.talking;
  return html`<div class="finished" role="status">
    <p>${icon("check")} ${t(branch ? "branch_finished" : "guide_finished")}</p>
    ${ends ? button(t("act_terminate"), () => desk.toggle("end"), { look: "btn-danger btn-lg", icon: "phoneOff", id: "end-on-ground" }) : nothing}
    ${branch ? button(t("back_to_talk"), () => desk.leaveBranch(), { look: "btn-primary btn-lg", key: "Esc" }) : button(t("tab_result"), () => desk.show("result"), { look: "btn-primary btn-lg" })}
  </div>`;
}

function others(desk: Desk, steps: Step[], now: Step | null): View {
  if (steps.length < 2) return nothing;
  const row = (step: Step): TemplateResult => {
    const state = desk.isDone(step) ? "done" : step.skipped ? "skipped" : step === now ? "now" : "open";
    return html`<li class="row-${state}"><button type="button" @click=${() => desk.go(step)} aria-current=${step === now ? "step" : nothing}>
      <span class="row-mark">${state === "done" ? icon("check") : state === "skipped" ? icon("skip") : nothing}</span>
      <span class="row-title">${step.title}</span>
      ${step.required || state !== "open" ? nothing : html`<span class="tag">${t("if_needed")}</span>`}
      <span class="visually-hidden">${t(`row_${state}`)}</span></button></li>`;
  };
  return html`<ol class="step-list" aria-label=${t("steps")}>${steps.map(row)}</ol>`;
}

/** The turns of the talk, each by a key. */
function turns(desk: Desk, guide: Guide): View {
  const offered = guide.branches.filter((branch) => branch.offered || branch.taken);
  if (!offered.length) return nothing;
  const keys = singleKeysOn();
  return html`<div class="turns" role="group" aria-label=${t("turns")}><h3 class="part-title">${t("turns")}</h3>
    <div class="turn-grid">${repeat(offered, (branch) => branch.id, (branch) => html`<button type="button" class="btn turn ${branch.id === desk.branch ? "turn-now" : ""} ${branch.ends_call ? "turn-end" : ""}"
        data-branch=${branch.id} aria-pressed=${String(branch.id === desk.branch)} @click=${() => desk.take_branch(branch)}>
        ${branch.key && keys ? html`<kbd aria-hidden="true">${branch.key.toUpperCase()}</kbd>` : nothing}<span>${branch.title}</span>
        ${branch.taken ? html`<span class="turn-taken">${icon("check")}<span class="visually-hidden">${t("taken")}</span></span>` : nothing}
      </button>`)}</div></div>`;
}
