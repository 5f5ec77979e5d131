"""What was typed into a form of a page, read with care; the page of one form, shown again where it was refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, refusals
from kindline.staff.models import Employee


class NotADayError(RefusedError):
    """What was typed is no day."""

    code = "not_a_day"


class NotAMomentError(RefusedError):
    """What was typed is no day with a time."""

    code = "not_a_moment"


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

    def moment(self, name: str) -> dt.datetime | None:
        """A typed moment of the organisation's clock; None when nothing was typed. Raises: NotAMomentError."""
        raw = self.text(name)
        found = moment_of(raw)
        if raw and found is None:
            raise NotAMomentError(f"{raw!r} is no moment")
        return found

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


def post_of(request: HttpRequest) -> Post:
    """The form of a request; only behind `access.for_roles`."""
    return Post(access.employee_of(request), timezone.now(), request.POST)


def page_of_form(
    request: HttpRequest, template: str, context: Callable[[], Mapping[str, Any]], act: Callable[[], object]
) -> HttpResponseBase:
    """The page of a form: shown; or the act is done and the page asked for anew; refused, with all that was typed."""
    if request.method != "POST":
        return render(request, template, context())
    try:
        act()
    except RefusedError as error:
        refused = {"refusal": refusals.message_of(error), "refusal_clauses": error.clauses, "typed": request.POST}
        return render(request, template, {**context(), **refused}, status=422)
    return redirect(request.path)


def day_of(raw: str) -> dt.date | None:
    """A day of an address or a filter; what cannot be read is as good as not asked."""
    try:
        return dt.date.fromisoformat(raw.strip())
    except ValueError:
        return None


def moment_of(raw: str) -> dt.datetime | None:
    """A moment on the organisation's clock, if it names no other zone; None for nothing, and for what is none."""
    try:
        found = dt.datetime.fromisoformat(raw.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=house.profile().zone)


def is_key(raw: str) -> bool:
    """Whether a text can be the key of a row."""
    return raw.isascii() and raw.isdecimal() and len(raw) < 18
