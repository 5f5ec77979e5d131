/** Right: the client. Who it is, what is open, what was said before, so that nothing is asked twice. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { icon } from "../../icons.ts";
import { get } from "../../http.ts";
import { t } from "../../words.ts";
import type { Desk } from "../desk.ts";
import type { AccountBrief, AppealBrief, ClientBrief, ClientCard, ContactBrief, Lock } from "../state.ts";
import { moneyView } from "./money.ts";
import { button, channelIcon, clauses, type View } from "./parts.ts";

export function clientView(desk: Desk): TemplateResult {
  const { client, candidates, call } = desk.state!;
  return html`<div class="card client-card"><div class="card-body">
    ${search(desk)}
    ${desk.found ? list(desk, desk.found, t("found_n", { n: desk.found.length })) : nothing}
    ${!desk.found && !client && candidates.length ? list(desk, candidates, t("same_number")) : nothing}
    ${client ? card(desk, client) : call && !desk.found && !candidates.length ? unknown(desk) : nothing}
    ${!call && !desk.found ? html`<p class="call-sub">${t("client_idle")}</p>` : nothing}
  </div></div>`;
}

let waiting = 0;

function search(desk: Desk): TemplateResult {
  const ask = (text: string, at: number): void => {
    window.clearTimeout(waiting);
    desk.asked = text;
    if (text.trim().length < 2) {
      desk.found = null;
      return desk.draw();
    }
    waiting = window.setTimeout(() => void find(desk, text), at);
  };
  return html`<form class="search" role="search" @submit=${(event: Event) => { event.preventDefault(); ask(desk.asked, 0); }}>
    <label class="visually-hidden" for="client-search">${t("client_search")}</label>
    <span class="search-icon">${icon("search")}</span>
    <input id="client-search" type="search" class="form-control" autocomplete="off" placeholder=${t("client_search")} .value=${desk.asked}
      @input=${(event: Event) => ask((event.target as HTMLInputElement).value, 250)} />
  </form>`;
}

async function find(desk: Desk, text: string): Promise<void> {
  const query = new URLSearchParams({ q: text, contact: desk.contact });
  try {
    const { body } = await get<{ clients: ClientBrief[] }>(`${desk.config.urls.clients}?${query}`);
    if (desk.asked === text) desk.found = body?.clients ?? [];
  } catch {
    desk.say(t("no_answer"), "danger");
  }
  desk.draw();
}

function list(desk: Desk, clients: ClientBrief[], title: string): TemplateResult {
  const take = async (client: ClientBrief): Promise<void> => {
    const asked = desk.asked;
    if (!desk.contact || !(await desk.act("client", { client: client.id })) || desk.asked !== asked) return; // refused, or one looks for another by now
    desk.found = null;
    desk.asked = "";
    desk.draw();
  };
  return html`<div class="found"><p class="part-title" role="status">${title}</p>
    <ul>${repeat(clients, (client) => client.id, (client) => html`<li><button type="button" class="menu-item" @click=${() => void take(client)}><span>${client.name}<small>${client.about}</small></span></button></li>`)}</ul>
    ${clients.length ? nothing : html`<p>${t("found_none")}</p>${desk.contact ? create(desk) : nothing}`}</div>`;
}

function unknown(desk: Desk): TemplateResult {
  return html`<div class="unknown"><p>${t(desk.visit ? "visit_idle" : "client_unknown")}</p>${create(desk)}</div>`;
}

/** A new card from what was said already; a name is enough to begin. */
function create(desk: Desk): View {
  const name = ["surname", "given_name", "patronymic"].map((field) => desk.value(field)).filter(Boolean).join(" ") || desk.value("client_name");
  if (!name) return html`<p class="call-sub">${t("client_create_hint")}</p>`;
  return button(t("client_create", { name }), () => void desk.act("new-client"), { look: "btn-outline-primary", icon: "user" });
}

function card(desk: Desk, client: ClientCard): TemplateResult {
  const { lock } = desk.state!;
  return html`
    <div class="who"><h2>${client.name}</h2>
      ${desk.state!.presumed ? html`<p class="tag">${t("presumed")}</p>` : nothing}
      <p class="call-sub"><a href=${desk.config.urls.address.replace("/0/", `/${client.id}/`)} target="_blank" rel="noopener">${t("address_as")}</a>: <strong lang=${desk.config.profile.language}>${client.address_as || client.name}</strong></p>
      <dl class="call-facts">
        ${client.phones.map((phone) => html`<div><dt>${t("phone")}</dt><dd>${phone}</dd></div>`)}
        ${client.emails.map((email) => html`<div><dt>${t("email")}</dt><dd>${email}</dd></div>`)}
        ${client.residence ? html`<div><dt>${t("residence")}</dt><dd>${client.residence}</dd></div>` : nothing}
      </dl>
      ${wishes(desk, client)}${told_by(desk, client)}</div>
    ${client.accounts.length || lock ? html`<section><h3 class="part-title">${t("accounts")}</h3>
      ${lock && !lock.open ? locked(desk, lock) : nothing}
      <ul class="accounts">${repeat(client.accounts, (account) => account.id, (account) => accountRow(desk, account, lock))}</ul></section>` : nothing}
    ${client.appeals.length ? html`<section><h3 class="part-title">${t("open_appeals")}</h3><ul class="plain">${client.appeals.map((appeal) => appealRow(appeal))}</ul></section>` : nothing}
    <section><h3 class="part-title">${t("previous_contacts")}</h3>
      ${client.contacts.length ? html`<ul class="plain">${client.contacts.map((contact) => contactRow(desk, contact))}</ul>` : html`<p class="call-sub">${t("no_previous")}</p>`}</section>`;
}

/** Whether campaigns may call: what the client says now is kept at once. */
function wishes(desk: Desk, client: ClientCard): TemplateResult {
  const say = (wish: "do_not_call" | "survey_consent") => (event: Event): void =>
    desk.wish(wish, "call-wishes", { [wish]: (event.target as HTMLInputElement).checked });
  const box = (wish: "do_not_call" | "survey_consent", title: string): TemplateResult => html`<label class="form-check m-0">
    <input class="form-check-input" type="checkbox" .checked=${live(Boolean(desk.wished(wish)[wish] ?? client[wish]))} ?disabled=${!desk.contact} @change=${say(wish)} />
    <span class="form-check-label">${title}</span></label>`;
  return html`<fieldset class="mt-2"><legend class="part-title m-0">${t("call_wishes")}</legend>${box("survey_consent", t("survey_consent"))}${box("do_not_call", t("do_not_call"))}</fieldset>`;
}

/** By which way the client prefers to be told, the dearest first: what he says now is kept at once. */
function told_by(desk: Desk, client: ClientCard): TemplateResult {
  const chosen_ways = (desk.wished("ways")["ways"] as string[] | undefined) ?? client.ways;
  const order = client.ways_known.map((_, place) => chosen_ways[place] ?? "");
  const say = (place: number) => (event: Event): void => {
    const chosen = (event.target as HTMLSelectElement).value;
    const ways = order.map((way, n) => (n === place ? chosen : way === chosen ? "" : way)).filter(Boolean);
    desk.wish("ways", "ways", { ways });
  };
  const one = (way: string, place: number): TemplateResult => html`<select class="form-select form-select-sm w-auto" aria-label="${t("told_by")}, ${place + 1}" ?disabled=${!desk.contact} @change=${say(place)}>
    <option value="" .selected=${live(!way)}>—</option>${client.ways_known.map(([code, title]) => html`<option value=${code} .selected=${live(code === way)}>${title}</option>`)}</select>`;
  return html`<fieldset class="mt-2"><legend class="part-title m-0">${t("told_by")}</legend><div class="d-flex flex-wrap gap-1">${order.slice(0, chosen_ways.length + 1).map(one)}</div></fieldset>`;
}

function locked(desk: Desk, lock: Lock): TemplateResult {
  const branch = desk.state!.guide?.branches.find((other) => other.locks.includes(lock.action));
  return html`<div class="lock-note"><p>${icon("lock")} ${lock.why} ${clauses(desk, lock.clauses)}</p>
    ${branch ? button(branch.title, () => desk.take_branch(branch), { look: "btn-sm btn-outline-primary", key: branch.key.toUpperCase() }) : nothing}</div>`;
}

function accountRow(desk: Desk, account: AccountBrief, lock: Lock | null): TemplateResult {
  const open = lock?.open ?? true;
  const show = (): void => void desk.act("show-account", { account: account.number });
  if (!account.shown)
    return html`<li class="account-locked">${icon(open ? "lockOpen" : "lock")}<span>${account.service}</span>
      ${open ? button(t("show"), show, { look: "btn-sm btn-outline-primary ms-auto" }) : html`<span class="ms-auto call-sub">${t("closed_until_identified")}</span>`}</li>`;
  return html`<li class="account"><div><strong>${account.number}</strong> <span>${account.service}</span></div><div class="call-sub">${account.address}</div>
    <div class=${account.balance.startsWith("-") ? "debt" : ""}>${t("balance")}: <strong>${account.balance}</strong> <span class="call-sub">${account.balance_on}</span></div>${moneyView(desk, account)}
    ${metersOf(desk, account)}</li>`;
}

/** Readings of an account: one field a meter, Enter sends; what was refused stays typed. */
function metersOf(desk: Desk, account: AccountBrief): View {
  if (!account.meters.length) return nothing;
  const done = (answer: Record<string, unknown> | null): boolean => {
    if (answer) desk.say(String(answer.message), "success");
    return Boolean(answer);
  };
  const key = (name: string): string => `${account.id}.${name}`;
  const typed = (name: string): string => desk.formValue("readings", key(name));
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const contact = desk.contact;
    const readings = Object.fromEntries(account.meters.map(({ field }) => [field, typed(field)]));
    if (!done(await desk.act("readings", { account: account.number, readings }))) return;
    for (const [name, value] of Object.entries(readings)) // what was typed since is the next one
      if (desk.drafts.get(contact, `readings.${key(name)}`) === value) desk.drafts.drop(contact, `readings.${key(name)}`);
    desk.draw();
  };
  const confirm = (reading: number) => (): void => void desk.act("reading-confirm", { account: account.number, reading }).then(done);
  return html`<form class="meters" @submit=${send}><h4 class="part-title">${t("readings")}</h4>
    ${account.meters.map((row) => html`<div class="meter"><label for=${row.field}>${row.title} <span class="call-sub">${row.last ? `${t("last_reading")}: ${row.last} (${row.last_on})` : t("no_reading")}</span></label>
      <span class="meter-field"><input class="form-control" id=${row.field} name=${row.field} inputmode="decimal" autocomplete="off" ?disabled=${!desk.contact} .value=${live(typed(row.field))} @input=${(event: Event) => desk.typeForm("readings", key(row.field), (event.target as HTMLInputElement).value)} /><span class="call-sub">${row.unit}</span></span>
      ${row.pending ? html`<p class="lock-note m-0">${row.pending.value} ${row.unit}. ${row.pending.question} ${button(t("reading_right"), confirm(row.pending.id), { look: "btn-sm btn-outline-primary" })}</p>` : nothing}</div>`)}
    <button class="btn btn-sm btn-outline-primary" ?disabled=${!desk.contact}>${t("send_readings")}</button></form>`;
}

function appealRow(appeal: AppealBrief): TemplateResult {
  return html`<li><div><strong>${appeal.number}</strong> ${appeal.topic || appeal.kind}</div>
    <div class="call-sub">${appeal.state} · ${t("until")} <strong class=${appeal.overdue ? "debt" : ""}>${appeal.limit}</strong>${appeal.overdue ? html` (${t("overdue")})` : nothing}</div></li>`;
}

function contactRow(desk: Desk, contact: ContactBrief): TemplateResult {
  return html`<li class="past">${channelIcon(contact.channel)}<div><div><a href=${desk.config.urls.contact.replace("CONTACT", contact.id)} target="_blank" rel="noopener">${contact.at}</a> ${contact.topic}</div>
    <div class="call-sub">${[contact.outcome, contact.employee].filter(Boolean).join(" · ")}</div>
    ${contact.summary ? html`<div class="call-sub">${contact.summary}</div>` : nothing}</div></li>`;
}
