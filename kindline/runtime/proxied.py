"""Whose address a request has when it comes through the organisation's own proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

FORWARDED = "HTTP_X_FORWARDED_FOR"


class ClientAddress:
    """Puts the client's address, as our own proxies tell it, in the place of the proxy's; ASVS 4.1.3, 15.3.4.

    Each proxy adds whom it was asked by at the right end, so with `PROXY_HOPS` of them that many places from the right
    are ours; what stands further left anybody may have written, and is not read.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if found := told(request.META.get(FORWARDED, ""), settings.PROXY_HOPS):
            request.META["REMOTE_ADDR"] = found
        return self.answer(request)


def told(forwarded: str, hops: int) -> str:
    """The client's address out of the header; empty where our proxies have told none."""
    places = [one.strip() for one in forwarded.split(",")]
    if not 0 < hops <= len(places):
        return ""
    try:
        return str(ipaddress.ip_address(places[-hops]))
    except ValueError:
        return ""
