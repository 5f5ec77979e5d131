/**
 * A form whose answer is a file: the browser keeps the file, and the page shows what has changed by it. Without this
 * script the file comes all the same.
 */

const FREE_MS = 60_000;

async function take(form: HTMLFormElement): Promise<void> {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual" });
  const named = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
  if (answer.ok && named) keep(await answer.blob(), named[1]!);
}

function keep(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), FREE_MS);
}

/** Whatever came of it, a file, a refusal that waits on the server, or nothing, the page is asked for anew. */
export function taken(form: HTMLFormElement): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelectorAll("button").forEach((button) => (button.disabled = true));
    void take(form).catch(() => undefined).finally(() => location.reload());
  });
}
