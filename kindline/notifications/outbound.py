"""Whom this program may ask of the world outside: origins named in a setting, and public hosts that others name.

ASVS 1.3.6, 13.2.4, 13.2.5: protocol, host and port are checked; an address inside is never asked for a stranger.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

URL_MAX = 500
PORTS = {"https": 443, "http": 80}
PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")


class NotAllowedError(ValueError):
    """The address may not be asked: see the setting that names who may."""


def origin(url: str) -> tuple[str, str, int]:
    """Protocol, host and port of an address. Raises: NotAllowedError where it is none that may be called."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotAllowedError(url[:URL_MAX]) from error
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or parts.scheme not in PORTS or not parts.hostname or parts.username is not None or parts.fragment:
        raise NotAllowedError(url[:URL_MAX])
    return parts.scheme, parts.hostname.lower(), port or PORTS[parts.scheme]


def is_named(url: str, origins: Collection[str]) -> bool:
    """Whether the origin of an address is one of those of a setting. Raises: NotAllowedError for no address at all."""
    return origin(url) in {origin(one) for one in origins}


def check_shape(url: str, origins: Collection[str]) -> None:
    """An address that a stranger names is HTTPS on the usual port, unless the setting names its origin.

    Nobody is asked yet. Raises: NotAllowedError.
    """
    if not is_named(url, origins) and origin(url)[::2] != ("https", PORTS["https"]):
        raise NotAllowedError(url[:URL_MAX])


def public_address(url: str, origins: Collection[str]) -> str:
    """The IP address under which the host may be asked; ask this one, and not the name again, which may change.

    A host of which one address lies inside (loopback, private, link-local and the like) is not asked at all, unless
    the setting names its origin. Raises: NotAllowedError; OSError where the name is not known now.
    """
    check_shape(url, origins)
    _scheme, host, port = origin(url)
    found = list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    if not is_named(url, origins) and not all(is_public(one) for one in found):
        raise NotAllowedError(f"{host} is not a public host")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public net; addresses that hide another one inside are not."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not found.is_multicast
    hides = found.sixtofour is not None or found.teredo is not None
    return found in PUBLIC_V6 and found.is_global and not hides
