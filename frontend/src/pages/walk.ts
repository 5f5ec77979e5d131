/** Walking through an inspection with a telephone: every answer is kept at once; without a network it waits on the telephone. */

const AGAIN_MS = 4000;
const TYPED_MS = 700;
type Typed = Record<string, string>;

const keyOf = (inspection: string): string => `kindline-inspection-${inspection}`;

/** Finished: nothing of it stays on the telephone. */
export function walked(inspection: string): void {
  localStorage.removeItem(keyOf(inspection));
}

export function walk(form: HTMLFormElement): void {
  const said = document.getElementById("walk-state")!;
  const key = keyOf(form.dataset["walk"]!);
  const field = (name: string): string => said.dataset[name] ?? "";
  let timer = 0;
  let changed = 0;
  let leaving = false;

  /** What is typed, without files and hidden fields. */
  function typed(): Typed {
    const found: Typed = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && /^[vnc]-/.test(name)) found[name] = value;
    return found;
  }

  function say(text: string, bad: boolean): void {
    if (said.textContent !== text) said.textContent = text;
    said.classList.toggle("bad", bad);
  }

  /** What an earlier visit could not send: shown again, and sent. */
  function restore(): void {
    const kept = localStorage.getItem(key);
    if (!kept) return;
    for (const [name, value] of Object.entries(JSON.parse(kept) as Typed)) {
      const input = form.elements.namedItem(name);
      if (input instanceof RadioNodeList) input.value = value;
      else if (input instanceof HTMLInputElement && input.type === "radio") input.checked = input.value === value;
      else if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement) input.value = value;
    }
    soon(0);
  }

  function soon(wait: number): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void keep(), wait);
  }

  async function keep(): Promise<void> {
    const sent = changed;
    const body = new FormData();
    body.append("verb", "keep");
    body.append("csrfmiddlewaretoken", form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")!.value);
    for (const [name, value] of Object.entries(typed())) body.append(name, value);
    const answer = await fetch(form.action, { method: "POST", credentials: "same-origin", headers: { "X-Part": "1" }, body, signal: AbortSignal.timeout(8000) }).catch(() => null);
    if (answer?.ok && !answer.redirected) {
      const { kept } = (await answer.json()) as { kept: string };
      if (sent === changed) {
        localStorage.removeItem(key);
        say(`${field("kept")} ${kept}`, false);
      }
    } else if (answer?.status === 409) {
      say(((await answer.json()) as { said: string }).said, true);
    } else {
      say(field("waits"), true);
      soon(AGAIN_MS);
    }
  }

  function note(): void {
    changed += 1;
    localStorage.setItem(key, JSON.stringify(typed()));
    count();
  }

  /** A number that the clause does not allow: it needs a remark, as what is not in order does. */
  function isBeyond(block: HTMLElement): boolean {
    const input = block.querySelector<HTMLInputElement>("[inputmode]");
    const number = Number.parseFloat(input?.value.replace(",", ".") ?? "");
    const { least = "", most = "" } = input?.dataset ?? {};
    return (least !== "" && number < Number(least)) || (most !== "" && number > Number(most));
  }

  function count(): void {
    for (const block of form.querySelectorAll<HTMLElement>("[data-item]")) {
      const value = block.querySelector<HTMLInputElement>("[type=radio]:checked")?.value ?? "";
      block.dataset["value"] = value || (block.querySelector<HTMLInputElement>("[inputmode]")?.value ? "number" : "");
      const more = block.querySelector<HTMLDetailsElement>("details");
      if (more && (value === "not_met" || isBeyond(block))) more.open = true;
    }
    const done = form.querySelectorAll("[data-item]:not([data-value=''])").length;
    const shown = document.getElementById("walk-count");
    if (shown) shown.textContent = String(done);
  }

  form.addEventListener("input", () => {
    note();
    soon(TYPED_MS);
  });
  form.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    if (input.type !== "file" || !input.files?.length) return;
    form.querySelector<HTMLInputElement>("[name=at]")!.value = input.name.replace(/^photo-/, "");
    form.requestSubmit(form.querySelector<HTMLButtonElement>("[value=keep]"));
  });
  form.addEventListener("submit", () => {
    leaving = true;
    window.clearTimeout(timer);
  });
  window.addEventListener("online", () => soon(0));
  window.addEventListener("pagehide", () => {
    if (!leaving && localStorage.getItem(key)) void keep();
  });
  const wrong = form.querySelector<HTMLElement>("[data-wrong]");
  if (wrong) wrong.querySelector<HTMLElement>("textarea, input")?.focus();
  else restore();
  count();
}
