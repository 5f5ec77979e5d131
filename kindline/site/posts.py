"""Where posts of clients come in: what the database gave up because of others is done again (fault D9).

A page that runs again must find nothing half done. A form bears its own key, and its files are known by their
content: each of its transactions may stand by itself. The pages of the account take codes that work once: there all or
nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern

from kindline.journal import retrying

Page = Callable[..., HttpResponseBase]
Again = Callable[[Callable[[], HttpResponseBase]], HttpResponseBase]


def in_parts(patterns: Sequence[URLPattern]) -> list[URLPattern]:
    """Pages whose posts may be begun anew after a part of them was kept."""
    return [_patient(one, retrying.again) for one in patterns]


def as_one(patterns: Sequence[URLPattern]) -> list[URLPattern]:
    """Pages whose posts are one transaction: nothing that was used up stays so when they are begun anew."""
    return [_patient(one, retrying.whole) for one in patterns]


def _patient(pattern: URLPattern, again: Again) -> URLPattern:
    page: Page = pattern.callback

    @wraps(page)
    def taken(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        if request.method != "POST":
            return page(request, *args, **named)
        return again(_Attempts(request, lambda: page(request, *args, **named)))

    pattern.callback = taken
    return pattern


class _Attempts:
    """One post, each time from where it began: what a failed attempt left in the session is forgotten."""

    def __init__(self, request: HttpRequest, page: Callable[[], HttpResponseBase]) -> None:
        self.request, self.page, self.is_first = request, page, True
        self.session = request.session.session_key if hasattr(request, "session") else None

    def __call__(self) -> HttpResponseBase:
        if not self.is_first and hasattr(self.request, "session"):
            self.request.session = type(self.request.session)(self.session)
        self.is_first = False
        return self.page()
