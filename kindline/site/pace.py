"""How much comes from one browser, one address and its network, and when that is more than is taken.

A provider's whole town may be behind one address, so a browser is counted for itself, by the cookie of its forms; and
since a cookie is what anybody says it is, the address is counted too, with bounds that a town does not come to.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest

from kindline.site import puzzles, queries, senders
from kindline.site.errors import FloodError, TooManyError
from kindline.site.models import Pace
from kindline.site.senders import Senders
from kindline.staff import whence

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
TWICE = dt.timedelta(minutes=1)
"""A form that comes again within it, with all that was typed in it, is a button that was pressed twice."""
PRESS = """
INSERT INTO site_pace AS known (sender, since, posts) VALUES (%s, %s, 1)
ON CONFLICT (sender) DO UPDATE SET since = excluded.since WHERE known.since <= excluded.since - interval '1 second' * %s
RETURNING sender
"""


@dataclass(frozen=True, slots=True)
class Posts:
    """What came within the hour, this one too."""

    whose: Senders
    of_browser: int
    of_address: int
    of_net: int

    @property
    def sender(self) -> str:
        """The address, as it is kept."""
        return self.whose.address

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
    whose = senders.of(request)
    posts = _one_more([whose.browser, whose.address, whose.net], now)
    if posts[whose.browser] > STOP_AN_HOUR or posts[whose.address] > STOP_OF_ADDRESS:
        raise FloodError
    return Posts(whose, posts[whose.browser], posts[whose.address], posts[whose.net])


def look(request: HttpRequest, now: dt.datetime) -> None:
    """Count a suggestion that is asked for. Raises: FloodError once no more are told."""
    looking = f"look {whence.subscriber_of(whence.address_of(request))}"
    browser, sender = senders.browser_of(looking, senders.token_of(request)), senders.kept(looking)
    looks = _one_more([browser, sender], now)
    if looks[browser] > LOOKS_AN_HOUR or looks[sender] > LOOKS_OF_ADDRESS:
        raise FloodError


def bound(most: Mapping[str, int], now: dt.datetime) -> None:
    """Count one of each of these (in words) within the hour. Raises: FloodError once one is beyond its bound."""
    bounds = {senders.kept(one): many for one, many in most.items()}
    for one, many in _one_more(list(bounds), now).items():
        if many > bounds[one]:
            raise FloodError


def noted(one: str, now: dt.datetime) -> int:
    """How often this (in words) was noted within the hour; it is not counted by being asked."""
    known = Pace.objects.filter(sender=senders.kept(one), since__gt=now - queries.HOUR)
    return known.values_list("posts", flat=True).first() or 0


def note(one: str, now: dt.datetime) -> None:
    """Count one of this (in words), for `noted`."""
    _one_more([senders.kept(one)], now)


def is_pressed_twice(one: str, now: dt.datetime) -> bool:
    """Whether this (the key of a form, and what was typed in it) came a moment ago; the first press is waited for."""
    with connection.cursor() as cursor:
        cursor.execute(PRESS, [senders.kept(f"pressed {one}"), now, TWICE.total_seconds()])
        return cursor.fetchone() is None


def is_proven(request: HttpRequest, posts: Posts, key: uuid.UUID, now: dt.datetime) -> bool:
    """Whether the browser did the work; what was asked when the page was opened may be one step behind.

    Raises: TooManyError for many posts without it.
    """
    shown = puzzles.proven(request.POST.get("proof", ""), key, now)
    if shown and shown >= posts.bits - 1:
        return True
    if posts.are_many:
        raise TooManyError
    return False


def puzzle(request: HttpRequest, key: uuid.UUID, now: dt.datetime) -> str:
    """The piece of work for a form that is shown; a browser without a cookie is a new one."""
    whose = senders.of(request)
    rows = Pace.objects.filter(sender__in=[whose.browser, whose.net], since__gt=now - queries.HOUR)
    known = dict(rows.values_list("sender", "posts"))
    of_browser = known.get(whose.browser, 0) if senders.token_of(request) else 0
    return puzzles.made(key, puzzles.bits_for(of_browser, known.get(whose.net, 0)), now)


def sweep(*, now: dt.datetime) -> int:
    """Forget counts of yesterday; how many."""
    return Pace.objects.filter(since__lt=now - dt.timedelta(days=1)).delete()[0]


def _one_more(several: Sequence[str], now: dt.datetime) -> dict[str, int]:
    """Count one for each of them; how many there are now."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [list(dict.fromkeys(several)), now])
        return dict(cursor.fetchall())
