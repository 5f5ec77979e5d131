"""Everything that the account shows, as data: the keys are documented in docs/how-to/data-of-ones-own.md."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kindline.appeals.models import Answer, Appeal
from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client
from kindline.correspondence.models import Outgoing
from kindline.notifications import topics
from kindline.readings import queries as readings
from kindline.readings.billing import Billing
from kindline.readings.errors import BillingAwayError
from kindline.readings.models import Reading
from kindline.site.account import actions, asking, bookings, own
from kindline.site.account.sessions import SESSIONS
from kindline.site.models import Submission


def money_of(accounts: list[Account], billing: Billing | None) -> dict[int, dict[str, Any]]:
    """What the billing system tells of each account; it is asked in no transaction."""
    return {one.pk: _money(one, billing) for one in accounts}


def told(login: Login, accounts: list[Account], moved: dict[int, dict[str, Any]], now: dt.datetime) -> dict[str, Any]:
    """What is kept of who has entered and of the accounts that are his, ready for JSON; `moved`: as by `money_of`.

    Phones and e-mail addresses of the cards are hidden but for their ends, as on the page of own data.
    """
    return {
        "made_at": now,
        "email": login.email,
        "accounts": [_account(login, one, moved[one.pk]) for one in accounts],
        "clients": [_client(one) for one in own.owners_of(login)],
        "appeals": [_appeal(one) for one in _submissions(login)],
        "bookings": [
            {"number": one.number, "starts_at": one.starts_at, "made_at": one.made_at, "cancelled_at": one.cancelled_at}
            for one in bookings.rows_of(login)
        ],
        "consents": [
            {"appeal": one.appeal.number, "about": one.about, "consented_at": one.consented_at}
            for one in _submissions(login)
        ],
        "notices": list(
            topics.of_address(login.email).values("way", "topics", "street", "house", "made_at", "confirmed_at")
        ),
        "letters": [
            {"subject": one.subject, "text": one.text, "state": one.state, "queued_at": one.queued_at}
            for one in _letters(login)
        ],
        "sessions": [
            {"opened_at": one.opened_at, "seen_at": one.seen_at, "browser": one.browser}
            for one in SESSIONS.of(login, now)
        ],
        "entries": list(login.entries.order_by("at").values("at", "way", "entered", "browser")),
    }


def _account(login: Login, account: Account, moved: dict[str, Any]) -> dict[str, Any]:
    known = asking.known_of(login, account)
    return {
        **known, "phone": own.hidden(known["phone"]) if known["phone"] else "",
        "number": account.number, "service": account.service, "opened_on": account.opened_on,
        "balance": account.balance, "balance_on": account.balance_on,
        **moved,
        "readings": [_reading(one) for one in readings.history([account.pk], limit=None)],
    }  # fmt: skip


def _money(account: Account, billing: Billing | None) -> dict[str, Any]:
    """Charges and payments; None where the billing system is not there or does not answer now: it is no empty list."""
    try:
        charges = billing.charges(account.number, account.opened_on) if billing else None
        payments = billing.payments(account.number, account.opened_on) if billing else None
        bills = billing.months(account.number) if billing else None
    except BillingAwayError:
        return {"charges": None, "payments": None, "bills": None}
    return {
        "charges": charges and [
            {"month": one.month, "service": one.service, "amount": one.amount, "volume": one.volume, "unit": one.unit,
             "tariff": one.tariff} for one in charges
        ],
        "payments": payments and [
            {"paid_on": one.paid_on, "amount": one.amount, "way": one.way} for one in payments
        ],
        "bills": bills,
    }  # fmt: skip


def _reading(one: Reading) -> dict[str, Any]:
    return {
        "taken_on": one.taken_on, "meter": one.meter.number, "zone": one.zone, "value": one.value,
        "unit": one.meter.unit, "state": one.state, "reason": one.reason, "channel": one.sending.channel,
        "sent_at": one.sending.sent_at,
    }  # fmt: skip


def _client(client: Client) -> dict[str, Any]:
    points = client.points.order_by("pk")
    return {
        "surname": client.surname, "given_name": client.given_name, "patronymic": client.patronymic,
        "firm_name": client.firm_name, "residence": client.residence, "language": client.language,
        "survey_consent": client.survey_consent, "do_not_call": client.do_not_call, "ways": client.ways,
        "notices": client.notices,
        "contacts": [{"kind": one.kind, "value": own.hidden(one.value)} for one in points],
    }  # fmt: skip


def _submissions(login: Login) -> list[Submission]:
    return list(login.submissions.select_related("appeal").order_by("-made_at"))


def _appeal(made: Submission) -> dict[str, Any]:
    appeal: Appeal = made.appeal
    answer = Answer.objects.filter(appeal=appeal).exclude(sent_at=None).first()
    return {
        "number": appeal.number, "kind": appeal.kind, "text": appeal.substance, "state": appeal.state,
        "registered_at": appeal.registered_at, "limit_at": appeal.limit_at, "closed_at": appeal.closed_at,
        "answer": {"text": answer.text, "sent_at": answer.sent_at} if answer else None,
        "messages": [
            {"made_at": one.made_at, "text": one.text, "from": "organisation" if one.is_ours else "client"}
            for one in appeal.messages.order_by("pk")
        ],
    }  # fmt: skip


def _letters(login: Login) -> list[Outgoing]:
    """What we wrote to the address of the log-in, without the codes for entering."""
    rows = Outgoing.objects.filter(recipient=login.email).exclude(key__startswith=actions.LETTER)
    return list(rows.order_by("queued_at", "pk"))
