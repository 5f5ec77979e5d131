"""What follows from a fact of a call in the rest of the house, after the call itself has been served."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from kindline.conversations import actions as conversations
from kindline.conversations.models import Callback, Contact
from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import voicemail
from kindline.switchboard.machine.commands import Note
from kindline.switchboard.machine.state import CallState

DEFAULT_CALLBACK = dt.timedelta(hours=24)
"""By when a client whose call was cut by the engine is called back where the profile has no habit of its own."""


Happened = Sequence[tuple[CallState, Note]]
"""What was noted of some calls, in its order."""


def answered(_profile: Profile, happened: Happened) -> None:
    """Operators have the calls: their guides begin."""
    conversations.start_guides(
        taken=[
            conversations.Taken(uuid.UUID(state.contact), int(note.data["employee"]), note.at)
            for state, note in happened
        ]
    )


def dialled(profile: Profile, happened: Happened) -> None:
    """Calls to clients were tried: the promises behind them are kept, or tried again later."""
    for state, note in happened:
        callback = Callback.objects.filter(pk=state.callback or 0).first()
        outcome = {"answered": "reached", "busy": "busy"}.get(str(note.data["outcome"]), "no_answer")
        employee = Employee.objects.filter(pk=int(note.data.get("employee") or 0)).first()
        if callback is not None and note.data["outcome"] != "cancelled":
            conversations.note_attempt(callback=callback, outcome=outcome, employee=employee, now=note.at)
        if outcome == "reached":
            answered(profile, [(state, note)])


def nodes_lost(profile: Profile, happened: Happened) -> None:
    """The engine cut the calls: the clients are called back (T6)."""
    for state, note in happened:
        node_lost(profile, state, note)


@transaction.atomic
def node_lost(profile: Profile, state: CallState, note: Note) -> None:
    """Promise the client whose call the engine cut that he is called back (T6)."""
    contact = Contact.objects.select_for_update().filter(pk=state.contact).first()
    if contact is None or not contact.caller or contact.callbacks.exists():
        return
    due_at = voicemail.due(profile, note.at) or note.at + DEFAULT_CALLBACK
    made = Callback.objects.create(
        contact=contact, employee=contact.employee, client=contact.client, phone=contact.caller,
        matter="", promised_at=note.at, due_at=due_at,
    )  # fmt: skip
    data = {"contact": str(contact.pk), "due_at": due_at, "employee": contact.employee_id}
    journal.record(
        kind="callback_created", subject_type="callback", subject_id=made.pk, actor="switchboard", data=data, at=note.at
    )


AFTER: Mapping[str, Callable[[Profile, Happened], None]] = {
    "call_answered": answered,
    "client_dial_ended": dialled,
    "node_lost": nodes_lost,
}
