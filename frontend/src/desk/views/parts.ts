/** Small pieces that several views share. */

import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { live } from "lit-html/directives/live.js";
import { heat, minutes, since } from "../../clock.ts";
import { icon, type IconName } from "../../icons.ts";
import { t } from "../../words.ts";
import type { Desk } from "../desk.ts";
import type { FieldSpec, Timer } from "../state.ts";

export type View = TemplateResult | typeof nothing;

/** A clause's number: small, and its page one click away in another tab. */
export function clause(desk: Desk, id: string): View {
  if (!id) return nothing;
  return html`<a class="clause" href=${desk.config.urls.clause.replace("CLAUSE", id)} target="_blank" rel="noopener"
    title=${t("clause_open")}>${id}</a>`;
}

export function clauses(desk: Desk, ids: string[]): View {
  return ids.length ? html`<span class="clauses">${ids.map((id) => clause(desk, id))}</span>` : nothing;
}

export interface ButtonLook {
  icon?: IconName;
  look?: string;
  key?: string;
  disabled?: boolean;
  pressed?: boolean;
  title?: string;
  why?: string; // the button is grey, and this is said beside it
  said?: string; // the element in which the reason why it is grey is said already
  id?: string;
}

export function button(label: string, act: () => void, look: ButtonLook = {}): TemplateResult {
  const told = look.why ? `${look.id}-why` : look.said;
  return html`<button type="button" id=${look.id ?? nothing} class="btn ${look.look ?? ""}" ?disabled=${look.disabled || Boolean(look.why)}
    aria-pressed=${look.pressed === undefined ? nothing : String(look.pressed)} aria-describedby=${told ?? nothing} title=${look.why || look.title || nothing} @click=${act}>
    ${look.icon ? icon(look.icon) : nothing}<span>${label}</span>${look.key ? html`<kbd aria-hidden="true">${look.key}</kbd>` : nothing}
  </button>${look.why ? html`<p class="call-sub button-why" id=${told!}>${look.why}</p>` : nothing}`;
}

/** One clock with its target and limit; colour is never alone, the words say it too. */
export function clock(desk: Desk, timer: Timer): TemplateResult {
  const elapsed = since(timer.from_at, timer.to_at);
  const state = heat(elapsed, timer.target_s, timer.max_s);
  const end = timer.max_s ?? timer.target_s;
  const share = end ? Math.min(100, (elapsed / end) * 100) : 0;
  const norm = [timer.target_s !== null ? t("target_s", { s: minutes(timer.target_s) }) : "", timer.max_s !== null ? t("limit_s", { s: minutes(timer.max_s) }) : ""];
  return html`<li class="clock heat-${state} ${timer.to_at ? "clock-stopped" : ""}">
    <div class="clock-line"><span class="clock-title">${timer.title}</span><span class="clock-time">${minutes(elapsed)}</span></div>
    ${end ? html`<div class="clock-bar" aria-hidden="true"><span .style=${`width:${share}%`}></span></div>` : nothing}
    <div class="clock-norm">
      <span>${norm.filter(Boolean).join(" · ")}</span>
      ${state === "over" ? html`<strong>${t("over_limit")}</strong>` : state === "target" ? html`<strong>${t("over_target")}</strong>` : nothing}
      ${clause(desk, timer.clause)}
    </div>
  </li>`;
}

export interface InputUse {
  form: string; // "" = a field of the guide, saved as it is typed
  id: string;
  value: string;
  label?: string;
  required?: boolean;
  lang?: string;
  extra?: View;
  onEnter?: () => void;
}

/** A labelled input with its error below; what is typed is kept at once. */
export function field(desk: Desk, spec: FieldSpec, use: InputUse): TemplateResult {
  const error = desk.errorOf(use.form || "field", spec.id);
  const described = `${use.id}-note`;
  const type = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value;
    if (use.form) desk.typeForm(use.form, spec.id, text);
    else desk.type(spec.id, text);
  };
  const leave = (): void => {
    if (!use.form) desk.sendField(desk.contact, spec.id);
  };
  const enter = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.isComposing || spec.type === "textarea") return;
    event.preventDefault();
    use.onEnter?.();
  };
  const common = error ? "is-invalid" : "";
  const label = use.label ?? spec.label;
  const mark = use.required ? html`<span class="required" title=${t("required")}>*</span>` : nothing;
  let input: TemplateResult;
  if (spec.type === "select")
    input = html`<select class="form-select ${common}" id=${use.id} name=${spec.id} .value=${live(use.value)} @change=${type} data-field=${spec.id}
      aria-describedby=${described} aria-required=${String(use.required ?? false)}>
      <option value="" ?selected=${!use.value}></option>
      ${(spec.options ?? []).map((option) => html`<option value=${option.id} ?selected=${option.id === use.value}>${option.title}</option>`)}
    </select>`;
  else if (spec.type === "textarea")
    input = html`<textarea class="form-control ${common}" id=${use.id} name=${spec.id} rows="3" .value=${live(use.value)} @input=${type} @blur=${leave}
      data-field=${spec.id} aria-describedby=${described} aria-required=${String(use.required ?? false)} aria-invalid=${String(Boolean(error))}></textarea>`;
  else
    input = html`<input class="form-control ${common}" id=${use.id} name=${spec.id} type=${spec.type} autocomplete="off" .value=${live(use.value)}
      @input=${type} @blur=${leave} @keydown=${enter} data-field=${spec.id} aria-describedby=${described}
      aria-required=${String(use.required ?? false)} aria-invalid=${String(Boolean(error))} />`;
  const state = !use.form && desk.unsaved(spec.id) ? html`<span class="saving">${t(desk.outbox.troubled ? "not_saved_yet" : "saving")}</span>` : nothing;
  return html`<div class="field">
    <label class="form-label" for=${use.id}>${label}${mark}</label>
    ${input}${use.extra ?? nothing}
    <div id=${described} class="field-note">
      ${error ? html`<span class="text-danger-ink" role="alert">${error.message} ${clause(desk, error.clause ?? "")}</span>` : state}
    </div>
  </div>`;
}

/** The topic as chosen, else as the server has it. */
export function topicOf(desk: Desk): string {
  const kept = desk.state!.result?.topic;
  return desk.formValue("close", "topic", kept ? String(kept) : "");
}

/** What the contact is about: one choice, whether it is made in the guide or at the end. */
export function topicField(desk: Desk, id: string): TemplateResult {
  const options = desk.config.topics.map((other) => ({ id: String(other.id), title: other.title }));
  return field(desk, { id: "topic", label: t("topic"), type: "select", options }, { form: "close", id, value: topicOf(desk), required: true });
}

/** Put the keyboard into an element when it first appears. */
export function autofocus(): ReturnType<typeof ref> {
  let seen: Element | undefined;
  return ref((element) => {
    if (element && element !== seen && element instanceof HTMLElement && !element.dataset["seen"]) {
      element.dataset["seen"] = "1";
      requestAnimationFrame(() => element.focus());
    }
    seen = element;
  });
}

export function channelIcon(channel: string): View {
  const names: Record<string, IconName> = { phone: "phone", office: "building", paper: "file", email: "mail", web: "globe", account: "user" };
  return html`<span class="channel" title=${t(`channel_${channel}`)}>${icon(names[channel] ?? "file")}<span class="visually-hidden">${t(`channel_${channel}`)}</span></span>`;
}
