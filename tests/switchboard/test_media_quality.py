"""What the engine says of the sound of a talk, and what is kept of it."""

from __future__ import annotations

import uuid

import pytest

from kindline.journal.queries import facts_of
from kindline.switchboard import media_quality
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


@pytest.mark.db
def test_it_is_a_fact_of_the_contact() -> None:
    contact = str(uuid.uuid4())
    media_quality.keep(contact, [Heard("client", 0, 90, 10), Heard("operator", 7, 100, 0)], at(0))
    told = {fact.data["leg"]: fact.data for fact in facts_of("contact", contact)}
    assert told["client"]["loss_share"] == 0.1
    assert (told["operator"]["employee"], told["operator"]["received"], told["operator"]["lost"]) == (7, 100, 0)
