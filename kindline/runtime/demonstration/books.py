"""The invented organisation's books in the embedded billing: a year and a half that ends at each account's balance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from kindline.clients.models import Account
from kindline.connectors.billing.models import Tariff
from kindline.connectors.billing.months import first, following
from kindline.runtime.demonstration import copying, words
from kindline.runtime.demonstration.copying import Row
from kindline.standard.profile import Profile

MONTHS = 18
HEATING = (1, 2, 3, 4, 10, 11, 12)
RAISE_MONTH, BEFORE_RAISE = 7, Decimal("0.92")
CENT = Decimal("0.01")
Item = Mapping[str, Any]


def make(profile: Profile, now: dt.datetime) -> None:
    """Write tariffs, charges and payments of every account; nothing where accounts are not kept."""
    plan, ways = words.organisation(profile.id), words.language(profile.language)["ways"]
    if not plan["accounts"]:
        return
    today = now.astimezone(profile.zone).date()
    _tariffs(plan["books"], today)
    charges: list[Row] = []
    payments: list[Row] = []
    for account in Account.objects.order_by("number").only("number", "service", "opened_on", "balance"):
        dice = Random(account.number)  # noqa: S311 - the same books every time, no secret
        own = list(_charges(account, plan["books"][account.service], today, dice))
        paid = sum((row["amount"] for row in own), Decimal()) + account.balance
        if paid < 0:  # a debt that the account came with
            own.append({**own[0], "service": plan["carried"], "amount": -paid, **UNMEASURED})
            paid = Decimal()
        charges += own
        payments += _payments(account.number, own, paid, ways, today, dice)
    copying.copy("billing_chargedrow", charges)
    copying.copy("billing_paidrow", payments)


UNMEASURED: Row = {"volume": None, "unit": "", "tariff": None}


def _tariffs(books: Mapping[str, Sequence[Item]], today: dt.date) -> None:
    raised = _raised(today)
    Tariff.objects.bulk_create(
        Tariff(service=item["service"], unit=item["unit"], price=_price(item, day, today), since=day)
        for items in books.values()
        for item in items
        if item.get("metered")
        for day in (raised.replace(year=raised.year - 3), raised)
    )


def _charges(account: Account, items: Sequence[Item], today: dt.date, dice: Random) -> Iterator[Row]:
    month = max(following(first(account.opened_on)), following(first(today), -MONTHS))
    volumes = {item["service"]: dice.randint(*item["volume"]) for item in items if item.get("constant")}
    while month < first(today):
        for item in items:
            if month.month in HEATING or not item.get("heating"):
                shared = {"account": account.number, "month": month, "service": item["service"]}
                yield shared | _counted(item, volumes.get(item["service"]), month, today, dice)
        month = following(month)


def _counted(item: Item, constant: int | None, month: dt.date, today: dt.date, dice: Random) -> Row:
    if "sum" in item:
        low, high = item["sum"]
        return {"amount": Decimal(dice.randint(low * 100, high * 100)) / 100, **UNMEASURED}
    volume, price = constant or dice.randint(*item["volume"]), _price(item, month, today)
    return {"amount": (volume * price).quantize(CENT, ROUND_HALF_UP), "volume": volume, "unit": item["unit"],
            "tariff": price}  # fmt: skip


def _payments(
    account: str, charges: Sequence[Row], left: Decimal, ways: Sequence[str], today: dt.date, dice: Random
) -> Iterator[Row]:
    """Each bill is paid in the month after, until what came in all is spent; what is over comes with the last."""
    bills: dict[dt.date, Decimal] = {}
    for row in charges:
        bills[row["month"]] = bills.get(row["month"], Decimal()) + row["amount"]
    way, last = dice.choice(ways), max(bills)
    for month, asked in bills.items():
        amount = left if month == last else min(asked, left)
        left -= amount
        if amount > 0:
            day = min(following(month).replace(day=dice.randint(4, 24)), today)
            yield {"account": account, "paid_on": day, "amount": amount, "way": way}


def _raised(today: dt.date) -> dt.date:
    """The day on which prices rose last, as they do every summer."""
    year = today.year if today.month > RAISE_MONTH else today.year - 1
    return dt.date(year, RAISE_MONTH, 1)


def _price(item: Item, day: dt.date, today: dt.date) -> Decimal:
    price = Decimal(item["price"])
    return price if day >= _raised(today) else (price * BEFORE_RAISE).quantize(CENT, ROUND_HALF_UP)
