"""A page that cannot be shown: what happened, what to do now, and what was typed, to be sent again."""

from __future__ import annotations

import logging
import secrets
import sys

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render

from kindline.site import refused

log = logging.getLogger(__name__)
SECRET = ("password", "old", "new", "again", "code")
"""Who typed one of these types it anew: no page shows a secret."""
STAFF = ("/desk/", "/admin/", "/cms/")
RETRY_S = 10
UNREADABLE = (UnreadablePostError, MultiPartParserError, RequestDataTooBig, SuspiciousOperation, OSError)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - a handler's shape
    """What the browser sent is no request of ours (400)."""
    return _page(request, "unreadable", 400)


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
    context = {"about": about, "base": base, "noted": noted} | _typed(request)
    return render(request, "site/trouble.html", context, status=status)


def _typed(request: HttpRequest) -> dict[str, object]:
    """The longer texts, to be read, and all fields, to be sent again; nothing where the form cannot be read."""
    if request.method != "POST":
        return {}
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        texts, files = refused.texts_of(request), bool(request.FILES)
    except UNREADABLE:
        return {}
    if any(name in SECRET for name, _ in fields):
        return {"texts": texts}
    return {"texts": texts, "files": files, "fields": [one for one in fields if one[0] != "csrfmiddlewaretoken"]}
