"""A page that cannot be shown: what happened, what to do now, and what was typed, to be sent again."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable

from django.core.exceptions import TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render

from kindline.site import refused

log = logging.getLogger(__name__)
STAFF = ("/desk/", "/admin/", "/cms/")
RETRY_S = 10


class FormOnly:
    """Who opens by its address what only takes a form, as after a log-in anew, sees a page and not nothing (405)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if not isinstance(answer, HttpResponseNotAllowed) or answer.content or not _is_opened(request):
            return answer
        page = _page(request, "form_only", 405)
        page["Allow"] = answer["Allow"]
        return page


def _is_opened(request: HttpRequest) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the browser sent is no request of ours, or holds more files than are taken at once (400)."""
    return _page(request, "many_files" if isinstance(exception, TooManyFilesSent) else "unreadable", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - a handler's shape
    """The page is there, for others (403)."""
    return _page(request, "forbidden", 403)


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - a handler's shape
    """There is no such page (404)."""
    return _page(request, "absent", 404)


def failed(request: HttpRequest) -> HttpResponse:
    """The database is away for a moment (503), or the program has a fault (500), which is noted under a code."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        answer = _page(request, "away", 503)
        answer["Retry-After"] = str(RETRY_S)
        return answer
    noted = secrets.token_hex(4)
    log.error("fault %s at %s", noted, request.path)
    return _page(request, "fault", 500, noted)


def _page(request: HttpRequest, about: str, status: int, noted: str = "") -> HttpResponse:
    base = "site/bare.html" if request.path.startswith(STAFF) else "site/base.html"
    context = {"about": about, "base": base, "noted": noted} | refused.again(request)
    return render(request, "site/trouble.html", context, status=status)
