"""Consultations: hours are data, a time is given once, told with its link, called to mind, received in the centre."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import close_old_connections
from django.test import Client as Browser
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.correspondence.models import Outgoing
from kindline.journal.models import Fact
from kindline.runtime.demonstration import consulting
from kindline.site.consultations import attending, booking, timetable
from kindline.site.consultations.timetable import NotTheirsError, Plan, Slot
from kindline.site.errors import AnotherError, NotAcceptedError, OftenTodayError
from kindline.site.models import Consultation, ConsultingHours
from kindline.site.senders import NOBODY, Senders
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)  # a Monday, noon in Moscow
WHO = {
    "surname": "Ёлкин", "given_name": "Пётр", "phone": "+79271112233", "email": "elkin@example.com",
    "problem": "Не сходится начисление за воду",
}  # fmt: skip
MORNING = (dt.time(10), dt.time(11))


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc."""
    return site("krc")


@pytest.fixture
def head(db: None) -> Employee:
    """Who plans the timetable."""
    return Employee.objects.create(username="head", roles=[Role.UNIT_HEAD], language="en")


def specialist(name: str = "spec") -> Employee:
    """Somebody who consults."""
    return Employee.objects.create(username=name, surname=name, roles=[Role.SPECIALIST], language="en")


def hours(profile: Profile, head: Employee, who: Employee, *days: int, **more: Any) -> list[ConsultingHours]:
    """Hours on days of the week, all ways, from ten to eleven."""
    given: dict[str, Any] = {
        "start": MORNING[0], "end": MORNING[1], "ways": ("in_person", "video"), "centre": "main",
        "since": dt.date(2026, 1, 1),
    }  # fmt: skip
    return [
        timetable.add_hours(
            profile=profile, specialist=who, plan=Plan(weekday=day, **given | more), employee=head, now=NOW
        )
        for day in days
    ]


def free(profile: Profile, way: str = "video", subject: str = "charges", now: dt.datetime = NOW) -> list[Slot]:
    """What is free."""
    asked = timetable.consulting_of(profile)
    assert asked is not None
    return timetable.free(profile, asked, way, subject, now)


def book(profile: Profile, way: str = "video", subject: str = "charges", **more: Any) -> Consultation:
    """A consultation at the first free time."""
    now = more.get("now", NOW)
    slot = more.pop("slot", None) or free(profile, way, subject, now)[0]
    given: dict[str, Any] = {
        "key": uuid.uuid4(), "fields": WHO, "consented": True, "language": "ru", "whose": NOBODY, "now": now,
        "address": "https://site.example/consultation/x/",
        "wish": booking.Wish(way, subject, slot.starts_at, slot.centre),
    }  # fmt: skip
    return booking.book(profile=profile, **given | more)


@clause("krc-5.7.1-42", "krc-5.7.1-45")
def test_free_are_the_hours_of_specialists_on_working_days_in_slots_of_twenty_minutes(
    krc: Profile, head: Employee
) -> None:
    assert free(krc) == []
    hours(krc, head, specialist(), 0, 2)  # Mondays and Wednesdays
    found = [f"{one.starts_at:%d.%m %H:%M}" for one in free(krc)]
    assert found[:4] == ["04.03 10:00", "04.03 10:20", "04.03 10:40", "11.03 10:00"], "9 March is a day off"
    assert found[-1] == "16.03 10:40", "two weeks ahead"
    late = dt.datetime(2026, 3, 4, 5, 10, tzinfo=dt.UTC)
    assert f"{free(krc, now=late)[0].starts_at:%H:%M}" == "10:20", "two hours before it at the latest"


@clause("krc-5.7.1-45")
def test_a_subject_and_a_way_have_the_hours_that_name_them(krc: Profile, head: Employee) -> None:
    hours(krc, head, specialist("meters"), 2, ways=("video",), subjects=("meters",))
    hours(krc, head, specialist("office"), 3, ways=("in_person",))
    assert {one.starts_at.weekday() for one in free(krc, "video", "meters")} == {2}
    assert free(krc, "video", "charges") == []
    assert {(one.starts_at.weekday(), one.centre) for one in free(krc, "in_person", "meters")} == {(3, "main")}


def test_the_timetable_is_entered_by_who_organises_and_faults_are_said(krc: Profile, head: Employee) -> None:
    who = specialist()
    with pytest.raises(NotTheirsError):
        hours(krc, who, who, 2)
    made = hours(krc, head, who, 2)[0]
    for more, field, code in (
        ({"start": dt.time(10, 30), "end": dt.time(12)}, "start", "overlap"),
        ({"end": dt.time(10, 10)}, "end", "no_room"),
        ({"ways": ()}, "ways", "needed"),
        ({"centre": "nowhere"}, "centre", "needed"),
        ({"until": dt.date(2025, 1, 1)}, "until", "before"),
        ({"since": None}, "since", "needed"),
    ):
        with pytest.raises(NotAcceptedError) as wrong:
            hours(krc, head, who, 2, **more)
        assert wrong.value.faults[field] == code
    with pytest.raises(NotAcceptedError):
        hours(krc, head, head, 2)
    timetable.end_hours(profile=krc, hours=made, until=dt.date(2026, 3, 4), employee=head, now=NOW)
    assert [f"{one.starts_at:%d.%m}" for one in free(krc)] == ["04.03"] * 3
    kinds = list(Fact.objects.filter(subject_type="consultation_hours").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["consultation_hours_added", "consultation_hours_ended"]


@clause("krc-5.7.1-42", "krc-5.7.1-47", "krc-5.7.1-48")
def test_a_booking_by_video_is_told_at_once_with_its_link_and_once_more_before(krc: Profile, head: Employee) -> None:
    hours(krc, head, specialist(), 2)
    key = uuid.uuid4()
    made = book(krc, key=key)
    slot = Slot(made.starts_at, made.centre, ())
    assert book(krc, key=key, slot=slot) == made
    others: list[dict[str, Any]] = [
        {}, {"slot": slot, "subject": "meters"}, {"slot": slot, "fields": WHO | {"problem": "Другое"}}
    ]  # fmt: skip
    for more in others:
        with pytest.raises(AnotherError, match=made.number):
            book(krc, key=key, **more)
    fact = Fact.objects.get(kind="consultation_booked")
    assert (fact.data["number"], fact.data["way"]) == (made.number, "video")
    assert "Ёлкин" not in str(fact.data)
    letter = Outgoing.objects.get()
    assert (letter.recipient, made.address in letter.text) == (WHO["email"], True)
    assert "10:00" in letter.text
    assert "до 20 минут" in letter.text
    assert booking.remind(profile=krc, now=made.starts_at - dt.timedelta(minutes=61)) == 0
    assert booking.remind(profile=krc, now=made.starts_at - dt.timedelta(minutes=59)) == 1
    assert booking.remind(profile=krc, now=made.starts_at - dt.timedelta(minutes=58)) == 0
    assert made.address in Outgoing.objects.latest("pk").text
    assert Outgoing.objects.count() == 2


@clause("krc-5.7.1-43")
def test_in_person_the_letter_names_the_centre_and_what_to_bring(krc: Profile, head: Employee) -> None:
    hours(krc, head, specialist(), 2)
    made = book(krc, "in_person", "account_change")
    letter = Outgoing.objects.get()
    assert "Центр единого обслуживания, пр. Мира, д. 18" in letter.text
    assert "Документ о праве на жильё" in letter.text
    assert made.centre == "main"


@clause("krc-5.7.1-45", "krc-5.7.1-46", "krc-5.7.1-47")
def test_date_time_problem_and_e_mail_are_needed_for_video(krc: Profile, head: Employee) -> None:
    hours(krc, head, specialist(), 2)
    with pytest.raises(NotAcceptedError) as wrong:
        book(krc, fields={"surname": "Я" * 101}, wish=booking.Wish("video", "charges", None), consented=False)
    assert wrong.value.faults == {
        "starts_at": "needed", "given_name": "needed", "email": "needed", "problem": "needed", "consent": "consent",
        "surname": "too_long_here",
    }  # fmt: skip
    with pytest.raises(NotAcceptedError) as other:
        book(krc, "in_person", fields={**WHO, "email": "nowhere", "phone": ""})
    assert other.value.faults == {"email": "not_email", "phone": "needed"}
    for _ in range(booking.A_DAY.of_browser):
        book(krc, whose=Senders("one browser", "address", "net"))
    with pytest.raises(OftenTodayError):
        book(krc, whose=Senders("one browser", "address", "net"))
    assert book(krc, whose=Senders("another browser there", "address", "net")).pk


@clause("krc-5.7.1-45")
def test_a_taken_time_goes_to_another_specialist_and_then_to_nobody(krc: Profile, head: Employee) -> None:
    first, second = specialist("first"), specialist("second")
    for who in (first, second):
        hours(krc, head, who, 2)
    slot = free(krc)[0]
    assert {book(krc, slot=slot).specialist, book(krc, "in_person", slot=free(krc, "in_person")[0]).specialist} == {
        first, second,
    }  # fmt: skip
    with pytest.raises(NotAcceptedError) as gone:
        book(krc, slot=slot)
    assert gone.value.faults == {"starts_at": "taken"}


@pytest.mark.db(transaction=True)
@clause("krc-5.7.1-45")
def test_of_many_at_one_moment_one_gets_the_time(krc: Profile) -> None:
    head = Employee.objects.create(username="head", roles=[Role.UNIT_HEAD])
    hours(krc, head, specialist(), 2)
    slot, gate = free(krc)[0], threading.Barrier(4)
    given: list[str] = []

    def one() -> None:
        try:
            gate.wait(120)
            given.append(book(krc, slot=slot).number)
        except NotAcceptedError as error:
            given.append(error.faults["starts_at"])
        finally:
            close_old_connections()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    assert sorted(given)[1:] == [Consultation.objects.get().number, "taken", "taken", "taken"][1:]
    assert Consultation.objects.count() == 1


def test_the_demonstration_can_be_booked(krc: Profile, head: Employee) -> None:
    specialist()
    assert consulting.make(krc, NOW) == 10
    assert free(krc)
    assert free(krc, "in_person", "meters")


def test_an_employee_cancels_with_a_reason_that_the_client_is_told(krc: Profile, head: Employee) -> None:
    who = specialist()
    hours(krc, head, who, 2)
    made = book(krc)
    with pytest.raises(NotTheirsError):
        booking.cancel(profile=krc, consultation=made, employee=specialist("other"), reason="так", now=NOW)
    with pytest.raises(NotAcceptedError):
        booking.cancel(profile=krc, consultation=made, employee=who, reason=" ", now=NOW)
    booking.cancel(profile=krc, consultation=made, employee=who, reason="Специалист болен", now=NOW)
    booking.cancel(profile=krc, consultation=made, employee=head, reason="ещё раз", now=NOW)
    assert Fact.objects.filter(kind="consultation_cancelled").count() == 1
    assert "Специалист болен" in Outgoing.objects.latest("pk").text
    assert book(krc).starts_at == made.starts_at
    assert booking.sweep(profile=krc, now=made.starts_at + dt.timedelta(days=29)) == 0
    assert booking.sweep(profile=krc, now=made.starts_at + dt.timedelta(days=31)) == 2


@clause("krc-5.7.1-43")
def test_who_comes_is_received_by_his_specialist_as_a_visit(krc: Profile, head: Employee) -> None:
    who = specialist()
    hours(krc, head, who, 2)
    made = book(krc, "in_person")
    with pytest.raises(NotTheirsError):
        attending.receive(profile=krc, consultation=made, employee=head, now=made.starts_at)
    contact = attending.receive(profile=krc, consultation=made, employee=who, now=made.starts_at)
    assert attending.receive(profile=krc, consultation=made, employee=who, now=made.starts_at) == contact
    assert (contact.channel, contact.employee, contact.guide["script"]) == ("office", who, "office")
    assert Fact.objects.get(kind="consultation_begun").data["contact"] == str(contact.pk)
    other = book(krc, "in_person")
    assert not attending.note_absence(profile=krc, consultation=other, employee=who, now=NOW), "it has not begun"
    assert attending.note_absence(profile=krc, consultation=other, employee=who, now=other.starts_at)
    with pytest.raises(attending.NotToBeginError):
        attending.receive(profile=krc, consultation=other, employee=who, now=other.starts_at)
    assert Fact.objects.get(kind="consultation_missed").data["by"] == "client"


def planned_always(profile: Profile, head: Employee) -> Employee:
    """Hours on every day of the week, so that the pages have free times whenever they are asked."""
    who = specialist()
    hours(profile, head, who, *range(7), start=dt.time(0, 0), end=dt.time(23, 40))
    return who


@clause("krc-5.7.1-42", "krc-5.7.1-45", "krc-5.7.1-46", "krc-5.7.1-47")
def test_the_page_books_cancels_and_loses_nothing_that_was_typed(
    krc: Profile, head: Employee, visitor: Browser
) -> None:
    planned_always(krc, head)
    first = visitor.get("/consultation/").content.decode()
    assert "By video, from home" in first
    page = visitor.get("/consultation/?way=video&subject=charges").content.decode()
    key, time = re.search(r'name="key" value="([^"]+)"', page), re.search(r'<option value="(2[^"]+)"', page)
    assert key
    assert time
    typed = {**WHO, "key": key[1], "starts_at": time[1], "way": "video", "subject": "charges"}
    again = visitor.post("/consultation/", typed)
    assert again.status_code == 422
    assert "Tick the box" in again.content.decode()
    assert WHO["problem"] in again.content.decode()
    assert f'<option value="{time[1]}" selected>' in again.content.decode()
    done = visitor.post("/consultation/", typed | {"consent": "on"}, follow=True)
    made = Consultation.objects.get()
    assert done.redirect_chain[-1][0] == f"/consultation/{made.key}/"
    assert made.address == f"http://testserver/consultation/{made.key}/"
    assert made.number in done.content.decode()
    assert "Ёлкин" not in done.content.decode()
    assert f"/consultation/{made.key}/room/" in done.content.decode()
    off = visitor.post(f"/consultation/{made.key}/", follow=True)
    assert "The consultation is cancelled" in off.content.decode()
    assert visitor.get(f"/consultation/{uuid.uuid4()}/").status_code == 404
    papers = visitor.get("/consultation/?way=in_person&subject=account_change").content.decode()
    assert "Proof of title" in papers


def test_where_the_standard_has_no_consultations_there_is_no_page(
    site: Callable[[str], Profile], visitor: Browser
) -> None:
    site("voe")
    assert visitor.get("/consultation/").status_code == 404


def test_the_desk_receives_cancels_and_keeps_the_timetable(krc: Profile, head: Employee) -> None:
    who = planned_always(krc, head)
    made = book(krc, "in_person", now=timezone.now())
    mine, theirs = (Browser(headers={"accept-language": "en"}) for _ in range(2))
    mine.force_login(who)
    theirs.force_login(head)
    page = mine.get("/desk/consultations/").content.decode()
    assert WHO["problem"] in page
    assert mine.get("/desk/consultations/hours/").status_code == 403
    wrong = mine.post("/desk/consultations/", {"consultation": made.pk, "verb": "cancel", "reason": ""})
    assert (wrong.status_code, "Say why" in wrong.content.decode()) == (422, True)
    come = mine.post("/desk/consultations/", {"consultation": made.pk, "verb": "receive"})
    assert come["Location"] == f"/desk/visits/{Contact.objects.get().pk}/"
    plan = theirs.get("/desk/consultations/hours/").content.decode()
    assert "Monday, 00:00–23:40" in plan
    again = theirs.post("/desk/consultations/hours/", {
        "verb": "add", "specialist": who.pk, "weekday": "0", "start": "10:00", "end": "11:00", "since": "2026-01-01",
        "ways": ["video"],
    })  # fmt: skip
    assert (again.status_code, "has hours at this time already" in again.content.decode()) == (422, True)
    row = ConsultingHours.objects.get(weekday=0)
    assert (
        theirs.post("/desk/consultations/hours/", {"verb": "end", "hours": row.pk, "until": "2026-03-01"}).status_code
        == 302
    )
    row.refresh_from_db()
    assert row.until == dt.date(2026, 3, 1)
    stranger = Browser()
    stranger.force_login(Employee.objects.create(username="op", roles=[Role.OPERATOR]))
    assert stranger.get("/desk/consultations/").status_code == 403
    assert Browser().get("/desk/consultations/").status_code == 302


@pytest.mark.parametrize(("language", "enter", "held"), [
    ("ru", "Войти на консультацию", "состоялась"), ("uk", "Увійти на консультацію", "відбулася"),
])  # fmt: skip
def test_the_list_of_the_desk_speaks_of_consultations(
    krc: Profile, head: Employee, language: str, enter: str, held: str
) -> None:
    """Their room is entered, which is not data, and they are held, which is no call on hold."""
    who = planned_always(krc, head)
    made = book(krc, "video", now=timezone.now())
    mine = Browser(headers={"accept-language": language})
    mine.force_login(who)
    assert f">{enter}<" in mine.get("/desk/consultations/").content.decode()
    Consultation.objects.filter(pk=made.pk).update(begun_at=made.starts_at, ended_at=made.ends_at)
    assert f"<td>{held}" in mine.get("/desk/consultations/").content.decode()
