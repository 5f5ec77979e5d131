"""Who sends: the browser, the subscriber whose address it has, and his network, each as it is kept.

Bounds count these, never an address as it stands: a subscriber of IPv6 has more addresses than anybody counts, and
behind one address of IPv4 may be the whole town of a mobile network.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from kindline.staff import whence

SALT = "kindline.site.sender"


@dataclass(frozen=True, slots=True)
class Senders:
    """Keyed hashes, out of which nobody can read an address; those of address and network are empty where it is not known."""

    browser: str
    address: str
    net: str


def of(request: HttpRequest) -> Senders:
    """Who sends this request."""
    address = whence.address_of(request)
    subscriber = whence.subscriber_of(address)
    return Senders(browser_of(subscriber, token_of(request)), kept(subscriber), kept(whence.network_of(address)))


def address_of(request: HttpRequest) -> str:
    """The subscriber alone, where no cookie is asked after."""
    return kept(whence.subscriber_of(whence.address_of(request)))


def browser_of(subscriber: str, token: str) -> str:
    """A browser as it is kept: all of one address that have no cookie are one."""
    return kept(f"{subscriber} {token}")


def token_of(request: HttpRequest) -> str:
    """What tells a browser from others behind its address: the cookie of its forms. Anybody may make it up."""
    return request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")[:64]


def kept(plain: str) -> str:
    """An address, or what begins with one, as it is kept."""
    return salted_hmac(SALT, plain, algorithm="sha256").hexdigest() if plain else ""
