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
  }).observe(document.body, { childList: true, subtree: true });
}
