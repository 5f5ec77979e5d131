"""bench registry-pages: the registry's search, list and card, and limits computed anew, at any number of appeals.

An empty database of its own under one profile, the demonstration organisation, `--appeals N` invented appeals written
by COPY. Pages are asked of Django in this process: what a request costs without network and browser.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from kindline.runtime.benches import database
from kindline.runtime.benches.product import say

BENCH = "registry-pages"
APPEALS = 20_000
SMALL, LARGE = 20_000, 1_000_000
SEARCH_P50_MS, SEARCH_P95_MS = 14.0, 100.0
LIST_P50_MS, CARD_P50_MS = 40.0, 25.0
LIMITS_A_SECOND = 1_667
"""A million in ten minutes."""
FORMS = {
    "ru": ["отоплению", "квитанцией", "счётчику", "протечки", "пеням", "котлов", "лифта", "батареями", "договором",
           "ржавая вода", "перерасчётом платы", "подвалах", "мастером", "субсидий", "пломбы"],
    "uk": ["опаленню", "квитанцією", "лічильнику", "протічки", "пені", "котлів", "ліфта", "батареями", "договором",
           "іржава вода", "перерахунком плати", "підвалах", "майстром", "субсидій", "засіданням"],
}  # fmt: skip
"""Words in forms that stand in no letter."""
FILTERS = ["", "?state=all", "?due=overdue", "?due=today", "?executor=me", "?executor=none", "?kind={kind}",
           "?channel=paper&state=all", "?unit={unit}", "?topic={topic}&state=all", "?state=closed&page=7",
           "?since={day}&until={day}&state=all", "?topic={topic}&channel=web&kind={kind}"]  # fmt: skip


def main(argv: Sequence[str]) -> None:
    """Print one line a measurement, each with its limit and whether it holds."""
    options = argparse.ArgumentParser(prog=f"bench {BENCH}", description=__doc__)
    options.add_argument("--appeals", type=int, default=APPEALS, help="how many (1000000 takes some minutes)")
    options.add_argument("--profile", default="krc")
    options.add_argument("--rounds", type=int, default=120, help="requests of each sort")
    chosen = options.parse_args(argv)
    with database.running(chosen.profile):
        seed(chosen.appeals)
        measure(chosen.appeals, chosen.rounds)
        recompute()


def seed(count: int) -> None:
    """Fill the database, and let it take its statistics as autovacuum would."""
    from django.db import connection

    from kindline.runtime import demonstration

    demonstration.load()
    began = time.perf_counter()
    demonstration.more_appeals(count, progress=_told("written"))
    took = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    say(bench=BENCH, what="seed", appeals=count, seconds=round(took, 1), a_second=round(count / took))


def measure(count: int, rounds: int) -> None:
    """Search, the page of a search, the list under its filters, the card."""
    from django.conf import settings

    from kindline.standard import loader

    profile = loader.load(settings.KINDLINE["profile"])
    dice = Random(7)  # noqa: S311 - the same questions every time
    asked = list(_searches(profile, dice, rounds))
    bounds = {"limit_p50_ms": SEARCH_P50_MS} if count <= SMALL else {"limit_p95_ms": SEARCH_P95_MS}
    _report("search", count, _times(_search(profile), asked), bounds)
    ask = _browser()
    _report("search page", count, _times(ask, [f"/desk/appeals/?q={text}" for text in asked]), {})
    pages = [f"/desk/appeals/{one}" for one in _filters(profile, dice, rounds)]
    _report("list of 50", count, _times(ask, pages), {"limit_p50_ms": LIST_P50_MS})
    cards = [f"/desk/appeals/{key}/" for key in _sample(profile, dice, rounds, "pk")]
    _report("card", count, _times(ask, cards), {"limit_p50_ms": CARD_P50_MS})


def recompute() -> None:
    """All appeals open, a working day moved: every limit computed anew, with progress."""
    from dataclasses import replace

    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from kindline.appeals import recomputing
    from kindline.appeals.models import Appeal
    from kindline.standard import loader
    from kindline.standard.calendars import Override, WorkingCalendar

    Appeal.objects.update(closed_at=None, answered_at=None, end="", state="assigned")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE appeals_appeal")
    profile = loader.load(settings.KINDLINE["profile"])
    now = timezone.now()
    day = now.astimezone(profile.zone).date()
    moved = WorkingCalendar(profile.calendar.country, overrides={day: Override(day, False, "bench")})
    began = time.perf_counter()
    changed = recomputing.recompute(
        profile=replace(profile, calendar=moved), why="bench", employee=None, now=now, progress=_told("computed")
    )
    took = time.perf_counter() - began
    total = Appeal.objects.count()
    holds = total / took >= LIMITS_A_SECOND
    say(bench=BENCH, what="limits anew", appeals=total, changed=changed, seconds=round(took, 1),
        a_second=round(total / took), limit_a_second=LIMITS_A_SECOND, holds=holds,
        load=round(os.getloadavg()[0], 1))  # fmt: skip


def _told(word: str) -> Callable[[int, int], None]:
    return lambda done, of: print(f"{word} {done} of {of}", file=sys.stderr, flush=True)


def _report(what: str, count: int, times: Sequence[float], bounds: dict[str, float]) -> None:
    """One line: the median and the 95th percentile in milliseconds against what they must not pass."""
    values = {"p50_ms": statistics.median(times), "p95_ms": sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]}
    holds = {"holds": all(values[name.removeprefix("limit_")] <= bound for name, bound in bounds.items())}
    rounded = {name: round(value, 1) for name, value in values.items()}
    load = round(os.getloadavg()[0], 1)
    say(bench=BENCH, what=what, appeals=count, requests=len(times), load=load, **rounded, **bounds, **holds)


def _times(work: Callable[[str], object], asked: Sequence[str]) -> list[float]:
    """Milliseconds of each; the first ones warm up and do not count."""
    for one in asked[:10]:
        work(one)
    found = []
    for one in asked:
        began = time.perf_counter()
        work(one)
        found.append(1000 * (time.perf_counter() - began))
    return found


def _search(profile: Any) -> Callable[[str], object]:
    """What the page asks of the database for a search."""
    from django.test import RequestFactory
    from django.utils import timezone

    from kindline.appeals import lookup
    from kindline.appeals.models import Appeal
    from kindline.desk import appeal_table, lists

    request = RequestFactory().get("/")
    rows = Appeal.objects.filter(profile=profile.id).order_by("-registered_at", "-pk")
    now = timezone.now()

    def ask(text: str) -> object:
        page = lists.window_of(request, lookup.find(rows, text, profile.id))
        return appeal_table.rows(list(page), now)

    return ask


def _browser() -> Callable[[str], object]:
    """Requests of a logged-in head to this process's own Django."""
    from django.test import Client

    from kindline.staff.models import Employee, Role

    browser = Client(headers={"host": "localhost"})
    who = Employee.objects.filter(roles__contains=[Role.SUPERVISOR]).order_by("pk")[0]
    browser.force_login(who)

    def ask(address: str) -> object:
        answer = browser.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        return answer.content

    return ask


def _sample(profile: Any, dice: Random, count: int, *fields: str) -> list[Any]:
    """Fields of appeals here and there."""
    from kindline.appeals.models import Appeal

    rows = Appeal.objects.filter(profile=profile.id)
    first, last = rows.order_by("pk").values_list("pk", flat=True)[0], rows.order_by("-pk")[0].pk
    keys = [dice.randint(first, last) for _ in range(count)]
    found = rows.filter(pk__in=keys).order_by("pk")
    return list(found.values_list(*fields, flat=len(fields) == 1))


def _searches(profile: Any, dice: Random, count: int) -> Iterator[str]:
    """What people type: numbers, names in any case, phones, accounts, addresses, words in other forms."""
    fields = ("number", "surname", "given_name", "phone", "residence", "client__accounts__number", "email")
    known = _sample(profile, dice, count, *fields)
    for n in range(count):
        number, surname, given_name, phone, residence, account, email = known[n % len(known)]
        form = dice.choice(FORMS[profile.language])
        local = f"8 {phone[2:5]} {phone[5:8]}-{phone[8:10]}-{phone[10:]}"
        sorts = (number, f"{surname} {given_name}", phone, residence, account, email, form, f"{form} {surname}", local)
        yield str(sorts[n % len(sorts)] or number)


def _filters(profile: Any, dice: Random, count: int) -> Iterator[str]:
    """Addresses of the list, each filter with values that are there."""
    known = _sample(profile, dice, count, "kind", "unit", "topic", "registered_at")
    for n in range(count):
        kind, unit, topic, at = known[n % len(known)]
        day = at.astimezone(profile.zone).date()
        yield FILTERS[n % len(FILTERS)].format(kind=kind, unit=unit or "", topic=topic, day=day)
