/** Keys of a row: while something in it has the focus, a letter presses the row's button of that letter. */

export function rowKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.key.length !== 1) return;
    const row = (event.target as Element).closest?.("[data-keys]");
    if (!row || (event.target as Element).closest("input, select, textarea")) return;
    const letter = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase();
    const button = letter ? row.querySelector<HTMLButtonElement>(`button[data-key="${letter}"]`) : null;
    if (!button) return;
    event.preventDefault();
    button.click();
  });
}
