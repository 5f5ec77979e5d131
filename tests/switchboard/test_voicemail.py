"""Messages that clients leave become work with a time by which to answer."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Role
from kindline.standard import loader
from kindline.switchboard import voicemail, work
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.commands import KeepMessage
from kindline.switchboard.models import Recording, Voicemail
from tests.switchboard.people import Kept, at, employee

clause = pytest.mark.clause


def left(profile: str = "krc", *, keys: str = "1", closed: str = "off_hours", seconds: float = 12) -> Kept:
    """A caller has left a message and hung up."""
    call = Kept(profile).arrives(closed=closed).plays_out()
    call.presses(keys).plays_out()
    [track] = call.state.tracks
    call.happens(e.RecordingBegan(at=call.at, name=track.name))
    call.after(seconds).happens(e.Recorded(at=call.at, name=track.name, duration_s=seconds))
    call.plays_out().gone(call.state.channel)
    return call


@pytest.mark.db
@clause("krc-2-04", "krc-5.6.6-20")
def test_a_message_left_outside_the_hours_is_work_with_a_time(db: None) -> None:
    call = left()
    message = Voicemail.objects.get(contact_id=call.contact)
    assert (message.box, message.handled_at) == ("general", None)
    assert message.due_at is not None
    assert message.due_at > message.left_at
    assert message.recording == Recording.objects.get(leg="voicemail", contact_id=call.contact)
    contact = message.contact
    assert (contact.outcome, contact.closed_at is not None) == ("voicemail", True)
    kinds = [fact.kind for fact in facts_of("contact", call.contact)]
    assert kinds.index("hours_closed") < kinds.index("voicemail_left") < kinds.index("call_ended")


@pytest.mark.db
@clause("krc-5.6.6-15")
def test_the_menu_takes_a_message_within_the_hours_too() -> None:
    call = left(keys="32", closed="")
    assert Voicemail.objects.get().contact_id.__str__() == call.contact
    assert Fact.objects.get(kind="voicemail_left").data["off_hours"] is False


@pytest.mark.db
def test_who_hangs_up_before_the_tone_leaves_no_work() -> None:
    call = Kept("krc").arrives(closed="off_hours").plays_out()
    call.presses("1").gone(call.state.channel)
    assert not Voicemail.objects.exists()


@pytest.mark.db
@clause("krc-2-04", "krc-5.6.6-15")
def test_a_message_is_handled_by_one_person_once() -> None:
    call = left()
    message = Voicemail.objects.get(contact_id=call.contact)
    first, second = employee("anna", Role.OPERATOR), employee("boris", Role.OPERATOR)
    work.handle_voicemail(voicemail=message, employee=first, now=at(100))
    work.handle_voicemail(voicemail=message, employee=second, now=at(200))
    message.refresh_from_db()
    assert (message.handled_by, message.handled_at) == (first, at(100))
    assert Fact.objects.filter(kind="voicemail_handled").count() == 1


@pytest.mark.db
def test_a_message_that_is_told_twice_is_one_piece_of_work() -> None:
    call = left()
    told = KeepMessage("general", "some-other-name", call.at + dt.timedelta(hours=1))
    again = voicemail.receive(loader.load("krc"), call.contact, told)
    assert Voicemail.objects.get() == again
    assert again.left_at < told.left_at


@pytest.mark.parametrize(
    ("local", "day"),
    [
        ("2026-03-02T22:00", "2026-03-03"),  # Monday night: Tuesday
        ("2026-03-06T23:00", "2026-03-10"),  # before a week-end and the holiday of 8 March, moved to Monday
        ("2026-03-07T12:00", "2026-03-10"),
        ("2026-03-03T09:00", "2026-03-03"),
    ],
)
def test_the_client_is_called_back_by_the_end_of_a_working_day(local: str, day: str) -> None:
    krc = loader.load("krc")
    left_at = dt.datetime.fromisoformat(local).replace(tzinfo=krc.zone)
    due = voicemail.due(krc, left_at)
    assert due is not None
    assert due.astimezone(krc.zone).date().isoformat() == day
    assert due > left_at


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_where_a_profile_has_no_habit_there_is_no_time(profile: str) -> None:
    standard = loader.load(profile)
    has_habit = standard.variables.get("callback_rule") == "end_of_working_day"
    assert (voicemail.due(standard, at(0)) is not None) is has_habit
