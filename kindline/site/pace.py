"""How much comes from one browser, one address and its network, and when that is more than is taken.

A provider's whole town may be behind one address, so a browser is counted for itself, by the cookie of its forms; and
since a cookie is what anybody says it is, the address is counted too, with bounds that a town does not come to.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from kindline.site import puzzles, queries
from kindline.site.errors import FloodError, TooManyError
from kindline.site.models import Pace

STOP_AN_HOUR, STOP_OF_ADDRESS = 1000, 20_000
"""More posts than that within an hour, from one browser and from one address, are refused unread."""
UNPROVEN_AN_HOUR, UNPROVEN_OF_ADDRESS = 100, 1000
"""More than that, faulty ones too, are not taken without work shown."""
LOOKS_AN_HOUR, LOOKS_OF_ADDRESS = 600, 6000
"""So many suggestions are told within an hour; they are counted apart from what is posted."""
COUNT = """
INSERT INTO site_pace AS known (sender, since, posts) SELECT unnest(%s::text[]), %s, 1
ON CONFLICT (sender) DO UPDATE SET
    posts = CASE WHEN known.since > excluded.since - interval '1 hour' THEN known.posts + 1 ELSE 1 END,
    since = CASE WHEN known.since > excluded.since - interval '1 hour' THEN known.since ELSE excluded.since END
RETURNING sender, posts
"""


@dataclass(frozen=True, slots=True)
class Posts:
    """What came within the hour, this one too."""

    sender: str
    of_browser: int
    of_address: int
    of_net: int

    @property
    def bits(self) -> int:
        """How much work is asked now."""
        return puzzles.bits_for(self.of_browser, self.of_net)

    @property
    def are_many(self) -> bool:
        """Whether more are not taken without work shown."""
        return self.of_browser > UNPROVEN_AN_HOUR or self.of_address > UNPROVEN_OF_ADDRESS


def count(request: HttpRequest, now: dt.datetime) -> Posts:
    """Count a post, of the browser, the address and its network. Raises: FloodError once it is refused unread."""
    senders = browser, sender, net = _senders(request)
    posts = _one_more(senders, now)
    if posts[browser] > STOP_AN_HOUR or posts[sender] > STOP_OF_ADDRESS:
        raise FloodError(sender)
    return Posts(sender, posts[browser], posts[sender], posts[net])


def look(request: HttpRequest, now: dt.datetime) -> None:
    """Count a suggestion that is asked for. Raises: FloodError once no more are told."""
    address = subscriber_of(request.META.get("REMOTE_ADDR", ""))
    browser, sender = browser_of(f"look {address}", _token(request)), queries.sender_of(f"look {address}")
    looks = _one_more([browser, sender], now)
    if looks[browser] > LOOKS_AN_HOUR or looks[sender] > LOOKS_OF_ADDRESS:
        raise FloodError(sender)


def is_proven(request: HttpRequest, posts: Posts, key: uuid.UUID, now: dt.datetime) -> bool:
    """Whether the browser did the work; what was asked when the page was opened may be one step behind.

    Raises: TooManyError for many posts without it.
    """
    shown = puzzles.proven(request.POST.get("proof", ""), key, now)
    if shown and shown >= posts.bits - 1:
        return True
    if posts.are_many:
        raise TooManyError(posts.sender)
    return False


def puzzle(request: HttpRequest, key: uuid.UUID, now: dt.datetime) -> str:
    """The piece of work for a form that is shown; a browser without a cookie is a new one."""
    browser, _sender, net = _senders(request)
    rows = Pace.objects.filter(sender__in=[browser, net], since__gt=now - queries.HOUR)
    known = dict(rows.values_list("sender", "posts"))
    of_browser = known.get(browser, 0) if _token(request) else 0
    return puzzles.made(key, puzzles.bits_for(of_browser, known.get(net, 0)), now)


def browser_of(address: str, token: str) -> str:
    """A browser as it is kept: all of one address that have no cookie are one."""
    return queries.sender_of(f"{address} {token}")


def network_of(address: str) -> str:
    """The network in which neighbours of an address are: /24, /48 of IPv6; empty where it is no address."""
    try:
        length = 24 if ipaddress.ip_address(address).version == 4 else 48
        return str(ipaddress.ip_network(f"{address}/{length}", strict=False))
    except ValueError:
        return ""


def subscriber_of(address: str) -> str:
    """Whose an address is: itself, the /64 of IPv6, since a subscriber has all of it; what is no address stays."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known.packed, 64), strict=False))
    return address


def sweep(*, now: dt.datetime) -> int:
    """Forget counts of yesterday; how many."""
    return Pace.objects.filter(since__lt=now - dt.timedelta(days=1)).delete()[0]


def _senders(request: HttpRequest) -> tuple[str, str, str]:
    """Whose post it is: the browser's, the address's, the network's."""
    address = request.META.get("REMOTE_ADDR", "")
    subscriber, net = subscriber_of(address), network_of(address)
    return browser_of(subscriber, _token(request)), queries.sender_of(subscriber), queries.sender_of(net)


def _token(request: HttpRequest) -> str:
    """What tells a browser from others behind its address: the cookie of its forms."""
    return request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")[:64]


def _one_more(senders: Sequence[str], now: dt.datetime) -> dict[str, int]:
    """Count one for each of them; how many there are now."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [list(dict.fromkeys(senders)), now])
        return dict(cursor.fetchall())
