"""What people do with recordings: hold them, let them go, say something about a moment."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.recordings.errors import UnfitError
from kindline.recordings.models import Hold, Remark
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording

REMARK_MAX = 2000


@transaction.atomic
def place_hold(*, contact: Contact, ground: str, employee: Employee, now: dt.datetime) -> Hold:
    """Keep the recordings of a contact beyond their time, on a ground; a second hold is the first.

    Clause: krc-5.5.2-14. Raises: UnfitError.
    """
    if not ground.strip():
        raise UnfitError("ground")
    values = {"ground": ground.strip(), "placed_by": employee, "placed_at": now}
    hold, new = Hold.objects.get_or_create(contact=contact, released_at=None, defaults=values)
    if new:
        _note("recording_held", contact, employee, {"employee": employee.pk, "ground": hold.ground}, now)
    return hold


@transaction.atomic
def release_hold(*, contact: Contact, ground: str, employee: Employee, now: dt.datetime) -> None:
    """The recordings need not be held any more; why. Raises: UnfitError."""
    if not ground.strip():
        raise UnfitError("ground")
    hold = Hold.objects.select_for_update().filter(contact=contact, released_at=None).first()
    if hold is not None:
        hold.released_by, hold.released_at = employee, now
        hold.save(update_fields=["released_by", "released_at"])
        _note("recording_released", contact, employee, {"employee": employee.pk, "ground": ground.strip()}, now)


@transaction.atomic
def add_remark(*, contact: Contact, offset_s: float, text: str, employee: Employee, now: dt.datetime) -> Remark:
    """Say something about a moment of a talk, `offset_s` seconds after its first recording began.

    Raises: UnfitError for an empty or over-long text, a moment outside the talk, a talk without a recording.
    """
    kept = Recording.objects.filter(contact=contact, removed_at=None).order_by("started_at")
    first = kept.first()
    if first is None:
        raise UnfitError("recording")
    if not text.strip() or len(text) > REMARK_MAX:
        raise UnfitError("text")
    last = max((one.ended_at or one.started_at for one in kept), default=first.started_at)
    if not 0 <= offset_s <= (last - first.started_at).total_seconds() + 1:
        raise UnfitError("offset_s")
    moment = first.started_at + dt.timedelta(seconds=offset_s)
    remark = Remark.objects.create(contact=contact, moment=moment, text=text.strip(), employee=employee, made_at=now)
    _note("recording_remarked", contact, employee, {"employee": employee.pk, "offset_s": round(offset_s, 1)}, now)
    return remark


def _note(kind: str, contact: Contact, employee: Employee, data: dict[str, object], now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="contact", subject_id=contact.pk, actor=actor(employee), data=data, at=now)
