"""What the engine says of the sound of a talk, and what is kept of it."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from kindline.journal.queries import facts_of
from kindline.switchboard import media_quality
from kindline.switchboard.machine.state import CallState, Leg, Phase
from kindline.switchboard.media_quality import Heard
from tests.switchboard.people import at


def test_the_engine_tells_packets() -> None:
    heard = media_quality.understood({"rxcount": 950, "rxploss": 50, "txcount": 1000}, "client", 0)
    assert heard == Heard("client", 0, 950, 50)
    assert heard.data["loss_share"] == 0.05


def test_whole_rounds_of_numbers_were_not_lost() -> None:
    """T11: forged packets in a browser's name made the engine count 131072 lost of 671 that came."""
    assert media_quality.understood({"rxcount": 671, "rxploss": 131072}, "operator", 1).data["loss_share"] == 0.0
    assert media_quality.understood({"rxcount": 950, "rxploss": 65536 + 50}, "operator", 1).lost == 50


def test_a_leg_of_which_nothing_came_lost_nothing() -> None:
    assert media_quality.understood({}, "operator", 7).data["loss_share"] == 0.0


def test_each_who_hears_and_is_heard_is_asked_after_and_nobody_else() -> None:
    """T11: a conference has three sides; who is only rung has none yet."""
    operator, colleague = Leg("o", 1, "op1s", at(0)), Leg("s", 2, "op2s", at(0))
    state = CallState("c", "client", at(0), operator=operator, third=colleague)
    two = [("client", "client", 0), ("o", "operator", 1)]
    sides = {
        Phase.QUEUED: [], Phase.TALKING: two, Phase.CONSULTING: two, Phase.CONFERENCE: two,
    }  # fmt: skip
    for phase, told in sides.items():
        assert list(media_quality._legs(replace(state, phase=phase))) == told
    state.third = replace(colleague, up_at=at(1))
    for phase in (Phase.CONSULTING, Phase.CONFERENCE):
        assert list(media_quality._legs(replace(state, phase=phase))) == [*two, ("s", "specialist", 2)]


@pytest.mark.db
def test_it_is_a_fact_of_the_contact() -> None:
    contact = str(uuid.uuid4())
    media_quality.keep(contact, [Heard("client", 0, 90, 10), Heard("operator", 7, 100, 0)], at(0))
    told = {fact.data["leg"]: fact.data for fact in facts_of("contact", contact)}
    assert told["client"]["loss_share"] == 0.1
    assert (told["operator"]["employee"], told["operator"]["received"], told["operator"]["lost"]) == (7, 100, 0)
