"""Consequences that were never drawn: whoever was to draw them died with the fact written, or failed at it.

What follows from a fact waits a moment in the memory of the switchboard that wrote it (following). A kill in that
moment must cost nobody his call back: the facts are there, and the database says which of them nothing came of.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError
from django.db.models import Q

from kindline.clients import phones
from kindline.conversations.callbacks import PENDING
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
Notes = Sequence[tuple[uuid.UUID, Note]]
"""Facts of contacts."""
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
        for state, note in _happened(profile, kind, since, until):
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


def _happened(profile: Profile, kind: str, since: dt.datetime, until: dt.datetime) -> Iterable[tuple[CallState, Note]]:
    """The facts of which nothing may have come, each with its call: most are done, and are sorted out in one go."""
    found = facts_between(since, until, kind=kind)
    if kind == "queue_left":
        found = found.filter(data__outcome="abandoned")
    notes = [(uuid.UUID(fact.subject_id), Note(fact.kind, fact.at, fact.data, fact.actor)) for fact in found]
    suspect = SUSPECT[kind](profile, notes)
    calls = Call.objects.in_bulk(suspect)
    for contact, note in notes:
        call = calls.get(contact)
        if call is not None and call.data:
            yield from_json(call.data), note


def _guideless(_profile: Profile, notes: Notes) -> Collection[uuid.UUID]:
    open_ = Contact.objects.filter(pk__in=[contact for contact, _ in notes], closed_at=None)
    return set(open_.exclude(guide__has_key="script").values_list("pk", flat=True))


def _uncounted(_profile: Profile, notes: Notes) -> Collection[uuid.UUID]:
    """The calls for a promise that no attempt of their moment is noted of."""
    moments = [note.at for _, note in notes]
    calls = Call.objects.filter(pk__in=[contact for contact, _ in notes], data__has_key="callback")
    promises = dict(calls.values_list("pk", "data__callback"))
    if not promises:
        return ()
    made = facts_between(min(moments), max(moments) + dt.timedelta.resolution, kind="callback_made")
    counted = set(made.values_list("data__task", "at"))
    return {contact for contact, note in notes if (promises.get(contact), note.at) not in counted} & promises.keys()


def _unlisted(profile: Profile, notes: Notes) -> Collection[uuid.UUID]:
    """Who waited long enough to be called, and neither stands on the list nor was taken off it since."""
    least_s = profile.menu.abandoned_after_s if profile.menu else None
    long = {one: note.at for one, note in notes if least_s is not None and float(note.data["wait_s"]) >= float(least_s)}
    callers = Contact.objects.filter(pk__in=long).values_list("pk", "caller")
    numbers = {contact: phones.normalised(caller, profile.calendar.country) for contact, caller in callers}
    on_list = Callback.objects.filter(phone__in=set(numbers.values()), origin__in=UNPROMISED)
    stands = set(on_list.filter(state__in=PENDING).values_list("phone", flat=True))
    left = {contact: number for contact, number in numbers.items() if number not in stands}
    if not left:
        return ()
    closed = on_list.filter(phone__in=set(left.values()), closed_at__gte=min(long.values())).order_by("closed_at")
    closed_at = dict(closed.values_list("phone", "closed_at"))
    return {one for one, number in left.items() if (off := closed_at.get(number)) is None or off < long[one]}


def _unpromised(_profile: Profile, notes: Notes) -> Collection[uuid.UUID]:
    cut = {contact for contact, _ in notes}
    return cut - set(Callback.objects.filter(contact_id__in=cut).values_list("contact_id", flat=True))


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


SUSPECT: Mapping[str, Callable[[Profile, Notes], Collection[uuid.UUID]]] = {
    "call_answered": _guideless,
    "client_dial_ended": _uncounted,
    "queue_left": _unlisted,
    "node_lost": _unpromised,
}
"""Of which contacts something may be missing, seen with a few questions for all of them: they are asked often."""
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
