"""How much comes from one address and from its network, and when that is more than is taken."""

from __future__ import annotations

import datetime as dt
import ipaddress
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest

from kindline.site import puzzles, queries
from kindline.site.errors import FloodError, TooManyError
from kindline.site.models import Pace

STOP_AN_HOUR = 1000
"""More posts than that within an hour from one address are refused unread."""
UNPROVEN_AN_HOUR = 100
"""More than that, faulty ones too, are not taken from a browser that shows no work."""
LOOKS_AN_HOUR = 600
"""So many suggestions an address is told within an hour; they are counted apart from what is posted."""
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
    of_address: int
    of_net: int

    @property
    def bits(self) -> int:
        """How much work is asked now."""
        return puzzles.bits_for(self.of_address, self.of_net)


def count(request: HttpRequest, now: dt.datetime) -> Posts:
    """Count a post, from the address and from its network. Raises: FloodError once it is refused unread."""
    address = request.META.get("REMOTE_ADDR", "")
    sender, net = queries.sender_of(address), queries.sender_of(network_of(address))
    posts = _one_more([sender, net], now)
    if posts[sender] > STOP_AN_HOUR:
        raise FloodError(sender)
    return Posts(sender, posts[sender], posts[net])


def look(request: HttpRequest, now: dt.datetime) -> None:
    """Count a suggestion that is asked for. Raises: FloodError once no more are told."""
    sender = queries.sender_of(f"look {request.META.get('REMOTE_ADDR', '')}")
    if _one_more([sender], now)[sender] > LOOKS_AN_HOUR:
        raise FloodError(sender)


def is_proven(request: HttpRequest, posts: Posts, key: uuid.UUID, now: dt.datetime) -> bool:
    """Whether the browser did the work; what was asked when the page was opened may be one step behind.

    Raises: TooManyError for many posts without it.
    """
    shown = puzzles.proven(request.POST.get("proof", ""), key, now)
    if shown and shown >= posts.bits - 1:
        return True
    if posts.of_address > UNPROVEN_AN_HOUR:
        raise TooManyError(posts.sender)
    return False


def puzzle(request: HttpRequest, key: uuid.UUID, now: dt.datetime) -> str:
    """The piece of work for a form that is shown."""
    address = request.META.get("REMOTE_ADDR", "")
    senders = [queries.sender_of(one) for one in (address, network_of(address))]
    rows = Pace.objects.filter(sender__in=senders, since__gt=now - queries.HOUR)
    known = dict(rows.values_list("sender", "posts"))
    of_address, of_net = (known.get(sender, 0) for sender in senders)
    return puzzles.made(key, puzzles.bits_for(of_address, of_net), now)


def network_of(address: str) -> str:
    """The network in which neighbours of an address are: /24, /48 of IPv6; empty where it is no address."""
    try:
        length = 24 if ipaddress.ip_address(address).version == 4 else 48
        return str(ipaddress.ip_network(f"{address}/{length}", strict=False))
    except ValueError:
        return ""


def sweep(*, now: dt.datetime) -> int:
    """Forget counts of yesterday; how many."""
    return Pace.objects.filter(since__lt=now - dt.timedelta(days=1)).delete()[0]


def _one_more(senders: Sequence[str], now: dt.datetime) -> dict[str, int]:
    """Count one for each of them; how many there are now."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [list(dict.fromkeys(senders)), now])
        return dict(cursor.fetchall())
