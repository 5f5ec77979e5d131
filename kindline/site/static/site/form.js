// What a form of the site does beside being sent: it keeps what is typed, is sent once, and shows some work done.
// Without this script every form works as it is.
(() => {
  "use strict";
  const DRAFT = "kindline.draft.", KEEP = "kindline.keep", SENT = "kindline.sent", AGAIN_MS = 10_000;
  const WEEK_MS = 7 * 24 * 3600 * 1000, SESSION_MS = 12 * 3600 * 1000; // what is typed in the account: no longer than a session
  const TAB = "kindline.tab", ANSWERS_MS = 200;
  const NOT_KEPT = new Set(["csrfmiddlewaretoken", "code", "proof", "website", "drop", "files"]);

  // ---- what was typed, kept in this browser until it is sent --------------------------------------------------------
  const store = (() => {
    try {
      localStorage.setItem(DRAFT, "");
      localStorage.removeItem(DRAFT);
      return localStorage;
    } catch {
      return null; // private windows of some browsers have none: then nothing is kept, and nothing is promised
    }
  })();
  const names = () => Object.keys(store).filter((name) => name.startsWith(DRAFT));
  const isKept = () => store !== null && store.getItem(KEEP) !== "no";

  function read(name) {
    try {
      const found = JSON.parse(store.getItem(name));
      return found && Date.now() - found.at < (found.inside ? SESSION_MS : WEEK_MS) ? found : null;
    } catch {
      return null;
    }
  }

  function forget(wanted) {
    for (const name of names()) if (wanted(name, read(name))) store.removeItem(name);
  }

  // ---- several tabs: each keeps what is typed in it; what a closed one left goes on in the next one that is opened ------
  const forms = [], others = new Set();
  let tab = "", line = null, isAsking = false;
  const isOf = (name, form) => name.split("@")[0] === DRAFT + form.dataset.draft;
  const nameOfDraft = (form) => `${DRAFT}${form.dataset.draft}@${tab}`;

  function begin(known) {
    tab = known ?? `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
    sessionStorage.setItem(TAB, tab);
  }

  function listen() {
    if (typeof BroadcastChannel === "undefined") return;
    line = new BroadcastChannel(TAB);
    line.onmessage = ({ data }) => {
      if (data.asks) line.postMessage({ here: tab });
      else if (isAsking && data.here === tab) goApart(); // this tab is the double of another one, and took its name along
      else others.add(data.here);
    };
  }

  function goApart() {
    others.add(tab);
    const held = forms.filter((form) => read(nameOfDraft(form)));
    begin();
    if (isKept()) held.forEach(save);
  }

  function adopt(form) {
    if (read(nameOfDraft(form))) return; // its own is here, or somebody types already
    const left = names().filter((name) => isOf(name, form) && !others.has(name.split("@")[1]) && read(name));
    const [latest] = left.sort((one, two) => read(two).at - read(one).at);
    if (!latest) return;
    const draft = store.getItem(latest);
    store.removeItem(latest); // first: the browser's room may be full
    store.setItem(nameOfDraft(form), draft);
    restore(form);
  }

  function meet() {
    listen();
    addEventListener("pagehide", () => line?.close()); // an open line would keep the page from being gone back to
    addEventListener("pageshow", (event) => event.persisted && listen());
    isAsking = true;
    line?.postMessage({ asks: true });
    setTimeout(() => {
      isAsking = false;
      if (isKept()) forms.filter((form) => form.dataset.fresh).forEach(adopt);
      document.documentElement.dataset.tabs = "met";
    }, line ? ANSWERS_MS : 0);
  }

  // several boxes may have one name: each is known by its value, too
  const nameOf = (field) => field.type === "checkbox" && field.value !== "on" ? `${field.name}=${field.value}` : field.name;

  function typedIn(form, all = false) {
    const typed = {};
    for (const field of form.elements) {
      if (!field.name || NOT_KEPT.has(field.name) || field.type === "hidden" || field.type === "file") continue;
      if ("unkept" in field.dataset && !all) continue;
      if (field.type === "checkbox") typed[nameOf(field)] = field.checked;
      else if (field.type !== "radio" || field.checked) typed[field.name] = field.value;
    }
    return typed;
  }

  function save(form) {
    const typed = typedIn(form);
    const tried = form.dataset.tried ? { key: form.elements.key.value, puzzle: form.elements.proof?.dataset.puzzle } : {};
    const inside = "inside" in form.dataset; // typed in the account: gone with it
    const draft = { at: Date.now(), key: form.elements.key.value, typed, tried, inside };
    try {
      store.setItem(nameOfDraft(form), JSON.stringify(draft));
    } catch {
      // the browser's room is full: the form itself still holds everything
    }
  }

  function restore(form) {
    const draft = read(nameOfDraft(form));
    if (!draft) return;
    for (const field of form.elements) {
      if (!(nameOf(field) in draft.typed)) continue;
      const was = draft.typed[nameOf(field)];
      if (field.type === "select-one" && ![...field.options].some((one) => one.value === was)) continue; // not offered any more
      if (field.type === "checkbox") field.checked = was;
      else if (field.type === "radio") field.checked = field.value === was;
      else field.value = was;
      if (was && field.type === "text") field.closest("details")?.setAttribute("open", ""); // nothing typed is hidden
    }
    if (draft.tried.key) { // it was sent, and perhaps only the answer was lost: it stays one question
      form.dataset.tried = "1";
      form.elements.key.value = draft.tried.key;
      if (draft.tried.puzzle) form.elements.proof.dataset.puzzle = draft.tried.puzzle;
    }
    const note = form.querySelector("[data-restored]");
    if (note) note.hidden = false;
  }

  function keep(form) {
    const part = form.querySelector("[data-keep]");
    if (!part || store === null) return;
    const box = part.querySelector("input");
    forms.push(form);
    part.hidden = false;
    box.checked = isKept();
    box.addEventListener("change", () => {
      store.setItem(KEEP, box.checked ? "yes" : "no");
      if (box.checked) save(form);
      else {
        forget(() => true);
        sessionStorage.removeItem(SENT);
      }
    });
    const note = () => isKept() && save(form);
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    form.querySelector("[data-anew]")?.addEventListener("click", () => {
      store.removeItem(nameOfDraft(form));
      location.assign(location.pathname);
    });
    if (isKept() && form.dataset.fresh) restore(form);
    else if ("answered" in part.dataset) untry(form);
  }

  // It was read and not taken: what is sent from here is another one, under the key of this page, changed or not.
  function untry(form) {
    sessionStorage.removeItem(SENT);
    const name = nameOfDraft(form), draft = read(name);
    if (draft) store.setItem(name, JSON.stringify({ ...draft, tried: {} }));
  }

  // ---- sent once ------------------------------------------------------------------------------------------------------
  // Back, and the same once more: it goes under the key under which it went before, so that it stays one question.
  const before = () => JSON.parse(sessionStorage.getItem(SENT) ?? "{}");

  function sameAsBefore(form) {
    const typed = JSON.stringify(typedIn(form, true)), { typed: was, key } = before();
    if (was === typed && !form.querySelector("[type=file]")?.value) form.elements.key.value = key;
    sessionStorage.setItem(SENT, JSON.stringify({ typed, key: form.elements.key.value }));
  }

  function sendOnce(form) {
    let isSending = false;
    const free = () => { isSending = false; };
    addEventListener("pageshow", free);
    form.addEventListener("submit", (event) => {
      if (event.submitter?.hasAttribute("formaction")) return; // a rating beside a message: the message is not sent by it
      const offline = form.querySelector("[data-offline]");
      if (offline) offline.hidden = navigator.onLine;
      if (isSending || (offline && !navigator.onLine)) {
        event.preventDefault();
        return;
      }
      if (!isShown(form, event)) return;
      isSending = true;
      setTimeout(free, AGAIN_MS);
      form.dataset.tried = "1";
      if (!isKept()) return;
      sameAsBefore(form);
      save(form);
    });
  }

  // ---- files too large for us: told when they are chosen, not after minutes of sending ---------------------------------
  function weigh(field) {
    const most = Number(field.dataset.mb) * 2 ** 20, said = document.getElementById(field.dataset.heavy);
    field.addEventListener("change", () => {
      const heavy = [...field.files].filter((one) => one.size > most);
      said.hidden = heavy.length === 0;
      if (said.hidden) return;
      said.querySelector("bdi").textContent = heavy.map((one) => one.name).join(", ");
      const taken = new DataTransfer();
      for (const one of field.files) if (one.size <= most) taken.items.add(one);
      field.files = taken.files;
    });
  }

  // ---- some work, so that a flood costs more than a question ----------------------------------------------------------
  const K = new Uint32Array(64), H = new Uint32Array(8);
  {
    let found = 0;
    for (let n = 2; found < 64; n++) {
      let isPrime = true;
      for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0;
      if (!isPrime) continue;
      const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32);
      if (found < 8) H[found] = fraction(Math.sqrt(n));
      K[found++] = fraction(Math.cbrt(n));
    }
  }
  const turned = (word, by) => (word >>> by) | (word << (32 - by));

  function sha256(text) {
    const length = text.length, room = ((length + 8) >> 6) + 1, blocks = new Uint32Array(room * 16), w = new Uint32Array(64);
    for (let at = 0; at < length; at++) blocks[at >> 2] |= text.charCodeAt(at) << (24 - (at & 3) * 8);
    blocks[length >> 2] |= 0x80 << (24 - (length & 3) * 8);
    blocks[room * 16 - 1] = length * 8;
    const state = Uint32Array.from(H);
    for (let block = 0; block < room; block++) {
      for (let t = 0; t < 64; t++) {
        if (t < 16) {
          w[t] = blocks[block * 16 + t];
          continue;
        }
        const a = w[t - 15], b = w[t - 2];
        const low = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3), high = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
        w[t] = w[t - 16] + low + w[t - 7] + high;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let t = 0; t < 64; t++) {
        const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
        const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((word, at) => { state[at] += word; });
    }
    return state;
  }

  const works = new WeakMap();

  function isShown(form, event) {
    const field = form.elements.proof;
    if (!field || field.value) return true;
    event.preventDefault();
    const note = form.querySelector("[data-working]");
    if (note) note.hidden = false;
    // not within this very event, in which a form cannot be sent again: the work may be done before it is over
    work(form).then(() => setTimeout(() => form.requestSubmit(event.submitter ?? undefined)));
    return false;
  }

  function work(form) {
    if (!works.has(form)) works.set(form, solve(form));
    return works.get(form);
  }

  async function solve(form) {
    const field = form.elements.proof, puzzle = field.dataset.puzzle, bits = Number(puzzle.split(".")[1]);
    const most = bits ? 2 ** (32 - bits) : 2 ** 32;
    for (let tried = 0; ; tried++) {
      if (sha256(`${puzzle}:${tried}`)[0] < most) {
        field.value = `${puzzle}:${tried}`;
        return;
      }
      if (tried % 2000 === 1999) await new Promise((go) => setTimeout(go)); // the page stays quick meanwhile
    }
  }

  for (const sent of document.querySelectorAll("[data-sent]")) {
    if (store === null) continue;
    forget((_, draft) => !draft || draft.key === sent.dataset.sent);
    // what came of it is over (cancelled): the same once more is another one
    if ("over" in sent.dataset && before().key === sent.dataset.sent) sessionStorage.removeItem(SENT);
  }
  if (store !== null) forget((_, draft) => !draft); // too old
  if (store !== null && document.querySelector("[data-left]")) {
    forget((_, draft) => draft.inside);
    sessionStorage.removeItem(SENT);
  }
  if (store !== null) begin(sessionStorage.getItem(TAB));
  document.querySelectorAll("[data-heavy]").forEach(weigh);
  document.querySelector(".faults[tabindex]")?.focus(); // who sees nothing hears what is wrong first, and goes on from there
  for (const form of document.querySelectorAll("form[data-draft]")) {
    keep(form);
    sendOnce(form);
    if (form.elements.proof) form.addEventListener("input", () => work(form), { once: true });
  }
  if (forms.length) meet();
})();
