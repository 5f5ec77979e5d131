/** Every page of an employee: what he does counts, and before the session ends for want of it he is asked (WCAG 2.2.1). */

const TELL_MS = 60_000; // that somebody is there is told no oftener
const ASK_MS = 30_000;
const WARN_S = 120;

interface Left {
  left_s: number;
  ends_s: number; // whatever is done
}

/** `part`: where it is asked; its form leads to the server's answer. */
export function stay(part: HTMLElement): void {
  const form = part.querySelector("form")!;
  let told = Date.now();
  const ask = async (how: RequestInit = {}): Promise<void> => {
    const answer = await fetch(form.action, { credentials: "same-origin", ...how, signal: AbortSignal.timeout(8000) }).catch(() => null);
    if (answer?.ok || answer?.status === 401) show((await answer.json()) as Left);
  };
  const show = (left: Left): void => {
    if (left.left_s <= 0) return void location.reload(); // clients' data are not left on the screen of who went away
    part.hidden = left.left_s > WARN_S;
    part.dataset["end"] = left.ends_s > WARN_S ? "idle" : "whole";
  };
  const tell = (): void => {
    told = Date.now();
    void ask({ method: "POST", body: new FormData(form) });
  };
  for (const act of ["pointerdown", "keydown", "input", "wheel"])
    document.addEventListener(act, () => Date.now() - told > TELL_MS && tell(), { passive: true, capture: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell();
  });
  document.addEventListener("visibilitychange", () => document.hidden || void ask());
  window.setInterval(() => void ask(), ASK_MS);
}
