/** The last charges and payments of an account that the client has been identified for; the bill for a visitor. */

import { html, nothing } from "lit-html";
import { get } from "../../http.ts";
import { t } from "../../words.ts";
import type { Desk } from "../desk.ts";
import type { AccountBrief } from "../state.ts";
import { button, type View } from "./parts.ts";
import { print } from "./visit.ts";

interface Money {
  away: boolean;
  months: { title: string; charged: string; paid: string; bill: string }[];
  payments: { on: string; amount: string; way: string }[];
}

/** What was told, by contact and account; null while it is being asked. */
const told = new Map<string, Money | null>();

async function ask(desk: Desk, key: string, url: string): Promise<void> {
  told.set(key, null);
  try {
    const { body } = await get<Money>(url);
    told.set(key, body);
    if (body && !body.away) void desk.refresh(); // the balance may be another by now
  } catch {
    told.set(key, { away: true, months: [], payments: [] });
  }
  desk.draw();
}

export function moneyView(desk: Desk, account: AccountBrief): View {
  const address = desk.config.urls.money;
  if (!address || !desk.contact) return nothing;
  const key = `${desk.contact}/${account.id}`;
  const url = address.replace("CONTACT", desk.contact).replace("/0/", `/${account.id}/`);
  if (!told.has(key)) void ask(desk, key, url);
  const money = told.get(key);
  if (!money) return nothing;
  if (money.away)
    return html`<p class="call-sub" role="status">${t("money_away")} ${button(t("money_again"), () => void ask(desk, key, url), { look: "btn-sm btn-outline-secondary" })}</p>`;
  if (!money.months.length) return html`<p class="call-sub">${t("money_none")}</p>`;
  return html`<table class="account-money"><caption class="visually-hidden">${t("money_last")}</caption>
      <thead><tr><th scope="col">${t("money_month")}</th><th scope="col">${t("money_charged")}</th><th scope="col">${t("money_paid")}</th></tr></thead>
      <tbody>${money.months.map((row) => html`<tr><th scope="row">${row.title}${bill(desk, account, row)}</th><td>${row.charged}</td><td>${row.paid}</td></tr>`)}</tbody></table>
    ${money.payments.length ? html`<p class="call-sub">${t("money_payments")}: ${money.payments.map((one) => [one.on, one.amount, one.way].filter(Boolean).join(", ")).join("; ")}</p>` : nothing}`;
}

/** The printed bill, at the counter. */
function bill(desk: Desk, account: AccountBrief, row: Money["months"][number]): View {
  const address = desk.config.urls.bill;
  if (!desk.visit || !address || !row.bill) return nothing;
  const url = address.replace("/0/", `/${account.id}/`).replace("MONTH", row.bill);
  return html` ${button(t("bill_print"), () => print(desk, url), { look: "btn-sm btn-outline-primary", icon: "file", id: `bill-${row.bill}` })}`;
}
