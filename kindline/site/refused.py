"""A form that was refused as a whole: what was typed into it is shown, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render

from kindline.site.errors import AnotherError, FloodError, NotAcceptedError, TooManyError

PASSED = ("password", "old", "new", "again", "code")
"""Who typed one of these types it anew: no page shows a secret."""
SECRET = ("csrfmiddlewaretoken", "proof", *PASSED)
"""What is never shown again."""
LATER = (429, 503)
"""The statuses of what may be sent again as it is, later."""
UNREADABLE = (UnreadablePostError, MultiPartParserError, RequestDataTooBig, SuspiciousOperation, OSError)


def told(
    request: HttpRequest, act: Callable[[], HttpResponseBase], anew: Callable[[dict[str, str], int], HttpResponseBase]
) -> HttpResponseBase:
    """What an act comes to; else its form once more, with what is wrong by field and the status of the answer."""
    try:
        return act()
    except NotAcceptedError as error:
        faults, status = error.faults, 422
    except FloodError:
        return too_many(request)
    except TooManyError as error:
        faults, status = {"": error.code}, 429
    return anew(faults, status)


def shown(request: HttpRequest, page: str, context: dict[str, Any], status: int) -> HttpResponse:
    """A page that was not done as wished; where that is for now only, its title asks nobody to check what he typed."""
    return render(request, page, {**context, "is_later": status in LATER}, status=status)


def another(context: dict[str, Any], error: AnotherError) -> dict[str, Any]:
    """A form whose only fault is that it was sent already, with the number that it got: nothing is lost unseen."""
    context["faults"][0]["text"] %= {"number": error.number}
    return context


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - a view's shape
    """The browser did not show that the form came from our page: a page of ours asks whether it is to be sent.

    A form of another site's page is not offered to be sent: a press on our button would do what that page wants.
    """
    about = "csrf" if settings.CSRF_COOKIE_NAME in request.COOKIES else "cookies"
    typed = again(request)
    shown = typed if is_ours(request) else {"texts": typed.get("texts", [])}
    return render(request, "site/refused.html", shown | {"about": about}, status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """So much came from there that it is refused unread."""
    return render(request, "site/refused.html", again(request) | {"about": "many"}, status=429)


def is_ours(request: HttpRequest) -> bool:
    """Whether the page that sent the form is of this site, as far as the browser says it."""
    said = request.headers.get("Origin") or request.headers.get("Referer", "")
    told = urlsplit(said)
    return f"{told.scheme}://{told.netloc}" in (request.build_absolute_uri("/")[:-1], *settings.CSRF_TRUSTED_ORIGINS)


def again(request: HttpRequest) -> dict[str, Any]:
    """The longer texts, to be read, and all fields, to be sent again; nothing where the form cannot be read."""
    if request.method != "POST":
        return {}
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        texts, files = texts_of(request), bool(request.FILES)
    except UNREADABLE:
        return {}
    if any(name in PASSED for name, _ in fields):
        return {"texts": texts}
    return {"texts": texts, "files": files, "fields": [one for one in fields if one[0] != "csrfmiddlewaretoken"]}


def texts_of(request: HttpRequest) -> list[str]:
    """The longer things that were typed."""
    found = [value for name, value in request.POST.items() if name not in SECRET and isinstance(value, str)]
    return [text for text in found if len(text) > 40 or "\n" in text]
