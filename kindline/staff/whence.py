"""Whence a request comes: the one place that says who counts as one sender, for every bound of every door."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The network address, for the journal; of a proxy of our own it is the client's (`runtime.proxied`)."""
    return str(request.META.get("REMOTE_ADDR", ""))


def subscriber_of(address: str) -> str:
    """Whose an address is: itself, the /64 of IPv6, since a subscriber has all of it; what is no address stays."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known.packed, 64), strict=False))
    return address


def network_of(address: str) -> str:
    """The network in which neighbours of an address are: /24, /48 of IPv6; empty where it is no address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        known = known.ipv4_mapped or known
    return str(ipaddress.ip_network((known.packed, 24 if known.version == 4 else 48), strict=False))
