/** What has gone beyond its threshold is told once: aloud, and by the system where the person lets it. */

export function crossings(place: HTMLElement): void {
  const all = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-crossing]")];
  const told = new Set(all().map((one) => one.dataset["crossing"]));
  new MutationObserver(() => {
    for (const one of all()) {
      if (told.has(one.dataset["crossing"])) continue;
      told.add(one.dataset["crossing"]);
      const text = (one.textContent ?? "").replace(/\s+/g, " ").trim();
      place.textContent = text;
      if ("Notification" in window && Notification.permission === "granted") new Notification(text);
    }
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-crossing"] });
}

/** The browser lets a page ask for its notices only where a person has pressed something: a button, gone once it is answered. */
export function askForNotices(button: HTMLButtonElement): void {
  if (!("Notification" in window) || Notification.permission !== "default") return;
  button.hidden = false;
  button.addEventListener("click", () => {
    void Notification.requestPermission().then((answer) => {
      if (answer === "default") return;
      button.hidden = answer === "granted";
      button.disabled = true;
      button.textContent = button.dataset["blocked"] ?? "";
    });
  });
}
