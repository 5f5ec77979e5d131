"""The bill as a document, and that it was given to whoever asked for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from kindline.clients.models import Account
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.readings import billcodes, codes, money
from kindline.readings.billing import Bill, Billing, Charge
from kindline.readings.errors import BillingAwayError, NoBillError
from kindline.standard.profile import Profile

SUBJECT = "bill"
ASKED, GIVEN = "bill_asked", "bill_given"
DAY = dt.timedelta(days=1)
PATIENCE_DAYS = 7
"""So many days back an asking that got no bill is looked for when the bill is given at last."""


@dataclass(frozen=True)
class Asking:
    """Which bill is asked for, where (`channel` account or office) and by whom (`actor` as in the journal)."""

    account: Account
    month: dt.date  # its first day
    channel: str
    actor: str = "client"


def month_of(raw: str) -> dt.date:
    """The month of an address, such as 2026-03, as its first day.

    Raises: NoBillError for what is none, and for the last that can be named: the day after it, on which its bill would
    be issued, cannot.
    """
    try:
        month = dt.datetime.strptime(raw, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise NoBillError(raw) from None
    if month.year == dt.MAXYEAR:
        raise NoBillError(raw)
    return month


def hand_over(
    asking: Asking,
    *,
    profile: Profile,
    billing: Billing,
    made: Callable[[str], bytes],
    clock: Callable[[], dt.datetime],
) -> bytes:
    """Ask the billing system for a bill and give it as a file (`made` turns the page into one).

    What goes wrong leaves an asking that was not met. A month that has no bill was never owed one.
    Clause: krc-5.7.3-10.
    Raises: NoBillError; BillingAwayError; what `made` raises.
    """
    try:
        bill = billing.bill(asking.account.number, asking.month)
    except BillingAwayError:
        note_asked(asking, profile=profile, now=clock())
        raise
    note_asked(asking, profile=profile, now=clock())
    content = made(page(bill, asking.account, profile))
    note_given(asking, profile=profile, now=clock())
    return content


@transaction.atomic
def note_asked(asking: Asking, *, profile: Profile, now: dt.datetime) -> None:
    """Keep that a bill was asked for; asking again on the same day is the same asking."""
    subject = _subject(asking, now.astimezone(profile.zone).date())
    if not facts_of(SUBJECT, subject).exists():
        _keep(ASKED, subject, asking, now)


@transaction.atomic
def note_given(asking: Asking, *, profile: Profile, now: dt.datetime) -> None:
    """Keep that the bill was given: it meets today's asking and those of the days before that got none."""
    today = now.astimezone(profile.zone).date()
    for back in range(PATIENCE_DAYS + 1):
        subject = _subject(asking, today - back * DAY)
        kinds = set(facts_of(SUBJECT, subject).values_list("kind", flat=True))
        if ASKED in kinds and GIVEN not in kinds:
            _keep(GIVEN, subject, asking, now)


def page(bill: Bill, account: Account, profile: Profile) -> str:
    """The bill on the organisation's letterhead, in its language, with the code by which it is paid."""
    with translation.override(profile.language):
        return _page(bill, account, profile)


def _page(bill: Bill, account: Account, profile: Profile) -> str:
    requisites = money.Requisites.of(profile)
    said = codes.text(bill, requisites)
    context = {
        "bill": bill,
        "account": account,
        "own_code": billcodes.code_of(account, bill.month),
        "company": profile.variable("company") or profile.body,
        "contacts": profile.contacts,
        "requisites": requisites,
        "purpose": codes.purpose(bill, requisites) if requisites else "",
        "code": mark_safe(codes.picture(said)) if said else "",  # noqa: S308 - drawn by us
        "sign": money.sign(profile),
        "lines": [_line(one) for one in bill.charges],
        "owed": max(-bill.opening, 0),
        "over": max(bill.opening, 0),
        "charged": sum(one.amount for one in bill.charges),
        "paid": sum(one.amount for one in bill.payments),
        "language": profile.language,
    }
    return render_to_string("readings/bill.html", context)


def _line(one: Charge) -> dict[str, Any]:
    return {
        "service": one.service,
        "volume": f"{money.plain(one.volume)} {one.unit}" if one.volume is not None else "",
        "tariff": money.plain(one.tariff) if one.tariff is not None else "",
        "amount": one.amount,
    }


def file_name(bill_of: Asking) -> str:
    """What the file of a bill is called."""
    return f"bill-{bill_of.account.number}-{bill_of.month:%Y-%m}.pdf"


def _subject(asking: Asking, day: dt.date) -> str:
    return f"{asking.account.pk}/{asking.month:%Y-%m}/{day.isoformat()}"


def _keep(kind: str, subject: str, asking: Asking, now: dt.datetime) -> None:
    data = {"account": asking.account.pk, "month": f"{asking.month:%Y-%m}", "channel": asking.channel}
    journal.record(kind=kind, subject_type=SUBJECT, subject_id=subject, actor=asking.actor, data=data, at=now)
