"""What was typed into a form of a page, read with care."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import QueryDict

from kindline.conversations.errors import RefusedError
from kindline.staff.models import Employee


class NotADayError(RefusedError):
    """What was typed is no day."""

    code = "not_a_day"


class UnknownActError(RefusedError):
    """The page knows no such act."""

    code = "refused"


class Reading:
    """A form's texts, boxes, days and chosen rows."""

    typed: QueryDict

    def text(self, name: str) -> str:
        """A typed text, without spaces around it."""
        return self.typed.get(name, "").strip()

    def flag(self, name: str) -> bool:
        """Whether a box is ticked, or "yes" chosen."""
        return self.typed.get(name) in ("on", "yes", "1")

    def day(self, name: str) -> dt.date:
        """A typed day. Raises: NotADayError."""
        try:
            return dt.date.fromisoformat(self.text(name))
        except ValueError:
            raise NotADayError(f"{self.text(name)!r} is no day") from None

    def key(self, name: str) -> int:
        """A chosen row's key; 0 where none is chosen."""
        raw = self.text(name)
        return int(raw) if is_key(raw) else 0

    def keys(self, name: str) -> list[int]:
        """The keys of all chosen rows."""
        return [int(raw) for raw in self.typed.getlist(name) if is_key(raw)]


@dataclass(frozen=True)
class Post(Reading):
    """A form, who sent it, when."""

    me: Employee
    now: dt.datetime
    typed: QueryDict


def is_key(raw: str) -> bool:
    """Whether a text can be the key of a row."""
    return raw.isascii() and raw.isdecimal() and len(raw) < 18
