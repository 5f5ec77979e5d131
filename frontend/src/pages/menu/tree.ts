/** The tree of a menu: levels with their messages and options, moved by mouse or by buttons. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { t } from "../../words.ts";
import { change, levelOf, mayMove, newLevel, newOption, remove, sweep, TARGETED, type Level, type Option, type Prompt, type Title } from "./content.ts";
import type { Editor, Named } from "./editor.ts";

type View = TemplateResult | typeof nothing;

const valueOf = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement).value;

/** What is played before the tree. */
export function aboveTree(editor: Editor): TemplateResult {
  const { recording_notice: notice, greeting, off_hours: off } = editor.content;
  const parts: [string, Prompt][] = [];
  if (notice) parts.push(["recording_notice", notice]);
  if (greeting) parts.push(["greeting", greeting]);
  if (off) parts.push(["off_hours.greeting", off.greeting]);
  return html`<section class="card mb-3"><div class="card-body"><h2 class="part-title">${t("above")}</h2>
    ${parts.map(([key, prompt]) => message(editor, key, prompt, t(`part_${key.replace(".", "_")}`)))}</div></section>`;
}

/** A level and everything below it. */
export function tree(editor: Editor, id: string, above: ReadonlySet<string> = new Set()): View {
  const level = levelOf(editor.content, id);
  if (!level) return nothing;
  const seen = new Set([...above, id]);
  const key = `nodes.${level.id}`;
  const title = editor.titled(level.title) || level.id;
  return html`<div class="menu-level" @dragover=${(event: DragEvent) => over(editor, event, level)}
      @drop=${(event: DragEvent) => dropped(editor, event, level, null)}>
    <div class="menu-level-head"><strong>${title}</strong> ${bad(editor, key)}
      <button type="button" class="btn btn-sm btn-outline-secondary" aria-expanded=${editor.open.has(level)} aria-label=${`${t("details")}: ${title}`}
        @click=${() => toggle(editor, level)}>${t("details")}</button></div>
    ${editor.open.has(level) ? levelDetails(editor, level, title) : nothing}
    ${message(editor, key, level.prompt, `${t("level_message")}: ${title}`)}
    <ul class="tree">${repeat(level.options, (option) => editor.name(option), (option) => row(editor, level, option, seen))}</ul>
    <button type="button" class="btn btn-sm btn-outline-primary" id="add-${level.id}" aria-label=${`${t("add_option")}: ${title}`}
      @click=${() => add(editor, level)}>${t("add_option")}</button>
  </div>`;
}

function bad(editor: Editor, key: string): View {
  const found = editor.faultsOf(key);
  if (!found.length) return nothing;
  const worst = found.some((fault) => fault.level === "error");
  return html`<span class="badge ${worst ? "v-not_met" : "v-not_measurable"}" title=${found.map((one) => one.what).join("; ")}>${worst ? t("broken") : t("advice")}</span>`;
}

function toggle(editor: Editor, part: object): void {
  if (!editor.open.delete(part)) editor.open.add(part);
  editor.draw();
}

function add(editor: Editor, level: Level): void {
  const made = newOption(level, editor.state.choices.keys);
  editor.open.add(made);
  editor.act(() => level.options.push(made), "", `key-${editor.name(made)}`);
}

function levelDetails(editor: Editor, level: Level, title: string): TemplateResult {
  return html`<fieldset class="menu-details"><legend class="visually-hidden">${title}</legend>
    ${titles(editor, level.title, `level-${level.id}`)}
    ${number(editor, `timeout-${level.id}`, t("timeout"), level.timeout_s, 60, (value) => (level.timeout_s = value))}
    ${number(editor, `tries-${level.id}`, t("tries"), level.tries, 9, (value) => (level.tries = value))}
  </fieldset>`;
}

function number(editor: Editor, id: string, label: string, value: number, most: number, set: (value: number) => void): TemplateResult {
  return html`<div><label class="form-label" for=${id}>${label}</label><input class="form-control" type="number" min="1" max=${most} id=${id} .value=${live(String(value))}
    @change=${(event: Event) => editor.act(() => set(Number(valueOf(event)) || value))}></div>`;
}

function titles(editor: Editor, title: Title, id: string): TemplateResult[] {
  return editor.state.languages.map(
    (language) => html`<div><label class="form-label" for="${id}-${language}">${t(`title_${language}`)}</label>
      <input class="form-control" lang=${language} maxlength="120" id="${id}-${language}" .value=${live(title[language] ?? "")}
        @input=${(event: Event) => editor.typed(() => (title[language] = valueOf(event)))}></div>`,
  );
}

// --- one option ---
function row(editor: Editor, level: Level, option: Option, seen: ReadonlySet<string>): TemplateResult {
  const name = editor.name(option);
  const title = editor.optionTitle(option);
  const place = level.options.indexOf(option);
  const goes = option.action === "goto" && option.target && !seen.has(option.target);
  return html`<li data-option=${option.digit} @dragover=${(event: DragEvent) => over(editor, event, level)}
      @drop=${(event: DragEvent) => dropped(editor, event, level, option)}>
    <div class="menu-row">
      <span class="menu-grip" draggable="true" aria-hidden="true" title=${t("move_to")}
        @dragstart=${(event: DragEvent) => lift(editor, event, level, option)} @dragend=${() => land(editor)}>⠿</span>
      <span class="digit ${option.enabled ? "" : "off"}">${option.digit || "?"}</span>
      <span class="menu-what">${title}${leads(editor, option, title)}</span> ${bad(editor, `nodes.${level.id}.options.${option.digit}`)}
      <span class="menu-acts" role="group" aria-label=${t("option", { key: option.digit, title })}>
        ${step(editor, level, option, place - 1, `up-${name}`, "↑", t("up"))}
        ${step(editor, level, option, place + 1, `down-${name}`, "↓", t("down"))}
        ${elsewhere(editor, level, option, name)}
        <button type="button" class="btn btn-sm btn-outline-secondary" aria-expanded=${editor.open.has(option)}
          aria-label=${`${t("details")} ${option.digit}: ${title}`} @click=${() => toggle(editor, option)}>${t("details")}</button>
        <button type="button" class="btn btn-sm btn-outline-danger" aria-label=${`${t("remove")} ${option.digit}: ${title}`}
          @click=${() => editor.act(() => remove(editor.content, level, option), t("removed", { what: title }), `add-${level.id}`)}>${t("remove")}</button>
      </span>
    </div>
    ${editor.open.has(option) ? details(editor, option, name, title) : nothing}
    ${option.prompt ? message(editor, `nodes.${level.id}.options.${option.digit}`, option.prompt, `${t("message")}: ${title}`) : nothing}
    ${goes ? tree(editor, option.target, seen) : nothing}
  </li>`;
}

function leads(editor: Editor, option: Option, title: string): View {
  const where = targets(editor, option.action).find((one) => one.id === option.target)?.title ?? "";
  const action = editor.state.choices.actions.find((one) => one.id === option.action)?.title ?? "";
  const said = where ? `${action}: ${where}` : action;
  return said === title ? nothing : html` <span class="call-sub">${said}</span>`;
}

function step(editor: Editor, level: Level, option: Option, to: number, id: string, sign: string, label: string): TemplateResult {
  const gone = to < 0 || to >= level.options.length;
  const act = (): void => {
    if (gone) return;
    const rest = level.options.filter((one) => one !== option);
    editor.shift(level, option, level, rest[to] ?? null, id);
  };
  return html`<button type="button" class="btn btn-sm btn-outline-secondary menu-step" id=${id} aria-disabled=${gone}
    aria-label=${`${label}: ${option.digit} ${editor.optionTitle(option)}`} @click=${act}>${sign}</button>`;
}

function elsewhere(editor: Editor, level: Level, option: Option, name: number): TemplateResult {
  const places = editor.content.nodes.filter((one) => one !== level && mayMove(editor.content, option, one));
  const act = (event: Event): void => {
    const to = levelOf(editor.content, valueOf(event));
    (event.target as HTMLSelectElement).value = "";
    if (to) editor.shift(level, option, to, null, `to-${name}`);
  };
  return html`<select class="form-select form-select-sm menu-to" id="to-${name}" aria-label=${`${t("move_to")}: ${option.digit} ${editor.optionTitle(option)}`} @change=${act}>
    <option value="">${t("move_to")}…</option>${places.map((one) => html`<option value=${one.id}>${editor.levelTitle(one.id)}</option>`)}</select>`;
}

function details(editor: Editor, option: Option, name: number, title: string): TemplateResult {
  const { keys, actions, ends } = editor.state.choices;
  return html`<fieldset class="menu-details"><legend class="visually-hidden">${title}</legend>
    ${chosen(`key-${name}`, t("key"), keys.map((key) => ({ id: key, title: key })), option.digit, (value) => editor.act(() => (option.digit = value)))}
    ${chosen(`action-${name}`, t("action"), actions, option.action, (value) => editor.act(() => change(editor.content, option, value)))}
    ${TARGETED.includes(option.action) ? target(editor, option, name) : nothing}
    ${option.action === "info" ? chosen(`ends-${name}`, t("ends"), ends, option.on_end, (value) => editor.act(() => (option.on_end = value))) : nothing}
    ${titles(editor, option.title, `option-${name}`)}
    <label class="form-check"><input class="form-check-input" type="checkbox" .checked=${live(option.enabled)}
      @change=${(event: Event) => editor.act(() => (option.enabled = (event.target as HTMLInputElement).checked))}> <span>${t("enabled")}</span></label>
  </fieldset>`;
}

const NEW = "+";

function target(editor: Editor, option: Option, name: number): TemplateResult {
  const choices = targets(editor, option.action);
  const act = (value: string): void =>
    editor.act(() => {
      option.target = value === NEW ? newLevel(editor.content).id : value;
      sweep(editor.content);
    });
  return chosen(`target-${name}`, t("target"), option.action === "goto" ? [...choices, { id: NEW, title: t("new_level") }] : choices, option.target, act);
}

function targets(editor: Editor, action: string): Named[] {
  const { queues, boxes, services } = editor.state.choices;
  if (action === "goto") return editor.content.nodes.map((one) => ({ id: one.id, title: editor.levelTitle(one.id) }));
  return { queue: queues, operator: queues, voicemail: boxes, self: services }[action] ?? [];
}

function chosen(id: string, label: string, choices: Named[], value: string, act: (value: string) => void): TemplateResult {
  const known = choices.some((one) => one.id === value);
  return html`<div><label class="form-label" for=${id}>${label}</label><select class="form-select" id=${id} @change=${(event: Event) => act(valueOf(event))}>
    ${known ? nothing : html`<option value=${value} selected>${value || t("no_target")}</option>`}
    ${choices.map((one) => html`<option value=${one.id} ?selected=${live(one.id === value)}>${one.title}</option>`)}</select></div>`;
}

// --- a message ---
function message(editor: Editor, key: string, prompt: Prompt, label: string): TemplateResult {
  const id = `text-${editor.name(prompt)}`;
  const mine = editor.recording?.prompt === prompt;
  const heard = editor.heard(key, prompt);
  const told = editor.told.get(prompt);
  return html`<div class="menu-message" data-message=${key}>
    <label class="form-label" for=${id}>${label} ${bad(editor, key)}</label>
    <textarea class="form-control" rows="2" maxlength="1000" id=${id} lang=${editor.state.spoken} .value=${live(prompt.text)}
      @input=${(event: Event) => editor.typed(() => (prompt.text = valueOf(event)))}></textarea>
    <div class="menu-sound">
      <span class="tag" data-length>${editor.length(key, prompt)}</span>
      ${heard ? html`<audio controls preload="none" src=${heard} aria-label=${label}></audio>` : nothing}
      <label class="btn btn-sm btn-outline-secondary menu-upload">${t("upload")}<input type="file" class="visually-hidden" accept="audio/*,.wav,.mp3,.ogg,.m4a"
        aria-label=${`${t("upload")}: ${label}`} @change=${(event: Event) => uploaded(editor, prompt, event.target as HTMLInputElement)}></label>
      <button type="button" class="btn btn-sm ${mine ? "btn-danger" : "btn-outline-secondary"}" aria-pressed=${mine} ?disabled=${Boolean(editor.recording) && !mine}
        aria-label=${`${t("mic")}: ${label}`} @click=${() => void editor.toggleRecording(prompt)}>${mine ? t("recording") : t("mic")}</button>
      ${prompt.sound ? html`<button type="button" class="btn btn-sm btn-outline-secondary" @click=${() => editor.act(() => (prompt.sound = ""))}>${t("away")}</button>` : nothing}
    </div>
    ${told ? html`<p class="m-0 text-danger-ink" role="alert">${told}</p>` : nothing}
  </div>`;
}

function uploaded(editor: Editor, prompt: Prompt, input: HTMLInputElement): void {
  const file = input.files?.[0];
  if (file) void editor.keep(prompt, file, "upload", file.name);
  input.value = "";
}

// --- by mouse ---
function lift(editor: Editor, event: DragEvent, level: Level, option: Option): void {
  editor.dragged = { level, option };
  event.dataTransfer?.setData("text/plain", editor.optionTitle(option));
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
}

function land(editor: Editor): void {
  editor.dragged = null;
}

function over(editor: Editor, event: DragEvent, level: Level): void {
  if (!editor.dragged || !mayMove(editor.content, editor.dragged.option, level)) return;
  event.preventDefault();
  event.stopPropagation();
}

function dropped(editor: Editor, event: DragEvent, level: Level, before: Option | null): void {
  event.preventDefault();
  event.stopPropagation();
  editor.drop(level, before);
}
