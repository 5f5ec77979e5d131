"""bench month-end: the end of a month at twenty times the usual rate, by the web and by mail (faults O1).

Readings by form and by programs, questions, pages, lists, reports, exports, searches and bookings come at a fixed rate,
whoever is answered late, each from an address of its own, through nginx, to the product's web processes; a campaign
by e-mail runs beside them. Then the rate is doubled until something is put off: what, when, in which order. Everything
that was acknowledged is looked for in the database.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import http.client
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kindline.journal import strain
from kindline.runtime import parts
from kindline.runtime.benches import behind, readings
from kindline.runtime.benches.month_end_mix import A_SECOND, PUT_OFF, SORTS, TAKING, Asker, Seen
from kindline.runtime.benches.product import say
from kindline.runtime.nginx import trial

BENCH, HANDS, FEW, LOOK_S = "month-end", 200, 4, 0.05
WARM, FIRST_WITHIN_S = 12, 60
TIMES, SECONDS, CALM_S, BEYOND_S, DOUBLINGS = 20, 600, 20, 30, 4
ACCOUNTS, LETTERS, SEED = 50_000, 20_000, 20261130
ACCEPTED_P99_MS = 2000.0
DAY = "2026-03-20"
Due = tuple[float, int, str]
"""When, in seconds since the beginning; which in number; of what kind."""


@dataclass
class Crowd:
    """Who asks: through which port, with whose token and session; and what has come of it so far."""

    port: int
    token: str
    session: str
    letters: list[str]  # to whom letters of the campaign have come
    next: int = 0
    taken: dict[str, list[str]] = field(default_factory=dict)

    def asker(self, n: int) -> Asker:
        """The nth of them."""
        return Asker(self.port, n, DAY, self.token, self.session)


@dataclass
class Told:
    """What came of one stage: for each kind what its clients saw, what went wrong, by how much the latest was late."""

    seen: dict[str, list[Seen]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    put_off: Counter[str] = field(default_factory=Counter)
    late_s: float = 0.0

    def accepted_ms(self, kind: str) -> list[float]:
        """How long each answer took that was none of being put off, milliseconds."""
        steps = [step for one in self.seen.get(kind, ()) for step in one.steps]
        return sorted(1000 * took for status, took in steps if status != PUT_OFF)


def main(argv: Sequence[str]) -> None:
    """Print one line a kind and stage, then the values with their limits."""
    options = argparse.ArgumentParser(prog=f"bench {BENCH}", description=__doc__)
    options.add_argument("--times", type=float, default=TIMES, help="the usual rate so many times")
    options.add_argument("--seconds", type=float, default=SECONDS, help="for so long")
    options.add_argument("--calm", type=float, default=CALM_S, help="seconds of the campaign alone, before")
    options.add_argument("--beyond", type=float, default=BEYOND_S, help="seconds of each doubling afterwards")
    options.add_argument("--accounts", type=int, default=ACCOUNTS)
    options.add_argument("--profile", default="krc")
    options.add_argument("--folder", type=Path, help="an instance that stays there")
    chosen = options.parse_args(argv)
    try:
        trial.program()
    except trial.NginxMissingError as error:
        say(bench=BENCH, skipped=str(error))
        return
    with crowded(chosen.profile, chosen.folder, chosen.accounts) as crowd:
        run(crowd, chosen.times, chosen.seconds, chosen.calm, chosen.beyond)


def run(crowd: Crowd, times: float, seconds: float, calm_s: float, beyond_s: float) -> None:
    """The campaign alone, the end of the month, then more and more until something is put off."""
    warm(crowd)
    before = len(crowd.letters)
    time.sleep(calm_s)
    say(bench=BENCH, what="letters_a_second_alone", value=round((len(crowd.letters) - before) / calm_s, 1))
    told, first = stage(crowd, times, seconds)
    worst = max(quantile(told.accepted_ms(kind), 0.99) for kind in A_SECOND)
    value("accepted_p99_ms", worst, ACCEPTED_P99_MS, times=times, seconds=seconds)
    value("errors", len(told.errors), 0, examples=told.errors[:3])
    wrong = [*_refused(told)]
    for _ in range(DOUBLINGS):
        if len(first) == len(strain.WAITED_S):
            break
        times *= 2
        told, more = stage(crowd, times, beyond_s)
        wrong += _refused(told)
        first = more or first
    value("taking_in_put_off", len(wrong), 0)
    said = [sort for sort in strain.WAITED_S if sort in first]
    holds = said == sorted(said, key=lambda sort: first[sort]) and said == [*strain.WAITED_S][: len(said)]
    say(bench=BENCH, what="order_put_off", value=said, first_s=first, times=times, holds=holds)
    taken = {kind: len(crowd.taken[kind]) for kind in TAKING}
    value("acknowledged_and_lost", lost(crowd), 0, acknowledged=taken)


def warm(crowd: Crowd) -> None:
    """Ask everything some times and wait for the first letter: what is loaded at the first request is loaded then."""
    kinds = [kind for kind in A_SECOND for _ in range(WARM)]
    first, crowd.next = crowd.next, crowd.next + len(kinds)
    told = asked(crowd, [(0.0, n, kind) for n, kind in enumerate(kinds, first)], time.monotonic(), hands=FEW)
    until = time.monotonic() + FIRST_WITHIN_S
    while not crowd.letters and time.monotonic() < until:
        time.sleep(LOOK_S)
    value("errors_at_first", len(told.errors), 0, examples=told.errors[:3], letters=len(crowd.letters))


def stage(crowd: Crowd, times: float, seconds: float) -> tuple[Told, dict[str, float]]:
    """So many times the usual for so long; what came of it, and when each sort was first put off, seconds."""
    due, letters, began = arrivals(crowd, times, seconds), len(crowd.letters), time.monotonic()
    with watched(began) as first:
        told = asked(crowd, due, began)
    lasted = time.monotonic() - began
    for kind in A_SECOND:
        took, all_seen = told.accepted_ms(kind), told.seen.get(kind, [])
        say(bench=BENCH, what=kind, times=times, asked=len(all_seen), put_off=told.put_off[kind],
            **{f"p{share}_ms": round(quantile(took, share / 100)) for share in (50, 95, 99)})  # fmt: skip
        crowd.taken.setdefault(kind, []).extend(one.taken for one in all_seen if one.taken)
    say(bench=BENCH, what="stage", times=times, lasted_s=round(lasted, 1), asked_a_second=round(len(due) / lasted, 1),
        letters_a_second=round((len(crowd.letters) - letters) / lasted, 1), first_put_off_s=first,
        latest_began_late_s=round(told.late_s, 2), errors=len(told.errors),
        load=round(os.getloadavg()[0], 1))  # fmt: skip
    return told, dict(first)


def arrivals(crowd: Crowd, times: float, seconds: float) -> list[Due]:
    """Who comes when: each kind by chance at its rate, the same ones every time."""
    dice, found = random.Random(SEED + crowd.next), list[tuple[float, str]]()  # noqa: S311
    for kind, rate in A_SECOND.items():
        at = dice.expovariate(rate * times)
        while at < seconds:
            found.append((at, kind))
            at += dice.expovariate(rate * times)
    first, crowd.next = crowd.next, crowd.next + len(found)
    return [(at, n, kind) for n, (at, kind) in enumerate(sorted(found), first)]


def asked(crowd: Crowd, due: Sequence[Due], began: float, *, hands: int = HANDS) -> Told:
    """Let them come, whoever is answered late."""
    told, lock = Told(), threading.Lock()

    def one(when: Due) -> None:
        at, n, kind = when
        time.sleep(max(0.0, began + at - time.monotonic()))
        late, seen, wrong = time.monotonic() - began - at, None, ""
        try:
            seen = crowd.asker(n).ask(kind)
        except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
            wrong = f"{kind}: {error!r}"
        with lock:
            told.late_s = max(told.late_s, late)
            if seen is None:
                told.errors.append(wrong)
                return
            told.seen.setdefault(kind, []).append(seen)
            told.put_off[kind] += any(status == PUT_OFF for status, _ in seen.steps)

    with ThreadPoolExecutor(hands) as pool:
        list(pool.map(one, due))
    return told


@contextlib.contextmanager
def watched(began: float) -> Iterator[dict[str, float]]:
    """When each sort was first put off on this machine, seconds since the beginning."""
    first, over = dict[str, float](), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            for sort in strain.WAITED_S:
                if sort not in first and strain.holds(sort):
                    first[sort] = round(time.monotonic() - began, 1)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield first
    finally:
        over.set()
        looking.join()


def lost(crowd: Crowd) -> int:
    """How many of those that were acknowledged are not in the database."""
    from kindline.readings.models import Reading, Sending
    from kindline.site.models import Submission

    program, form, question = (crowd.taken[kind] for kind in TAKING)
    kept = Reading.objects.filter(pk__in=program).count() + Sending.objects.filter(key__in=form).count()
    kept += Submission.objects.filter(pk__in=question).count()
    return len(program) + len(form) + len(question) - kept


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that this share does not pass; 0 of nothing."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def value(what: str, found: float, limit: float, **more: object) -> None:
    """Say one measured value, its limit, and whether it holds."""
    say(bench=BENCH, what=what, value=round(found, 1), at_most=limit, holds=found <= limit, **more)


def _refused(told: Told) -> Iterator[str]:
    """What is never put off, and was."""
    yield from (kind for kind, count in told.put_off.items() for _ in range(count) if kind not in SORTS)


# --- preparation ---
@contextlib.contextmanager
def crowded(profile: str, kept: Path | None, accounts: int) -> Iterator[Crowd]:
    """The product behind nginx with accounts and meters, and a campaign by e-mail that runs."""
    with postbox() as (port, letters):
        os.environ |= {"KINDLINE_SMTP_URL": f"smtp://127.0.0.1:{port}", "KINDLINE_MAIL_FROM": "info@example.org"}
        with behind.running(profile, kept) as begun, behind.fronted(begun.instance) as front:
            token, session = _prepare(profile, accounts)
            begun.part(parts.mail(begun.instance))
            begun.part(parts.campaigns(begun.instance))
            yield Crowd(front, token, session, letters)


@contextlib.contextmanager
def postbox() -> Iterator[tuple[int, list[str]]]:
    """An SMTP server that takes every letter; its port, and to whom letters came."""
    from aiosmtpd.controller import Controller

    from kindline.runtime import ports

    letters: list[str] = []

    class Taking:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            letters.extend(envelope.rcpt_tos)
            return "250 taken"

    server = Controller(Taking(), hostname="127.0.0.1", port=ports.choose())
    server.start()
    try:
        yield server.port, letters
    finally:
        server.stop()


def _prepare(profile: str, accounts: int) -> tuple[str, str]:
    """Accounts, an employee, the campaign; his token, and the cookie of his session."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from kindline.staff import tokens
    from kindline.staff.models import Employee, Role, Scope

    readings.prepare(accounts)
    now = timezone.now()
    head = Employee.objects.create(username="bench", roles=[Role.SUPERVISOR, Role.DIRECTOR, Role.SPECIALIST])
    _, token = tokens.issue_token(
        employee=head, title="bench", scopes=[Scope.READINGS], days=1, requests_a_minute=tokens.RATE_MAX, by=None,
        now=now,
    )  # fmt: skip
    _campaign(profile, head, now)
    browser = Client(headers={"host": "localhost"})
    browser.force_login(head)
    name = settings.SESSION_COOKIE_NAME
    return token, f"{name}={browser.cookies[name].value}"


def _campaign(profile: str, head: Any, now: dt.datetime) -> None:
    """A message by e-mail to many, who live where it is two in the afternoon."""
    from kindline.campaigns import actions
    from kindline.campaigns.audience import Asked
    from kindline.standard import loader

    said = {"kind": "message", "purpose": "service_notices", "title": "Показания", "text": "Передайте показания.",
            "ways": ["email"]}  # fmt: skip
    known = loader.load(profile)
    made = actions.create_campaign(profile=known, fields=said, employee=head, now=now)
    people = Asked(numbers="\n".join(f"client{n}@example.org" for n in range(LETTERS)))
    country = known.calendar.country
    actions.fill(campaign=made, asked=people, country=country, employee=head, now=now)
    made.targets.update(zone=f"Etc/GMT{now.astimezone(dt.UTC).hour - 14:+d}")
    actions.start_campaign(campaign=made, employee=head, now=now)


if __name__ == "__main__":
    main(sys.argv[1:])
