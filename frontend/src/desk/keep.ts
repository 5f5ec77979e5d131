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
  who?: number; // whose it is; at one browser several people work by turns
}

export interface Post {
  send: (url: string, body: unknown) => Promise<unknown>;
  wait: (ms: number) => Promise<void>;
}

const WEB: Post = { send: post, wait: (ms) => new Promise((done) => setTimeout(done, ms)) };

/** Posts in their order, one at a time, kept over a reload, tried again until answered; what others left waits for them. */
export class Outbox {
  troubled = false; // the last try did not reach the server
  private letters: Letter[];
  private going: Letter | null = null;
  private readonly me: number;
  private readonly onSent: (letter: Letter) => void;
  private readonly onRefused: (letter: Letter, errors: FieldError[], message: string) => void;
  private readonly web: Post;

  constructor(
    me: number,
    onSent: (letter: Letter) => void,
    onRefused: (letter: Letter, errors: FieldError[], message: string) => void,
    web: Post = WEB,
  ) {
    this.me = me;
    this.onSent = onSent;
    this.onRefused = onRefused;
    this.web = web;
    this.letters = load<Letter[]>(OUTBOX, []);
    void this.run();
  }

  /** My letters that the server does not have yet. */
  get mine(): Letter[] {
    return this.letters.filter((letter) => (letter.who ?? this.me) === this.me);
  }

  put(letter: Letter): void {
    const same = this.mine.find((other) => other.key === letter.key && other !== this.going);
    if (same) Object.assign(same, letter);
    else this.letters.push({ ...letter, who: this.me });
    save(OUTBOX, this.letters);
    void this.run();
  }

  has(prefix: string): boolean {
    return this.mine.some((letter) => letter.key.startsWith(prefix));
  }

  private async run(): Promise<void> {
    if (this.going) return;
    let wait = 400;
    for (let letter = this.next(); letter; letter = this.next()) {
      try {
        await this.web.send(letter.url, letter.body);
        this.troubled = false;
        this.done(letter);
        this.onSent(letter);
      } catch (error) {
        if (error instanceof Refused && isFinal(error)) {
          this.troubled = false;
          this.done(letter);
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
  }

  private next(): Letter | null {
    return (this.going = this.mine[0] ?? null);
  }

  private done(letter: Letter): void {
    this.letters = this.letters.filter((other) => other !== letter);
    save(OUTBOX, this.letters);
  }
}

/** The server has said no to this letter; not that it is busy, or that one is to log in or do something else first. */
function isFinal(error: Refused): boolean {
  return error.code === "not_your_call" || ![401, 403, 503].includes(error.status);
}
