"""Ears: one a person, and what is asked for when they are not needed any more."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from tests.switchboard.calls import CALLER, Call


def hung_up(call: Call) -> set[str]:
    return {one.channel for one in call.done if isinstance(one, c.HangUp)}


def test_at_the_end_of_a_call_its_ears_end_with_their_channels_and_both_recordings_are_kept() -> None:
    call = Call().talking()
    ears = {track.ear for track in call.state.tracks}
    assert len(ears) == 2
    assert call.state.operator is not None
    operator = call.state.operator.channel
    call.after(5).gone(CALLER)
    assert hung_up(call) == {operator}
    assert call.channels == set()
    assert sorted(one.leg for one in call.done if isinstance(one, c.Keep)) == ["client", "operator"]


def test_an_ear_that_comes_too_late_is_sent_away() -> None:
    call = Call().talking()
    ear = call.state.tracks[0].ear
    call.after(5).gone(CALLER).happens(e.Up(at=call.at, channel=ear))
    assert ear in hung_up(call)


def test_a_recording_that_ends_by_itself_in_a_talk_is_kept_to_the_end_of_the_talk_so_that_its_gap_is_seen() -> None:
    """T12: an engine whose disk is full ends a recording as if all were well."""
    call = Call().talking()
    for track in call.state.tracks:
        call.happens(e.RecordingBegan(at=call.at, name=track.name))
    cut, whole = (track.name for track in call.state.tracks)
    call.after(10).happens(e.Recorded(at=call.at, name=cut, duration_s=10.0))
    assert [track.name for track in call.state.tracks] == [cut, whole]
    assert [one for one in call.done if isinstance(one, c.Keep)] == []
    call.after(50).gone(CALLER)
    kept = {one.name: (one.ended_at - one.started_at).total_seconds() for one in call.done if isinstance(one, c.Keep)}
    assert kept[cut] == kept[whole] >= 60
    stopped = {one.name: one.stopped_at for one in call.done if isinstance(one, c.Keep)}
    assert stopped == {cut: call.at - dt.timedelta(seconds=50), whole: None}


def failing(call: Call, *, begun: bool) -> Call:
    """The engine cannot write either side: it says so before or after it said that it began."""
    for track in call.state.tracks:
        call.happens(e.Up(at=call.at, channel=track.ear))
        if begun:
            call.happens(e.RecordingBegan(at=call.at, name=track.name))
        call.happens(e.Recorded(at=call.at, name=track.name, failed="Internal Server Error"))
    return call


def to_the_answer() -> Call:
    call = Call().arrives().plays_out().presses("0").after(4).offered(1).rings().after(4)
    assert call.state.operator is not None
    call.happens(e.Up(at=call.at, channel=call.state.operator.channel))
    return call


@pytest.mark.fault("T12")
@pytest.mark.parametrize("begun", [True, False])
def test_t12_what_the_engine_cannot_record_stays_known_for_as_long_as_the_person_talks(begun: bool) -> None:
    """recordings.watching tells of it; what was written until then is kept, with its gap."""
    call = failing(to_the_answer(), begun=begun)
    assert {track.leg for track in call.state.tracks} == {"client", "operator"}
    assert {track.stopped_at for track in call.state.tracks} == {call.at}
    assert len(hung_up(call)) == 2, "their ears hear nothing that is kept"
    call.happens(e.Recorded(at=call.at, name=call.state.tracks[0].name, failed="once more"))
    call.after(30).gone(CALLER)
    assert call.kinds().count("recording_failed") == 2
    kept = [one for one in call.done if isinstance(one, c.Keep)]
    assert [one.stopped_at for one in kept] == ([call.at - dt.timedelta(seconds=30)] * 2 if begun else [])


def test_when_an_operator_comes_back_both_are_tried_to_be_recorded_again() -> None:
    call = failing(to_the_answer(), begun=False)
    before = {track.name for track in call.state.tracks}
    call.after(5).happens(e.MediaLost(at=call.at, employee=1))
    call.happens(e.PhoneBack(at=call.at, employee=1, endpoint="op1w"))
    call.after(1).answered()
    assert {track.leg for track in call.state.tracks if track.started_at} == {"client", "operator"}
    assert not {track.name for track in call.state.tracks} & before
    assert call.kinds().count("recording_failed") == 2
