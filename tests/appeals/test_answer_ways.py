"""By which way the answer goes: what the applicant may choose, the address it needs, and the way out without it."""

from __future__ import annotations

import pytest

from kindline.appeals import actions, answer_ways, answering, dispatching, letters
from kindline.appeals.models import Appeal
from kindline.conversations.errors import MissingFieldsError
from kindline.journal.queries import facts_of
from kindline.standard import loader
from tests.appeals.registry import APPLICANT, NOW, Registry

clause = pytest.mark.clause
pytestmark = pytest.mark.db


@clause("krc-5.8-07", "krc-5.8-08")
def test_only_what_the_clause_leaves_open_is_chosen(krc: Registry) -> None:
    assert answer_ways.choices(krc.profile, "phone") == ("paper", "email", "phone")
    assert answer_ways.choices(krc.profile, "email") == ()
    assert answer_ways.usual(krc.profile, "phone") == "paper"
    assert answer_ways.usual(loader.load("court"), "phone") == "phone"


@pytest.mark.parametrize(("way", "needed"), [("email", "email"), ("paper", "residence")])
@clause("krc-6.1-26", "krc-5.6.4-13")
def test_the_chosen_way_asks_for_its_address(krc: Registry, way: str, needed: str) -> None:
    without = {name: value for name, value in APPLICANT.items() if name != needed}
    with pytest.raises(MissingFieldsError) as refused:
        krc.register(channel="phone", fields=without, receipt=actions.Receipt(answer_by=way))
    assert needed in refused.value.missing
    made = krc.register(channel="phone", receipt=actions.Receipt(answer_by=way))
    assert letters.channel_of(krc.profile, made) == way


@clause("krc-5.8-07")
def test_who_left_only_an_e_mail_address_is_answered_there(krc: Registry) -> None:
    appeal = krc.at("signed", channel="phone")
    Appeal.objects.filter(pk=appeal.pk).update(residence="")
    appeal.refresh_from_db()
    assert dispatching.send_by_itself(appeal=appeal, now=NOW) is None
    assert facts_of("appeal", appeal.pk).get(kind="letter_not_handed").data["reason"] == "no_address"
    letter = dispatching.send_answer(appeal=appeal, way="email", employee=krc.people["unit_head"], now=NOW)
    assert letter.outgoing is not None
    assert letter.outgoing.recipient == APPLICANT["email"]


@clause("krc-5.8-07")
def test_who_left_an_address_is_answered_the_demanded_way(krc: Registry) -> None:
    appeal = krc.at("signed", channel="phone")
    with pytest.raises(answering.WrongChannelError):
        dispatching.send_answer(appeal=appeal, way="email", employee=krc.people["unit_head"], now=NOW)
