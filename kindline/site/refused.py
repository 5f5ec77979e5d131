"""A form that was refused as a whole: what was typed into it is shown, so that nothing is lost."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SECRET = ("csrfmiddlewaretoken", "password", "old", "code", "proof")
"""What is never shown again."""


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
