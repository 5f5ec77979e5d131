/** A box that ticks every box of its form, and says itself when only some are ticked. */

export function ticks(whole: HTMLInputElement): void {
  const boxes = [...(whole.form?.querySelectorAll<HTMLInputElement>('input[name="chosen"]') ?? [])];
  const count = document.getElementById(whole.dataset["tickAll"] ?? "");
  const say = (): void => {
    const ticked = boxes.filter((box) => box.checked).length;
    whole.checked = ticked > 0 && ticked === boxes.length;
    whole.indeterminate = ticked > 0 && ticked < boxes.length;
    if (count) count.textContent = ticked ? String(ticked) : "";
  };
  whole.addEventListener("change", () => {
    for (const box of boxes) box.checked = whole.checked;
    say();
  });
  for (const box of boxes) box.addEventListener("change", say);
  whole.closest("th")?.removeAttribute("hidden");
  whole.hidden = false;
  say();
}
