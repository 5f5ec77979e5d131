"""The hours of every page are the organisation's, also where a page names no zone: the administration asks none."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from kindline.standard import loader


class OurClock:
    """Hours that are shown and typed are on the organisation's clock while a request is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(loader.load(settings.KINDLINE["profile"]).zone):
            return self.get_response(request)
