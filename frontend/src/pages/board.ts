/** The wallboard: formulas on hover and focus, dark or light. */

const KEPT = "kindline-board-theme";

/** The formula of a label opens when the label is pointed at or focused; Escape or leaving closes it. */
export function formulas(board: HTMLElement): void {
  const labelOf = (event: Event): HTMLElement | null => (event.target as Element).closest<HTMLElement>("[data-formula]");
  const open = (label: HTMLElement | null): void => {
    const formula = label && document.getElementById(label.getAttribute("popovertarget")!);
    if (formula && !formula.matches(":popover-open")) formula.showPopover();
  };
  const close = (label: HTMLElement | null): void => {
    const formula = label && document.getElementById(label.getAttribute("popovertarget")!);
    if (formula?.matches(":popover-open") && document.activeElement !== label && !formula.matches(":hover")) formula.hidePopover();
  };
  board.addEventListener("pointerover", (event) => open(labelOf(event)));
  board.addEventListener("focusin", (event) => open(labelOf(event)));
  board.addEventListener("pointerout", (event) => close(labelOf(event)));
  board.addEventListener("focusout", (event) => {
    const label = labelOf(event);
    if (label) document.getElementById(label.getAttribute("popovertarget")!)?.hidePopover();
  });
  board.addEventListener("click", (event) => {
    const label = labelOf(event);
    if (!label) return;
    event.preventDefault(); // the button's own way would close what focus has just opened
    open(label);
  });
}

function theme(board: HTMLElement): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  board.dataset["theme"] = localStorage.getItem(KEPT) ?? dark;
  board.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
    const next = board.dataset["theme"] === "dark" ? "light" : "dark";
    board.dataset["theme"] = next;
    localStorage.setItem(KEPT, next);
  });
}

export function board(element: HTMLElement): void {
  theme(element);
  formulas(element);
}
