/** Entry of the operator's screen. */

import { setToken } from "./http.ts";
import { Desk } from "./desk/desk.ts";
import { codeOf, PHONE_KEYS, placeOf, singleKeysOn, type Place } from "./desk/keys.ts";
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
  else if (action === "hangup" && desk.watching) void desk.hangUp();
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
  if (desk.watching) return;
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

const FLOW_MS = 1500; // letters that come so soon after one another are one text

let typedAt = 0;

/** A field may go away under whoever types in it: he looks up a moment later, and until then his letters are no keys. */
function isText(event: KeyboardEvent, place: Place): boolean {
  const letter = (event.key.length === 1 && !event.altKey && !event.ctrlKey && !event.metaKey) || event.key === "Backspace";
  const goesOn = place === "page" && (letter || event.key === "Enter") && Date.now() - typedAt < FLOW_MS;
  if (goesOn && ![" ", "Enter"].includes(event.key)) typedAt = Date.now(); // a call that rings is answered at the second try
  else if (["Escape", "Tab", "Enter"].includes(event.key) || place === "control") typedAt = 0; // he has left it by himself
  return goesOn;
}

function onKey(desk: Desk, event: KeyboardEvent): void {
  const place = placeOf(event.target);
  const cut = isText(event, place);
  if (event.isComposing || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  if (event.altKey) {
    const action = PHONE_KEYS[event.code];
    if (!action) return;
    event.preventDefault();
    return phoneKey(desk, action);
  }
  if (event.key === "Escape") return escape(desk);
  if (cut) return event.preventDefault();
  if (place === "text" || desk.panel === "keys") return;
  if ((event.key === "Enter" || event.key === " ") && place === "page") {
    event.preventDefault();
    if (!event.repeat) mainKey(desk);
    return;
  }
  if (event.repeat) return;
  if (desk.panel === "keypad" && desk.talking && singleKeysOn() && /^[0-9*#]$/.test(event.key)) return void desk.digit(event.key);
  if (desk.tab !== "guide" || !desk.state?.guide || desk.watching) return;
  if (/^Arrow/.test(event.key) && event.target instanceof HTMLInputElement) return; // they choose among what is ticked
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    return desk.move(event.key === "ArrowDown" ? 1 : -1);
  }
  if (singleKeysOn() && !event.shiftKey) letterKey(desk, event);
}

function letterKey(desk: Desk, event: KeyboardEvent): void {
  const guide = desk.state!.guide!;
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
  document.addEventListener("input", (event) => event.target === document.activeElement && placeOf(event.target) === "text" && (typedAt = Date.now()));
  document.addEventListener("pointerdown", () => (typedAt = 0));
  void desk.start();
}
