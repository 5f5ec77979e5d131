"""A form that was refused as a whole: what was typed into it is shown, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from kindline.site.errors import FloodError, NotAcceptedError, TooManyError

SECRET = ("csrfmiddlewaretoken", "password", "old", "code", "proof")
"""What is never shown again."""


def told(
    request: HttpRequest, act: Callable[[], HttpResponseBase], again: Callable[[dict[str, str], int], HttpResponseBase]
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
    return again(faults, status)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - a view's shape
    """The browser did not show that the form came from our page: it is opened anew, with the text at hand."""
    return render(request, "site/refused.html", {"texts": texts_of(request), "about": "csrf"}, status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """So much came from there that it is refused unread."""
    return render(request, "site/refused.html", {"texts": texts_of(request), "about": "many"}, status=429)


def texts_of(request: HttpRequest) -> list[str]:
    """The longer things that were typed."""
    found = [value for name, value in request.POST.items() if name not in SECRET and isinstance(value, str)]
    return [text for text in found if len(text) > 40 or "\n" in text]
