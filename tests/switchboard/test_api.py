"""The internal API: the token, what is asked wrongly, what is not there, and what cannot be now."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from kindline.clients import wishes
from kindline.conversations import actions as conversations
from kindline.conversations.models import Callback, Contact
from kindline.journal.models import Fact
from kindline.staff.models import Role
from kindline.standard import loader
from kindline.switchboard import api, lead
from kindline.switchboard.board import Board
from kindline.switchboard.house import House
from kindline.switchboard.machine.passing import Transfer
from kindline.switchboard.machine.state import CallState, Leg, Phase
from kindline.switchboard.models import Call, Operator, Reservation
from tests.switchboard.people import employee, operator, waiting

TOKEN = "the-token-of-this-test"
CALL = str(uuid.uuid4())
NOW = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


@dataclass
class Said:
    """An answer of the API."""

    status: int
    body: dict[str, Any]


@dataclass
class Asking:
    """Asks a switchboard that is not connected to an engine; the calls that it has in hand are given."""

    house: Callable[[], House]

    def __call__(
        self, path: str, body: object = None, *, calls: dict[str, CallState] | None = None, token: str = TOKEN,
        method: str = "POST", raw: str | None = None,
    ) -> Said:  # fmt: skip
        return asyncio.run(self._ask(path, body, calls or {}, token, method, raw))

    async def _ask(
        self, path: str, body: object, calls: dict[str, CallState], token: str, method: str, raw: str | None
    ) -> Said:
        house = self.house()
        board: Board = house.board
        for contact, state in calls.items():
            board.take(contact, state)
        running = asyncio.create_task(board.run())
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        sent: dict[str, Any] = {"data": raw} if raw is not None else {"json": body}
        try:
            async with TestClient(TestServer(api.application(house))) as client:
                answer = await client.request(method, path, headers=headers, **sent)
                return Said(answer.status, await answer.json())
        finally:
            running.cancel()
            await house.close()


@pytest.fixture
def ask(settings: Any) -> Asking:
    """Ask a switchboard under krc."""
    described = {"id": "test", "ari_user": "kindline", "ari_password": "x", "profile": "krc", "internal_token": TOKEN}
    ports = {**settings.KINDLINE["ports"], "asterisk_http": 1}
    settings.KINDLINE = {**settings.KINDLINE, **described, "ports": ports}
    return Asking(lambda: lead.build("sb-test"))


def talking(who: int, contact: str = CALL) -> CallState:
    """A call in which the operator talks."""
    leg = Leg("op-channel", who, f"op{who}s", NOW, NOW, NOW)
    return CallState(contact, f"c{contact}", NOW, Phase.TALKING, operator=leg, talk_since=NOW, talked=True)


def consulting(who: int, colleague: int) -> CallState:
    """A call in which the operator talks with a colleague while the client waits."""
    state = talking(who)
    state.phase, state.bridge = Phase.CONSULTING, str(uuid.uuid4())
    state.third = Leg("third-channel", colleague, f"op{colleague}s", NOW, NOW, NOW)
    state.transfer = Transfer("Boris", colleague, NOW)
    return state


# --- the token ---
@pytest.mark.parametrize("token", ["", "wrong", f"{TOKEN}x", TOKEN[:-1], "тест"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/health"), ("POST", "/operators/1/state"), ("POST", "/nowhere")])
def test_without_the_token_nothing_is_said(ask: Asking, method: str, path: str, token: str) -> None:
    said = ask(path, {"state": "ready"}, token=token, method=method)
    assert (said.status, said.body["error"]) == (401, "unauthorised")
    assert said.body["message"]


def test_with_the_token_it_says_how_it_is(ask: Asking) -> None:
    said = ask("/health", method="GET", calls={CALL: talking(7)})
    assert said.status == 200
    assert (said.body["app"], said.body["ready"], said.body["engine"]) == ("sb-test", False, False)
    assert said.body["calls"] == {"talking": 1}


# --- asked wrongly ---
@pytest.mark.parametrize(("raw", "code"), [("{", "not_json"), ("[1]", "not_an_object"), ('"x"', "not_an_object")])
def test_a_body_that_is_not_an_object_is_refused(ask: Asking, raw: str, code: str) -> None:
    said = ask(f"/calls/{CALL}/resume", raw=raw)
    assert (said.status, said.body["error"]) == (422, code)


@pytest.mark.parametrize("employee_", [None, "7", 7.0, True, [7]])
def test_who_asks_must_be_a_number(ask: Asking, employee_: object) -> None:
    said = ask(f"/calls/{CALL}/resume", {"employee": employee_}, calls={CALL: talking(7)})
    assert (said.status, said.body["error"], said.body["field"]) == (422, "missing", "employee")
    assert "employee" in said.body["message"]


def test_a_reason_must_be_a_text(ask: Asking) -> None:
    said = ask(f"/calls/{CALL}/hold", {"employee": 7, "reason": 5}, calls={CALL: talking(7)})
    assert (said.status, said.body["error"], said.body["field"]) == (422, "not_a_text", "reason")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"employee": 7, "target_employee": 8, "mode": "shouted"}, "mode", "mode"),
        ({"employee": 7, "target_employee": 7}, "self", "target_employee"),
        ({"employee": 7}, "missing", "target_employee"),
    ],
)
def test_a_transfer_is_asked_for_properly(ask: Asking, body: dict[str, Any], code: str, field: str) -> None:
    said = ask(f"/calls/{CALL}/transfer", body, calls={CALL: talking(7)})
    assert (said.status, said.body["error"], said.body["field"]) == (422, code, field)


@pytest.mark.clause("krc-5.6.4-16", "krc-5.5.3-05")
def test_a_blind_transfer_is_refused_with_the_clause_before_anybody_is_kept(ask: Asking) -> None:
    asked = {"employee": 7, "target_employee": 8, "mode": "blind"}
    said = ask(f"/calls/{CALL}/transfer", asked, calls={CALL: talking(7)})
    assert (said.status, said.body["error"], said.body["clauses"]) == (409, "blind_not_allowed", ["krc-5.6.4-16"])


# --- not there ---
@pytest.mark.parametrize("verb", sorted(set(api.CALLS) - {"terminate"}))  # that one asks the contact first: below
@pytest.mark.parametrize("contact", [CALL, "not-an-id"])
def test_a_call_that_is_not_there_is_said_for_every_verb(ask: Asking, verb: str, contact: str) -> None:
    more = {"mode": "listen"} if verb == "supervise" else {}
    said = ask(f"/calls/{contact}/{verb}", {"employee": 7, "target_employee": 8} | more)
    found = "talk_over" if verb == "supervise" and contact == CALL else "no_call"
    assert (said.status, said.body["error"]) == (404, found)


@pytest.mark.parametrize("path", ["/nowhere", "/operators/x/state", f"/calls/{CALL}/sing"])
def test_an_address_that_is_not_there_is_said_as_json(ask: Asking, path: str) -> None:
    said = ask(path, {"employee": 1})
    assert (said.status, said.body["error"]) == (404, "http")


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/operators/999/state", {"state": "ready"}, 404, "not_an_operator"),
        ("/operators/999/wrap-up/end", {}, 404, "not_an_operator"),
        ("/operators/999/state", {"state": "asleep"}, 422, "unknown_state"),
        ("/operators/999/state", {"state": "paused"}, 422, "unknown_state"),
        ("/callbacks/999/dial", {"employee": 1}, 404, "no_callback"),
        (f"/calls/{CALL}/terminate", {"employee": 1, "ground": "obscene_language"}, 404, "no_call"),
    ],
)
def test_what_is_not_in_the_tables_is_said(
    ask: Asking, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    said = ask(path, body)
    assert (said.status, said.body["error"]) == (status, code)
    assert said.body["message"]


# --- not now ---
@pytest.mark.db(transaction=True)
@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("hold", {"consent": True}),
        ("resume", {}),
        ("transfer/conference", {}),
        ("transfer/complete", {}),
        ("terminate", {"ground": "boredom"}),
    ],
)
def test_what_cannot_be_now_is_refused_and_the_call_stays(ask: Asking, verb: str, body: dict[str, Any]) -> None:
    anna, boris = operator("anna", state="talking"), operator("boris")
    who = boris if verb == "hold" else anna  # somebody else's call; the rest asks for what the call is not in
    said = ask(f"/calls/{CALL}/{verb}", {"employee": who.pk, **body}, calls={CALL: talking(anna.pk)})
    assert said.status == 409
    assert said.body["error"]
    assert said.body["message"]
    assert Operator.objects.get(pk=anna.pk).state == "talking"


@pytest.mark.db(transaction=True)
def test_a_transfer_to_who_is_not_on_the_staff_or_not_there_is_said(ask: Asking) -> None:
    anna = operator("anna", state="talking")
    away = operator("boris", state="offline")
    contact = waiting()
    calls = {contact: talking(anna.pk, contact)}
    asked = {"employee": anna.pk, "target_employee": 999_999}
    said = ask(f"/calls/{contact}/transfer", asked, calls=calls)
    assert (said.status, said.body["error"], said.body["field"]) == (422, "unknown", "target_employee")
    said = ask(f"/calls/{contact}/transfer", {**asked, "target_employee": away.pk}, calls=calls)
    assert (said.status, said.body["error"]) == (409, "absent")
    assert not Reservation.objects.exists()


@pytest.mark.clause("krc-5.5.3-07")
@pytest.mark.db(transaction=True)
def test_who_consults_a_colleague_brings_the_client_in(ask: Asking) -> None:
    anna, boris = operator("anna", state="talking"), operator("boris", state="talking")
    said = ask(f"/calls/{CALL}/transfer/conference", {"employee": anna.pk}, calls={CALL: consulting(anna.pk, boris.pk)})
    assert said == Said(200, {"state": "conference"})
    row = Call.objects.get(pk=CALL)
    assert row.state == "conference"
    assert row.data["conference_since"]
    fact = Fact.objects.get(kind="conference_started", subject_id=CALL)
    assert fact.data == {"employee": anna.pk, "target": "Boris", "target_employee": boris.pk}
    assert fact.actor == f"employee:{anna.pk}"


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize(("verb", "code"), [("hold", "not_now"), ("hangup", "conference_open")])
def test_what_a_conference_does_not_have_is_refused(ask: Asking, verb: str, code: str) -> None:
    anna, boris = operator("anna", state="talking"), operator("boris", state="talking")
    state = consulting(anna.pk, boris.pk)
    state.phase, state.conference_since, state.joined = Phase.CONFERENCE, NOW, True
    said = ask(f"/calls/{CALL}/{verb}", {"employee": anna.pk, "consent": True}, calls={CALL: state})
    assert (said.status, said.body["error"]) == (409, code)
    assert said.body["message"]


@pytest.mark.db(transaction=True)
def test_an_operator_s_state_is_changed_and_said(ask: Asking) -> None:
    anna = operator("anna", state="offline")
    assert ask(f"/operators/{anna.pk}/state", {"state": "paused", "reason": "lunch"}) == Said(
        200, {"state": "paused", "reason": "lunch", "wanted": ""}
    )
    assert Operator.objects.get(pk=anna.pk).reason == "lunch"


@pytest.mark.db(transaction=True)
def test_nobody_is_made_an_operator_by_asking(ask: Asking) -> None:
    director = employee("director", Role.DIRECTOR)
    assert ask(f"/operators/{director.pk}/state", {"state": "ready"}).status == 404
    assert not Operator.objects.exists()


# --- the autoinformer, and numbers called by operators ---
SOON = "2126-03-02T10:00:00+00:00"
TOLD = {"contact": CALL, "number": "+79001112233", "text": "Проверка связи.", "confirm": "1", "operator": "9"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"contact": "x"}, "contact"), ({"number": "112"}, "number"), ({"number": "+7900x"}, "number")],
)
def test_a_message_is_asked_for_properly(ask: Asking, wrong: dict[str, str], code: str) -> None:
    said = ask("/announcements", {**TOLD, "until": SOON, **wrong})
    assert (said.status, said.body["error"], said.body["field"]) == (422, code, code)


@pytest.mark.parametrize("path", ["/announcements", "/announcements/prepare"])
def test_without_an_engine_no_message_is_taken(ask: Asking, path: str) -> None:
    said = ask(path, {**TOLD, "until": SOON})
    assert (said.status, said.body["error"]) == (503, "not_ready")


@pytest.fixture
def ask_ready(ask: Asking, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Asking:
    """The same switchboard, as if its engine were there; its voice is the quickest one."""
    monkeypatch.setattr("kindline.switchboard.announcements._check_ready", lambda _house: None)
    settings.VOICES = ["kindline.connectors.voices.espeak.Espeak"]
    settings.KINDLINE = {**settings.KINDLINE, "paths": {**settings.KINDLINE["paths"], "prompts": str(tmp_path)}}
    return ask


def test_a_message_is_said_by_a_voice_with_its_keys(ask_ready: Asking) -> None:
    with_keys = ask_ready("/announcements/prepare", TOLD)
    without = ask_ready("/announcements/prepare", {"text": TOLD["text"]})
    assert with_keys.body["duration_s"] > without.body["duration_s"] > 0.2
    empty = ask_ready("/announcements/prepare", {"text": " "})
    assert (empty.status, empty.body["error"]) == (422, "missing")


def test_a_text_that_no_voice_can_say_is_said(ask_ready: Asking, settings: Any) -> None:
    settings.VOICES = []
    said = ask_ready("/announcements/prepare", TOLD)
    assert (said.status, said.body["error"]) == (422, "no_voice")


@pytest.mark.parametrize(("until", "status"), [("2026-03-02T10:00:00+00:00", 409), ("soon", 422), ("2126-03-02", 422)])
def test_a_call_that_comes_too_late_is_not_begun(ask_ready: Asking, until: str, status: int) -> None:
    assert ask_ready("/announcements", {**TOLD, "until": until}).status == status


@pytest.mark.db(transaction=True)
def test_a_call_is_written_down_before_it_is_begun_and_once(ask_ready: Asking) -> None:
    body = {**TOLD, "until": SOON, "ring_limit_s": 20, "about": "campaign:7"}
    assert ask_ready("/announcements", body) == Said(200, {"contact": CALL})
    row = Call.objects.get()
    assert (str(row.pk), row.state) == (CALL, "ringing_client")
    assert row.data["announcement"]["ring_limit_s"] == 20
    contact = Contact.objects.get()
    assert (contact.direction, contact.called, contact.caller) == ("out", "+79001112233", "")
    in_hand = {CALL: CallState(CALL, "c", NOW, Phase.ANNOUNCING, direction="out")}
    assert ask_ready("/announcements", body, calls=in_hand).status == 200
    assert Call.objects.count() == 1


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize(
    ("number", "why_not"),
    [
        ("9001112233", "no_phone"),  # the rules let it be called; there is no phone to call from
        ("112", "no_phone"),  # an emergency number goes as it is
        ("12", "no_number"),
        ("", "no_number"),
        ("+12025550123", "abroad"),
        ("88099001122", "premium"),
    ],
)
def test_a_number_typed_by_hand_is_held_by_the_rules_of_a_telephone(
    ask: Asking, number: str, why_not: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = operator("anna")
    if why_not != "no_phone":
        monkeypatch.setattr("kindline.switchboard.others.Others.reach", reached_at("op1w"))
    said = ask("/outgoing", {"employee": anna.pk, "number": number})
    assert (said.status, said.body["error"]) == (409, why_not)
    assert Operator.objects.get(pk=anna.pk).state == "ready"


@pytest.mark.db(transaction=True)
def test_who_does_not_want_to_be_called_is_not_called_by_hand_but_a_promise_is_kept(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kindline.switchboard.others.Others.reach", reached_at("op1w"))
    monkeypatch.setattr("kindline.switchboard.calling_hours.of", lambda _: None)
    monkeypatch.setattr("kindline.clients.wishes.hindrances", lambda them, **_: dict.fromkeys(them, "do_not_call"))
    body = {"employee": operator("anna").pk, "number": "9001112233"}
    assert ask("/outgoing", body).body["error"] == "do_not_call"
    contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=NOW)
    promised = Callback.objects.create(contact=contact, phone="+79001112233", due_at=NOW, promised_at=NOW, matter="x")
    begun = ask("/outgoing", body)
    promised.refresh_from_db()
    assert (begun.status, begun.body["contact"]) == (200, str(promised.call)), "it is the promised call"


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize(
    ("state", "endpoint", "passes"),
    [
        ("ready", "op1w", True),
        ("offline", "op1w", True),
        ("ringing", "op1w", True),
        ("talking", "op1s", True),
        ("talking", "op1w", False),  # a page has one line, and it is in use
        ("hold", "op1w@kl-2", False),
        ("watching", "op1w", False),
    ],
)
def test_an_emergency_call_goes_whatever_an_operator_is_kept_for(
    ask: Asking, state: str, endpoint: str, passes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kindline.switchboard.others.Others.reach", reached_at(endpoint))
    anna, kept_for = operator("anna", state=state), uuid.UUID(waiting())
    busy = state not in ("ready", "offline")
    Operator.objects.filter(pk=anna.pk).update(contact_id=kept_for if busy else None)
    if busy:
        other = ask("/outgoing", {"employee": anna.pk, "contact": CALL, "number": "+79001112233"})
        assert (other.status, other.body["error"]) == (409, "own_busy"), "he himself, no colleague"
    said = ask("/outgoing", {"employee": anna.pk, "number": "112"})
    assert said.status == (200 if passes else 409)
    if passes:
        data = Call.objects.get(pk=said.body["contact"]).data
        assert (data["called"], data["operator"]["wraps_up"]) == ("112", not busy)
    if busy:
        row = Operator.objects.get(pk=anna.pk)
        assert (row.state, row.contact_id) == (state, kept_for), "he is taken out of the other call"


@pytest.mark.db(transaction=True)
def test_an_emergency_number_that_is_being_called_is_not_called_twice(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kindline.switchboard.others.Others.reach", reached_at("op1s"))
    anna = operator("anna", state="ringing")
    Operator.objects.filter(pk=anna.pk).update(contact_id=uuid.UUID(CALL))
    begun = CallState(CALL, "c", NOW, Phase.CALLING_OPERATOR, operator=Leg("l", anna.pk, "op1s", NOW), called="112")
    assert ask("/outgoing", {"employee": anna.pk, "number": "112"}, calls={CALL: begun}).status == 409


def reached_at(endpoint: str) -> Callable[..., Any]:
    """Operators' phones are all there."""

    async def reach(_others: object, _employee: int) -> str:
        return endpoint

    return reach


@pytest.mark.db(transaction=True)
def test_an_operator_without_a_phone_calls_nobody(ask: Asking) -> None:
    anna = operator("anna")
    body = {"employee": anna.pk, "contact": CALL, "number": "+79001112233"}
    assert ask("/outgoing", body).body["error"] == "no_phone"
    assert Operator.objects.get(pk=anna.pk).state == "ready", "nobody is kept for nothing"
    assert ask("/outgoing", {**body, "number": "112"}).status == 422
    assert ask("/outgoing", {**body, "contact": "x"}).status == 422
    assert ask("/outgoing", body, calls={CALL: talking(anna.pk)}).body["error"] == "called"


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize(("under_way", "status", "code"), [(True, 409, "called"), (False, 409, "no_phone")])
def test_a_client_is_not_called_by_two(ask: Asking, under_way: bool, status: int, code: str) -> None:
    call = waiting()
    contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=NOW)
    promised = Callback.objects.create(contact=contact, phone="+79001112233", promised_at=NOW, due_at=NOW)
    Callback.objects.filter(pk=promised.pk).update(call=call if under_way else uuid.uuid4())
    said = ask(f"/callbacks/{promised.pk}/dial", {"employee": employee("a").pk})
    assert (said.status, said.body["error"]) == (status, code)
    promised.refresh_from_db()
    assert str(promised.call) == call if under_way else promised.call is None, "it is given back"


@pytest.mark.db(transaction=True)
@pytest.mark.clause("krc-5.5.2-06")
@pytest.mark.parametrize(("origin", "code"), [("abandoned", "do_not_call"), ("queue", "no_phone")])
def test_who_hung_up_is_called_from_the_list_by_the_rules_of_any_call(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, origin: str, code: str
) -> None:
    monkeypatch.setattr("kindline.switchboard.others.Others.reach", reached_at("op1s"))
    contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=NOW)
    number = "+79001112233"
    made = Callback.objects.create(contact=contact, phone=number, promised_at=NOW, due_at=NOW, origin=origin)
    wishes.bar_number(phone=number, country="RU", via="desk", employee_id=None, actor="client", now=NOW)
    monkeypatch.setattr("kindline.switchboard.calling_hours.of", lambda _profile: None)
    anna = operator("anna")
    Operator.objects.filter(pk=anna.pk).update(registered=False)
    for path, body in ((f"/callbacks/{made.pk}/dial", {}), ("/outgoing", {"number": number})):
        said = ask(path, {"employee": anna.pk, **body})
        assert (said.status, said.body["error"]) == (409, code)
        made.refresh_from_db()
        assert made.call is None, "it is given back"


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("state", ["kept", "cancelled"])
def test_a_call_that_is_done_with_is_not_made_again(ask: Asking, state: str) -> None:
    contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=NOW)
    done = {"phone": "+79001112233", "promised_at": NOW, "due_at": NOW, "state": state, "closed_at": NOW}
    promised = Callback.objects.create(contact=contact, **done)
    said = ask(f"/callbacks/{promised.pk}/dial", {"employee": operator("anna").pk})
    assert (said.status, said.body["error"]) == (409, "callback_done")
    promised.refresh_from_db()
    assert promised.call is None


@pytest.mark.db(transaction=True)
@pytest.mark.clause("court-3-02", "court-3-03")
@pytest.mark.parametrize(("path", "said"), [("end-bad-line", {}), ("terminate", {"ground": "bad_line"})])
def test_a_bad_line_is_ended_by_neither_way_before_the_attempts_and_the_words(
    ask: Asking, settings: Any, path: str, said: dict[str, str]
) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "profile": "court"}
    anna, court = operator("anna", state="talking"), loader.load("court")
    made = {
        "profile": "court",
        "version": court.version,
        "channel": "phone",
        "direction": "in",
        "employee": anna.employee,
    }
    contact = Contact.objects.create(pk=CALL, started_at=NOW, answered_at=NOW, **made)
    conversations.take_branch(contact=contact, branch="bad_line", employee=anna.employee, now=NOW)
    state = talking(anna.pk)
    state.bad_line_at = NOW - dt.timedelta(seconds=60)
    found = ask(f"/calls/{CALL}/{path}", {"employee": anna.pk, **said}, calls={CALL: state})
    assert found.status == 409
    assert {"attempt_contact", "say_inaudible"} <= {one["id"] for one in found.body["missing"]}
