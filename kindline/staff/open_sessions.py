"""Where somebody is logged in, the same at every door: each session is a row, which can be looked at and ended."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.staff.session_models import OpenSession

Row = TypeVar("Row", bound=OpenSession)
NOTED_EVERY = dt.timedelta(minutes=1)
"""That something was done is written down no oftener."""
BROWSER_MAX = 200


class Limits(NamedTuple):
    """A session ends after `idle` without anything done in it, and `whole` after it was opened (ASVS 7.3.1, 7.3.2)."""

    idle: dt.timedelta
    whole: dt.timedelta


@dataclass(frozen=True, slots=True)
class Sessions(Generic[Row]):
    """The sessions of one door.

    `rows`: where they are kept, by the owner that `owner` names; `told`: is told of the owner, how many of his sessions
    were ended and why, within the same transaction.
    """

    rows: type[Row]
    owner: str
    limits: Callable[[], Limits]
    told: Callable[[Any, int, str, dt.datetime], None]

    def open(self, owner: Any, *, browser: str, now: dt.datetime, **more: str) -> Row:
        """Another browser is in."""
        made: Row = self.rows._default_manager.create(
            **{self.owner: owner}, token=secrets.token_hex(16), opened_at=now, seen_at=now,
            browser=browser[:BROWSER_MAX], **more,
        )  # fmt: skip
        return made

    def alive(self, token: str, now: dt.datetime) -> Row | None:
        """The session of this token, with its owner; None once it was ended or is over."""
        return self.rows._default_manager.select_related(self.owner).filter(self.lasts(now), token=token).first()

    def is_due(self, session: Row, now: dt.datetime) -> bool:
        """Whether that something is done in it would be written down by now."""
        return now - session.seen_at >= NOTED_EVERY

    def note_use(self, session: Row, now: dt.datetime) -> None:
        """Something was done in it: the time without anything done begins anew."""
        if self.is_due(session, now):
            self.rows._default_manager.filter(pk=session.pk, seen_at__lt=now).update(seen_at=now)

    def left_of(self, session: Row, now: dt.datetime) -> dt.timedelta:
        """How long it goes on if nothing is done."""
        idle, whole = self.limits()
        return min(session.seen_at + idle, session.opened_at + whole) - now

    def of(self, owner: Any, now: dt.datetime) -> list[Row]:
        """Where somebody is logged in, the one that was used last first (ASVS 7.5.2)."""
        return list(self._all(owner).filter(self.lasts(now)).order_by("-seen_at", "-pk"))

    @transaction.atomic
    def end(self, owner: Any, *, key: int, reason: str, now: dt.datetime) -> int:
        """End one session of this owner; how many ended."""
        return self._ended(owner, self._all(owner).filter(pk=key), reason, now)

    @transaction.atomic
    def end_others(self, owner: Any, *, but: str, reason: str, now: dt.datetime) -> int:
        """End every session of this owner except the one with the token `but`; how many ended (ASVS 7.4.3, 7.5.2)."""
        return self._ended(owner, self._all(owner).exclude(token=but), reason, now)

    def sweep(self, now: dt.datetime) -> int:
        """Forget sessions that are over; how many."""
        return self.rows._default_manager.exclude(self.lasts(now)).delete()[0]

    def lasts(self, now: dt.datetime) -> Q:
        """Which sessions go on."""
        idle, whole = self.limits()
        return Q(seen_at__gt=now - idle, opened_at__gt=now - whole)

    def _all(self, owner: Any) -> QuerySet[Row]:
        return self.rows._default_manager.filter(**{self.owner: owner})

    def _ended(self, owner: Any, rows: QuerySet[Row], reason: str, now: dt.datetime) -> int:
        count = rows.delete()[0]
        if count:
            self.told(owner, count, reason, now)
        return count
