/** From row to row by J and K, wherever the focus is but in a field; Enter opens the row. */

export function steps(part: HTMLElement): void {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || (event.code !== "KeyJ" && event.code !== "KeyK")) return;
    if ((event.target as Element).closest("input, select, textarea, [contenteditable]")) return;
    const rows = [...part.querySelectorAll<HTMLAnchorElement>("a[data-step]")];
    const at = rows.indexOf(document.activeElement as HTMLAnchorElement);
    const next = rows[event.code === "KeyJ" ? at + 1 : at < 0 ? rows.length - 1 : at - 1];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  document.documentElement.dataset["steps"] = "ready"; // keys are heard from now on
}
