/** The clerk's form: it changes with the channel and with who applies before it is sent, keeps all that is typed, and goes by keys. */

interface Norm {
  label: string;
  clause: string;
  none: boolean;
}

type Norms = Record<string, Record<string, Norm>>;

export function intake(form: HTMLFormElement): void {
  const norms = JSON.parse(document.getElementById("intake-norms")?.textContent ?? "{}") as Norms;
  const one = <T extends HTMLElement>(query: string): T | null => form.querySelector<T>(query);
  const channel = one<HTMLSelectElement | HTMLInputElement>("[data-channel]")!;
  const applicant = one<HTMLSelectElement>("[data-applicant]")!;
  const cameBy = one<HTMLSelectElement>("[data-came-by]");
  const needed = one<HTMLElement>("[data-needed]")!;
  const withoutFirm = (form.dataset["withoutFirm"] ?? "").split(" ");

  function require(block: HTMLElement, norm: Norm | undefined): void {
    block.querySelector<HTMLElement>("[data-must]")!.hidden = !norm;
    const input = block.querySelector<HTMLInputElement>("input:not([type=checkbox])")!;
    if (norm) input.setAttribute("aria-required", "true");
    else input.removeAttribute("aria-required");
    const none = block.querySelector<HTMLElement>("[data-none]")!;
    none.hidden = !norm?.none;
    none.querySelector("input")!.disabled = !norm?.none;
  }

  function change(): void {
    const required = norms[channel.value] ?? {};
    for (const block of form.querySelectorAll<HTMLElement>("[data-field]")) require(block, required[block.dataset["field"]!]);
    for (const block of form.querySelectorAll<HTMLElement>("[data-channels]")) {
      const way = block.dataset["ways"];
      block.hidden = block.dataset["channels"] !== channel.value || (way !== undefined && way !== cameBy?.value);
    }
    one<HTMLElement>("[data-firm]")!.hidden = withoutFirm.includes(applicant.value);
    const labels = Object.values(required).map((norm) => norm.label);
    const said = labels.length ? `${needed.dataset["needed"]} ${labels.join(", ")}` : needed.dataset["nothing"]!;
    if (needed.textContent !== said) needed.textContent = said;
  }

  /** Alt and a letter, by its place on the keyboard, so that a Cyrillic layout works too. */
  function press(event: KeyboardEvent): void {
    if (event.repeat || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.altKey)) {
      const button = one<HTMLButtonElement>(event.altKey ? "[data-register-next]" : "[data-register]") ?? one<HTMLButtonElement>("[data-register]")!;
      event.preventDefault();
      form.requestSubmit(button);
    } else if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      const field = event.code === "KeyN" ? tick(event) : one<HTMLElement>(`[data-key="${event.code}"]`);
      if (!field) return;
      event.preventDefault();
      field.focus();
    }
  }

  /** "has none" of the field in which one is; the cursor stays where it was. */
  function tick(event: KeyboardEvent): HTMLElement | null {
    const block = (event.target as Element).closest?.("[data-field]");
    const box = block?.querySelector<HTMLInputElement>("[data-none]:not([hidden]) input");
    if (box) box.checked = !box.checked;
    return box ? (event.target as HTMLElement) : null;
  }

  for (const button of form.querySelectorAll<HTMLElement>("[data-without-script]")) button.hidden = true;
  form.addEventListener("change", change);
  document.addEventListener("keydown", press);
  change();
}
