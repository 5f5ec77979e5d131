"""Many appeals at once: each by its own rights and workflow, and told of each what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kindline.appeals.models import Appeal
from kindline.conversations.errors import RefusedError
from kindline.journal import retrying


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one appeal; `error` says why not."""

    appeal: Appeal
    error: RefusedError | None = None


def each(appeals: Iterable[Appeal], work: Callable[[Appeal], object]) -> list[Outcome]:
    """Do the work to every appeal in a transaction of its own; one that is refused does not hold up the others.

    One that the database gives up is done again (D9).
    """
    return [_one(appeal, work) for appeal in appeals]


def _one(appeal: Appeal, work: Callable[[Appeal], object]) -> Outcome:
    try:
        retrying.whole(lambda: work(appeal))
    except RefusedError as error:
        return Outcome(appeal, error)
    return Outcome(appeal)
