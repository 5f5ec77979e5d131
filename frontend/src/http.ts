/** Asking our own pages. */

import { learn } from "./clock.ts";

export interface FieldError {
  field: string;
  message: string;
  clause?: string;
}

/** The server understood and said no. */
export class Refused extends Error {
  readonly status: number;
  readonly errors: FieldError[];
  readonly code: string; // what our pages call it; empty where something before them has refused
  constructor(status: number, message: string, errors: FieldError[] = [], code = "") {
    super(message);
    this.status = status;
    this.errors = errors;
    this.code = code;
  }
}

let token = "";

export function setToken(value: string): void {
  token = value;
}

/** The token that a form of ours must carry. */
export function tokenOf(): string {
  return token;
}

async function refusal(answer: Response): Promise<Refused> {
  try {
    const body = (await answer.json()) as { error?: string; message?: string; errors?: FieldError[] };
    return new Refused(answer.status, body.message ?? answer.statusText, body.errors ?? [], body.error ?? "");
  } catch {
    return new Refused(answer.status, answer.statusText);
  }
}

/** POST JSON; throws Refused for 4xx, a plain Error for what may be tried again (network, 5xx). */
export async function post<T = Record<string, unknown>>(url: string, body: unknown): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(8000),
  });
  if (answer.ok) return (await answer.json()) as T;
  if (answer.status >= 500 && answer.status !== 503) throw new Error(`${answer.status}`);
  throw await refusal(answer);
}

export interface Fresh<T> {
  body: T | null; // null: nothing has changed
  etag: string;
}

/** GET JSON that may not have changed; the answer's time header sets the clock. */
export async function get<T>(url: string, etag = ""): Promise<Fresh<T>> {
  const asked = Date.now();
  const answer = await fetch(url, {
    credentials: "same-origin",
    headers: etag ? { "If-None-Match": etag } : {},
    cache: "no-store",
    redirect: "manual",
    signal: AbortSignal.timeout(8000),
  });
  const at = answer.headers.get("X-Kindline-Now");
  if (at) learn(at, asked, Date.now());
  if (answer.status === 304) return { body: null, etag };
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new Refused(401, "");
  if (!answer.ok) throw answer.status >= 500 ? new Error(`${answer.status}`) : await refusal(answer);
  return { body: (await answer.json()) as T, etag: answer.headers.get("ETag") ?? "" };
}
