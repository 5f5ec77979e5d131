"""What the machine decided is written down, all of a batch in one transaction, before any of it is carried out."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from django.db import connection, transaction

from kindline.clients import phones
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.conversations.opening import opened_fact
from kindline.journal import actions as journal
from kindline.journal import prepared
from kindline.standard.profile import Profile
from kindline.switchboard import agents, dial_alarms, ratings, recording, sending, terminations, voicemail
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine.destinations import REFUSALS
from kindline.switchboard.machine.state import CallState, Phase, as_json

CALLS = """
INSERT INTO switchboard_call AS call
    (id, state, data, owner, node, queue, priority, enqueued_at, started_at, changed_at, ended_at)
SELECT id, state, data, owner, node, queue, priority, enqueued_at, started_at, changed_at, ended_at
FROM jsonb_to_recordset(%s::jsonb) AS new(id uuid, state text, data jsonb, owner text, node text, queue text,
    priority smallint, enqueued_at timestamptz, started_at timestamptz, changed_at timestamptz, ended_at timestamptz)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, data = excluded.data, queue = excluded.queue,
    priority = excluded.priority, enqueued_at = excluded.enqueued_at, changed_at = excluded.changed_at,
    ended_at = coalesce(call.ended_at, excluded.ended_at)
WHERE call.owner = excluded.owner
RETURNING id
"""
INTENTS = """
INSERT INTO switchboard_intent (id, call_id, command, target, params, made_at, outcome, error)
SELECT id, call_id, command, target, params, made_at, '', ''
FROM jsonb_to_recordset(%s::jsonb) AS new(id uuid, call_id uuid, command text, target text, params jsonb,
    made_at timestamptz)
ON CONFLICT (id) DO NOTHING
"""
OUTCOMES = """
UPDATE switchboard_intent AS intent SET outcome = new.outcome, error = new.error, outcome_at = new.at
FROM jsonb_to_recordset(%s::jsonb) AS new(id uuid, outcome text, error text, at timestamptz)
WHERE intent.id = new.id
"""


BAD_LINE = "bad_line"
"""A line on which nobody is heard is no quarrel: nobody in charge is told of its end."""
ANSWERS, ENDS = ("call_answered", "internal_answered"), ("call_ended", "internal_ended")


@dataclass
class Transition:
    """What became of a call through some events, not yet written down."""

    contact: str
    state: CallState
    revision: int
    at: dt.datetime
    commands: list[c.Command] = field(default_factory=list)
    is_new: bool = False
    sent: int = 0
    """How many of its orders have gone to the engine before it is written."""

    @property
    def notes(self) -> list[c.Note]:
        """Its facts."""
        return [command for command in self.commands if isinstance(command, c.Note)]

    @cached_property
    def orders(self) -> list[Order]:
        """Its commands to the engine, each with the id of its intent, in the order of sending; found once."""
        found: list[Order] = []
        for command in self.commands:
            if isinstance(command, c.Engine):
                found.append(self._order(len(found), (command,)))
            elif isinstance(command, c.Together):
                found.append(self._order(len(found), command.commands))
        return found

    def _order(self, place: int, commands: Sequence[c.Engine]) -> Order:
        key = uuid.UUID(self.contact)
        return Order([(str(uuid.uuid5(key, f"i{self.revision}.{place}.{n}")), one) for n, one in enumerate(commands)])


@dataclass(frozen=True, slots=True)
class Order:
    """Commands that are sent at the same time, each with the id of its intent."""

    commands: list[tuple[str, c.Engine]]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an intent."""

    intent: str
    outcome: str
    error: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """By which standard and under which name this switchboard writes."""

    app: str
    profile: Profile
    node: str = "1"
    """The engine that carries its calls."""

    @property
    def wrap_up_s(self) -> float | None:
        """The limit of a wrap-up, seconds; None: no norm."""
        found = self.profile.variables.get("wrap_up_s")
        return None if found is None else float(found)


def write(desk: Desk, batch: Sequence[Transition], results: Sequence[Result] = (), *, again: bool = False) -> set[str]:
    """Write a batch; returns the contacts whose calls are still ours. What is not returned must not be carried out.

    `again` after a failure: what was written after all is not written twice.
    """
    with transaction.atomic():
        written = _revisions(batch) if again else {}
        fresh = [one for one in batch if one.revision > written.get(one.contact, 0)]
        opened = _open_contacts(desk, [one for one in fresh if one.is_new])
        ours = _write_calls(desk, fresh)
        fresh = [one for one in fresh if one.contact in ours]
        _write_intents(fresh)
        journal.record_many([*opened, *_facts(fresh), *agents.apply(list(_changes(fresh)), wrap_up_s=desk.wrap_up_s)])
        recording.expect(
            [(one.contact, command) for one in fresh for command in one.commands if isinstance(command, c.Keep)]
        )
        conversations.note_talks(_talks(fresh))
        for one in fresh:
            _write_rest(desk, one)
        write_results(results)
    return ours | {contact for contact in written if contact not in {one.contact for one in fresh}}


def _revisions(batch: Iterable[Transition]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, coalesce((data->>'revision')::int, 0) FROM switchboard_call WHERE id = ANY(%s)",
            [[uuid.UUID(one.contact) for one in batch]],
        )
        return {str(id_): revision for id_, revision in cursor.fetchall()}


def _open_contacts(desk: Desk, fresh: Sequence[Transition]) -> list[journal.NewFact]:
    """Open the contacts of new calls; one that is there already is left as it is (krc-5.5.2-17, krc-5.5.2-18)."""
    if not fresh:
        return []
    profile = desk.profile
    made = [_contact(profile, one.state) for one in fresh]
    known = set(Contact.objects.filter(pk__in=[one.pk for one in made]).values_list("pk", flat=True))
    new = [one for one in made if one.pk not in known]
    Contact.objects.bulk_create(new, ignore_conflicts=True)
    return [opened_fact(one) for one in new]


def _contact(profile: Profile, state: CallState) -> Contact:
    other = state.caller if state.direction == "in" else state.called
    number = phones.normalised(other, profile.calendar.country) or other
    return Contact(
        id=uuid.UUID(state.contact), profile=profile.id, version=profile.version, line=state.line,
        channel="internal" if state.inside else "phone",
        direction=state.direction, caller=number if state.direction == "in" else "", called=state.called,
        language=profile.language, started_at=state.started_at,
        client_id=state.announcement.client if state.announcement else None,
        employee_id=_whose(state),
    )  # fmt: skip


def _whose(state: CallState) -> int | None:
    """Who chose to call; what the dispatcher gave an operator becomes his once the client is reached."""
    if state.inside is not None:
        return state.inside.dialler
    chose = state.direction == "out" and not state.given
    return state.operator.employee if chose and state.operator else None


def _write_calls(desk: Desk, fresh: Sequence[Transition]) -> set[str]:
    latest = {one.contact: one for one in fresh}
    rows = [_call(desk, one) for one in latest.values()]
    if not rows:
        return set()
    return {str(row[0]) for row in prepared.rows(CALLS, [json.dumps(rows, ensure_ascii=False)])}


def _call(desk: Desk, one: Transition) -> dict[str, Any]:
    state = one.state
    waiting = state.waiting
    return {
        "id": one.contact,
        "state": state.phase.value,
        "data": {**as_json(state), "revision": one.revision},
        "owner": desk.app,
        "node": desk.node,
        "queue": waiting.queue if waiting else "",
        "priority": waiting.priority if waiting else 0,
        "enqueued_at": waiting.since.isoformat() if waiting else None,
        "started_at": state.started_at.isoformat(),
        "changed_at": one.at.isoformat(),
        "ended_at": one.at.isoformat() if state.phase is Phase.ENDED else None,
    }


def _write_intents(fresh: Sequence[Transition]) -> None:
    rows = [
        {
            "id": intent,
            "call_id": one.contact,
            "command": type(command).__name__,
            "target": sending.target(command),
            "params": _params(command),
            "made_at": one.at.isoformat(),
        }
        for one in fresh
        for order in one.orders
        for intent, command in order.commands
    ]
    if rows:
        prepared.run(INTENTS, [json.dumps(rows, ensure_ascii=False)])


def _params(command: c.Engine) -> dict[str, Any]:
    """What a command says; its values are plain and need no copy."""
    return {one.name: getattr(command, one.name) for one in fields(command)}


def _facts(fresh: Iterable[Transition]) -> list[journal.NewFact]:
    return [
        journal.NewFact(note.kind, "contact", one.contact, note.actor, note.data, note.at)
        for one in fresh
        for note in one.notes
    ]


def _changes(fresh: Iterable[Transition]) -> Iterable[agents.Change]:
    for one in fresh:
        for command in one.commands:
            if isinstance(command, c.OperatorIs):
                yield agents.Change(command.employee, command.state, command.reason, one.contact, one.at)


def _talks(fresh: Iterable[Transition]) -> Iterable[conversations.Talk]:
    """The talks that began or ended in a batch, one row a contact."""
    found: dict[str, conversations.Talk] = {}
    for one in fresh:
        for note in one.notes:
            if note.kind in ANSWERS:
                talk = found.setdefault(one.contact, conversations.Talk(one.contact))
                if talk.answered_at is None:
                    talk.answered_at, talk.employee = note.at, int(note.data["employee"])
            elif note.kind in ENDS:
                found.setdefault(one.contact, conversations.Talk(one.contact)).ended_at = note.at
    return found.values()


def _write_rest(desk: Desk, one: Transition) -> None:
    """A contact that nobody served is finished with its call; a message that was left is work."""
    for command in one.commands:
        match command:
            case c.Note(kind="call_ended" | "internal_ended", at=at, data=data):
                _ended(one, str(data["outcome"]), at)
            case c.Note(kind="call_terminated", at=at, data=data) if data["ground"] != BAD_LINE:
                _tell_terminated(one.contact, data, at)
            case c.KeepMessage():
                voicemail.receive(desk.profile, one.contact, command)
            case c.KeepRating():
                ratings.keep(one.contact, command)
            case c.KeepPlace():
                _keep_place(desk.profile, one.contact, command)
            case _:
                pass


def _tell_terminated(contact: str, said: Mapping[str, Any], at: dt.datetime) -> None:
    terminations.tell(contact=contact, operator=int(said["employee"]), ground=str(said["ground"]), now=at)


def _keep_place(profile: Profile, contact: str, place: c.KeepPlace) -> None:
    conversations.keep_place(
        profile=profile, contact=uuid.UUID(contact), phone=place.phone, queue=place.queue, priority=place.priority,
        since=place.since, now=place.asked_at,
    )  # fmt: skip


def _ended(one: Transition, outcome: str, at: dt.datetime) -> None:
    unserved = not one.state.talked and (one.state.given or not one.state.by_operator)
    if unserved or one.state.inside is not None:  # colleagues among themselves have nothing to write up
        found = Contact.objects.filter(pk=one.contact, closed_at=None).first()
        if found is not None:
            conversations.close_unserved(contact=found, outcome=outcome, now=at)


def write_results(results: Sequence[Result]) -> None:
    """Close intents by what became of them; a number that was refused at the trunk raises the alarm (X6)."""
    if results:
        rows = [
            {"id": one.intent, "outcome": one.outcome, "error": one.error[:500], "at": one.at.isoformat()}
            for one in results
        ]
        prepared.run(OUTCOMES, [json.dumps(rows, ensure_ascii=False)])
        dial_alarms.of_refused({one.intent: one.error for one in results if one.error in REFUSALS}, results[-1].at)
