"""When more is asked than can be done, who is asked to come later: reports and exports first, taking in never (O1).

Two signs: how many long answers are being made in this process already, and how long requests have waited since our
own proxy took them (`X-Request-Start`), in whichever process of this machine (`journal.strain`). Only reading is put
off, so nothing that was typed is lost.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from kindline.journal import strain

LONG_AT_ONCE = 2
"""Long answers that a process makes at once: half of its threads are left for everything else."""
INTAKE = "intake"
"""What is never put off: taking in, and all that is not named here."""
LATER_S = 10
ENDINGS, FORMATS = (".pdf", ".csv", ".xlsx"), ("csv", "xlsx", "pdf", "trend")
REPORTS = (
    "/desk/comparison/",
    "/desk/key-figures/",
    "/desk/goals/",
    "/desk/satisfaction/",
    "/desk/reasons/",
    "/desk/requirements/",
    "/desk/shifts/figures/",
)
EXPORTS = ("/open-data/", "/account/export/")
NEW_TALKS = ("/consultation/", "/meeting/", "/search/", "/search/suggest/")
Answer = Callable[[HttpRequest], HttpResponseBase]
clock = timezone.now


class Shed:
    """Puts off what can wait, with 503 and a time after which to come again."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.free = threading.BoundedSemaphore(LONG_AT_ONCE)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sort, now = sort_of(request), clock()
        waited = waited_s(request, now)
        strain.tell(waited)
        if sort == INTAKE:
            return self.answer(request)
        if waited > strain.WAITED_S[sort] or strain.holds(sort):
            return _later(request)
        if sort == strain.TALKS:
            return self.answer(request)
        if not self.free.acquire(blocking=False):
            return _later(request)
        return self._long(request)

    def _long(self, request: HttpRequest) -> HttpResponseBase:
        """Make a long answer; its place is free again once the last of it has gone out."""
        try:
            response = self.answer(request)
        except BaseException:
            self.free.release()
            raise
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = Held(iter(response), self.free)
        else:
            self.free.release()
        return response


class Held:
    """What streams out while it holds a place."""

    def __init__(self, pieces: Iterator[bytes], place: threading.BoundedSemaphore) -> None:
        self.pieces, self.place, self.is_held = pieces, place, True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self.pieces)

    def close(self) -> None:
        """The server has sent it, or the client has gone."""
        if self.is_held:
            self.is_held = False
            self.place.release()


def sort_of(request: HttpRequest) -> str:
    """Of what sort a request is: a report, an export, a new talk or search; all else is never put off."""
    path = request.path_info
    if request.method not in ("GET", "HEAD"):
        return INTAKE
    if path.startswith(EXPORTS) or path.endswith(ENDINGS) or request.GET.get("format") in FORMATS:
        return strain.EXPORTS
    if path.startswith(REPORTS):
        return strain.REPORTS
    return strain.TALKS if path in NEW_TALKS else INTAKE


def waited_s(request: HttpRequest, now: dt.datetime) -> float:
    """How long ago our own proxy took the request, seconds; 0 where there is none, or it does not say."""
    said = request.headers.get("X-Request-Start", "").removeprefix("t=")
    if not settings.PROXY_HOPS:
        return 0.0
    try:
        return now.timestamp() - float(said)
    except ValueError:
        return 0.0


def _later(request: HttpRequest) -> HttpResponse:
    answer = render(request, "site/later.html", status=503)
    answer.headers["Retry-After"] = str(LATER_S)
    return answer
