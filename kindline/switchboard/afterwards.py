"""What follows from a fact of a call in the rest of the house, after the call itself has been served."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from kindline.clients import phones
from kindline.conversations import actions as conversations
from kindline.conversations import places
from kindline.conversations.models import Callback, Contact
from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import spending
from kindline.switchboard.machine import destinations
from kindline.switchboard.machine.commands import Note
from kindline.switchboard.machine.state import CallState

TRIES, PAUSE_S = 3, 300.0
"""How often a kept place is called, and the pause between, where the queue does not say."""
Happened = Sequence[tuple[CallState, Note]]
"""What was noted of some calls, in its order."""


def answered(profile: Profile, happened: Happened) -> None:
    """Operators have the calls: their guides begin, and nobody is called any more who is served."""
    guided(profile, happened)
    country = profile.calendar.country
    numbers = {
        phones.normalised(state.caller if state.direction == "in" else state.called, country) for state, _ in happened
    }
    conversations.drop_served(numbers=numbers, now=max(note.at for _, note in happened))


def guided(_profile: Profile, happened: Happened) -> None:
    """Operators have the calls: their guides begin, where they have not."""
    conversations.start_guides(
        taken=[
            conversations.Taken(uuid.UUID(state.contact), int(note.data["employee"]), note.at)
            for state, note in happened
        ]
    )


def dialled(profile: Profile, happened: Happened) -> None:
    """Calls to clients were tried: the promises behind them are kept, or tried again later."""
    counted(profile, happened)
    reached = [(state, note) for state, note in happened if note.data["outcome"] == "answered"]
    if reached:
        answered(profile, reached)


def counted(profile: Profile, happened: Happened) -> None:
    """The promises behind calls that were tried know of it; told twice it is as told once."""
    for state, note in happened:
        callback = Callback.objects.filter(pk=state.callback or 0).first()
        outcome = {"answered": "reached", "busy": "busy"}.get(str(note.data["outcome"]), "no_answer")
        employee = Employee.objects.filter(pk=int(note.data.get("employee") or 0)).first()
        if callback is not None and note.data["outcome"] == "cancelled":
            conversations.give_back(callback=callback.pk, call=uuid.UUID(state.contact), now=note.at)
        elif callback is not None:
            conversations.note_attempt(
                callback=callback, outcome=outcome, employee=employee, now=note.at,
                again_at=again_at(profile, callback, note.at), call=uuid.UUID(state.contact),
            )  # fmt: skip


def again_at(profile: Profile, callback: Callback, now: dt.datetime) -> dt.datetime | None:
    """When a kept place is called again if nobody answered; None: people see to it."""
    queue = profile.menu.queues.get(callback.queue) if profile.menu else None
    said = (queue.callback if queue else None) or {}
    if callback.waits_since is None or callback.attempts + 1 >= int(said.get("tries", TRIES)):
        return None
    return now + dt.timedelta(seconds=float(said.get("pause_s", PAUSE_S)))


def not_taken(_profile: Profile, happened: Happened) -> None:
    """Operators did not take calls that were given to them: the clients keep their places."""
    for state, note in happened:
        _book_back(state)
        conversations.give_back(
            callback=state.callback or 0, call=uuid.UUID(state.contact), employee=int(note.data["employee"]),
            now=note.at,
        )  # fmt: skip


def _book_back(state: CallState) -> None:
    """The client himself was not called: nothing of the house's hour is spent."""
    given = Callback.objects.filter(pk=state.callback or 0, call=state.contact).first()
    if given is not None and given.given_at is not None:
        spending.give_back(given.given_at)


def gave_up(profile: Profile, happened: Happened) -> None:
    """Clients hung up while they waited: who waited for long is called back, where the organisation does so."""
    least_s = profile.menu.abandoned_after_s if profile.menu else None
    for state, note in happened:
        if least_s is not None and float(note.data["wait_s"]) >= float(least_s):
            conversations.keep_abandoned(
                profile=profile, contact=uuid.UUID(state.contact), caller=state.caller, queue=str(note.data["queue"]),
                now=note.at,
            )  # fmt: skip


def nodes_lost(profile: Profile, happened: Happened) -> None:
    """The engine cut the calls: the clients are called back (T6)."""
    for state, note in happened:
        node_lost(profile, state, note)


@transaction.atomic
def node_lost(profile: Profile, state: CallState, note: Note) -> None:
    """Promise the client whose call the engine cut that he is called back (T6).

    Who was called, but did not answer yet, was promised nothing; an emergency service is called again at once or not.
    """
    contact = Contact.objects.select_for_update().filter(pk=state.contact).first()
    if contact is None or not contact.number or contact.callbacks.exists():
        return
    if contact.direction == "out" and not (state.talked and contact.number not in destinations.of(profile).emergency):
        return
    due_at = places.due(profile, note.at)
    made = Callback.objects.create(
        contact=contact, employee=contact.employee, client=contact.client, phone=contact.number,
        matter="", promised_at=note.at, due_at=due_at,
    )  # fmt: skip
    data = {"contact": str(contact.pk), "due_at": due_at, "employee": contact.employee_id, "origin": "promised"}
    journal.record(
        kind="callback_created", subject_type="callback", subject_id=made.pk, actor="switchboard", data=data, at=note.at
    )


def matters(note: Note) -> bool:
    """Whether something follows from a fact."""
    return note.kind in AFTER and (note.kind != "queue_left" or note.data["outcome"] == "abandoned")


AFTER: Mapping[str, Callable[[Profile, Happened], None]] = {
    "call_answered": answered,
    "client_dial_ended": dialled,
    "callback_not_taken": not_taken,
    "queue_left": gave_up,
    "node_lost": nodes_lost,
}
