/** Files attached to a page: chosen, dropped or photographed, uploaded at once with their progress; the form keeps what arrived. */

import { renew } from "./renew.ts";

interface Going {
  file: File;
  row: HTMLLIElement;
}

const POLL_MS = 3000;

/** The part of a page with files; without this program the same inputs go with the form. */
export function attach(box: HTMLElement): void {
  const form = box.closest("form")!;
  const drop = box.querySelector<HTMLElement>("[data-drop]")!;
  const going = box.querySelector<HTMLElement>("[data-queue]")!;
  const shown = box.querySelector<HTMLElement>("[data-attached]")!;
  const url = box.dataset["attach"]!;
  const most = Number(box.dataset["sizeMax"]);
  const queue: Going[] = [];
  let busy = false;
  let sendAfter: HTMLElement | null = null;
  let timer = 0;

  const word = (name: string): string => box.dataset[name] ?? "";
  for (const one of box.querySelectorAll<HTMLElement>("[data-with-script]")) one.hidden = false;
  for (const one of form.querySelectorAll<HTMLElement>("[data-without-script]")) one.hidden = true;

  const token = (): string => form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")!.value;

  function show(html: string): void {
    renew(shown, html);
    window.clearTimeout(timer);
    if (shown.querySelector("[data-waits]")) timer = window.setTimeout(() => void refresh(), POLL_MS);
  }

  async function refresh(): Promise<void> {
    if (document.hidden || busy) {
      timer = window.setTimeout(() => void refresh(), POLL_MS);
      return;
    }
    const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Part": "1" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) show(await answer.text());
    else timer = window.setTimeout(() => void refresh(), POLL_MS * 4);
  }

  function line(file: File): Going {
    const row = document.createElement("li");
    row.className = "file";
    const what = document.createElement("div");
    what.className = "file-what";
    const name = document.createElement("bdi");
    name.className = "file-name";
    name.textContent = file.name;
    what.append(name);
    row.append(what);
    going.append(row);
    return { file, row };
  }

  function say(one: Going, text: string, again: boolean): void {
    const what = one.row.querySelector(".file-what")!;
    one.row.querySelectorAll("progress, button, .file-told").forEach((old) => old.remove());
    const told = document.createElement("span");
    told.className = "file-told";
    told.setAttribute("role", "alert");
    told.textContent = text;
    what.append(told);
    if (!again) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-outline-primary";
    button.textContent = word("again");
    button.addEventListener("click", () => {
      told.remove();
      button.remove();
      queue.push(one);
      void work();
    });
    one.row.append(button);
  }

  function take(files: Iterable<File>): void {
    for (const file of files) {
      const one = line(file);
      if (file.size > most) say(one, word("large"), false);
      else queue.push(one);
    }
    void work();
  }

  function send(one: Going): Promise<void> {
    return new Promise((done) => {
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", `${one.file.name}: ${word("going")}`);
      const stop = document.createElement("button");
      stop.type = "button";
      stop.className = "btn btn-sm btn-outline-secondary";
      stop.textContent = word("stop");
      one.row.append(bar, stop);
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("files", one.file, one.file.name);
      const role = form.querySelector<HTMLSelectElement>("[name=role]");
      if (role) body.append("role", role.value);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
        else bar.removeAttribute("value");
      });
      stop.addEventListener("click", () => {
        request.abort();
        one.row.remove();
        done();
      });
      request.addEventListener("error", () => {
        say(one, word("lost"), true);
        done();
      });
      request.addEventListener("load", () => {
        const ours = (request.status === 200 || request.status === 422) && !request.responseURL.includes("/login/");
        if (ours) {
          one.row.remove();
          show(request.responseText);
        } else say(one, word("lost"), true);
        done();
      });
      request.open("POST", url);
      request.setRequestHeader("X-Part", "1");
      request.setRequestHeader("X-CSRFToken", token());
      request.send(body);
    });
  }

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    const said: string[] = [];
    for (let one = queue.shift(); one; one = queue.shift()) {
      await send(one);
      for (const alert of shown.querySelectorAll("[role=alert]")) said.push(alert.outerHTML);
    }
    busy = false;
    if (said.length) {
      shown.querySelectorAll("[role=alert]").forEach((old) => old.remove());
      shown.insertAdjacentHTML("afterbegin", [...new Set(said)].join(""));
    }
    if (sendAfter && !going.childElementCount) {
      const button = sendAfter;
      sendAfter = null;
      form.requestSubmit(button);
    }
    sendAfter = null;
  }

  for (const input of box.querySelectorAll<HTMLInputElement>("input[type=file]")) {
    const taken = (): void => {
      take([...(input.files ?? [])]);
      input.value = "";
    };
    input.addEventListener("change", taken);
    if (input.files?.length) taken(); // chosen before this program was there
  }
  box.addEventListener("change", (event) => {
    const ticked = event.target as HTMLInputElement;
    if (ticked.name !== "drop" || !ticked.checked) return;
    const body = new FormData();
    body.append("drop", ticked.value);
    void fetch(url, { method: "POST", credentials: "same-origin", headers: { "X-Part": "1", "X-CSRFToken": token() }, body })
      .then(async (answer) => {
        if (answer.ok && !answer.redirected) show(await answer.text());
      })
      .catch(() => undefined); // it stays ticked, and goes away when the form is sent
  });
  for (const name of ["dragenter", "dragover"])
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...((event as DragEvent).dataTransfer?.files ?? [])]);
  });
  form.addEventListener("submit", (event) => {
    if (!busy) return;
    event.preventDefault(); // it goes by itself once the last file has arrived
    sendAfter = (event as SubmitEvent).submitter;
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
  if (shown.querySelector("[data-waits]")) timer = window.setTimeout(() => void refresh(), POLL_MS);
}
