// A page of the account: the session goes on while somebody types, and before it ends it is said (WCAG 2.2.1).
// Without this script the session ends all the same, and what is sent after that is kept by the page that follows.
(() => {
  "use strict";
  const ASK_MS = 60_000, TELL_MS = 300_000, WARN_S = 120;
  const part = document.querySelector("[data-idle]"), form = part.querySelector("form");
  let told = Date.now(), hasTyped = false;

  async function ask(how) {
    try {
      const answer = await fetch(form.action, how);
      show((await answer.json()).left_s);
    } catch {
      // no line: the session is asked about again at the next round
    }
  }
  const stay = () => {
    told = Date.now();
    return ask({ method: "POST", body: new FormData(form) });
  };

  function show(left) {
    part.hidden = left > WARN_S || left <= 0;
    if (left <= 0 && !hasTyped) location.reload(); // what was shown is not left on the screen of who went away
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    stay();
  });
  document.addEventListener("input", () => {
    hasTyped = true;
    if (Date.now() - told > TELL_MS) stay();
  });
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  setInterval(() => ask(), ASK_MS);
})();
