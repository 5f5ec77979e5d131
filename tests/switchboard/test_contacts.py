"""A call is a contact: it knows who calls, it comes to an employee, and he gives the answer."""

from __future__ import annotations

import pytest

from kindline.clients import actions as clients
from kindline.clients import queries
from kindline.clients.models import Client
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact, Topic
from kindline.journal.queries import facts_of
from kindline.standard import loader
from kindline.switchboard import afterwards
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.commands import Note
from kindline.switchboard.models import Call, Operator
from tests.switchboard.people import Kept, at, operator

pytestmark = pytest.mark.db
clause = pytest.mark.clause


def client(phone: str, country: str = "RU") -> Client:
    return clients.create_client(
        fields={"surname": "Ёлкин", "given_name": "Пётр", "patronymic": "Семёнович", "gender": "m"},
        points=[("phone", phone)], country=country, via="office", actor="system", now=at(-999),
    )  # fmt: skip


def answered(profile: str) -> tuple[Kept, Operator]:
    """A call that an operator has answered, with what follows from it."""
    call = Kept(profile).arrives().plays_out()
    call.presses("0")
    who = operator()
    call.after(3).dispatched()
    call.rings().after(4).answered()
    afterwards.answered(call.profile, [(call.state, call.facts("call_answered")[0])])
    return call, who


def kinds(call: Kept) -> list[str]:
    return [fact.kind for fact in facts_of("contact", call.contact)]


@clause("krc-5.5.3-08")
@pytest.mark.parametrize("shown", ["+79271112233", "89271112233", "79271112233", "9271112233", "8 (927) 111-22-33"])
def test_the_number_that_calls_is_kept_and_names_the_client(shown: str) -> None:
    known = client("+7 927 111-22-33")
    client("+7 927 111-22-34")
    call = Kept("krc", caller=shown).arrives()
    contact = Contact.objects.get(pk=call.contact)
    assert contact.caller == "+79271112233"
    assert queries.by_caller(contact.caller, call.profile.calendar.country) == [known]
    assert facts_of("contact", call.contact).get(kind="contact_opened").data["caller"] == "+79271112233"
    assert facts_of("contact", call.contact).get(kind="call_arrived").data["caller"] == shown


@clause("krc-5.5.3-08")
@pytest.mark.parametrize("hidden", ["anonymous", "", "s"])
def test_a_hidden_number_is_no_client_and_the_call_is_served(hidden: str) -> None:
    client("+7 927 111-22-33")
    call = Kept("krc", caller=hidden).arrives().plays_out()
    call.presses("0")
    contact = Contact.objects.get(pk=call.contact)
    assert contact.caller == hidden
    assert queries.by_caller(contact.caller, "RU") == []
    assert Call.objects.get(pk=call.contact).state == "queued"


def test_ukrainian_numbers_are_read_by_the_profile_s_country() -> None:
    known = client("067 111 22 33", "UA")
    call = Kept("court", caller="0671112233").arrives()
    contact = Contact.objects.get(pk=call.contact)
    assert contact.caller == "+380671112233"
    assert queries.by_caller(contact.caller, "UA") == [known]


@clause("krc-5.5.1-01", "yumek-8-01")
@pytest.mark.parametrize("profile", ["krc", "yumek"])
def test_a_telephone_call_is_served_by_the_call_centre(profile: str) -> None:
    call, who = answered(profile)
    contact = Contact.objects.get(pk=call.contact)
    assert (contact.channel, contact.direction, contact.profile) == ("phone", "in", profile)
    assert contact.employee_id == who.pk
    assert contact.answered_at == call.at
    script = loader.load(profile).script(channel="phone", direction="in", line="hotline")
    assert script is not None
    assert contact.guide["script"] == script.id
    path = ["contact_opened", "call_arrived", "queue_entered", "call_offered", "call_answered", "guide_started"]
    found = kinds(call)
    assert [kind for kind in found if kind in path] == path


@clause("krc-5.5.2-01", "yumek-9.1-03")
@pytest.mark.parametrize("profile", ["krc", "yumek"])
def test_a_client_gets_information_by_telephone(profile: str) -> None:
    call, who = answered(profile)
    contact = Contact.objects.get(pk=call.contact)
    known = client(contact.caller)
    conversations.set_client(contact=contact, client=known, via="caller", employee=who.employee, now=call.at)
    given: dict[str, object] = {"basis": "tariff", "article": "tariffs-2026"}
    conversations.note(contact=contact, kind="answer_given", data=given, employee=who.employee, now=call.at)
    call.after(40).gone(call.state.channel)
    topic = Topic.objects.create(profile=profile, code="tariffs", title="Тарифы")
    contact = Contact.objects.get(pk=call.contact)
    conversations.close_contact(
        contact=contact, outcome="answered", topic=topic, skip_reason="tested elsewhere", employee=who.employee,
        now=call.at,
    )  # fmt: skip
    contact.refresh_from_db()
    assert (contact.outcome, contact.client, contact.topic) == ("answered", known, topic)
    said = facts_of("contact", call.contact).get(kind="answer_given")
    assert (said.data["basis"], said.actor) == ("tariff", f"employee:{who.pk}")
    order = kinds(call)
    assert order.index("call_answered") < order.index("answer_given") < order.index("contact_closed")


def test_who_hangs_up_in_the_queue_is_a_finished_contact() -> None:
    call = Kept("krc").arrives().plays_out()
    call.presses("0").after(33).gone(call.state.channel)
    contact = Contact.objects.get(pk=call.contact)
    assert (contact.outcome, contact.answered_at, contact.ended_at) == ("abandoned", None, call.at)
    assert contact.closed_at is not None
    assert Call.objects.get(pk=call.contact).ended_at == call.at


CALLED = "+79161112233"


@pytest.mark.parametrize(
    ("number", "talked", "promised"),
    [(CALLED, True, [CALLED]), (CALLED, False, []), ("112", True, [])],
    ids=["talked", "did not answer, so was promised nothing", "an emergency service"],
)
def test_a_talk_that_an_operator_began_is_taken_up_again_when_the_engine_cut_it(
    number: str, talked: bool, promised: list[str]
) -> None:
    who, call = operator("olga"), Kept("krc")
    call.channels.clear()  # nobody has called
    call.happens(e.DialOut(at=call.at, employee=who.pk, endpoint="op1s", number=number))
    call.after(2).answered()
    if talked:
        call.after(3).happens(e.Up(at=call.at, channel=call.state.channel))
    call.happens(e.NodeLost(at=call.at, node="1"))
    afterwards.nodes_lost(call.profile, [(call.state, call.facts("node_lost")[0])])
    made = Contact.objects.get(pk=call.contact).callbacks
    assert list(made.values_list("phone", flat=True)) == promised


def test_a_call_cut_by_the_engine_is_promised_a_callback_once() -> None:
    call, _ = answered("krc")
    note = Note("node_lost", call.at, {})
    afterwards.node_lost(call.profile, call.state, note)
    afterwards.node_lost(call.profile, call.state, note)
    made = Contact.objects.get(pk=call.contact).callbacks.get()
    assert (made.phone, made.due_at > call.at) == ("+79001112233", True)
