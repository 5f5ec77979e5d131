"""An organisation at work: an operator with a call, its client, and a switchboard that notes what it is asked."""

import datetime as dt
import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.campaigns import actions as campaigns
from kindline.campaigns.audience import Asked
from kindline.campaigns.models import Campaign
from kindline.clients import actions as clients
from kindline.clients import wishes
from kindline.clients.models import Account, Client, Premise
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact, Topic
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.quality.models import Measurement
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.switchboard.machine.passing import Transfer
from kindline.switchboard.machine.state import CallState, Leg, Phase, as_json, from_json
from kindline.switchboard.models import Call, Operator
from tests.campaigns.conftest import by_day

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
PASSWORD = "a long enough word"


@dataclass
class Switchboard:
    """Answers as the switchboard does, and remembers what it was asked."""

    port: int
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    effects: list[Callable[[str, dict[str, Any]], None]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    @property
    def last(self) -> tuple[str, dict[str, Any]]:
        """The last thing that it was asked."""
        return self.asked[-1]


@pytest.fixture
def switchboard() -> Iterator[Switchboard]:
    """A listening switchboard."""
    made = Switchboard(0)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            made.asked.append((self.path, body))
            made.tokens.append(self.headers.get("Authorization", ""))
            status, said = made.answers.get(self.path, (200, {}))
            for effect in made.effects if status < 400 else ():
                effect(self.path, body)
            self._say(status, said)

        def do_GET(self) -> None:
            self._say(200, {"ok": True})

        def _say(self, status: int, said: dict[str, Any]) -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def house(settings: Any, tmp_path: Path, switchboard: Switchboard) -> Callable[..., Any]:
    """This installation's description, under a profile."""

    def described(profile: str = "krc", *, phone: bool = True) -> Any:
        (tmp_path / "recordings").mkdir(exist_ok=True)
        (tmp_path / "prompts").mkdir(exist_ok=True)
        said = {"up": phone, "reason": "" if phone else "Asterisk 22 was not found on this machine"}
        (tmp_path / "phone.json").write_text(json.dumps(said))
        ports = {**settings.KINDLINE["ports"], "switchboard": switchboard.port}
        paths = {**settings.KINDLINE["paths"], "recordings": str(tmp_path / "recordings")}
        paths["prompts"], paths["files"] = str(tmp_path / "prompts"), str(tmp_path / "files")
        settings.KINDLINE = {**settings.KINDLINE, "profile": profile, "ports": ports, "paths": paths}
        return loader.load(profile)

    return described


@pytest.fixture
def krc(house: Callable[..., Any]) -> Any:
    """The installation under krc."""
    return house("krc")


def employee(username: str, *roles: str, number: int | None = None, language: str = "en", **fields: Any) -> Employee:
    """Somebody who can log in."""
    made = Employee(username=username, roles=list(roles), number=number, language=language, **fields)
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def other(db: None) -> Employee:
    """Another operator, who is ready and has nothing to do with the call."""
    made = employee("operator2", Role.OPERATOR, number=13)
    Operator.objects.create(employee=made, state="ready", since=timezone.now(), registered=True)
    return made


@pytest.fixture
def operator(db: None) -> Employee:
    """An operator at the phone, in Russian."""
    made = employee(
        "operator1",
        Role.OPERATOR,
        number=12,
        language="ru",
        surname="Соколова",
        given_name="Анна",
        patronymic="Игоревна",
        gender="f",
    )
    Operator.objects.create(employee=made, state="offline", since=timezone.now(), registered=True)
    return made


@pytest.fixture
def supervisor(db: None) -> Employee:
    """Somebody in charge."""
    return employee("supervisor", Role.SUPERVISOR, surname="Орлова", given_name="Вера", gender="f")


@pytest.fixture
def account(db: None) -> Account:
    """A client with a phone, a flat and an account."""
    now = timezone.now()
    client: Client = clients.create_client(
        fields={
            "surname": "Ёлкин",
            "given_name": "Пётр",
            "patronymic": "Семёнович",
            "residence": "Петрозаводск, ул. Лесная, 12а, кв. 4",
            "gender": "m",
        },
        points=[("phone", "+79271112233"), ("email", "elkin@example.org")],
        country="RU",
        via="office",
        actor="system",
        now=now,
    )
    premise = Premise.objects.create(city="Петрозаводск", street="ул. Лесная", house="12а", flat="4")
    made = Account.objects.create(
        number="5500123456",
        client=client,
        premise=premise,
        service="отопление",
        opened_on=now.date(),
        balance="-1250.40",
        balance_on=now.date(),
    )
    clients.reindex(client=client)
    return made


@pytest.fixture
def topic(db: None) -> Topic:
    """A topic of krc."""
    return Topic.objects.create(profile="krc", code="bills", title="Начисления")


Talk = Callable[..., Contact]


@pytest.fixture
def talk(operator: Employee) -> Talk:
    """A call that the operator has answered (`ago_s` seconds ago), as the switchboard leaves it in the tables."""

    def begin(
        profile: str = "krc",
        *,
        client: Client | None = None,
        ago_s: float = 20,
        line: str = "hotline",
        ended: bool = False,
    ) -> Contact:
        now = timezone.now()
        at = now - dt.timedelta(seconds=ago_s)
        contact = conversations.open_contact(
            profile=loader.load(profile), channel="phone", line=line, caller="+79271112233", called="100",
            contact_id=uuid.uuid4(), now=at - dt.timedelta(seconds=10),
        )  # fmt: skip
        subject = ("contact", contact.pk, "switchboard")
        offered, answered = at - dt.timedelta(seconds=4), at
        journal.record_many(
            [
                journal.NewFact("call_arrived", *subject, {"line": line}, at - dt.timedelta(seconds=10)),
                journal.NewFact("call_offered", *subject, {"employee": operator.pk}, offered),
                journal.NewFact(
                    "call_answered", *subject, {"employee": operator.pk, "rings": 1, "ring_s": 4.0}, answered
                ),
                *([journal.NewFact("call_ended", *subject, {"by": "client"}, now)] if ended else []),
            ]
        )
        contact.answered_at = at
        contact.ended_at = now if ended else None
        contact.employee = operator
        contact.save()
        if client is not None:
            contact = conversations.set_client(contact=contact, client=client, via="caller", employee=None, now=at)
        contact = conversations.start_guide(contact=contact, employee=operator, now=at)
        leg = Leg(str(uuid.uuid4()), operator.pk, f"op{operator.pk}w", offered, offered, at)
        state = CallState(str(contact.pk), str(contact.pk), offered, Phase.TALKING, operator=leg, talk_since=at)
        Call.objects.create(
            id=contact.pk, state="ended" if ended else "talking", data=as_json(state), owner="sb-test", queue="general",
            enqueued_at=at - dt.timedelta(seconds=8), started_at=contact.started_at, changed_at=now,
            ended_at=now if ended else None,
        )  # fmt: skip
        Operator.objects.filter(employee=operator).update(
            state="wrap_up" if ended else "talking",
            contact_id=contact.pk,
            since=at,
            until=now + dt.timedelta(seconds=300) if ended else None,
        )
        return contact

    return begin


def becomes(contact: Contact, **changes: Any) -> None:
    """Something of the talk is another one now, as the switchboard writes it."""
    state = replace(from_json(Call.objects.get(pk=contact.pk).data), **changes)
    Call.objects.filter(pk=contact.pk).update(data=as_json(state), changed_at=timezone.now())


def with_colleague(
    contact: Contact, colleague: Employee, *, together: bool = False, introduced: bool = False, aside: bool = False
) -> None:
    """A colleague is on the line with the operator; the client waits, or he does, or all are in a conference."""
    now = timezone.now()
    row = Call.objects.get(pk=contact.pk)
    state = from_json(row.data)
    state.third = Leg(str(uuid.uuid4()), colleague.pk, f"op{colleague.pk}w", now, now, now)
    state.transfer = Transfer(str(colleague), colleague.pk, now, introduced=introduced)
    state.phase = Phase.CONFERENCE if together else Phase.TELLING if aside else Phase.CONSULTING
    state.conference_since = now if together else None
    Call.objects.filter(pk=row.pk).update(state=state.phase.value, data=as_json(state))
    Operator.objects.update_or_create(
        employee=colleague, defaults={"state": "talking", "contact_id": contact.pk, "since": now, "registered": True}
    )


@pytest.fixture
def judged(talk: Talk, account: Account, krc: Any) -> Contact:
    """A closed contact with verdicts of two clauses."""
    contact = talk(client=account.client, ended=True)
    fact = Fact.objects.get(subject_id=str(contact.pk), kind="call_answered")
    now = timezone.now()
    Contact.objects.filter(pk=contact.pk).update(closed_at=now, outcome="answered", summary="ответили")
    for clause, verdict, observed in (("krc-5.6.4-03", "met", "1"), ("krc-5.6.4-25", "not_met", "")):
        Measurement.objects.create(
            profile="krc", clause=clause, version=krc.version, subject_type="contact", subject_id=str(contact.pk),
            verdict=verdict, observed=observed, limit="3", unit="rings", evidence=[fact.id], at=now, judged_at=now,
        )  # fmt: skip
    return Contact.objects.get(pk=contact.pk)


@pytest.fixture
def survey(krc: Any, supervisor: Employee, account: Account) -> Campaign:
    """A running survey with one client who has agreed."""
    now = timezone.now()
    by: dict[str, Any] = {"via": "desk", "employee_id": None, "actor": "system", "now": now}
    wishes.set_call_wishes(client=account.client, do_not_call=False, survey_consent=True, **by)
    questions = [{"text": "Довольны?", "choices": ["да", "нет"]}, {"text": "Что улучшить?", "choices": []}]
    fields = {
        "kind": "survey", "title": "Качество", "purpose": "survey_satisfaction", "questions": questions,
    }  # fmt: skip
    made = campaigns.create_campaign(profile=krc, fields=fields, employee=supervisor, now=now)
    campaigns.fill(campaign=made, asked=Asked(street="Лесная"), country="RU", employee=supervisor, now=now)
    made.targets.update(zone=by_day())
    return campaigns.start_campaign(campaign=made, employee=supervisor, now=now)


@pytest.fixture
def as_operator(client: Browser, operator: Employee) -> Browser:
    """The operator's browser."""
    client.force_login(operator)
    return client


@pytest.fixture
def as_supervisor(supervisor: Employee) -> Browser:
    """A browser of somebody in charge."""
    made = Browser()
    made.force_login(supervisor)
    return made


def steps_done(contact: Contact) -> list[str]:
    """The steps of the guide that were done in a contact, in their order."""
    found = Fact.objects.filter(kind="step_done", subject_id=str(contact.pk)).order_by("id")
    return [str(fact.data["step"]) for fact in found]


def tell(browser: Browser, contact: Contact, verb: str, **body: Any) -> Any:
    """Post a verb about a contact as the page does."""
    return browser.post(f"/desk/calls/{contact.pk}/{verb}", json.dumps(body), content_type="application/json")
