"""What a page may reach beyond its own host, as its view tells it; `runtime.policy` says it to the browser."""

from __future__ import annotations

from django.http import HttpRequest

ADDRESSES, MICROPHONE = "kindline.reach", "kindline.microphone"


def may_reach(request: HttpRequest, address: str) -> str:
    """The page may talk to this address; the address."""
    request.META.setdefault(ADDRESSES, []).append(address)
    return address


def may_hear(request: HttpRequest) -> None:
    """The page may ask for the microphone."""
    request.META[MICROPHONE] = True


def addresses(request: HttpRequest) -> list[str]:
    """Whom the page may talk to."""
    found: list[str] = request.META.get(ADDRESSES, [])
    return found


def hears(request: HttpRequest) -> bool:
    """Whether the page may ask for the microphone."""
    return MICROPHONE in request.META
