/** Typed text that outlives the page, and posts that go out until the server has them. */

import { post, Refused, type FieldError } from "../http.ts";

const DRAFTS = "kindline.drafts";
const OUTBOX = "kindline.outbox";
const KEPT_MS = 7 * 24 * 3600 * 1000;

function load<T>(key: string, empty: T): T {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? "null") as T | null) ?? empty;
  } catch {
    return empty;
  }
}

function save(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden store: the text is still on the screen and on its way to the server.
  }
}

interface Draft {
  text: string;
  at: number;
}

/** What was typed and is not saved yet, by contact and field. */
export class Drafts {
  private all: Record<string, Draft>;

  constructor() {
    const kept = load<Record<string, Draft>>(DRAFTS, {});
    const oldest = Date.now() - KEPT_MS;
    this.all = Object.fromEntries(Object.entries(kept).filter(([, draft]) => draft.at > oldest));
  }

  get(contact: string, field: string): string | undefined {
    return this.all[`${contact}/${field}`]?.text;
  }

  set(contact: string, field: string, text: string): void {
    this.all[`${contact}/${field}`] = { text, at: Date.now() };
    save(DRAFTS, this.all);
  }

  drop(contact: string, field: string): void {
    delete this.all[`${contact}/${field}`];
    save(DRAFTS, this.all);
  }

  /** All drafts of a contact whose field begins with `prefix`, e.g. one form's. */
  dropForm(contact: string, prefix: string): void {
    for (const key of Object.keys(this.all)) if (key.startsWith(`${contact}/${prefix}`)) delete this.all[key];
    save(DRAFTS, this.all);
  }
}

export interface Letter {
  key: string; // a later letter of the same key replaces one that has not left
  url: string;
  body: Record<string, unknown>;
}

export interface Post {
  send: (url: string, body: unknown) => Promise<unknown>;
  wait: (ms: number) => Promise<void>;
}

const WEB: Post = { send: post, wait: (ms) => new Promise((done) => setTimeout(done, ms)) };

/** Posts in their order, one at a time, kept over a reload, tried again until answered. */
export class Outbox {
  letters: Letter[];
  troubled = false; // the last try did not reach the server
  private busy = false;
  private readonly onSent: (letter: Letter) => void;
  private readonly onRefused: (letter: Letter, errors: FieldError[], message: string) => void;
  private readonly web: Post;

  constructor(
    onSent: (letter: Letter) => void,
    onRefused: (letter: Letter, errors: FieldError[], message: string) => void,
    web: Post = WEB,
  ) {
    this.onSent = onSent;
    this.onRefused = onRefused;
    this.web = web;
    this.letters = load<Letter[]>(OUTBOX, []);
    void this.run();
  }

  put(letter: Letter): void {
    const waiting = this.busy ? this.letters.slice(1) : this.letters;
    const same = waiting.find((other) => other.key === letter.key);
    if (same) Object.assign(same, letter);
    else this.letters.push(letter);
    save(OUTBOX, this.letters);
    void this.run();
  }

  has(prefix: string): boolean {
    return this.letters.some((letter) => letter.key.startsWith(prefix));
  }

  private async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    let wait = 400;
    while (this.letters.length) {
      const letter = this.letters[0]!;
      try {
        await this.web.send(letter.url, letter.body);
        this.troubled = false;
        this.done();
        this.onSent(letter);
      } catch (error) {
        if (error instanceof Refused && error.status !== 401 && error.status !== 403 && error.status !== 503) {
          this.troubled = false;
          this.done();
          this.onRefused(letter, error.errors, error.message);
        } else {
          this.troubled = true;
          await this.web.wait(wait);
          wait = Math.min(wait * 2, 8000);
          continue;
        }
      }
      wait = 400;
    }
    this.busy = false;
  }

  private done(): void {
    this.letters.shift();
    save(OUTBOX, this.letters);
  }
}
