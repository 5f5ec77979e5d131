"""The first page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kindline.site import shelf


@shelf.open_to_all
def home(request: HttpRequest) -> HttpResponse:
    """What a client may want: to ask, to see what became of it, to call."""
    return render(request, "site/home.html")
