/** Entry of the ordinary pages: running times, live parts, the player of two legs, charts, files, the menu's editor. Every page works without it. */

import { learn, minutes, since } from "./clock.ts";
import { renew } from "./pages/renew.ts";
import { stay } from "./stay.ts";

function runTimes(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-since]"))
    element.textContent = minutes(since(element.dataset["since"]!));
}

const STALE_MS = 3_000; // so long a board may be without an answer before it says so
const AGAIN_MS = 1_000;

/** A part of the page that follows the news: the server sends the part anew, the rest stays. */
function follow(part: HTMLElement): void {
  let waiting = 0;
  let fresh = Date.now();
  const stale = document.getElementById(part.dataset["stale"] ?? "");
  /** Old figures are said to be old: a board that stands still looks like a quiet day. */
  const judge = (answered: boolean): void => {
    if (answered) fresh = Date.now();
    if (!stale) return;
    const old = !answered && Date.now() - fresh > STALE_MS;
    if (old) stale.textContent = `⚠ ${stale.dataset["text"]} ${new Date(fresh).toLocaleTimeString(document.documentElement.lang)}`;
    if (old || answered) {
      stale.hidden = !old;
      document.body.classList.toggle("stale", old);
    }
  };
  const fetchPart = async (): Promise<void> => {
    waiting = 0;
    const asked = Date.now();
    const answer = await fetch(part.dataset["live"]!, { credentials: "same-origin", headers: { "X-Part": "1" }, signal: AbortSignal.timeout(8000) }).catch(() => null);
    const good = Boolean(answer?.ok && !answer.redirected);
    judge(good);
    if (!good || !answer) {
      if (stale) window.setTimeout(soon, AGAIN_MS);
      return;
    }
    learn(answer.headers.get("X-Kindline-Now") ?? "", asked, Date.now());
    const text = await answer.text();
    const focus = part.contains(document.activeElement) ? document.activeElement?.id : "";
    if (text !== part.dataset["shown"]) {
      renew(part, text);
      part.dataset["shown"] = text;
      if (focus && document.activeElement?.id !== focus) document.getElementById(focus)?.focus();
    }
    runTimes();
    if (isOver()) window.clearInterval(every);
  };
  const soon = (): void => {
    waiting ||= window.setTimeout(() => void fetchPart(), 250);
  };
  const url = part.dataset["events"];
  if (url) {
    const source = new EventSource(url, { withCredentials: true });
    source.addEventListener("changed", soon);
    source.addEventListener("open", soon);
  }
  /** What comes to an end is asked after only while it goes on, as the part itself shows. */
  const sign = part.dataset["while"];
  const isOver = (): boolean => sign !== undefined && !part.querySelector(sign);
  const every = isOver() ? 0 : window.setInterval(soon, 1000 * Number(part.dataset["every"] ?? 10));
}

const SENT_MS = 5_000;

/**
 * What is clicked twice within some seconds is done once. Back, and it may be sent again; another button of the form may
 * at once, and so may a form that stays on its page.
 */
function sendOnce(): void {
  let sent = new WeakMap<EventTarget, number>();
  window.addEventListener("pageshow", () => (sent = new WeakMap()));
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.getAttribute("method") !== "post" || form.matches("[target], [data-walk], [data-file]")) return;
    const by = event.submitter ?? form;
    if (Date.now() - (sent.get(by) ?? 0) < SENT_MS) event.preventDefault();
    else sent.set(by, Date.now());
  });
}

runTimes();
sendOnce();
window.setInterval(runTimes, 1000);
document.querySelectorAll<HTMLElement>("[data-stay]").forEach(stay);
document.querySelectorAll<HTMLElement>("[data-live]").forEach(follow);
for (const element of document.querySelectorAll<HTMLElement>("[data-player]")) void import("./pages/player.ts").then(({ player }) => player(element));
for (const element of document.querySelectorAll<HTMLElement>("[data-chart]")) void import("./pages/charts.ts").then(({ chart }) => chart(element));
/** On a telephone the row of pages is longer than the screen: what one is on is brought into it. */
const row = document.querySelector<HTMLElement>(".top nav");
const present = row?.querySelector<HTMLElement>(":scope > [aria-current], summary.present");
if (row && present) row.scrollLeft = Math.max(0, present.offsetLeft + present.offsetWidth / 2 - row.offsetLeft - row.offsetWidth / 2);
/** An open menu of the row closes by Escape and by a click elsewhere. */
const menus = (): NodeListOf<HTMLDetailsElement> => document.querySelectorAll<HTMLDetailsElement>("details.nav-group[open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target as Node)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
for (const element of document.querySelectorAll<HTMLElement>("[data-attach]")) void import("./pages/attach.ts").then(({ attach }) => attach(element));
for (const element of document.querySelectorAll<HTMLElement>("[data-board]")) void import("./pages/board.ts").then(({ board }) => board(element));
for (const element of document.querySelectorAll<HTMLElement>("[data-formulas]")) void import("./pages/board.ts").then(({ formulas }) => formulas(element));
for (const element of document.querySelectorAll<HTMLElement>("[data-told]")) void import("./pages/crossings.ts").then(({ crossings }) => crossings(element));
for (const element of document.querySelectorAll<HTMLButtonElement>("[data-ask-notices]")) void import("./pages/crossings.ts").then(({ askForNotices }) => askForNotices(element));
for (const element of document.querySelectorAll<HTMLFormElement>("[data-taken]")) void import("./pages/taken.ts").then(({ taken }) => taken(element));
for (const element of document.querySelectorAll<HTMLFormElement>("[data-intake]")) void import("./pages/intake.ts").then(({ intake }) => intake(element));
for (const element of document.querySelectorAll<HTMLFormElement>("[data-walk]")) void import("./pages/walk.ts").then(({ walk }) => walk(element));
for (const element of document.querySelectorAll<HTMLElement>("[data-walked]")) void import("./pages/walk.ts").then(({ walked }) => walked(element.dataset["walked"]!));
if (document.querySelector("[data-keys]")) void import("./pages/rows.ts").then(({ rowKeys }) => rowKeys());
for (const element of document.querySelectorAll<HTMLElement>("[data-menu-editor]")) void import("./pages/menu/editor.ts").then(({ editor }) => editor(element));
for (const element of document.querySelectorAll<HTMLElement>("[data-steps]")) void import("./pages/steps.ts").then(({ steps }) => steps(element));
for (const element of document.querySelectorAll<HTMLInputElement>("[data-tick-all]")) void import("./pages/ticks.ts").then(({ ticks }) => ticks(element));
for (const element of document.querySelectorAll<HTMLButtonElement>("[data-passkey]")) void import("./pages/passkey.ts").then(({ passkey }) => passkey(element));
for (const element of document.querySelectorAll<HTMLElement>("[data-templates]")) void import("./pages/templates.ts").then(({ choice }) => choice(element));
for (const element of document.querySelectorAll<HTMLElement>("[data-gaps]")) void import("./pages/templates.ts").then(({ open }) => open(element));
for (const element of document.querySelectorAll<HTMLFormElement>("[data-template-editor]")) void import("./pages/templates.ts").then(({ editor }) => editor(element));
