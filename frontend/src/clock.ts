/** Time as the server has it: the page's own clock may be wrong, timers must not be. */

let ahead = 0; // milliseconds by which the server is ahead of this machine

/** Learn the difference from the time that an answer carried, taking half of the way there and back. */
export function learn(serverNow: string, asked: number, answered: number): void {
  const then = Date.parse(serverNow);
  if (!Number.isNaN(then)) ahead = then - (asked + answered) / 2;
}

export function now(): number {
  return Date.now() + ahead;
}

/** Whole seconds since an ISO time; never below zero. */
export function since(iso: string, until?: string | null): number {
  const end = until ? Date.parse(until) : now();
  return Math.max(0, Math.floor((end - Date.parse(iso)) / 1000));
}

/** 75 -> "1:15", 3675 -> "1:01:15". */
export function minutes(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const [h, m, rest] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), s % 60];
  const tail = `${String(rest).padStart(2, "0")}`;
  return h ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}

export type Heat = "calm" | "target" | "over";

/** Below the target, between target and limit, beyond the limit. */
export function heat(elapsed: number, target: number | null, max: number | null): Heat {
  if (max !== null && elapsed >= max) return "over";
  if (target !== null && elapsed >= target) return max === null ? "over" : "target";
  if (target === null && max !== null && elapsed >= max * 0.8) return "target";
  return "calm";
}

/** Whole seconds until an ISO time; never below zero. */
export function until(iso: string): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now()) / 1000));
}
