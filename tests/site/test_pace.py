"""Floods: work that a browser shows, counts by address and network, and everybody else who is served all the while."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal
from kindline.clients.login_models import Entry, Login, Ticket
from kindline.site import pace, puzzles, queries, senders
from kindline.site.account import sweeping
from kindline.site.models import Pace, Submission
from kindline.staff import whence
from kindline.standard.profile import Profile
from tests.site.fields import fields_on
from tests.site.test_reception import TYPED

pytestmark = pytest.mark.db
Site = Callable[..., Profile]
NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
KEY = uuid.UUID("1f0e1d3c-0000-4000-8000-000000000001")
FLOOD, OTHER = "203.0.113.9", "198.51.100.3"


def solved(puzzle: str) -> str:
    """The work done as a browser does it."""
    bits = int(puzzle.split(".")[1])
    return next(found for n in itertools.count() if puzzles.zeros(found := f"{puzzle}:{n}") >= bits)


class TestPuzzles:
    def test_work_that_was_done_for_a_form_counts_for_that_form(self) -> None:
        proof = solved(puzzles.made(KEY, 8, NOW))
        assert puzzles.proven(proof, KEY, NOW) == 8
        assert puzzles.proven(proof, uuid.uuid4(), NOW) == 0

    def test_an_old_one_one_that_is_not_ours_and_one_without_work_count_nothing(self) -> None:
        puzzle = puzzles.made(KEY, 8, NOW)
        proof = solved(puzzle)
        assert puzzles.proven(proof, KEY, NOW + dt.timedelta(seconds=puzzles.LIFE_S + 1)) == 0
        lazy = next(f"{puzzle}:{n}" for n in itertools.count() if puzzles.zeros(f"{puzzle}:{n}") < 8)
        for false in (lazy, proof.replace(".8.", ".1."), proof[:-40], "", "x", ":", "....:1", f"{KEY}.8.x.y:1"):
            assert puzzles.proven(false, KEY, NOW) == 0, false

    def test_it_grows_only_for_who_posts_much(self) -> None:
        assert puzzles.bits_for(1) == puzzles.FIRST
        assert puzzles.bits_for(100) > puzzles.FIRST
        assert puzzles.bits_for(1, 2000) > puzzles.FIRST
        assert puzzles.bits_for(10**6, 10**6) == puzzles.MOST


def flooded(posts: int, token: str = "") -> None:
    """So many posts came from one browser there already."""
    Pace.objects.create(sender=senders.browser_of(FLOOD, token), since=timezone.now(), posts=posts)


def send(address: str = FLOOD, **more: str) -> Any:
    """A form from an address."""
    return Browser(REMOTE_ADDR=address, headers={"accept-language": "en"}).post("/ask/", TYPED | more)


def test_the_count_begins_anew_after_an_hour_and_is_forgotten_after_a_day(site: Site) -> None:
    site("krc")
    for sender in (senders.kept(FLOOD), senders.browser_of(FLOOD, "")):
        Pace.objects.create(sender=sender, since=timezone.now() - queries.HOUR, posts=10**6)
    assert send().status_code == 302
    assert Pace.objects.get(sender=senders.kept(FLOOD)).posts == 1
    assert pace.sweep(now=timezone.now() + dt.timedelta(days=2)) == 3  # the browser, the address and its network
    assert not Pace.objects.exists()


def test_with_some_work_shown_more_is_taken_from_one_address(site: Site) -> None:
    site("krc")
    for _ in range(queries.MOST_AN_HOUR):
        assert send().status_code == 302
    answer = send()
    assert answer.status_code == 429
    assert TYPED["substance"] in answer.content.decode()
    assert "<title>Not possible now: " in answer.content.decode()
    assert "Please check" not in answer.content.decode()
    key = uuid.uuid4()
    proof = solved(puzzles.made(key, puzzles.FIRST + 1, timezone.now()))
    assert send(key=str(key), proof=proof).status_code == 302
    assert Appeal.objects.count() == queries.MOST_AN_HOUR + 1


def test_proof_of_too_little_work_is_no_proof(site: Site) -> None:
    site("krc")
    flooded(pace.UNPROVEN_AN_HOUR)
    key = uuid.uuid4()
    assert send(key=str(key), proof=solved(puzzles.made(key, puzzles.FIRST, timezone.now()))).status_code == 429
    right = solved(puzzles.made(key, puzzles.bits_for(pace.UNPROVEN_AN_HOUR), timezone.now()))
    assert send(key=str(key), proof=right).status_code == 302


@pytest.fixture
def flood(site: Site) -> Browser:
    """An address that posts without end; it has come to its limit."""
    site("krc")
    browser = Browser(REMOTE_ADDR=FLOOD, headers={"accept-language": "en"})
    browser.cookies[settings.CSRF_COOKIE_NAME] = token = "F" * 32
    flooded(pace.STOP_AN_HOUR, token)
    return browser


def test_ten_thousand_posts_are_refused_unread_and_the_rest_are_served(
    flood: Browser, django_assert_max_num_queries: Any
) -> None:
    """The last hundreds of ten thousand: each costs one statement; others in the meantime notice nothing."""
    Pace.objects.update(posts=9_600)
    Pace.objects.create(sender=senders.kept(FLOOD), since=timezone.now(), posts=9_600)
    for turn in range(400):
        with django_assert_max_num_queries(1):
            answer = flood.post("/ask/", TYPED)
        assert answer.status_code == 429
        if turn % 40 == 0:
            assert send(OTHER).status_code == 302
    assert fields_on(answer.content.decode())["substance"] == TYPED["substance"], "it is sent again by one button"
    assert Appeal.objects.count() == Submission.objects.count() == 10
    assert Pace.objects.get(sender=senders.kept(FLOOD)).posts == 10_000


def test_a_town_behind_one_address_is_served_while_one_browser_of_it_is_refused(flood: Browser) -> None:
    Pace.objects.create(sender=senders.kept(FLOOD), since=timezone.now(), posts=pace.STOP_AN_HOUR + 500)
    assert flood.post("/ask/", TYPED).status_code == 429
    neighbour = Browser(REMOTE_ADDR=FLOOD)
    neighbour.cookies[settings.CSRF_COOKIE_NAME] = "N" * 32
    assert f".{puzzles.FIRST}." in neighbour.get("/ask/").content.decode(), "the work is its own"
    key = uuid.uuid4()
    proof = solved(puzzles.made(key, puzzles.FIRST, timezone.now()))
    assert neighbour.post("/ask/", TYPED | {"key": str(key), "proof": proof}).status_code == 302


def test_who_makes_up_cookies_comes_to_the_limit_of_the_address(site: Site) -> None:
    site("krc")
    Pace.objects.create(sender=senders.kept(FLOOD), since=timezone.now(), posts=pace.UNPROVEN_OF_ADDRESS)
    liar = Browser(REMOTE_ADDR=FLOOD)
    liar.cookies[settings.CSRF_COOKIE_NAME] = "L" * 32
    assert liar.post("/ask/", TYPED).status_code == 429
    Pace.objects.filter(sender=senders.kept(FLOOD)).update(posts=pace.STOP_OF_ADDRESS)
    key = uuid.uuid4()
    proof = solved(puzzles.made(key, puzzles.FIRST + 5, timezone.now()))
    liar.cookies[settings.CSRF_COOKIE_NAME] = "M" * 32
    assert liar.post("/ask/", TYPED | {"key": str(key), "proof": proof}).status_code == 429
    assert Appeal.objects.count() == 0


def test_a_long_text_is_shown_even_where_it_is_refused_unread(flood: Browser) -> None:
    long = "Очень длинное письмо. " * 20
    page = flood.post("/ask/", TYPED | {"substance": long}).content.decode()
    assert long.strip() in page


def test_neighbours_of_a_flood_are_asked_for_more_work_not_refused(site: Site, visitor: Browser) -> None:
    site("krc")
    net = senders.kept(whence.network_of(FLOOD))
    Pace.objects.create(sender=net, since=timezone.now(), posts=5000)
    assert send("203.0.113.77").status_code == 302  # without JavaScript, too
    page = Browser(REMOTE_ADDR="203.0.113.77").get("/ask/").content.decode()
    assert f".{puzzles.MOST}." in page
    assert f".{puzzles.FIRST}." in visitor.get("/ask/").content.decode()


def test_used_codes_and_old_entries_are_swept(db: None) -> None:
    now, hour = timezone.now(), dt.timedelta(hours=1)
    for name, ends, used in (("a", now, None), ("b", now - 30 * hour, None), ("c", now, now - 30 * hour)):
        Ticket.objects.create(digest=name, email="a@example.com", made_at=now, ends_at=ends, used_at=used)
    login = Login.objects.create(email="a@example.com", made_at=now)
    for days in (1, 400):
        Entry.objects.create(login=login, at=now - dt.timedelta(days=days), way="code", entered=True)
    assert sweeping.sweep(now=now) == 3
    assert Ticket.objects.get().digest == "a"
    assert Entry.objects.count() == 1
