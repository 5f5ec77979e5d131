/** Templates of answers: taken into a draft at the cursor, what is open in it, and the editor with its live preview. Both work without it. */

import { renew } from "./renew.ts";

const GAP = /\[\[([^[\]\n]*)\]\]|\[\[|\]\]/g;
const PAUSE_MS = 350;

interface Filled {
  whole: boolean;
  text: string;
  passage: string;
}

/** Put text over the selection as typing does, so that one step back takes it away again. */
function type(area: HTMLTextAreaElement, text: string): void {
  area.focus();
  if (!document.execCommand("insertText", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Run a thing once typing has paused. */
function paused(run: () => void): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(run, PAUSE_MS);
  };
}

async function part(url: string, options: RequestInit = {}): Promise<Response | null> {
  const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Part": "1" }, ...options }).catch(() => null);
  return answer?.ok && !answer.redirected ? answer : null;
}

/** The templates offered beside the draft of an answer. */
export function choice(box: HTMLElement): void {
  const form = box.closest("form")!;
  const area = form.querySelector<HTMLTextAreaElement>("textarea[name=text]")!;
  const list = box.querySelector<HTMLElement>("[data-found]")!;
  const lost = box.querySelector<HTMLElement>("[data-lost]")!;
  const how = box.querySelector<HTMLDialogElement>("[data-how]")!;
  const words = box.querySelector<HTMLInputElement>("[name=words]")!;
  const url = box.dataset["templates"]!;
  const first = box.dataset["untouched"] ? area.value : null;
  let placed = false;
  let taking = false;

  for (const one of box.querySelectorAll<HTMLButtonElement>("[data-without-script]")) {
    one.type = "button"; // so that Enter in the subject keeps the draft
    one.hidden = true;
  }
  const tame = (): void => list.querySelectorAll<HTMLButtonElement>("button[name=take]").forEach((one) => (one.type = "button"));
  tame();
  area.addEventListener("focus", () => (placed = true));

  /** Where a passage goes while nobody has set the cursor: below the line that addresses. */
  function place(): void {
    if (placed) return;
    const after = area.value.indexOf("\n\n");
    area.setSelectionRange(after < 0 ? area.value.length : after + 2, after < 0 ? area.value.length : after + 2);
  }

  function remember(key: string): void {
    if (form.querySelector(`input[name=template][value="${key}"]`)) return;
    const used = document.createElement("input");
    used.type = "hidden";
    used.name = "template";
    used.value = key;
    form.append(used);
  }

  function put(key: string, filled: Filled, insert: boolean): void {
    if (insert) place();
    else area.setSelectionRange(0, area.value.length);
    type(area, insert ? filled.passage : filled.text);
    remember(key);
    const gap = new RegExp(GAP.source).exec(area.value);
    if (gap) area.setSelectionRange(gap.index, gap.index + gap[0].length);
    area.scrollIntoView({ block: "nearest" });
  }

  async function take(button: HTMLButtonElement): Promise<void> {
    const key = button.value;
    if (taking) return;
    taking = true;
    const answer = await part(`${url}${key}/`);
    taking = false;
    lost.hidden = answer !== null;
    if (!answer) return;
    const filled = (await answer.json()) as Filled;
    if (!filled.whole) return put(key, filled, true);
    if (!area.value.trim() || area.value === first) return put(key, filled, false);
    how.returnValue = "";
    how.addEventListener(
      "close",
      () => {
        if (how.returnValue) put(key, filled, how.returnValue === "insert");
        else button.focus();
      },
      { once: true },
    );
    how.showModal();
  }

  how.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("button");
    if (button) how.close(button.value);
  });
  list.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[name=take]");
    if (button && event.detail < 2) void take(button); // a double click takes it once
  });
  let asked = 0;
  const find = async (): Promise<void> => {
    const mine = ++asked;
    const answer = await part(`${url}?words=${encodeURIComponent(words.value)}`);
    if (mine !== asked) return;
    lost.hidden = answer !== null;
    if (!answer) return;
    renew(list, await answer.text());
    tame();
  };
  words.addEventListener("input", paused(() => void find()));
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    void find();
  });
}

/** What is still to be filled in below a draft: each a button that goes there. */
export function open(box: HTMLElement): void {
  const area = box.closest("form")!.querySelector<HTMLTextAreaElement>("textarea[name=text]")!;
  const list = box.querySelector<HTMLElement>("[data-gaps-list]")!;
  let shown = "";
  const show = (): void => {
    const found = [...area.value.matchAll(GAP)];
    box.hidden = found.length === 0;
    const names = found.map((gap) => gap[0]).join("\n");
    if (names === shown && list.querySelector("button")) return; // nothing to say anew
    shown = names;
    list.replaceChildren(
      ...found.map((gap, nth) => {
        const item = document.createElement("li");
        item.className = "list-inline-item";
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-sm btn-outline-primary";
        button.textContent = gap[1]?.trim() || box.dataset["words"]!;
        button.addEventListener("click", () => {
          const now = [...area.value.matchAll(GAP)][nth];
          area.focus();
          if (now) area.setSelectionRange(now.index, now.index + now[0].length);
        });
        item.append(button);
        return item;
      }),
    );
  };
  area.addEventListener("input", show);
  show();
}

/** The editor: variables put in at the cursor, the preview made anew while one types. */
export function editor(form: HTMLFormElement): void {
  const area = form.querySelector<HTMLTextAreaElement>("textarea[name=text]")!;
  const shown = document.getElementById("t-preview")!;
  for (const one of form.querySelectorAll<HTMLElement>("[data-without-script]")) one.hidden = true;
  for (const one of form.querySelectorAll<HTMLButtonElement>("[data-variable]")) {
    one.hidden = false;
    one.addEventListener("click", () => type(area, `{${one.dataset["variable"]!}}`));
  }
  let asked = 0;
  const again = paused(async () => {
    const mine = ++asked;
    const answer = await part(form.dataset["templateEditor"]!, { method: "POST", body: new FormData(form) });
    if (answer && mine === asked) shown.innerHTML = await answer.text();
  });
  form.addEventListener("input", again);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || (event.target as HTMLElement).id !== "t-sample") return;
    event.preventDefault(); // it names the appeal of the preview, and keeps nothing
    again();
  });
}
