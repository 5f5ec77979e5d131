"""A meeting with the head: its times are data, one is booked once, told, cancelled, listed and forgotten."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.correspondence.models import Outgoing
from kindline.journal.models import Fact
from kindline.site import meetings
from kindline.site.errors import AnotherError, NotAcceptedError, OftenTodayError
from kindline.site.models import Meeting
from kindline.site.senders import NOBODY, Senders
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)  # a Monday, noon in Moscow
WHO = {
    "surname": "Ёлкин", "given_name": "Пётр", "phone": "+79271112233", "email": "elkin@example.com",
    "matter": "Перерасчёт за отопление",
}  # fmt: skip


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc."""
    return site("krc")


def times(profile: Profile, now: dt.datetime = NOW) -> list[dt.datetime]:
    """What is free."""
    reception = meetings.reception_of(profile)
    assert reception is not None
    return meetings.free(profile, reception, now)


def book(profile: Profile, **more: Any) -> Meeting:
    """A meeting at the first free time."""
    given: dict[str, Any] = {
        "key": uuid.uuid4(), "starts_at": times(profile)[0], "fields": WHO, "consented": True, "language": "ru",
        "whose": NOBODY, "now": NOW,
    }  # fmt: skip
    return meetings.book(profile=profile, **given | more)


@clause("krc-5.7.1-38")
def test_free_are_the_hours_of_the_head_on_working_days_and_not_what_is_taken(krc: Profile) -> None:
    free = times(krc)
    assert {(one.weekday(), one.hour) for one in free} == {(2, 15), (2, 16)}
    assert [f"{one:%d.%m %H:%M}" for one in free[:2]] == ["04.03 15:00", "04.03 15:20"]
    assert len(free) == 5 * 6, "five Wednesdays within thirty days, six times each"
    late = dt.datetime(2026, 3, 3, 12, 10, tzinfo=dt.UTC)
    assert f"{times(krc, late)[0]:%d.%m %H:%M}" == "04.03 15:20", "a day before it at the latest"
    may = dt.datetime(2026, 6, 8, 9, tzinfo=dt.UTC)
    assert all(f"{one:%d.%m}" != "12.06" for one in times(krc, may))
    taken = book(krc).starts_at
    assert taken not in times(krc)


@clause("krc-5.7.1-38")
def test_a_meeting_is_booked_once_with_a_number_a_fact_and_a_letter(krc: Profile) -> None:
    key = uuid.uuid4()
    made = book(krc, key=key)
    assert book(krc, key=key, starts_at=made.starts_at) == made
    assert made.number == f"krc-M-{made.pk:05d}"
    fact = Fact.objects.get(kind="meeting_booked")
    assert (fact.subject_id, fact.data["number"]) == (str(made.pk), made.number)
    assert "Ёлкин" not in str(fact.data)
    letter = Outgoing.objects.get()
    assert letter.recipient == WHO["email"]
    assert made.number in letter.text
    assert "ул. Береговая, д. 4, кабинет 301" in letter.text
    assert "15:00" in letter.text


def test_what_is_wrong_is_said_at_once_and_a_taken_time_is_not_given_twice(krc: Profile) -> None:
    first = book(krc).starts_at
    with pytest.raises(NotAcceptedError) as wrong:
        book(krc, starts_at=first, fields={"email": "nowhere", "phone": "12", "surname": "Я" * 101}, consented=False)
    assert wrong.value.faults == {
        "starts_at": "taken", "given_name": "needed", "matter": "needed",
        "surname": "too_long_here", "email": "not_email", "phone": "not_number", "consent": "consent",
    }  # fmt: skip
    with pytest.raises(NotAcceptedError):
        book(krc, starts_at=first.replace(hour=3))
    for _ in range(meetings.A_DAY.of_browser):
        book(krc, whose=Senders("one browser", "address", "net"))
    with pytest.raises(OftenTodayError):
        book(krc, whose=Senders("one browser", "address", "net"))
    assert book(krc, whose=Senders("another browser there", "address", "net")).pk


def test_who_keeps_the_list_cancels_with_a_reason_and_the_time_is_free_again(krc: Profile) -> None:
    made = book(krc)
    head = Employee.objects.create(username="head", roles=[Role.UNIT_HEAD])
    other = Employee.objects.create(username="other", roles=[Role.OPERATOR])
    with pytest.raises(meetings.NotTheirsError):
        meetings.cancel(profile=krc, meeting=made, employee=other, reason="так", now=NOW)
    with pytest.raises(NotAcceptedError):
        meetings.cancel(profile=krc, meeting=made, employee=head, reason=" ", now=NOW)
    meetings.cancel(profile=krc, meeting=made, employee=head, reason="Директор в отъезде", now=NOW)
    meetings.cancel(profile=krc, meeting=made, employee=head, reason="ещё раз", now=NOW)
    assert Fact.objects.filter(kind="meeting_cancelled").count() == 1
    assert "Директор в отъезде" in Outgoing.objects.latest("pk").text
    assert times(krc)[0] == made.starts_at
    assert book(krc).starts_at == made.starts_at


def test_a_form_that_was_sent_with_something_else_or_is_cancelled_is_another_one(krc: Profile) -> None:
    key = uuid.uuid4()
    made = book(krc, key=key)
    others: list[dict[str, Any]] = [{}, {"starts_at": made.starts_at, "fields": WHO | {"phone": "+79270000000"}}]
    for more in others:
        with pytest.raises(AnotherError, match=made.number):
            book(krc, key=key, **more)
    meetings.cancel(profile=krc, meeting=made, employee=None, reason="", now=NOW)
    with pytest.raises(AnotherError):
        book(krc, key=key, starts_at=made.starts_at)
    assert Meeting.objects.count() == 1


def test_who_sends_a_form_again_with_another_time_is_told_of_the_first(krc: Profile, visitor: Browser) -> None:
    now = timezone.now()
    first, second = times(krc, now)[:2]
    typed = {**WHO, "key": str(uuid.uuid4()), "starts_at": first.isoformat(), "consent": "on"}
    visitor.post("/meeting/", typed)
    made = Meeting.objects.get()
    answer = visitor.post("/meeting/", typed | {"starts_at": second.isoformat()})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"its number is {made.number}" in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    assert key[1] != typed["key"]
    assert "data-answered" in page, "the browser sends it under this key"
    visitor.post("/meeting/", typed | {"starts_at": second.isoformat(), "key": key[1]})
    assert sorted(Meeting.objects.values_list("starts_at", flat=True)) == [first, second]


def test_a_meeting_is_forgotten_when_its_time_is_over(krc: Profile) -> None:
    made = book(krc)
    assert meetings.sweep(profile=krc, now=made.starts_at + dt.timedelta(days=29)) == 0
    assert meetings.sweep(profile=krc, now=made.starts_at + dt.timedelta(days=31)) == 1


@clause("krc-5.7.1-38")
def test_the_page_books_shows_cancels_and_loses_nothing_that_was_typed(krc: Profile, visitor: Browser) -> None:
    page = visitor.get("/meeting/").content.decode()
    key, first = re.search(r'name="key" value="([^"]+)"', page), re.search(r'<option value="(2[^"]+)"', page)
    assert key
    assert first
    typed = {**WHO, "key": key[1], "starts_at": first[1]}
    again = visitor.post("/meeting/", typed)
    assert again.status_code == 422
    assert "Tick the box" in again.content.decode()
    assert WHO["matter"] in again.content.decode()
    assert f'<option value="{first[1]}" selected>' in again.content.decode()
    done = visitor.post("/meeting/", typed | {"consent": "on"}, follow=True)
    made = Meeting.objects.get()
    assert done.redirect_chain[-1][0] == f"/meeting/{made.key}/"
    assert made.number in done.content.decode()
    assert "Ёлкин" not in done.content.decode()
    off = visitor.post(f"/meeting/{made.key}/", follow=True)
    assert "The meeting is cancelled" in off.content.decode()
    assert visitor.get(f"/meeting/{uuid.uuid4()}/").status_code == 404


def test_the_list_is_open_to_who_keeps_it(krc: Profile) -> None:
    made = book(krc, starts_at=times(krc, timezone.now())[0], now=timezone.now())
    for role in Role.values:
        browser = Browser(headers={"accept-language": "en"})
        browser.force_login(Employee.objects.create(username=role, roles=[role], language="en"))
        allowed = role in (Role.UNIT_HEAD, Role.DIRECTOR)
        page = browser.get("/desk/meetings/")
        assert page.status_code == (200 if allowed else 403)
        if allowed:
            assert WHO["matter"] in page.content.decode()
            wrong = browser.post("/desk/meetings/", {"meeting": made.pk, "reason": ""})
            assert wrong.status_code == 422
            assert "Say why" in wrong.content.decode()
    assert Browser().get("/desk/meetings/").status_code == 302


def test_where_the_standard_has_no_hours_there_is_no_page(site: Callable[[str], Profile], visitor: Browser) -> None:
    site("voe")
    assert visitor.get("/meeting/").status_code == 404
