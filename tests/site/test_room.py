"""A consultation by video: who is in the room, how two pages hear each other, its clock, its end, what is measured."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.quality import judging
from kindline.quality.models import Measurement
from kindline.runtime import policy
from kindline.site.consultations import conference, room_pages
from kindline.site.consultations.conference import Entrance, Room, Word
from kindline.site.models import Consultation, VideoSignal
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause
AT = dt.datetime(2026, 3, 4, 7, 0, tzinfo=dt.UTC)
OURS, THEIRS = str(uuid.uuid4()), str(uuid.uuid4())


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc."""
    return site("krc")


def booked(starts_at: dt.datetime = AT, **more: Any) -> Consultation:
    """A consultation by video."""
    who = Employee.objects.create(username=f"spec{Employee.objects.count()}", roles=[Role.SPECIALIST], language="en")
    given: dict[str, Any] = {
        "key": uuid.uuid4(), "profile": "krc", "way": "video", "specialist": who, "starts_at": starts_at,
        "ends_at": starts_at + dt.timedelta(minutes=20), "subject": "charges", "surname": "Ёлкин", "given_name": "Пётр",
        "email": "elkin@example.com", "problem": "Вода", "language": "ru", "address": "", "made_at": starts_at,
    }  # fmt: skip
    return Consultation.objects.create(**given | more)


def after(seconds: float) -> dt.datetime:
    """So long after the beginning of the slot."""
    return AT + dt.timedelta(seconds=seconds)


def say(
    profile: Profile, one: Consultation, side: str, seconds: float, *words: Word, page: str = "", **more: Any
) -> Room:
    """A page says something and hears what is for it."""
    entrance = Entrance(side, page or (OURS if side == "specialist" else THEIRS), **more)
    return conference.exchange(profile=profile, consultation=one, entrance=entrance, words=words, now=after(seconds))


def together(profile: Profile, one: Consultation) -> None:
    """Both are there and see each other: the session begins at the second minute."""
    say(profile, one, "client", 110, enters=True)
    say(profile, one, "specialist", 119, enters=True)
    say(profile, one, "client", 120, joined=True)


@clause("krc-5.7.1-44")
def test_the_client_waits_and_the_pages_hear_each_other(krc: Profile) -> None:
    one = booked()
    assert say(krc, one, "client", -601, enters=True).phase == "early"
    assert say(krc, one, "client", -599, enters=True).phase == "alone"
    assert say(krc, one, "specialist", -598, enters=True).other == THEIRS
    say(krc, one, "specialist", -597, Word(THEIRS, "offer", "{}"), Word(THEIRS, "nonsense", "{}"))
    heard = say(krc, one, "client", -596)
    assert [(word.kind, word.page) for word in heard.words] == [("offer", OURS)]
    assert (heard.phase, heard.other) == ("together", OURS)
    assert say(krc, one, "client", -595, after=heard.words[0].pk).words == ()
    assert say(krc, one, "specialist", -580).other == "", "a page that says nothing is away"


def test_a_page_that_was_opened_later_takes_the_place_of_the_first(krc: Profile) -> None:
    one, later = booked(), str(uuid.uuid4())
    say(krc, one, "client", 1, enters=True)
    say(krc, one, "client", 2, page=later, enters=True)
    assert say(krc, one, "client", 3).phase == "elsewhere"
    assert say(krc, one, "specialist", 4, enters=True).other == later


@clause("krc-5.7.1-44", "krc-5.7.1-49")
def test_a_session_is_a_contact_that_ends_at_the_limit_and_is_measured(krc: Profile) -> None:
    one = booked()
    together(krc, one)
    assert say(krc, one, "specialist", 121).phase == "talking"
    room = say(krc, one, "client", 1319)
    assert room.ends_at == after(1320)
    assert say(krc, one, "client", 1321).phase == "over"
    assert say(krc, one, "specialist", 1322, enters=True).phase == "over", "it cannot be entered again"
    contact = Contact.objects.get()
    assert (contact.channel, contact.employee, contact.outcome) == ("web", one.specialist, "video_consulted")
    assert contact.ended_at == after(1320)
    begun, ended = (Fact.objects.get(kind=kind) for kind in ("video_begun", "video_ended"))
    assert (begun.data["limit_s"], ended.data["reason"], ended.data["duration_s"]) == (1200, "limit", 1200.0)
    assert begun.subject_id == ended.subject_id == str(contact.pk)
    assert not VideoSignal.objects.exists()
    judging.judge_subjects(subjects={("contact", str(contact.pk))}, now=after(2000))
    assert Measurement.objects.get(clause="krc-5.7.1-49").verdict == "met"


@pytest.mark.parametrize(("side", "at"), [("client", 500), ("specialist", 700)])
def test_either_side_ends_it(krc: Profile, side: str, at: int) -> None:
    one = booked()
    together(krc, one)
    conference.end(profile=krc, consultation=one, side=side, now=after(at))
    conference.end(profile=krc, consultation=one, side=side, now=after(at + 5))
    data = Fact.objects.get(kind="video_ended").data
    assert (data["reason"], data["duration_s"]) == (side, float(at - 120))


def test_leaving_before_it_has_begun_leaves_the_room_open(krc: Profile) -> None:
    one = booked()
    say(krc, one, "client", 1, enters=True)
    conference.end(profile=krc, consultation=one, side="client", now=after(2))
    assert say(krc, one, "specialist", 3, enters=True).other == ""
    assert say(krc, one, "client", 4, enters=True).phase == "together"


def test_what_both_have_left_is_ended_at_the_moment_at_which_they_went(krc: Profile) -> None:
    one = booked()
    together(krc, one)
    say(krc, one, "specialist", 300)
    assert conference.sweep(profile=krc, now=after(350)) == 0
    assert conference.sweep(profile=krc, now=after(400)) == 1
    data = Fact.objects.get(kind="video_ended").data
    assert (data["reason"], data["duration_s"]) == ("lost", 180.0)
    assert conference.sweep(profile=krc, now=after(500)) == 0


@pytest.mark.parametrize(("came", "by"), [("client", "specialist"), ("specialist", "client"), ("", "both")])
def test_it_is_kept_who_did_not_come(krc: Profile, came: str, by: str) -> None:
    one = booked()
    if came:
        say(krc, one, came, 60, enters=True)
    assert conference.sweep(profile=krc, now=after(1199)) == 0
    assert conference.sweep(profile=krc, now=after(1201)) == 1
    assert Fact.objects.get(kind="consultation_missed").data["by"] == by
    assert not Contact.objects.exists()


@clause("krc-5.7.1-44", "krc-5.7.1-49")
def test_the_pages_tell_the_telephone_and_alone_may_use_the_camera(krc: Profile, visitor: Browser) -> None:
    one = booked(timezone.now())
    page = visitor.get(f"/consultation/{one.key}/room/")
    assert "8 800 000-00-01" in page.content.decode()
    assert "camera=(self), microphone=(self)" in page.headers[policy.PERMISSIONS]
    assert "camera=()" in visitor.get("/consultation/").headers[policy.PERMISSIONS]
    config = json.loads(
        page.content.decode().split('id="room-config" type="application/json">')[1].split("</script>")[0]
    )
    assert (config["limit_s"], config["warn_s"], config["servers"]) == (1200, [900, 1080], [])
    said = visitor.post(
        config["say"], json.dumps({"page": THEIRS, "enters": True}), content_type="application/json"
    ).json()
    assert said == {"phase": "alone", "other": "", "words": [], "left_s": None}
    for bad in ("[]", "x", '{"page": "x"}', json.dumps({"page": THEIRS, "after": float("inf")})):
        assert visitor.post(config["say"], bad, content_type="application/json").status_code == 400
    odd = {"page": THEIRS, "after": 10**30, "words": [{"to": OURS, "kind": "offer", "body": "a\0\ud800"}]}
    assert visitor.post(config["say"], json.dumps(odd), content_type="application/json").status_code == 200
    mine, other = Browser(), Browser()
    mine.force_login(one.specialist)
    other.force_login(Employee.objects.create(username="other", roles=[Role.SPECIALIST]))
    assert "camera=(self)" in mine.get(f"/desk/consultations/{one.pk}/room/").headers[policy.PERMISSIONS]
    assert other.get(f"/desk/consultations/{one.pk}/room/").status_code == 403
    heard = mine.post(
        f"/desk/consultations/{one.pk}/room/say/", json.dumps({"page": OURS, "enters": True}),
        content_type="application/json",
    ).json()  # fmt: skip
    assert (heard["phase"], heard["other"]) == ("together", THEIRS)


def test_servers_of_the_settings_are_told_with_a_password_that_is_soon_over(settings: Any) -> None:
    settings.ICE = {"stun": ["stun:a.example:3478"], "turn": ["turn:a.example:3478"], "turn_secret": "north"}
    stun, turn = room_pages.ice_servers("krc-C-00001", AT)
    assert stun == {"urls": ["stun:a.example:3478"]}
    assert turn["username"] == f"{int(after(7200).timestamp())}:krc-C-00001"
    assert turn["credential"] == "m/SzHSmp//J6hEas54y+MnpOnxA="
