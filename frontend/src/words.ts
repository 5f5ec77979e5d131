/** The interface's words, sent by the page in the employee's language (kindline/desk/words.py). */

let words: Record<string, string> = {};

export function setWords(all: Record<string, string>): void {
  words = all;
}

/** The text of a key with its {places} filled; a missing key shows itself, so that it is seen. */
export function t(key: string, places: Record<string, string | number> = {}): string {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in places ? String(places[name]) : whole));
}

/** Whether the key has a text. */
export function known(key: string): boolean {
  return key in words;
}
