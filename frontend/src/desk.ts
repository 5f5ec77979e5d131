/** Entry of the operator's screen. */

import { setToken } from "./http.ts";
import { Desk } from "./desk/desk.ts";
import { codeOf, PHONE_KEYS, placeOf, singleKeysOn } from "./desk/keys.ts";
import type { Config } from "./desk/state.ts";
import { stay } from "./stay.ts";
import { setWords } from "./words.ts";

function phoneKey(desk: Desk, action: string): void {
  if (action === "answer") desk.answer();
  else if (action === "search") document.getElementById("client-search")?.focus();
  else if (action === "volume") desk.toggle("volume");
  else if (action === "decline") {
    if (desk.ringing) void desk.decline();
  } else if (!desk.state?.call) return;
  else if (action === "guide" || action === "result") desk.show(action);
  else if (!desk.talking) return;
  else if (action === "mute") void desk.mute();
  else if (action === "hold") void desk.hold();
  else if (action === "secret") void desk.secret();
  else if (action === "swap") void desk.swap();
  else if (action === "hangup") void desk.hangUp();
  else if (action === "keypad" || action === "transfer") desk.toggle(action);
}

/** Space and Enter: answer what rings, else do the present step. */
function mainKey(desk: Desk): void {
  if (desk.ringing) return desk.answer();
  if (desk.state?.call?.closed) return void desk.endWrapUp();
  const step = desk.tab === "guide" ? desk.current() : null;
  if (!step) return;
  const action = document.querySelector<HTMLElement>("[data-step-action]");
  if (action) action.click();
  else desk.done(step, "key");
}

function escape(desk: Desk): void {
  if (desk.panel) desk.toggle(desk.panel);
  else if (document.activeElement instanceof HTMLElement && placeOf(document.activeElement) === "text") document.activeElement.blur();
  else if (desk.branch) desk.leaveBranch();
}

function onKey(desk: Desk, event: KeyboardEvent): void {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  const place = placeOf(event.target);
  if (event.altKey) {
    const action = PHONE_KEYS[event.code];
    if (!action) return;
    event.preventDefault();
    return phoneKey(desk, action);
  }
  if (event.key === "Escape") return escape(desk);
  if (place === "text" || desk.panel === "keys") return;
  if ((event.key === "Enter" || event.key === " ") && place === "page") {
    event.preventDefault();
    if (!event.repeat) mainKey(desk);
    return;
  }
  if (desk.tab !== "guide" || !desk.state?.guide || event.repeat) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    return desk.move(event.key === "ArrowDown" ? 1 : -1);
  }
  if (singleKeysOn() && !event.shiftKey) letterKey(desk, event);
}

function letterKey(desk: Desk, event: KeyboardEvent): void {
  const guide = desk.state!.guide!;
  if (desk.panel === "keypad" && /^[0-9*#]$/.test(event.key)) return desk.digit(event.key);
  const step = desk.current();
  const number = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (number && step && Number(number) <= step.phrases.length) {
    desk.phrase[`${step.branch}/${step.id}`] = Number(number) - 1;
    return desk.draw();
  }
  const branch = guide.branches.find((other) => other.key && other.offered && codeOf(other.key) === event.code);
  if (branch) desk.take_branch(branch);
}

document.querySelectorAll<HTMLElement>("[data-stay]").forEach(stay);
const root = document.getElementById("desk");
const data = document.getElementById("desk-config");
if (root && data) {
  const config = JSON.parse(data.textContent ?? "{}") as Config;
  setWords(config.words);
  setToken(config.csrf);
  const desk = new Desk(root, config);
  document.addEventListener("keydown", (event) => onKey(desk, event));
  void desk.start();
}
