"""Phones of employees who were disabled: void in the database, forgotten by the engine, given anew later (X2)."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from kindline.staff.models import Employee
from kindline.switchboard import agents, extensions, lead, patience, phones
from kindline.switchboard.ari import Answer
from kindline.switchboard.dialling_models import Mobile
from kindline.switchboard.house import House
from kindline.switchboard.models import Operator, OperatorState
from tests.switchboard.people import at, operator, waiting

pytestmark = pytest.mark.db(transaction=True)
OBJECT = re.compile(r"asterisk/config/dynamic/res_pjsip/(?P<type>\w+)/(?P<name>\w+)$")


class Engine:
    """Keeps the objects that it is told of, as Asterisk's memory does; may be deaf for a while."""

    app = "sb-test"

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.deaf = False

    async def ask(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None, **_: Any
    ) -> Answer:
        if self.deaf:
            return Answer(0, None, "not there")
        found = OBJECT.search(path)
        if path == "endpoints/PJSIP":
            names = [name for type_, name in self.objects if type_ == "endpoint"]
            return Answer(200, [{"resource": name, "state": "offline"} for name in [*names, "trunk"]])
        if found is None:
            return Answer(200, [])
        key = (found["type"], found["name"])
        if method == "GET":
            return Answer(200 if key in self.objects else 404)
        if method == "DELETE":
            return Answer(204) if self.objects.pop(key, None) is not None else Answer(404)
        self.objects[key] = {one["attribute"]: one["value"] for one in body["fields"]}
        return Answer(200)

    def password(self, who: Operator, kind: str = phones.TELEPHONE) -> str:
        """With what a phone may register; empty: it may not."""
        return str(self.objects.get(("auth", f"op{who.pk}{kind}"), {}).get("password", ""))


def _disabled(who: Operator, *, disabled: bool = True) -> None:
    Employee.objects.filter(pk=who.pk).update(is_active=not disabled)


def _fresh(who: Operator) -> Operator:
    return Operator.objects.get(pk=who.pk)


@pytest.fixture
def engine() -> Engine:
    """An engine that knows nothing yet."""
    return Engine()


@pytest.fixture
async def house(engine: Engine, settings: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A switchboard at work."""
    described = {"id": "test", "ari_user": "kindline", "ari_password": "x", "profile": "krc", "internal_token": "t"}
    ports = {**settings.KINDLINE["ports"], "asterisk_http": 1}
    settings.KINDLINE = {**settings.KINDLINE, **described, "ports": ports}
    made = lead.build("sb-test")
    made.board.ari = engine  # type: ignore[assignment]  # only `ask` is asked of it
    made.reception.open = True
    monkeypatch.setattr(made, "_pool", ThreadPoolExecutor(1, "aside"))  # one connection, which is closed at the end
    yield made
    await made.close()


@pytest.fixture
def anna() -> Operator:
    """Ready at her phone."""
    return operator("anna")


@pytest.fixture
def boris() -> Operator:
    """Ready at his phone."""
    return operator("boris")


async def _do(house: House, action: Any, *args: Any, **named: Any) -> Any:
    return await house.aside(action, *args, **named)


async def test_the_engine_forgets_who_was_disabled_and_only_him(
    house: House, engine: Engine, anna: Operator, boris: Operator
) -> None:
    await house.phonebook.tell_all()
    assert (engine.password(anna), engine.password(boris)) == ("of-anna", "of-boris")
    house.presence.seen(f"op{anna.pk}s", "online")
    await _do(house, _disabled, anna)
    await house.phonebook.look()
    assert {name for _, name in engine.objects} == {f"op{boris.pk}s"}
    assert not house.presence.is_there(anna.pk)
    assert (await _do(house, _fresh, anna)).sip_password == ""


async def test_an_engine_that_did_not_hear_it_is_told_again(house: House, engine: Engine, anna: Operator) -> None:
    await house.phonebook.tell_all()
    await _do(house, _disabled, anna)
    engine.deaf = True
    await house.phonebook.look()
    engine.deaf = False
    assert engine.password(anna) == "of-anna"
    await house.phonebook.look()
    assert not engine.objects


async def test_an_engine_that_does_not_say_who_is_there_has_lost_nobody(
    house: House, engine: Engine, anna: Operator
) -> None:
    """All ready operators were set offline, and all their pages began anew, for one question without an answer."""
    await house.phonebook.tell_all()
    house.presence.seen(f"op{anna.pk}s", "online")
    engine.deaf = True
    await house.phonebook.tell_all()
    assert house.presence.is_there(anna.pk)
    engine.deaf = False
    await house.phonebook.look()
    assert not house.presence.is_there(anna.pk), "it was asked again, and says so"


async def test_an_engine_that_knows_him_from_an_earlier_switchboard_forgets_him(
    house: House, engine: Engine, anna: Operator
) -> None:
    await phones.tell(engine, [phones.Phone(f"op{anna.pk}s", "of-anna")], address="127.0.0.1", language="ru")  # type: ignore[arg-type]
    await _do(house, _disabled, anna)
    await house.phonebook.tell_all()
    assert not engine.objects


async def test_who_comes_back_gets_another_password(house: House, engine: Engine, anna: Operator) -> None:
    await house.phonebook.tell_all()
    await _do(house, _disabled, anna)
    await house.phonebook.look()
    await _do(house, _disabled, anna, disabled=False)
    await house.phonebook.look()
    assert engine.password(anna) not in ("", "of-anna")
    assert engine.password(anna) == (await _do(house, _fresh, anna)).sip_password


async def test_a_place_that_another_switchboard_made_is_told_here_too(
    house: House, engine: Engine, anna: Operator, boris: Operator
) -> None:
    await _do(house, Operator.objects.filter(pk=boris.pk).delete)
    await house.phonebook.tell_all()
    await _do(house, Operator.objects.filter(pk=boris.pk).delete)
    await _do(house, agents.enlist, at(1))  # as the other one does
    await house.phonebook.look()
    assert engine.password(boris) == (await _do(house, _fresh, boris)).sip_password != ""


async def test_nothing_is_told_while_nothing_changes(house: House, engine: Engine, anna: Operator) -> None:
    await house.phonebook.tell_all()
    engine.objects.clear()
    await house.phonebook.look()
    assert not engine.objects


async def test_an_engine_that_comes_while_the_database_is_away_is_told_later(
    house: House, engine: Engine, anna: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both of them restarted: calls are taken, and phones known, once the database is back."""
    outage = iter([OperationalError("away"), InterfaceError("away")])

    def away(now: dt.datetime) -> int:
        for error in outage:
            raise error
        return 0

    async def done(*_: object) -> None:
        """Asked of an engine that is not there."""

    monkeypatch.setattr(agents, "bar", away)
    monkeypatch.setattr(patience, "PAUSE_S", 0.0)
    monkeypatch.setattr(house.stock, "take", done)
    monkeypatch.setattr(engine, "listen_to", done, raising=False)
    house.reception.open = False
    meeting = asyncio.create_task(house.connected())
    async with asyncio.timeout(20):
        while not house.ready:
            await asyncio.wait({meeting}, timeout=0.01)
    meeting.cancel()
    assert engine.password(anna) == "of-anna"


async def test_what_is_not_the_databases_fault_is_not_tried_again() -> None:
    async def wrong() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        await patience.patiently(wrong)


class TestInTheDatabase:
    def test_he_is_away_and_offered_nothing(self, anna: Operator) -> None:
        _disabled(anna)
        assert agents.bar(at(1)) == 1
        now = _fresh(anna)
        assert (now.state, now.registered, now.phones) == (OperatorState.OFFLINE, False, [])
        assert agents.bar(at(2)) == 0

    def test_his_talk_goes_on_to_its_end(self, anna: Operator) -> None:
        contact = waiting()
        Operator.objects.filter(pk=anna.pk).update(state=OperatorState.TALKING, contact_id=contact)
        _disabled(anna)
        agents.bar(at(1))
        now = _fresh(anna)
        assert (now.state, now.wanted, now.sip_password) == (OperatorState.TALKING, OperatorState.OFFLINE, "")

    def test_his_mobile_rings_for_him_no_longer(self, anna: Operator) -> None:
        Mobile.objects.create(employee_id=anna.pk, number="+380501112233")
        assert extensions.mobile_of(anna.pk)
        _disabled(anna)
        assert extensions.mobile_of(anna.pk) == ""

    def test_who_works_here_keeps_what_he_has(self, anna: Operator) -> None:
        assert agents.bar(at(1)) == 0
        assert _fresh(anna).sip_password == "of-anna"
