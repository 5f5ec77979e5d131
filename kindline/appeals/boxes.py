"""Client boxes: put up in places where clients come, emptied by somebody at some time, taken down."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import QuerySet

from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import CameBy, ClientBox, Emptying
from kindline.conversations.errors import RefusedError
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee, Unit
from kindline.standard.profile import Profile

COMPONENT = "client_box"
LETTERS_MAX = 10_000
RECENT = 20


class KnownBoxError(RefusedError):
    """A box hangs at that place already."""

    code = "known_box"


class NoBoxError(RefusedError):
    """There is no such box any more: choose another."""

    code = "no_box"


class NotYetError(RefusedError):
    """A box is emptied first, and written down then."""

    code = "not_yet_emptied"


class NoCountError(RefusedError):
    """How many letters lay in the box is not said: write a number, 0 where there were none."""

    code = "no_count"


def are_kept(profile: Profile) -> bool:
    """Whether the standard knows client boxes (krc-2-16)."""
    return any(clause.value.get("component") == COMPONENT for clause in profile.clauses.values())


def ways(profile: Profile) -> list[str]:
    """How a letter on paper may come: from a client box only where the standard knows such."""
    return [str(way) for way in CameBy if way != CameBy.BOX or are_kept(profile)]


def put_up(
    *, profile: Profile, place: str, unit: Unit | None = None, employee: Employee, now: dt.datetime
) -> ClientBox:
    """A box was put up at a place.

    Clause: krc-2-16. Raises: EmptyTextError without a place; KnownBoxError.
    """
    where = " ".join(storable(place).split())
    if not where:
        raise EmptyTextError("write where the box hangs")
    with transaction.atomic():
        if standing(profile).select_for_update(of=("self",)).filter(place__iexact=where).exists():
            raise KnownBoxError(where)
        box = ClientBox.objects.create(profile=profile.id, place=where, unit=unit, put_up_at=now)
        _keep("box_put_up", box, {"place": where, "unit": unit.pk if unit else None}, employee, now)
        return box


def take_down(*, box: ClientBox, employee: Employee, now: dt.datetime) -> None:
    """A box was taken away; what came by it stays known. Again it changes nothing."""
    with transaction.atomic():
        if ClientBox.objects.filter(pk=box.pk, taken_down_at=None).update(taken_down_at=now):
            _keep("box_taken_down", box, {"place": box.place}, employee, now)


def empty(
    *, box: ClientBox, key: uuid.UUID, emptied_at: dt.datetime, letters: int | None, note: str = "",
    employee: Employee, now: dt.datetime,
) -> Emptying:  # fmt: skip
    """A box was emptied: where, when, by whom, and how many letters lay in it; the same key is the same emptying.

    Clause: krc-2-16.
    Raises: NoBoxError for one taken down; NotYetError; NoCountError.
    """
    if letters is None or not 0 <= letters <= LETTERS_MAX:
        raise NoCountError("write how many letters lay in the box")
    with transaction.atomic():
        held = ClientBox.objects.select_for_update(of=("self",)).filter(pk=box.pk).first()
        if (known := Emptying.objects.filter(key=key).first()) is not None:
            return known
        if held is None or held.taken_down_at is not None:
            raise NoBoxError(box.place)
        if emptied_at > now:
            raise NotYetError("write when the box was emptied")
        made = Emptying.objects.create(
            box=held, key=key, emptied_at=emptied_at, employee=employee, letters=letters, note=storable(note).strip(),
            made_at=now,
        )  # fmt: skip
        data = {"emptying": made.pk, "place": held.place, "emptied_at": emptied_at, "letters": letters}
        _keep("box_emptied", held, data | {"employee": employee.pk}, employee, now)
        return made


def standing(profile: Profile) -> QuerySet[ClientBox]:
    """The boxes that hang now, by place."""
    return ClientBox.objects.filter(profile=profile.id, taken_down_at=None).select_related("unit").order_by("place")


def emptyings(profile: Profile) -> QuerySet[Emptying]:
    """When boxes were emptied, the latest first."""
    rows = Emptying.objects.filter(box__profile=profile.id).select_related("box", "employee")
    return rows.order_by("-emptied_at", "-pk")


def recent(profile: Profile) -> list[Emptying]:
    """Those from which a letter may be that is registered now."""
    return list(emptyings(profile)[:RECENT])


def _keep(kind: str, box: ClientBox, data: dict[str, object], employee: Employee, now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="box", subject_id=box.pk, actor=actor(employee), data=data, at=now)
