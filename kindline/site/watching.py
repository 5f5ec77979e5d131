"""What is published, looked at once a day: a fact for each item, judged by the standard, told to who answers for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from kindline.appeals import telling_staff
from kindline.correspondence import wires
from kindline.journal import actions as journal
from kindline.journal.actions import NewFact
from kindline.journal.models import Fact
from kindline.journal.queries import facts_between, facts_of_many
from kindline.site import freshness
from kindline.site.freshness import Freshness
from kindline.staff import queries as staff
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from kindline.standard.publication import Slot
from kindline.standard.published_data import Telling

CHECKED, TOLD = "slot_checked", "slot_told"
WRONG = ("empty", "overdue")
MORNING = dt.time(8)
"""From when people are told, where the standard has no hour for its daily letters."""


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Look at every slot of today and tell who must be told; how many facts of checks. Run it as often as you like.

    Clause: krc-5.7-03, krc-5.7.1-50, krc-5.2-27.
    """
    if profile.publication is None:
        return 0
    rows = freshness.today(profile, now)
    count = check(profile=profile, rows=rows, now=now)
    if profile.publication.telling is not None:
        tell(profile=profile, rows=rows, telling=profile.publication.telling, now=now)
    return count


@transaction.atomic
def check(*, profile: Profile, rows: Sequence[Freshness], now: dt.datetime) -> int:
    """Keep how each slot stands: once a local day, and once more when it has changed since; how many facts.

    The subject is a slot in a month, so that a month has its verdict, and the next one begins anew.
    """
    day = now.astimezone(profile.zone).date()
    midnight = dt.datetime.combine(day, dt.time(0), profile.zone)
    known = {
        fact.data["slot"]: fact.data for fact in facts_between(midnight, now + dt.timedelta(seconds=1), kind=CHECKED)
    }
    fresh = [(row, data) for row in rows if known.get(row.slot.key) != (data := _seen(row, day))]
    journal.record_many([
        NewFact(CHECKED, "slot_month", f"{row.slot.key}/{day:%Y-%m}", data=data, at=now, clauses=row.slot.clauses)
        for row, data in fresh
    ])  # fmt: skip
    return len(fresh)


def _seen(row: Freshness, day: dt.date) -> dict[str, Any]:
    overdue = (day - row.due_on).days if row.due_on and row.due_on < day else 0
    return {
        "slot": row.slot.key, "where": row.slot.where, "state": row.state, "overdue_days": overdue,
        "lacking": list(row.lacking), "due_on": row.due_on.isoformat() if row.due_on else "", "owner": row.slot.owner,
    }  # fmt: skip


def wanting(profile: Profile, employee: Employee | AnonymousUser) -> list[tuple[Slot, str]]:
    """The slots that were not fresh at the last look and for which the employee answers, each with its state.

    The director answers for all.
    """
    slots = profile.publication.slots if profile.publication else {}
    if not slots or not isinstance(employee, Employee):
        return []
    facts = Fact.objects.filter(kind=CHECKED, at__gte=_latest_day()).order_by("at", "pk")
    states = {fact.data["slot"]: fact.data["state"] for fact in facts}
    found = [(slots[key], state) for key, state in states.items() if state in WRONG and key in slots]
    return [(slot, state) for slot, state in found if employee.has_role(slot.owner, Role.DIRECTOR)]


def _latest_day() -> dt.datetime:
    latest = Fact.objects.filter(kind=CHECKED).order_by("-at").values_list("at", flat=True).first()
    return latest - dt.timedelta(days=1) if latest else dt.datetime.max.replace(tzinfo=dt.UTC)


def tell(*, profile: Profile, rows: Sequence[Freshness], telling: Telling, now: dt.datetime) -> int:
    """One letter a person of all that he is to be told today; how many people. Nothing while no relay is set."""
    here = now.astimezone(profile.zone)
    norm = profile.workflow.digest if profile.workflow else None
    morning = norm.at if norm else MORNING
    if wires.relay() is None or here.time() < morning or not profile.calendar.is_working_day(here.date()):
        return 0
    due = list(_due(rows, telling, profile, now))
    people: dict[int, tuple[Employee, list[tuple[Freshness, str]]]] = {}
    for row, rung in due:
        for employee in staff.with_role(*_to(row, rung, telling)).exclude(email=""):
            people.setdefault(employee.pk, (employee, []))[1].append((row, rung))
    _send(people, due, telling, profile, now)
    return len(people)


def _due(
    rows: Sequence[Freshness], telling: Telling, profile: Profile, now: dt.datetime
) -> Iterator[tuple[Freshness, str]]:
    """Each slot with the rung that has come and was not told within the pause: ahead, owner, head."""
    since, day = now - dt.timedelta(days=telling.repeat_days), now.astimezone(profile.zone).date()
    facts = facts_of_many("slot", [row.slot.key for row in rows]).filter(kind=TOLD, at__gt=since)
    known = {(fact.subject_id, fact.data["rung"]) for fact in facts}
    for row in rows:
        for rung in _rungs(row, telling, day):
            if (row.slot.key, rung) not in known:
                yield row, rung


def _rungs(row: Freshness, telling: Telling, day: dt.date) -> Iterator[str]:
    if row.state == "fresh":
        if row.due_on is not None and row.due_on <= day + dt.timedelta(days=telling.ahead_days):
            yield "ahead"
        return
    yield "owner"
    if row.state == "empty" or row.due_on is None or (day - row.due_on).days >= telling.head_after_days:
        yield "head"


def _to(row: Freshness, rung: str, telling: Telling) -> tuple[str, ...]:
    return telling.heads if rung == "head" else (row.slot.owner,)


@transaction.atomic
def _send(
    people: dict[int, tuple[Employee, list[tuple[Freshness, str]]]], due: Sequence[tuple[Freshness, str]],
    telling: Telling, profile: Profile, now: dt.datetime,
) -> None:  # fmt: skip
    told: dict[tuple[str, str], list[int]] = {}
    for employee, several in people.values():
        if _write(employee, list(dict.fromkeys(row for row, _rung in several)), profile, now):
            for row, rung in several:
                told.setdefault((row.slot.key, rung), []).append(employee.pk)
    journal.record_many([
        NewFact(TOLD, "slot", row.slot.key, at=now, clauses=telling.clauses, data={
            "rung": rung, "state": row.state, "due_on": row.due_on.isoformat() if row.due_on else "",
            "employees": told[row.slot.key, rung],
        })
        for row, rung in due if (row.slot.key, rung) in told
    ])  # fmt: skip


def _write(employee: Employee, rows: Sequence[Freshness], profile: Profile, now: dt.datetime) -> bool:
    day = now.astimezone(profile.zone).date()
    with translation.override(employee.language):
        subject = gettext("What is published needs you; items: %(n)s") % {"n": len(rows)}
        end = gettext("Open the page “What is published” to see more. This message was composed by the program.")
        text = "\n".join([*(f"– {row.slot.title}: {_said(row)}" for row in rows), "", end])
    return telling_staff.write(f"published:{employee.pk}:{day}", employee, subject, text, profile, now) is not None


def _said(row: Freshness) -> str:
    until = f"{row.due_on:%d.%m.%Y}" if row.due_on else "–"
    if row.state == "empty":
        return gettext("empty; it lacks: %(words)s") % {"words": ", ".join(row.lacking)}
    if row.state == "overdue":
        return gettext("overdue, it was to be read until %(day)s") % {"day": until}
    return gettext("to be read until %(day)s") % {"day": until}
