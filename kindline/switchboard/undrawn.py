"""Consequences that were never drawn: whoever was to draw them died with the fact written, or failed at it.

What follows from a fact waits a moment in the memory of the switchboard that wrote it (following). A kill in that
moment must cost nobody his call back: the facts are there, and the database says which of them nothing came of.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError
from django.db.models import Q

from kindline.clients import phones
from kindline.conversations.models import Callback, Contact
from kindline.conversations.places import UNPROMISED
from kindline.journal.queries import facts_between, facts_of
from kindline.standard.profile import Profile
from kindline.switchboard import afterwards
from kindline.switchboard.board import utc_now
from kindline.switchboard.machine.commands import Note
from kindline.switchboard.machine.state import CallState, from_json
from kindline.switchboard.models import Call

if TYPE_CHECKING:
    from kindline.switchboard.house import House

log = logging.getLogger(__name__)
BACK, LATELY = dt.timedelta(hours=12), dt.timedelta(minutes=15)
"""How far is looked back at a start, and in each round after it."""
SETTLED = dt.timedelta(seconds=20)
"""What is younger is on its way."""


class Undrawn:
    """What is looked for again and again; at first for hours back, for nobody may have looked since."""

    def __init__(self, house: House) -> None:
        self._house, self._back = house, BACK

    async def look(self) -> None:
        """Draw what was not drawn; not while something waits to be drawn, as when the database was away."""
        if not self._house.following.waits:
            now = utc_now()
            await self._house.aside(draw, self._house.profile, since=now - self._back, until=now - SETTLED)
            self._back = LATELY


def draw(profile: Profile, *, since: dt.datetime, until: dt.datetime) -> int:
    """Draw the consequences that are missing of facts from `since` to `until`; how many. Twice is as once."""
    done = 0
    for kind, is_missing in MISSING.items():
        for state, note in _happened(kind, since, until):
            try:
                done += is_missing(profile, state, note) and _drawn(profile, state, note)
            except (DatabaseError, InterfaceError):
                raise
            except Exception:  # the others are not to suffer
                log.exception("what follows %s of %s failed", kind, state.contact)
    return done


def _drawn(profile: Profile, state: CallState, note: Note) -> bool:
    """Draw it; whether there was anything to draw: not every call that was cut is owed one."""
    DRAWN[note.kind](profile, [(state, note)])
    if MISSING[note.kind](profile, state, note):
        return False
    log.warning("%s of %s had no consequence: it has now", note.kind, state.contact)
    return True


def _happened(kind: str, since: dt.datetime, until: dt.datetime) -> Iterable[tuple[CallState, Note]]:
    found = facts_between(since, until, kind=kind)
    if kind == "queue_left":
        found = found.filter(data__outcome="abandoned")
    notes = [(fact.subject_id, Note(fact.kind, fact.at, fact.data, fact.actor)) for fact in found]
    calls = Call.objects.in_bulk([uuid.UUID(contact) for contact, _ in notes])
    for contact, note in notes:
        call = calls.get(uuid.UUID(contact))
        if call is not None and call.data:
            yield from_json(call.data), note


def _no_guide(_profile: Profile, state: CallState, _note: Note) -> bool:
    """He speaks with a client, and no guide has begun."""
    return Contact.objects.filter(pk=state.contact, closed_at=None).exclude(guide__has_key="script").exists()


def _not_noted(profile: Profile, state: CallState, note: Note) -> bool:
    """He gave up, and neither is he on the list since then, nor has anybody spoken with him."""
    least_s = profile.menu.abandoned_after_s if profile.menu else None
    phone = phones.normalised(state.caller, profile.calendar.country)
    if least_s is None or float(note.data["wait_s"]) < float(least_s) or not phone.startswith("+"):
        return False
    listed = Callback.objects.filter(Q(closed_at=None) | Q(closed_at__gte=note.at), phone=phone, origin__in=UNPROMISED)
    return not listed.exists() and not _spoken_with(phone, note.at)


def _spoken_with(phone: str, since: dt.datetime) -> bool:
    """Whether somebody has spoken with him since then; a talk may have begun as a wait long before."""
    lately = Contact.objects.filter(started_at__gte=since - BACK, answered_at__gte=since)
    return lately.filter(Q(caller=phone) | Q(called=phone, direction="out")).exists()


def _not_promised(_profile: Profile, state: CallState, _note: Note) -> bool:
    """The engine cut his call, and no call back is promised; whether one is due is seen where it is made."""
    return not Callback.objects.filter(contact_id=state.contact).exists()


def _not_counted(_profile: Profile, state: CallState, note: Note) -> bool:
    """A promised call was tried, and the promise knows nothing of it; one that is being tried again waits for that."""
    callback = Callback.objects.filter(pk=state.callback or 0).first()
    if callback is None or note.data["outcome"] == "cancelled" or str(callback.call or state.contact) != state.contact:
        return False
    return not facts_of("contact", callback.contact_id).filter(kind="callback_made", at=note.at).exists()


MISSING: Mapping[str, Callable[[Profile, CallState, Note], bool]] = {
    "call_answered": _no_guide,
    "client_dial_ended": _not_counted,
    "queue_left": _not_noted,
    "node_lost": _not_promised,
}
"""How it is seen of a fact that nothing came of it. A call that was not taken is let go by `places.let_go`."""


def _dialled(profile: Profile, happened: afterwards.Happened) -> None:
    afterwards.counted(profile, happened)
    afterwards.guided(profile, [(state, note) for state, note in happened if note.data["outcome"] == "answered"])


DRAWN = {**afterwards.AFTER, "call_answered": afterwards.guided, "client_dial_ended": _dialled}
"""As at once, save that who was served long ago takes nobody off the list any more: he may stand there anew."""
