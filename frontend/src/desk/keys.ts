/** Which key does what. Keys are found by their place on the keyboard, so that a Cyrillic layout works too. */

export const PHONE_KEYS: Record<string, string> = {
  KeyA: "answer",
  KeyX: "decline",
  KeyM: "mute",
  KeyP: "secret",
  KeyH: "hold",
  KeyE: "hangup",
  KeyK: "keypad",
  KeyT: "transfer",
  KeyB: "swap",
  KeyV: "volume",
  KeyS: "search",
  KeyG: "guide",
  KeyR: "result",
};

/** "h" -> "KeyH", "3" -> "Digit3". */
export function codeOf(key: string): string {
  return /^[0-9]$/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`;
}

/** The label of a phone action's key, e.g. "Alt+A". */
export function labelOf(action: string): string {
  const code = Object.entries(PHONE_KEYS).find(([, name]) => name === action)?.[0];
  return code ? `Alt+${code.slice(3)}` : "";
}

export type Place = "text" | "control" | "page";

/** Where the focus is: typing, on something that Enter and Space already work, or nowhere in particular. */
export function placeOf(target: EventTarget | null): Place {
  if (!(target instanceof HTMLElement)) return "page";
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return "text";
  if (target instanceof HTMLInputElement) return /^(checkbox|radio|button|submit|range)$/.test(target.type) ? "control" : "text";
  return target.closest("button, a[href], summary, [role=button], audio") ? "control" : "page";
}

const SINGLE = "kindline.singleKeys";

export function singleKeysOn(): boolean {
  return localStorage.getItem(SINGLE) !== "off";
}

export function setSingleKeys(on: boolean): void {
  localStorage.setItem(SINGLE, on ? "on" : "off");
}
