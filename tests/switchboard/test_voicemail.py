"""Messages that clients leave become work with a time by which to answer."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from kindline.conversations import actions as conversations
from kindline.conversations import norms
from kindline.conversations.models import Callback, Contact
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Role
from kindline.standard import loader
from kindline.switchboard import voicemail
from kindline.switchboard import voicemail_work as work
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.commands import KeepMessage
from kindline.switchboard.models import Recording, Voicemail
from kindline.switchboard.voicemail_work import VoicemailError
from tests.switchboard.people import Kept, at, employee

clause = pytest.mark.clause
KRC = loader.load("krc")


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


def said_for(call: Kept, seconds: float, *, failed: str = "") -> Kept:
    """He speaks after the tone; the recording ends, or fails."""
    [track] = call.state.tracks
    call.happens(e.RecordingBegan(at=call.at, name=track.name))
    call.after(seconds)
    if failed:
        call.happens(e.Recorded(at=call.at, name=track.name, failed=failed))
    return call


@pytest.mark.db
def test_what_is_too_short_to_be_a_message_is_not_left_lying() -> None:
    call = Kept("krc").arrives(closed="off_hours").plays_out().presses("1").plays_out()
    [track] = call.state.tracks
    said_for(call, 0.4).gone(call.state.channel)
    assert [one.name for one in call.done if isinstance(one, c.DropRecord)] == [track.name]
    data = facts_of("contact", call.contact).get(kind="recording_discarded").data
    assert data == {"leg": "voicemail", "name": track.name, "reason": "too_short", "duration_s": 0.4}
    assert (Voicemail.objects.count(), Recording.objects.count()) == (0, 0)


def asked_unheard() -> Kept:
    """He speaks after the tone, while the word that he is recorded is missed: no switchboard was there."""
    return Kept("krc").arrives(closed="off_hours").plays_out().presses("1").plays_out().after(9)


@pytest.mark.db
@pytest.mark.clause("krc-5.6.6-15")
def test_a_message_of_which_only_the_end_was_heard_is_kept() -> None:
    call = asked_unheard()
    [track] = call.state.tracks
    call.happens(e.Recorded(at=call.at, name=track.name, duration_s=9))
    row = Recording.objects.get(leg="voicemail")
    assert (Voicemail.objects.get().recording, row.started_at) == (row, track.asked_at)
    assert not [one for one in call.done if isinstance(one, c.DropRecord)]


@pytest.mark.db
@pytest.mark.parametrize("how", ["hangs up", "fails"])
def test_a_message_of_which_nobody_knows_how_long_it_is_is_left_to_its_file(how: str) -> None:
    call = asked_unheard()
    [track] = call.state.tracks
    failed = e.Recorded(at=call.at, name=track.name, failed="full")
    call.happens(e.Gone(at=call.at, channel=call.state.channel) if how == "hangs up" else failed)
    assert call.state.over
    assert not [one for one in call.done if isinstance(one, c.DropRecord)]
    assert not {"recording_discarded", "voicemail_left"} & set(call.kinds())


@pytest.mark.db
@pytest.mark.fault("T12")
def test_t12_a_message_whose_recording_fails_is_work_with_what_was_said_until_then() -> None:
    call = Kept("krc").arrives(closed="off_hours").plays_out().presses("1").plays_out()
    said_for(call, 9, failed="full")
    assert Voicemail.objects.get().recording == Recording.objects.get(leg="voicemail")
    assert Contact.objects.get(pk=call.contact).outcome == "voicemail"
    assert call.kinds().count("recording_failed") == 1


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
    message = heard(left())
    first, second = employee("anna", Role.OPERATOR), employee("boris", Role.OPERATOR)
    work.handle(voicemail=message.pk, outcome="registered", employee=first, now=at(100))
    work.handle(voicemail=message.pk, outcome="nothing", employee=second, now=at(200))
    message.refresh_from_db()
    assert (message.handled_by, message.handled_at, message.outcome) == (first, at(100), "registered")
    assert Fact.objects.get(kind="voicemail_handled").data["heard"] is True


def heard(call: Kept) -> Voicemail:
    """The message of a call, its recording in its place and listened to."""
    message = kept(call)
    assert message.recording is not None
    data = {"name": message.recording.name, "employee": employee("listener").pk}
    journal.record(kind="recording_listened", subject_type="contact", subject_id=call.contact, data=data, at=at(50))
    return message


def kept(call: Kept) -> Voicemail:
    """The message of a call, its recording in its place."""
    Recording.objects.filter(contact_id=call.contact).update(path="a.wav")
    return Voicemail.objects.get(contact_id=call.contact)


@pytest.mark.db
@clause("krc-5.6.6-15")
def test_what_nobody_has_listened_to_is_handled_only_by_who_says_that_it_needs_no_hearing() -> None:
    message, anna = kept(left()), employee("anna")
    with pytest.raises(VoicemailError, match="unheard"):
        work.handle(voicemail=message.pk, outcome="nothing", employee=anna, now=at(100))
    work.handle(voicemail=message.pk, outcome="nothing", employee=anna, as_is=True, now=at(100))
    assert Fact.objects.get(kind="voicemail_handled").data["heard"] is False


@pytest.mark.db
@clause("krc-5.6.6-15")
def test_a_message_that_one_has_in_hand_is_left_in_peace_by_others() -> None:
    message, anna, boris = heard(left()), employee("anna"), employee("boris")
    for _ in range(2):
        work.take(voicemail=message.pk, employee=anna, now=at(100))
    assert Fact.objects.filter(kind="voicemail_taken").count() == 1
    with pytest.raises(VoicemailError) as refused:
        work.take(voicemail=message.pk, employee=boris, now=at(110))
    assert (refused.value.code, refused.value.by) == ("taken", anna)
    with pytest.raises(VoicemailError, match="taken"):
        work.call_back(profile=KRC, voicemail=message.pk, employee=boris, now=at(110))
    with pytest.raises(VoicemailError, match="taken"):
        work.handle(voicemail=message.pk, outcome="nothing", employee=boris, now=at(110))
    work.let_go(voicemail=message.pk, employee=anna, now=at(120))
    assert work.take(voicemail=message.pk, employee=boris, now=at(130)).taken_by == boris


@pytest.mark.db
def test_the_call_back_is_a_promise_of_who_has_the_message_and_is_made_once() -> None:
    message, anna = kept(left()), employee("anna")
    made = work.call_back(profile=KRC, voicemail=message.pk, employee=anna, now=at(100))
    assert (made.phone, made.employee, made.due_at) == ("+79001112233", anna, message.due_at)
    assert work.call_back(profile=KRC, voicemail=message.pk, employee=anna, now=at(110)) == made
    message.refresh_from_db()
    assert (message.taken_by, message.callback) == (anna, made)
    assert Fact.objects.filter(kind="callback_created").count() == 1


@pytest.mark.db
def test_a_client_who_waits_for_a_call_already_is_not_promised_another() -> None:
    call = left()
    message, anna, boris = kept(call), employee("anna"), employee("boris")
    first = conversations.keep_abandoned(
        profile=KRC, contact=uuid.UUID(call.contact), caller="+79001112233", queue="general", now=at(0)
    )
    assert work.call_back(profile=KRC, voicemail=message.pk, employee=anna, now=at(100)) == first
    Callback.objects.update(employee=boris)
    with pytest.raises(VoicemailError) as refused:
        work.call_back(profile=KRC, voicemail=message.pk, employee=anna, now=at(110))
    assert (refused.value.code, refused.value.by) == ("promised", boris)


@pytest.mark.db
@clause("krc-5.6.6-15")
def test_the_call_of_who_gave_a_message_back_is_for_whoever_takes_it_next() -> None:
    message, boris, chief, third = kept(left()), employee("boris"), employee("chief"), employee("third")
    made = work.call_back(profile=KRC, voicemail=message.pk, employee=boris, now=at(100))
    with pytest.raises(VoicemailError) as refused:
        work.let_go(voicemail=message.pk, employee=third, now=at(105))
    assert (refused.value.code, refused.value.by) == ("taken", boris)
    work.let_go(voicemail=message.pk, employee=chief, anybodys=True, now=at(110))
    made.refresh_from_db()
    assert made.employee is None, "everybody sees it among the calls that were promised"
    assert work.call_back(profile=KRC, voicemail=message.pk, employee=third, now=at(120)) == made


@pytest.mark.db
def test_what_was_promised_in_another_talk_stays_his_who_promised_it() -> None:
    message, boris = kept(left()), employee("boris")
    talk = conversations.open_contact(profile=KRC, channel="phone", caller="+79001112233", now=at(0))
    told = {"phone": "+79001112233", "promised_at": at(0), "due_at": at(900)}
    promised = Callback.objects.create(contact=talk, employee=boris, **told)
    assert work.call_back(profile=KRC, voicemail=message.pk, employee=boris, now=at(100)) == promised
    work.let_go(voicemail=message.pk, employee=boris, now=at(110))
    promised.refresh_from_db()
    assert promised.employee == boris


@pytest.mark.db
@pytest.mark.parametrize(
    ("outcome", "state"),
    [("reached", "kept"), ("registered", "cancelled"), ("nothing", "cancelled"), ("not_reached", "open")],
)
def test_who_has_what_he_asked_for_is_not_called_again(outcome: str, state: str) -> None:
    message, anna = heard(left()), employee("anna")
    made = work.call_back(profile=KRC, voicemail=message.pk, employee=anna, now=at(100))
    work.handle(voicemail=message.pk, outcome=outcome, employee=anna, now=at(110))
    made.refresh_from_db()
    assert made.state == state
    assert bool(made.closed_at) is (state != "open")


@pytest.mark.db
def test_a_call_that_another_message_waits_for_is_still_made() -> None:
    first, anna = heard(left()), employee("anna")
    second = Voicemail.objects.create(contact_id=first.contact_id, box="general", left_at=at(60))
    made = work.call_back(profile=KRC, voicemail=first.pk, employee=anna, now=at(100))
    assert work.call_back(profile=KRC, voicemail=second.pk, employee=anna, now=at(105)) == made
    work.handle(voicemail=first.pk, outcome="nothing", employee=anna, now=at(110))
    made.refresh_from_db()
    assert made.state == "open"


@pytest.mark.db
def test_a_hidden_number_cannot_be_called() -> None:
    message = kept(left())
    Contact.objects.filter(pk=message.contact_id).update(caller="anonymous")
    with pytest.raises(VoicemailError, match="no_number"):
        work.call_back(profile=KRC, voicemail=message.pk, employee=employee("anna"), now=at(100))
    assert Voicemail.objects.get().taken_by is None, "what was refused has no effect"


@pytest.mark.db
def test_a_message_is_handled_once_its_client_was_reached() -> None:
    message, anna = kept(left()), employee("anna")
    made = work.call_back(profile=KRC, voicemail=message.pk, employee=anna, now=at(100))
    assert work.sweep(now=at(110)) == 0
    conversations.note_attempt(callback=made, outcome="no_answer", employee=anna, now=at(120))
    assert work.sweep(now=at(130)) == 0
    conversations.note_attempt(callback=made, outcome="reached", employee=anna, now=at(140))
    assert work.sweep(now=at(150)) == 1
    message.refresh_from_db()
    assert (message.handled_by, message.outcome) == (anna, "reached")


@pytest.mark.db
def test_a_message_whose_time_has_passed_is_a_fact_once_and_those_in_charge_are_told_until_it_is_handled() -> None:
    message, anna = heard(left()), employee("anna")
    assert message.due_at is not None
    assert work.sweep(now=message.due_at) == 0
    late = message.due_at + dt.timedelta(seconds=1)
    assert [work.sweep(now=late) for _ in range(2)] == [1, 0]
    assert Fact.objects.get(kind="voicemail_overdue").subject_id == str(message.contact_id)
    assert list(work.overdue()) == [message]
    work.handle(voicemail=message.pk, outcome="not_reached", employee=anna, now=late)
    assert not work.overdue()


@pytest.mark.db
def test_a_message_that_is_told_twice_is_one_piece_of_work() -> None:
    call = left()
    told = KeepMessage("general", "some-other-name", call.at + dt.timedelta(hours=1))
    again = voicemail.receive(loader.load("krc"), call.contact, told)
    assert Voicemail.objects.get() == again
    assert again.left_at < told.left_at


@pytest.mark.db
@clause("krc-2-04", "krc-5.6.6-15")
@pytest.mark.parametrize("profile", loader.profile_ids())
def test_every_message_has_a_time_by_which_its_client_is_called(profile: str) -> None:
    """Where the standard has neither norm nor habit, as long as for who gave up waiting."""
    standard, left_at = loader.load(profile), at(0)
    contact = conversations.open_contact(profile=standard, channel="phone", caller="+79001112233", now=left_at)
    found = voicemail.receive(standard, str(contact.pk), KeepMessage("general", "n", left_at))
    usual = norms.proposed_promise(standard, left_at)
    assert found.due_at == (usual or left_at + dt.timedelta(hours=24))
