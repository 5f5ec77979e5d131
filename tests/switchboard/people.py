"""People and calls as rows: operators at their phones, callers in queues, a call that is written down as it goes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Self

from kindline.staff.models import Employee, EmployeeSkill, Role, Skill, Unit
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import choosing, committing, dispatcher, menu
from kindline.switchboard.committing import Desk, Transition
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.plan import Plan, Sound
from kindline.switchboard.machine.state import CallState, Phase, Waiting, as_json
from kindline.switchboard.models import Call as Row
from kindline.switchboard.models import Operator
from tests.switchboard import calls
from tests.switchboard.calls import CALLER, START

APP = "sb-test"


def at(seconds: float) -> dt.datetime:
    """So many seconds after the beginning of the test's day."""
    return START + dt.timedelta(seconds=seconds)


def employee(name: str, *roles: str, unit: str = "", **fields: Any) -> Employee:
    """Somebody on the staff."""
    where = Unit.objects.get_or_create(code=unit, defaults={"name": unit})[0] if unit else None
    given = list(roles) or [Role.OPERATOR]
    return Employee.objects.create(username=name, surname=name.title(), roles=given, unit=where, **fields)


def operator(
    name: str = "anna", *, idle_s: float = -60, skills: Mapping[str, int] | None = None, state: str = "ready",
    registered: bool = True, unit: str = "",
) -> Operator:  # fmt: skip
    """An operator at the phone, idle since `idle_s` after the beginning."""
    who = employee(name, unit=unit)
    for code, level in (skills or {}).items():
        skill = Skill.objects.get_or_create(code=code, defaults={"title": code})[0]
        EmployeeSkill.objects.create(employee=who, skill=skill, level=level)
    return Operator.objects.create(
        employee=who, state=state, since=at(idle_s), idle_since=at(idle_s) if state == "ready" else None,
        registered=registered, phones=[f"op{who.pk}s@1"] if registered else [], sip_password=f"of-{name}",
    )  # fmt: skip


def waiting(
    queue: str = "general", *, since_s: float = 0, priority: int = 0, app: str = APP,
    refused: Mapping[str, dt.datetime] | None = None,
) -> str:  # fmt: skip
    """A caller in a queue; returns his contact."""
    contact = uuid.uuid4()
    place = Waiting(queue, priority, at(since_s), refused=refused or {})
    state = CallState(str(contact), f"c{contact}", at(since_s), Phase.QUEUED, waiting=place)
    Row.objects.create(
        id=contact, state="queued", data=as_json(state), owner=app, queue=queue, priority=priority,
        enqueued_at=at(since_s), started_at=at(since_s), changed_at=at(since_s),
    )  # fmt: skip
    return str(contact)


def plan_of(profile: Profile) -> Plan:
    """What the machine knows of a profile; every message of it lasts three seconds."""
    assert profile.menu is not None
    made = {prompt.key: Sound(f"sound:/{prompt.key}", 3.0) for prompt in profile.menu.prompts()}
    made |= {key: Sound(f"sound:/{key}", 3.0) for key in ("system.leave_message", "system.message_thanks")}
    return menu.plan(profile, profile.menu, made, switchboard=APP)


class Kept(calls.Call):
    """A call under a profile whose every change is written down, as the switchboard writes it."""

    def __init__(self, profile: str = "krc", *, caller: str = "+79001112233") -> None:
        self.profile = loader.load(profile)
        super().__init__(plan_of(self.profile))
        self.contact = str(uuid.uuid4())
        self.caller = caller
        self.state = CallState(self.contact, CALLER, START)
        self.revision = 0

    def happens(self, event: e.Event) -> list[c.Command]:
        """Put an event through the machine and write down what comes of it."""
        made = super().happens(event)
        self.revision += 1
        change = Transition(self.contact, self.state, self.revision, event.at, made, self.revision == 1)
        assert committing.write(Desk(APP, self.profile), [change]) == {self.contact}
        return made

    def arrives(self, line: str = "hotline", closed: str = "") -> Self:
        self.happens(e.Arrived(at=self.at, line=line, caller=self.caller, called=line, closed=closed))
        return self

    def dispatched(self) -> list[choosing.Match]:
        """Let the dispatcher pair; what it finds for this call is offered."""
        assert self.profile.menu is not None
        needs = {name: choosing.need(queue.skills) for name, queue in self.profile.menu.queues.items()}
        found = dispatcher.match(app=APP, needs=needs, now=self.at)
        for one in found:
            if one.contact == self.contact:
                self.offered(one.employee)
        return found
