"""A call as the operator's screen draws it, read from the machine's own state."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kindline.conversations import visits
from kindline.conversations.models import Contact
from kindline.desk import house, supervising
from kindline.staff.models import Employee
from kindline.standard import holds
from kindline.standard import transfers as passing
from kindline.standard.profile import Profile
from kindline.switchboard import in_force
from kindline.switchboard.machine import transfer as transfers
from kindline.switchboard.machine.destinations import mobile
from kindline.switchboard.machine.passing import Transfer
from kindline.switchboard.machine.state import CallState, Phase, from_json
from kindline.switchboard.models import Call


def as_json(call: Call | None, contact: Contact, me: Employee, profile: Profile) -> dict[str, Any]:
    """The call of a contact for one of its people; a contact without a call (another channel) has ended."""
    state = from_json(call.data) if call is not None and call.data else None
    return {
        "contact": str(contact.pk),
        "channel": contact.channel,
        "state": state.phase.value if state else "ended",
        "role": _role(state, me),
        "direction": contact.direction,
        "caller": contact.number,
        "line": _line_title(profile, contact.line),
        "closed": contact.closed_at is not None,
        "started_at": contact.started_at.isoformat(),
        "answered_at": _iso(contact.answered_at or (state.talk_since if state else None)),
        "ended_at": _iso(contact.ended_at or _ended_otherwise(call, contact)),
        **_waiting(call, state, profile),
        **_talk(state, me, profile),
        "hold": _hold(state, profile),
        "supervised": _supervised(state, me, profile),
    }


def _supervised(state: CallState | None, me: Employee, profile: Profile) -> dict[str, Any] | None:
    """The supervisor who is in the call: he himself always knows, the operator where the standard lets him see."""
    here = state.supervision if state else None
    if here is None or not here.up:
        return None
    mine = here.employee == me.pk
    if not (mine or here.mode == "barge" or supervising.shown(profile)):
        return None
    return {"name": _name(here.employee), "mode": here.mode, "mine": mine}


def _ended_otherwise(call: Call | None, contact: Contact) -> dt.datetime | None:
    """When a contact without an end of its own ended; a visitor stays until his contact is closed."""
    if call is not None:
        return call.ended_at
    return None if contact.channel == visits.OFFICE else contact.started_at


def _waiting(call: Call | None, state: CallState | None, profile: Profile) -> dict[str, Any]:
    queue = call.queue if call else ""
    return {
        "queue": queue,
        "queue_title": _queue_title(profile, queue),
        "from_menu": _menu_path(profile, state),
        "enqueued_at": _iso(call.enqueued_at if call else None),
        "offered_at": _iso(state.operator.dialled_at if state and state.operator else None),
    }


_SILENT: dict[str, Any] = {
    **dict.fromkeys(("muted", "media_lost"), False),
    **dict.fromkeys(("held_since", "conference_since", "transfer", "secret_since", "silence_since")),
    "handed_to": "",
    "outside": "",
    "attempts": 0,
}


def _talk(state: CallState | None, me: Employee, profile: Profile) -> dict[str, Any]:
    if state is None:
        return _SILENT
    leg = state.third if state.third and state.third.employee == me.pk else state.operator
    held = state.hold.since if state.hold else None
    return {
        "muted": bool(leg and leg.muted_at),
        "held_since": _iso(held) if state.phase is Phase.HELD else None,
        "conference_since": _iso(state.conference_since),
        "secret_since": _iso(state.secrecy.since) if state.secrecy else None,
        "silence_since": _iso(state.silence_at),
        "transfer": _transfer(state, state.transfer, profile),
        "handed_to": _handed_to(state, me),
        "outside": _outside(state),
        "attempts": state.attempts,
        "media_lost": state.phase is Phase.LOST and state.operator is not None and state.operator.employee == me.pk,
    }


def _hold(state: CallState | None, profile: Profile) -> dict[str, Any] | None:
    """The holds of a talk: how many, how long those were that are over, s; of this one when it was last reminded of."""
    if state is None or not state.holds:
        return None
    said = holds.of(profile)
    return {
        "times": state.holds,
        "over_s": round(state.hold_s),
        "reminded_s": state.hold.reminded_s if state.hold else None,
        "step": said.step,
        "max_s": said.max_s,
        "clause": said.clause,
    }


def _transfer(state: CallState, transfer: Transfer | None, profile: Profile) -> dict[str, Any] | None:
    if transfer is None:
        return None
    up = bool(state.third and state.third.up)
    step = (
        "ringing" if not up else "accepted" if transfer.accepted else "introduced" if transfer.introduced else "talking"
    )
    since = (state.third.up_at if state.third and up else None) or transfer.started_at
    return {
        "state": step,
        "target": transfer.target or _name(transfer.target_employee),
        "from": _name(state.operator.employee if state.operator else transfer.giver),
        "employee": transfer.target_employee,
        "since": since.isoformat(),
        "blind": transfer.blind,
        "aside": state.phase is Phase.TELLING,
        "lacks": transfers.lacking(state, passing.of(profile).needs),
        "screen": bool(state.third and transfers.has_screen(transfer, state.third)),
    }


def _role(state: CallState | None, me: Employee) -> str:
    transfer = state.transfer if state else None
    if state and state.supervision and state.supervision.employee == me.pk:
        return "supervisor"
    asked = state.third.employee if state and state.third else transfer.target_employee if transfer else 0
    return "specialist" if transfer and asked == me.pk else "operator"


def _handed_to(state: CallState, me: Employee) -> str:
    """The colleague who has a call now that was mine; empty where there is none."""
    leg = state.operator
    if leg is None or leg.employee == me.pk or me.pk not in state.served_by:
        return ""
    return _name(leg.employee)


def _outside(state: CallState) -> str:
    """The number outside that the client talks with, once he is passed on to it."""
    return mobile(state.operator.endpoint) if state.operator and not state.operator.employee else ""


def _name(employee: int) -> str:
    found = Employee.objects.filter(pk=employee).first()
    return str(found) if found else ""


def _line_title(profile: Profile, line: str) -> str:
    known = profile.menu.lines.get(line) if profile.menu else None
    return house.titled(known.title) if known else line


def _queue_title(profile: Profile, queue: str) -> str:
    known = profile.menu.queues.get(queue) if profile.menu else None
    return house.titled(known.title) if known else queue


def _menu_path(profile: Profile, state: CallState | None) -> str:
    """The menu's levels that the client came through."""
    if state is None or state.place is None:
        return ""
    menu = profile.menu if state.tree <= in_force.FIRST else in_force.menu_of_version(profile, state.tree)
    if menu is None:
        return ""
    nodes = [menu.nodes.get(node) for node in (*state.place.path, state.place.node)]
    return " › ".join(house.titled(node.title) for node in nodes if node and node.title and node.id != menu.root)


def _iso(value: dt.datetime | None) -> str | None:
    return value.isoformat() if value else None
