"""The invented operators at work: ready before a talk, busy with it and after it, then gone again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from random import Random

from kindline.journal.actions import NewFact
from kindline.runtime.demonstration.talks import RING_S, Talk

READY_S, STAYS_S = (60, 200), (40, 160)
"""How long an operator waits for a call, and for the next one before he leaves the line."""


def facts(talks: Iterable[Talk]) -> list[NewFact]:
    """The states of the operators around their talks; of talks that run into each other the first is told."""
    free_at: dict[int, dt.datetime] = {}
    found: list[NewFact] = []
    for talk in sorted(talks, key=lambda one: one.started_at):
        stretch = list(_stretch(talk))
        if stretch and stretch[0].at > free_at.get(talk.employee.pk, stretch[0].at - dt.timedelta(1)):  # type: ignore[operator]
            found += stretch
            free_at[talk.employee.pk] = stretch[-1].at  # type: ignore[assignment]
    return found


def _stretch(talk: Talk) -> Iterator[NewFact]:
    contact = talk.contact
    if contact.answered_at is None or contact.ended_at is None or contact.closed_at is None:
        return
    dice = Random(contact.id.int)  # noqa: S311 - the same every time, and no other dice is touched
    offered = contact.answered_at - dt.timedelta(seconds=RING_S / 2)
    moments = (
        ("ready", offered - dt.timedelta(seconds=dice.randint(*READY_S))), ("ringing", offered),
        ("talking", contact.answered_at), ("wrap_up", contact.ended_at), ("ready", contact.closed_at),
        ("offline", contact.closed_at + dt.timedelta(seconds=dice.randint(*STAYS_S))),
    )  # fmt: skip
    for state, at in moments:
        yield NewFact(
            "operator_state_changed", "employee", talk.employee.pk, "switchboard", {"state": state, "reason": ""}, at
        )
