// While a question is typed: pages that may have the answer already. They stand below the field, take no focus, and can
// be switched off. Words go out without names and numbers, and are kept by nobody. Without this script nothing is shown.
(() => {
  "use strict";
  const WAIT_MS = 700, LETTERS = 4, LEAST = 2, MOST = 12, OFF = "kindline.suggest";
  const part = document.querySelector("[data-suggest]"), field = document.getElementById("f-substance");
  if (!part || !field) return;
  const [said, list, off] = ["p", "ul", "button"].map((name) => part.querySelector(name));
  let waiting = 0, asked = "", request = null, isOff = isSwitchedOff();

  function isSwitchedOff() {
    try {
      return sessionStorage.getItem(OFF) === "no";
    } catch {
      return false;
    }
  }

  // The first words that may tell what it is about: no short ones, no address, and none that looks like a name.
  function words(typed) {
    const text = typed.replace(/\S*@\S*/g, " ");
    const found = new Set(), isLoud = text === text.toUpperCase();
    for (const match of text.matchAll(/\p{L}[\p{L}’'ʼ-]*/gu)) {
      const [word] = match, begins = /(^|[.!?…\n])\s*["«(]*$/u.test(text.slice(0, match.index));
      if (word.length >= LETTERS && (isLoud || begins || !/^\p{Lu}/u.test(word))) found.add(word.toLowerCase());
      if (found.size === MOST) break;
    }
    return [...found];
  }

  function show(known) {
    said.textContent = known.said;
    list.replaceChildren(...known.links.map(([address, title, language]) => {
      const row = document.createElement("li"), link = document.createElement("a");
      Object.assign(link, { href: address, textContent: title, lang: language, target: "_blank", rel: "noopener" });
      row.append(link);
      return row;
    }));
    list.hidden = off.hidden = !known.links.length;
  }

  async function ask() {
    const wanted = words(field.value), text = wanted.join(" ");
    if (isOff || wanted.length < LEAST || text === asked) return;
    asked = text;
    request?.abort();
    request = new AbortController();
    const query = new URLSearchParams({ in: document.documentElement.lang, q: text });
    try {
      const answer = await fetch(`${part.dataset.suggest}?${query}`, { signal: request.signal });
      // who has gone on to another field is not disturbed any more
      if (answer.ok && !isOff && document.activeElement === field) show(await answer.json());
    } catch {
      // nothing is suggested then
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  });
  off.addEventListener("click", () => {
    isOff = true;
    show({ said: "", links: [] });
    try {
      sessionStorage.setItem(OFF, "no");
    } catch {
      // then it holds for this page alone
    }
    field.focus();
  });
})();
