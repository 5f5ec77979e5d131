"""Meetings and consultations booked while one is in the account: seen and cancelled there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.site import meetings
from kindline.site.models import Consultation, Meeting
from kindline.standard.profile import Profile
from tests.site.account.conftest import seat
from tests.site.test_consultations import book as consult
from tests.site.test_consultations import free, head, hours, specialist
from tests.site.test_meetings import WHO, times

__all__ = ["head"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc."""
    return site("krc")


@pytest.fixture
def login(account: Account) -> Login:
    """Whose account it is."""
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(account)
    return login


@pytest.fixture
def owner(krc: Profile, login: Login, visitor: Browser) -> Browser:
    """He is in."""
    seat(visitor, login)
    return visitor


def meet(browser: Browser, profile: Profile, place: int = 0) -> Meeting:
    """A meeting booked on the public page."""
    at = times(profile, timezone.now())[place]
    answer = browser.post("/meeting/", {**WHO, "starts_at": at.isoformat(), "consent": "on"})
    return Meeting.objects.get(key=answer.headers["Location"].split("/")[2])


@clause("krc-5.7.1-38")
def test_a_meeting_booked_inside_is_seen_and_cancelled_there(owner: Browser, krc: Profile, login: Login) -> None:
    made = meet(owner, krc)
    assert made.login == login
    page = owner.get("/account/").content.decode()
    assert made.number in page
    assert f'<form method="post" action="/meeting/{made.key}/">' in page
    owner.post(f"/meeting/{made.key}/")
    page = owner.get("/account/").content.decode()
    assert f"{made.number}</a>" in page
    assert "· cancelled" in page
    assert f'action="/meeting/{made.key}/"' not in page
    (told,) = owner.get("/account/export/").json()["bookings"]
    assert told["number"] == made.number
    assert told["cancelled_at"]


@clause("krc-5.7.1-42")
def test_a_consultation_booked_inside_is_seen_there(owner: Browser, krc: Profile, head: Any, login: Login) -> None:
    hours(krc, head, specialist(), *range(5))
    slot = free(krc, now=timezone.now())[0]
    typed = {**WHO, "problem": WHO["matter"], "way": "video", "subject": "charges", "consent": "on"}
    answer = owner.post("/consultation/", typed | {"starts_at": f"{slot.starts_at.isoformat()}|{slot.centre}"})
    assert answer.status_code == 302
    made = Consultation.objects.get()
    assert made.login == login
    page = owner.get("/account/").content.decode()
    assert f'<form method="post" action="/consultation/{made.key}/">' in page


def test_what_is_over_is_seen_but_not_cancelled(owner: Browser, krc: Profile, head: Any, login: Login) -> None:
    hours(krc, head, specialist(), *range(5))
    one = consult(krc, login=login)  # of a year that is over
    assert one.starts_at < timezone.now()
    page = owner.get("/account/").content.decode()
    assert one.number in page
    assert f'action="/consultation/{one.key}/"' not in page
    assert "took place" not in page
    Consultation.objects.update(ended_at=one.ends_at)
    assert "· took place" in owner.get("/account/").content.decode()
    Consultation.objects.update(missed_by="client")
    assert "took place" not in owner.get("/account/").content.decode()


def test_what_others_booked_is_not_seen_and_outside_nobody_is_named(owner: Browser, krc: Profile) -> None:
    made = meet(Browser(), krc)
    assert made.login is None
    assert made.number not in owner.get("/account/").content.decode()


def test_the_time_that_has_begun_is_not_given_back(krc: Profile) -> None:
    at = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
    made = Meeting(starts_at=at)
    assert meetings.may_cancel(made, at - dt.timedelta(seconds=1))
    assert not meetings.may_cancel(made, at)
    made.cancelled_at = at - dt.timedelta(days=1)
    assert not meetings.may_cancel(made, at - dt.timedelta(hours=1))
