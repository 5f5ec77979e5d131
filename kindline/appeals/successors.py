"""An original that leaves without a letter: its duplicates are told what it was, or one of them takes its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kindline.appeals import letters, linking, moves, notices, renewing
from kindline.appeals.models import Appeal
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import loader

FREED = "freed"
"""Why somebody is told of an appeal: it was a duplicate and waits for an answer of its own again."""


def take_places(original: Appeal, *, employee: Employee | None, now: dt.datetime) -> None:
    """Closed without a word to anybody: the eldest duplicate is open again as it stood, the others hang on it.

    Clause: krc-5.7.2-20, court-1-31, yumek-9.1-07, voe-8-06 (no appeal stays without an answer).
    """
    _succeed(original, _held(original), employee, now)


def after_word(original: Appeal, *, employee: Employee | None, now: dt.datetime) -> None:
    """Answered by word of mouth: that has reached the duplicates of the same applicant, and nobody else.

    Clause: krc-5.7.2-20, krc-6.1-25, court-1-31.
    """
    if not (rows := _held(original)):
        return
    his = set(linking.of_applicant(original).filter(pk__in=[one.pk for one in rows]).values_list("pk", flat=True))
    for one in rows:
        if one.pk in his:
            linking.note_heard(one, original, employee=employee, now=now)
    _succeed(original, [one for one in rows if one.pk not in his], employee, now)


def after_forwarding(original: Appeal, *, employee: Employee | None, now: dt.datetime) -> None:
    """Closed as forwarded, its applicant told: a letter is prepared for each of the others, under the executor's name.

    Where there is nobody to write it, one of them takes its place. Clause: court-1-36, krc-5.7.2-20.
    """
    if original.answered_at is not None or not (rows := _held(original)):
        return
    author, profile = employee or original.executor, loader.load(original.profile)
    texts = {one.pk: letters.told_of_forwarding(profile, original, one) for one in rows}
    if author is None or not all(texts.values()):
        _succeed(original, rows, employee, now)
        return
    for one in rows:
        linking.prepare(one, original, texts[one.pk], author, employee=employee, now=now)


def _held(original: Appeal) -> list[Appeal]:
    keys = list(linking.untold(original).values_list("pk", flat=True))
    return list(Appeal.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")) if keys else []


def _succeed(original: Appeal, rows: Sequence[Appeal], employee: Employee | None, now: dt.datetime) -> None:
    if not rows:
        return
    first, *others = sorted(rows, key=lambda one: (one.registered_at, one.pk))
    _open_again(first, original, employee, now)
    for one in others:
        one.original, one.revision = first, one.revision + 1
        one.save(update_fields=["original", "revision"])
        moves.keep(one, "appeal_joined", {"original": first.pk, "number": first.number}, employee=employee, now=now)
    notices.tell_executor(first, f"{FREED}:{original.pk}", now)


def _open_again(appeal: Appeal, original: Appeal, employee: Employee | None, now: dt.datetime) -> None:
    """Its number and its executor are those that it had, and its term runs from its receipt: the clock never stopped.

    That is derived anew, for a calendar that moved meanwhile has moved no limit of what was closed (krc-6.1-09).
    """
    appeal.state, appeal.end = _stood(appeal), ""
    appeal.original = appeal.closed_at = None
    appeal.revision += 1
    why = moves.flow_of(original).ends[original.end].title[loader.load(original.profile).language]
    renewed = renewing.renew(appeal, why, employee=employee, now=now) if appeal.answered_at is None else ()
    appeal.save(update_fields=["state", "end", "original", "closed_at", "revision", *renewed])
    data = {"original": original.pk, "number": original.number, "end": original.end}
    moves.keep(appeal, "duplicate_freed", data, employee=employee, now=now)


def _stood(appeal: Appeal) -> str:
    """The state in which it was joined; of those joined before that was kept, that of a fresh appeal."""
    flow = moves.flow_of(appeal)
    fact = facts_of("appeal", appeal.pk).filter(kind="appeal_joined", data__has_key="stood").last()
    state = str(fact.data["stood"]) if fact else flow.start
    return state if state in flow.states and not flow.is_final(state) else flow.start
