"""Invented ratings after invented talks: who was asked as the profile asks, and what he pressed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random

from kindline.feedback.models import Rating, Way
from kindline.runtime.demonstration.talks import Talk
from kindline.standard.menus import RATING_BEST, RatingRequest

BY_OPERATOR = 0.6
"""How often the operator is the one who hangs up: others cannot be asked."""
ANSWERS = 0.62
"""How many of those who are asked press a key that counts."""
SCORES = (0.05, 0.05, 0.1, 0.28, 0.52)
"""How often each score is given, from the worst on."""
RUDE = frozenset({"call_terminated", "bad_line_flagged"})


def of(talks: Sequence[Talk], asked: RatingRequest | None) -> list[Rating]:
    """The ratings of these talks, whose facts learn of them; each client is left in peace as the profile says."""
    found: list[Rating] = []
    last: dict[str, dt.datetime] = {}
    for talk in talks if asked else ():
        dice = Random(talk.contact.id.int)  # noqa: S311 - the same ratings every time, no secret
        said = last.get(talk.contact.caller)
        if asked is None or not _fits(talk, asked) or dice.random() >= BY_OPERATOR:
            continue
        if said is None or talk.now - said > dt.timedelta(days=asked.pause_days):
            last[talk.contact.caller] = talk.now
            found += _asked(talk, dice)
    return found


def _fits(talk: Talk, asked: RatingRequest) -> bool:
    ended, kinds = talk.contact.ended_at, {fact.kind for fact in talk.facts}
    if talk.contact.answered_at is None or ended is None or talk.direction not in asked.directions or kinds & RUDE:
        return False
    talk_s = (ended - talk.contact.answered_at).total_seconds()
    return (not asked.lines or talk.line in asked.lines) and talk_s >= asked.talk_s_min


def _asked(talk: Talk, dice: Random) -> list[Rating]:
    """One client is asked; what he presses, if anything."""
    ended = next(fact for fact in talk.facts if fact.kind == "call_ended")
    ended.data["by"] = "operator"  # type: ignore[index]
    end = talk.contact.ended_at or talk.now
    talk.tell(end + dt.timedelta(seconds=1), "rating_asked", employee=talk.employee.pk)
    at = end + dt.timedelta(seconds=dice.uniform(6, 14))
    if dice.random() >= ANSWERS:
        talk.tell(
            at, "rating_not_given", employee=talk.employee.pk, reason=dice.choice(["hung_up", "hung_up", "no_key"])
        )
        return []
    [score] = dice.choices(range(1, RATING_BEST + 1), SCORES)
    talk.tell(at, "rating_given", actor="client", score=score, of=RATING_BEST)
    return [Rating(subject_type="contact", subject_id=str(talk.contact.id), way=Way.PHONE, service=score, made_at=at)]
