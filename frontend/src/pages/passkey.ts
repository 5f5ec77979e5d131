/** Passkeys: the page asks our server for a challenge, the browser asks the authenticator, the form carries the answer. Everything else on these pages works without it. */

type Told = Record<string, any>;

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const told = (given: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(given))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** What the server told, as browsers take it: older ones cannot read it as JSON by themselves. */
function understood(asked: Told): Told {
  const ids = (list: Told[] = []): Told[] => list.map((one) => ({ ...one, id: bytes(one["id"]) }));
  const read: Told = { ...asked, challenge: bytes(asked["challenge"]) };
  if (asked["user"]) read["user"] = { ...asked["user"], id: bytes(asked["user"].id) };
  if (asked["excludeCredentials"]) read["excludeCredentials"] = ids(asked["excludeCredentials"]);
  if (asked["allowCredentials"]) read["allowCredentials"] = ids(asked["allowCredentials"]);
  return read;
}

/** What the authenticator said, as our server reads it. */
function said(made: PublicKeyCredential): string {
  const response: Told = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const value = (made.response as Told)[name] as ArrayBuffer | null | undefined;
    if (value) response[name] = told(value);
  }
  return JSON.stringify({ id: made.id, rawId: told(made.rawId), type: made.type, response });
}

/** Why it came to nothing, as the words of the page are called. */
const WHY: Record<string, string> = { InvalidStateError: "known", NotAllowedError: "cancelled", AbortError: "cancelled", SecurityError: "host", NotSupportedError: "unable", ConstraintError: "unable" };

class Refused extends Error {}

async function asked(form: HTMLFormElement, to: string): Promise<Told> {
  const answer = await fetch(to, { method: "POST", credentials: "same-origin", body: new FormData(form), signal: AbortSignal.timeout(15_000) }).catch(() => null);
  if (answer?.ok && answer.headers.get("content-type")?.startsWith("application/json")) return understood((await answer.json()) as Told);
  const body = answer ? ((await answer.json().catch(() => ({}))) as Told) : {};
  const otherwise = answer?.status === 403 ? "over" : "trouble"; // a page without words of its own: its form is not taken any more
  throw new Refused(String(body["error"] ?? otherwise));
}

async function answered(form: HTMLFormElement, to: string, makes: boolean): Promise<string> {
  if (!window.isSecureContext) throw new Refused("insecure");
  if (!window.PublicKeyCredential) throw new Refused("unsupported");
  const publicKey = (await asked(form, to)) as any;
  const made = makes ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  if (!made) throw new Refused("cancelled");
  return said(made as PublicKeyCredential);
}

/** `button`: of a form with a hidden field `credential`; the words for what may go wrong stand at the part that its `data-said` names. */
export function passkey(button: HTMLButtonElement): void {
  const form = button.form!;
  const part = document.getElementById(button.dataset["said"]!)!;
  const field = form.elements.namedItem("credential") as HTMLInputElement;
  const say = (why: string): void => {
    part.textContent = why && (part.dataset[why] ?? part.dataset["trouble"]!);
    part.hidden = !why;
  };
  const show = async (): Promise<void> => {
    say("");
    button.disabled = true;
    try {
      field.value = await answered(form, button.dataset["passkey"]!, button.dataset["makes"] !== undefined);
      form.submit();
    } catch (error) {
      button.disabled = false;
      say(error instanceof Refused ? error.message : (WHY[(error as Error).name] ?? "trouble"));
      button.focus();
    }
  };
  button.addEventListener("click", () => void show());
  if (!form.querySelector("button:not([type=button])"))
    form.addEventListener("submit", (event) => {
      event.preventDefault(); // by Enter in a field: there is no other button
      void show();
    });
  button.hidden = false;
}
