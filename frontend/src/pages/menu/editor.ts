/** The editor of a menu's draft: what is typed is saved and checked by the server after each change. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { setWords, t } from "../../words.ts";
import { levelOf, move, remembered, type Content, type Level, type Option, type Prompt, type Title } from "./content.ts";
import { asWave, record, type Recording } from "./sound.ts";
import { aboveTree, tree } from "./tree.ts";

export interface Fault {
  where: string;
  what: string;
  cure: string;
  key: string;
  level: "error" | "warning";
  clause: string;
}

export interface Named {
  id: string;
  title: string;
}

interface State {
  number: number;
  title: string;
  revision: number;
  content: Content;
  faults: Fault[];
  lengths: Record<string, number>;
  guessed: Record<string, number>;
  changed_at: string;
  choices: { actions: Named[]; queues: Named[]; boxes: Named[]; services: Named[]; ends: Named[]; keys: string[] };
  languages: string[];
  language: string;
  spoken: string;
}

interface Clash {
  by: string;
  at: string;
  changes: string[];
  state: State;
}

const SAVE_MS = 600;
const UNDO_MOST = 50;

export class Editor {
  readonly state: State;
  readonly urls: Record<string, string>;
  /** The option that is being dragged, and its level. */
  dragged: { level: Level; option: Option } | null = null;
  readonly open = new Set<object>();
  recording: { prompt: Prompt; under: Recording } | null = null;
  told = new Map<Prompt, string>();
  private began: Content;
  private clash: Clash | null = null;
  private status = "";
  private trouble = "";
  private dirty = false;
  private saving = false;
  private speaking = false;
  private timer = 0;
  private undone: (() => Content)[] = [];
  private readonly names = new WeakMap<object, number>();
  private count = 0;
  private readonly root: HTMLElement;

  constructor(root: HTMLElement, data: { state: State; urls: Record<string, string>; words: Record<string, string> }) {
    setWords(data.words);
    this.root = root;
    this.state = data.state;
    this.urls = data.urls;
    this.began = structuredClone(data.state.content);
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty) event.preventDefault();
    });
    this.approval()?.addEventListener("submit", (event) => {
      if (!this.dirty) return;
      event.preventDefault(); // what was typed last goes first
      void this.save().then(() => {
        if (!this.dirty && !this.broken()) this.approval()?.requestSubmit();
      });
    });
    this.draw();
  }

  get content(): Content {
    return this.state.content;
  }

  /** A name for a part that stays while it is moved. */
  name(part: object): number {
    if (!this.names.has(part)) this.names.set(part, (this.count += 1));
    return this.names.get(part)!;
  }

  titled(title: Title): string {
    return title[this.state.language] || Object.values(title).find(Boolean) || "";
  }

  optionTitle(option: Option): string {
    const action = this.state.choices.actions.find((one) => one.id === option.action);
    return this.titled(option.title) || action?.title || option.action;
  }

  levelTitle(id: string): string {
    return this.titled(levelOf(this.content, id)?.title ?? {}) || id;
  }

  faultsOf(key: string): Fault[] {
    const own = (rest: string): boolean => rest === "" || (rest.startsWith(".") && !rest.startsWith(".options"));
    return this.state.faults.filter((fault) => fault.key.startsWith(key) && own(fault.key.slice(key.length)));
  }

  length(key: string, prompt: Prompt): string {
    const measured = this.state.lengths[key];
    if (measured !== undefined) return t(prompt.sound ? "recorded" : "spoken", { s: measured.toFixed(1) });
    return t("approx", { s: (this.state.guessed[key] ?? 0).toFixed(1) });
  }

  heard(key: string, prompt: Prompt): string {
    if (this.state.lengths[key] === undefined) return "";
    return `${this.urls["heard"]}?key=${encodeURIComponent(key)}&v=${prompt.sound.slice(0, 8)}-${this.state.revision}`;
  }

  // --- changes ---
  /** Change the menu, so that it can be undone; then save, and say what was done. */
  act(change: () => void, said = "", focus = ""): void {
    this.undone.push(remembered(this.content));
    if (this.undone.length > UNDO_MOST) this.undone.shift();
    change();
    if (said) this.status = said;
    this.touch(said ? said : "");
    if (focus) document.getElementById(focus)?.focus();
  }

  /** Something was typed. */
  typed(change: () => void): void {
    change();
    this.touch("");
  }

  private touch(said: string): void {
    this.dirty = true;
    this.status = said;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), SAVE_MS);
    this.draw();
  }

  private undo(): void {
    const before = this.undone.pop();
    if (!before) return;
    this.state.content = before();
    this.touch(t("undo"));
  }

  drop(to: Level, before: Option | null): void {
    const held = this.dragged;
    this.dragged = null;
    if (held) this.shift(held.level, held.option, to, before);
  }

  /** Move an option by mouse or by keyboard. */
  shift(from: Level, option: Option, to: Level, before: Option | null, focus = ""): void {
    if (before === option) return;
    const said = t("moved", { what: this.optionTitle(option), where: this.titled(to.title) || to.id });
    this.act(() => void move(this.content, from, option, to, before, this.state.choices.keys), said, focus);
  }

  // --- the server ---
  private async send(url: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const form = body instanceof FormData;
    const answer = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": this.token(), ...(form ? {} : { "Content-Type": "application/json" }) },
      body: form ? body : JSON.stringify(body),
      redirect: "error",
    });
    const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    if (answer.status >= 500) throw new Error(String(answer.status));
    return { status: answer.status, body: said };
  }

  private token(): string {
    return document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")!.value;
  }

  /** Save what is typed; what is typed meanwhile is saved after it. */
  async save(): Promise<void> {
    if (this.saving || this.clash || !this.dirty) return;
    window.clearTimeout(this.timer);
    this.saving = true;
    this.dirty = false;
    const sent = structuredClone(this.content);
    try {
      const { title, revision } = this.state;
      const answer = await this.send(this.urls["save"]!, { content: sent, title, revision, began: this.began });
      if (answer.status === 200) this.take(answer.body as unknown as State, sent);
      else if (answer.status === 409 && answer.body["error"] === "changed") this.meet(answer.body as unknown as Clash);
      else this.fail(String(answer.body["message"] ?? answer.status));
    } catch {
      this.fail(t("not_saved"));
    }
    this.saving = false;
    if (this.dirty && !this.trouble && !this.clash) this.timer = window.setTimeout(() => void this.save(), SAVE_MS);
    this.draw();
  }

  private fail(said: string): void {
    this.dirty = true;
    this.trouble = said;
  }

  private meet(clash: Clash): void {
    this.dirty = true;
    this.clash = clash;
  }

  /** What the server says of the draft; what is typed stays as it is. */
  private take(fresh: State, sent: Content): void {
    const { revision, faults, lengths, guessed, changed_at } = fresh;
    Object.assign(this.state, { revision, faults, lengths, guessed, changed_at });
    this.began = sent;
    this.trouble = "";
    const field = this.approval()?.querySelector<HTMLInputElement>("[name=revision]");
    if (field) field.value = String(revision);
  }

  private approval(): HTMLFormElement | null {
    return document.querySelector<HTMLFormElement>("#approve");
  }

  private broken(): boolean {
    return this.state.faults.some((fault) => fault.level === "error");
  }

  private async say(): Promise<void> {
    this.speaking = true;
    await this.save();
    this.draw();
    try {
      const answer = await this.send(this.urls["say"]!, {});
      if (answer.status === 200) this.take(answer.body as unknown as State, this.began);
      else this.trouble = String(answer.body["message"] ?? answer.status);
    } catch {
      this.trouble = t("not_saved");
    }
    this.speaking = false;
    this.draw();
  }

  // --- sounds ---
  async toggleRecording(prompt: Prompt): Promise<void> {
    if (this.recording) {
      const { prompt: own, under } = this.recording;
      this.recording = null;
      await this.keep(own, await under.end(), "microphone", "");
      return;
    }
    try {
      this.recording = { prompt, under: await record() };
      this.told.delete(prompt);
    } catch {
      this.told.set(prompt, t("mic_denied"));
    }
    this.draw();
  }

  async keep(prompt: Prompt, given: Blob, way: string, name: string): Promise<void> {
    this.told.set(prompt, t("uploading"));
    this.draw();
    const body = new FormData();
    body.append("way", way);
    body.append("sound", await asWave(given), name || "recording.wav");
    try {
      const answer = await this.send(this.urls["sound"]!, body);
      if (answer.status === 200) {
        this.told.delete(prompt);
        this.act(() => (prompt.sound = String(answer.body["sound"])));
      } else this.told.set(prompt, String(answer.body["message"] ?? answer.status));
    } catch {
      this.told.set(prompt, t("not_saved"));
    }
    this.draw();
  }

  // --- two at once ---
  private async keepBeside(): Promise<void> {
    const { content, title } = this.state;
    try {
      const answer = await this.send(this.urls["beside"]!, { content, title });
      if (answer.status === 200) {
        this.dirty = false;
        window.location.assign(String(answer.body["url"]));
      } else this.trouble = String(answer.body["message"] ?? answer.status);
    } catch {
      this.trouble = t("not_saved");
    }
    this.draw();
  }

  private keepMine(): void {
    this.state.revision = this.clash!.state.revision;
    this.clash = null;
    this.touch("");
  }

  private takeTheirs(): void {
    const theirs = this.clash!.state;
    this.undone.push(remembered(this.content));
    this.state.content = theirs.content;
    this.state.title = theirs.title;
    this.take(theirs, structuredClone(theirs.content));
    this.clash = null;
    this.dirty = false;
    this.draw();
  }

  // --- what is seen ---
  draw(): void {
    render(this.view(), this.root);
    const button = this.approval()?.querySelector("button");
    if (button) button.disabled = this.broken();
  }

  private view(): TemplateResult {
    return html`${this.head()}${this.clash ? this.clashView(this.clash) : nothing}${this.check()}
      ${aboveTree(this)}
      <div class="menu-trees">
        <section class="card"><div class="card-body"><h2 class="part-title">${t("open")}</h2>${tree(this, this.content.root)}</div></section>
        ${this.content.off_hours
          ? html`<section class="card"><div class="card-body"><h2 class="part-title">${t("closed")}</h2>${tree(this, this.content.off_hours.node)}</div></section>`
          : nothing}
      </div>`;
  }

  private head(): TemplateResult {
    const said = this.clash ? "" : this.trouble || (this.saving ? t("saving") : this.status || (this.dirty ? t("saving") : t("saved", { at: this.state.changed_at })));
    return html`<section class="card mb-3"><div class="card-body menu-head">
      <div><label class="form-label" for="menu-title">${t("draft_title")}</label>
        <input class="form-control" id="menu-title" maxlength="120" .value=${this.state.title}
          @input=${(event: Event) => this.typed(() => (this.state.title = (event.target as HTMLInputElement).value))}></div>
      <button type="button" class="btn btn-outline-secondary" ?disabled=${!this.undone.length} @click=${() => this.undo()}>${t("undo")}</button>
      <button type="button" class="btn btn-outline-primary" ?disabled=${this.speaking} @click=${() => void this.say()}>${this.speaking ? t("saying") : t("say_all")}</button>
      ${this.trouble ? html`<button type="button" class="btn btn-warning" @click=${() => this.again()}>${t("save_again")}</button>` : nothing}
      <p class="m-0 ${this.trouble ? "text-danger-ink" : "call-sub"}" role="status" id="menu-status">${said}</p>
    </div></section>`;
  }

  private again(): void {
    this.trouble = "";
    this.dirty = true;
    void this.save();
  }

  private clashView(clash: Clash): TemplateResult {
    return html`<div class="alert alert-warning notice mb-3" role="alert" id="menu-clash"><div>
      <p><strong>${t("changed_by", { who: clash.by, at: clash.at })}</strong></p>
      ${clash.changes.length ? html`<p class="m-0">${t("changed_what")}</p><ul class="plain">${clash.changes.map((one) => html`<li>${one}</li>`)}</ul>` : nothing}
      <div class="d-flex flex-wrap gap-2">
        <button type="button" class="btn btn-primary" @click=${() => void this.keepBeside()}>${t("keep_beside")}</button>
        <button type="button" class="btn btn-outline-secondary" @click=${() => this.keepMine()}>${t("keep_mine")}</button>
        <button type="button" class="btn btn-outline-secondary" @click=${() => this.takeTheirs()}>${t("take_theirs")}</button>
      </div></div></div>`;
  }

  private check(): TemplateResult {
    return html`<section class="card mb-3" aria-labelledby="menu-check"><div class="card-body"><h2 class="part-title" id="menu-check">${t("check")}</h2>
      ${this.state.faults.length
        ? html`<ul class="plain" id="menu-faults">${this.state.faults.map((fault) => this.fault(fault))}</ul>`
        : html`<p class="m-0" id="menu-well">${t("all_well")}</p>`}</div></section>`;
  }

  fault(fault: Fault): TemplateResult {
    const mark = fault.level === "warning" ? html`<span class="badge v-not_measurable">${t("advice")}</span>` : html`<span class="badge v-not_met">${t("broken")}</span>`;
    return html`<li>${mark} <strong>${fault.where}</strong>: ${fault.what}. ${fault.cure}
      ${fault.clause ? html`<a class="clause" href=${this.urls["clause"]!.replace("CLAUSE", fault.clause)} target="_blank" rel="noopener">${fault.clause}</a>` : nothing}</li>`;
  }
}

export function editor(root: HTMLElement): void {
  const data = JSON.parse(document.getElementById("menu-editor-data")!.textContent!) as ConstructorParameters<typeof Editor>[1];
  root.innerHTML = "";
  new Editor(root, data);
}
