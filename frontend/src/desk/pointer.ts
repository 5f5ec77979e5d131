/** Whether somebody presses: what he has pressed is not swapped for something else before he lets go. */

let pressed = false;
const waiting: (() => void)[] = [];

function released(): void {
  pressed = false;
  window.setTimeout(() => waiting.splice(0).forEach((act) => act())); // once the click itself has been done
}

document.addEventListener("pointerdown", () => (pressed = true), { capture: true });
document.addEventListener("pointerup", released, { capture: true });
document.addEventListener("pointercancel", released, { capture: true });

export function isPressed(): boolean {
  return pressed;
}

/** Now, or once he has let go. */
export function unpressed(act: () => void): void {
  if (pressed) waiting.push(act);
  else act();
}
