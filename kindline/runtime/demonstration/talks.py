"""Invented talks: the facts of a call under a guide, with the small faults that people make."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from kindline.clients.models import Account, Client
from kindline.conversations.models import Contact, Topic
from kindline.journal.actions import NewFact
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.standard.scripts import Branch, Outcome, Script, Step

RING_S = 5.0
FORGOTTEN = 0.05
"""How often a required step is forgotten."""


@dataclass
class Talk:
    """A contact being told: its row, its facts, and where its clock stands."""

    profile: Profile
    dice: Random
    started_at: dt.datetime
    client: Client
    employee: Employee
    topic: Topic
    script: Script
    line: str = ""
    direction: str = "in"
    channel: str = "phone"
    account: Account | None = None
    facts: list[NewFact] = field(default_factory=list)
    at_s: float = 0.0

    def __post_init__(self) -> None:
        self.contact = Contact(
            id=uuid.UUID(int=self.dice.getrandbits(128), version=4),
            profile=self.profile.id,
            version=self.profile.version,
            channel=self.channel,
            direction=self.direction,
            line=self.line,
            started_at=self.started_at,
            language=self.profile.language,
            guide={"script": self.script.id, "done": {}, "branches": {}, "fields": {}},
        )

    @property
    def now(self) -> dt.datetime:
        """Where the clock of the talk stands."""
        return self.started_at + dt.timedelta(seconds=self.at_s)

    def wait(self, low: float, high: float) -> None:
        """Let some seconds pass."""
        self.at_s += self.dice.uniform(low, high)

    def happens(self, share: float) -> bool:
        """Whether something happens that happens in this share of cases."""
        return self.dice.random() < share

    def say(self, kind: str, *, actor_: str = "switchboard", **data: Any) -> None:
        """A fact of the talk, now."""
        self.facts.append(NewFact(kind, "contact", self.contact.id, actor_, data, self.now))

    def tell(self, at: dt.datetime, kind: str, *, actor: str = "switchboard", **data: Any) -> None:
        """A fact of the talk at another moment."""
        self.facts.append(NewFact(kind, "contact", self.contact.id, actor, data, at))

    def act(self, kind: str, **data: Any) -> None:
        """A fact made by the operator."""
        self.say(kind, actor_=f"employee:{self.employee.pk}", **data)

    # --- the call around the talk -----------------------------------------------------------

    def arrive(self, caller: str) -> None:
        """The call comes in; the system answers, warns of the recording and greets."""
        self.contact.caller = caller
        self.say("contact_opened", channel=self.channel, direction=self.direction, line=self.line, caller=caller,
                 profile=self.profile.id, version=self.profile.version)  # fmt: skip
        self.say("call_arrived", line=self.line, caller=caller, called=self.line, switchboard="sb-demo")
        self.wait(0.2, 0.6)
        self.say("call_answered_by_system")
        menu = self.profile.menu
        if menu is not None and menu.recording_notice is not None:
            self.say("notice_played", notice=menu.recording_notice.key, duration_s=3.0)
            self.wait(3, 4)
        if menu is not None and menu.greeting is not None:
            self.say("prompt_played", prompt=menu.greeting.key, node="", duration_s=4.0)
            self.contact.guide["menu_named_company"] = menu.greeting.names_company
            self.wait(4, 5)

    def choose(self) -> str:
        """The client chooses in the menu; returns the queue."""
        menu = self.profile.menu
        if menu is None:
            return "general"
        line = menu.lines.get(self.line)
        if line is None or not line.menu or menu.root is None:
            return (line.queue if line else None) or "general"
        node = menu.nodes[menu.root]
        self.say("menu_entered", node=node.id, level=1)
        self.wait(3, 12)
        options = [one for one in node.options.values() if one.action == "queue"]
        if not options:
            return next(iter(menu.queues))
        chosen = self.dice.choice(options)
        self.say("menu_digit", node=node.id, digit=chosen.digit, valid=True)
        self.say("menu_choice", node=node.id, digit=chosen.digit, action="queue", target=chosen.target or "")
        return chosen.target or "general"

    def be_answered(self, queue: str) -> None:
        """The call waits, rings at the operator and is answered."""
        waited_from = self.at_s
        self.say("queue_entered", queue=queue, priority=0, position=self.dice.randint(1, 3), from_menu=True)
        self.wait(1, 40) if not self.happens(0.06) else self.wait(200, 420)
        self.say("call_offered", employee=self.employee.pk, queue=queue)
        rings = self.dice.choices([1, 2, 3, 4], [60, 27, 10, 3])[0]
        ring_s = rings * RING_S - self.dice.uniform(0.5, 4.5)
        self.at_s += ring_s
        wait_s = round(self.at_s - waited_from, 1)
        self.say("queue_left", queue=queue, outcome="answered", wait_s=wait_s)
        self.say(
            "call_answered", employee=self.employee.pk, rings=rings, ring_s=round(ring_s, 1), wait_s=wait_s, queue=queue
        )
        self.contact.answered_at, self.contact.employee = self.now, self.employee
        for leg in ("client", "operator"):
            self.say("recording_started", leg=leg, name=self._recording(leg))
        self.start_guide()

    def start_guide(self) -> None:
        """The guide begins."""
        named = bool(self.contact.guide.get("menu_named_company"))
        self.act("guide_started", script=self.script.id, version=self.profile.version, menu_named_company=named)

    def hang_up(self, *, by: str = "client", outcome: str = "answered") -> None:
        """The talk ends and its recording is stored."""
        talk_s = (self.now - self.contact.answered_at).total_seconds() if self.contact.answered_at else 0.0
        self.say("call_ended", by=by, cause="normal", outcome=outcome, talk_s=round(talk_s, 1), hold_s=0.0)
        self.contact.ended_at = self.now
        if self.contact.answered_at:
            until = self.now + dt.timedelta(days=183)
            for leg in ("client", "operator"):
                self.say("recording_stored", leg=leg, name=self._recording(leg), duration_s=round(talk_s, 1),
                         sha256="", retention_until=until, complete=True)  # fmt: skip

    def close(self, outcome: str) -> None:
        """The operator finishes the work after the call."""
        if self.channel == "phone" and self.contact.answered_at:
            self.act("wrap_up_started", employee=self.employee.pk)
            began = self.at_s
            self.wait(15, 160) if not self.happens(0.03) else self.wait(301, 420)
            self.act("wrap_up_ended", employee=self.employee.pk, duration_s=round(self.at_s - began, 1), overrun=False)
        self.contact.outcome, self.contact.closed_at = outcome, self.now
        self.contact.ended_at = self.contact.ended_at or self.now
        self.act("contact_closed", outcome=outcome, topic=self.topic.code, employee=self.contact.employee_id,
                 script=self.script.id, line=self.line, direction=self.direction)  # fmt: skip

    def _recording(self, leg: str) -> str:
        return f"{self.contact.id}-{leg}"

    # --- the talk ----------------------------------------------------------------------------

    def recognise(self) -> None:
        """The client's card is found by the number."""
        self.act("client_search_started", by="caller")
        self.wait(0.3, 20)
        self.act("client_found", client=self.client.pk, via="caller", duration_s=4.0)
        self.contact.client = self.client

    def about(self, topic: Topic, matter: str) -> None:
        """What the talk is about."""
        self.contact.topic = self.topic = topic
        self.contact.guide["fields"]["matter"] = matter
        self.contact.summary = matter
        self.act("topic_set", topic=topic.code, competence=topic.competence)

    def steps(self, steps: Iterable[Step], branch: str = "", *, most_s: float = 22) -> None:
        """Steps in their order, each after some seconds; now and then one is forgotten."""
        for step in steps:
            if step.done_by is not None or not (step.required or self.happens(0.6)):
                continue
            if self.happens(FORGOTTEN):
                continue
            self.wait(1, most_s)
            self.done(step, branch)

    def done(self, step: Step, branch: str = "", by: str = "click") -> None:
        """One step is done."""
        self.contact.guide["done"][step.id] = self.now.isoformat()
        self.act("step_done", script=self.script.id, step=step.id, branch=branch, phrase="", by=by)

    def take(self, branch: Branch) -> None:
        """The talk turns into a branch."""
        self.contact.guide["branches"][branch.id] = self.now.isoformat()
        self.act("branch_taken", branch=branch.id)

    def completes(self, branch: Branch | None, kind: str) -> None:
        """The step that waits for this kind of fact is done by it."""
        for step in branch.steps if branch else self.script.steps:
            if step.done_by == kind:
                self.done(step, branch.id if branch else "", by="auto")


def ending_steps(script: Script, count: int = 2) -> tuple[Sequence[Step], Sequence[Step]]:
    """The steps of the main line before its last ones, and the last ones (thanks and farewell)."""
    return script.steps[:-count], script.steps[-count:]


def branch_with(script: Script, kind: str) -> Branch | None:
    """The first branch in which a step waits for this kind of fact."""
    return next((one for one in script.branches if any(step.done_by == kind for step in one.steps)), None)


def locking_branch(script: Script) -> Branch | None:
    """The branch that opens account data."""
    return next((branch for branch in script.branches if branch.locks), None)


def ending_branch(script: Script) -> Branch | None:
    """The branch in which a talk may be ended for abuse: the first with several grounds."""
    return next((branch for branch in script.branches if branch.ends_call and len(branch.grounds) > 1), None)


def outcome_of(script: Script, *requires: str) -> Outcome | None:
    """The first outcome that requires one of these, or without any the first that requires nothing."""
    for outcome in script.outcomes:
        if (requires and set(requires) & set(outcome.requires)) or (not requires and not outcome.requires):
            return outcome
    return None
