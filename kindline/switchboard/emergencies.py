"""The emergency message: turned on for a line or for all by somebody in charge, heard by new callers within seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import prompts
from kindline.switchboard.floor_models import EmergencyMessage
from kindline.switchboard.machine.plan import Emergency, Sound

TEXT_MAX = 500
LONGEST = dt.timedelta(days=7)
"""What is true for longer belongs into the menu."""
BY_HAND, BY_TIME, REPLACED = "hand", "time", "replaced"


class EmergencyError(Exception):
    """The message is not turned on; `code` says why: empty, long_text, no_line, past, far, no_voice, too_long."""

    def __init__(self, code: str, clause: str = "", **values: float) -> None:
        self.code, self.clause, self.values = code, clause, values
        super().__init__(code)


def ready_texts(profile: Profile) -> list[str]:
    """The texts that the standard offers, in its language."""
    said: Mapping[str, list[str]] = profile.variables.get("emergency") or {}
    return [str(text) for text in said.get("texts") or ()]


def turn_on(
    *, profile: Profile, line: str, text: str, closes: bool, until: dt.datetime, employee: Employee, now: dt.datetime
) -> EmergencyMessage:
    """Let callers of a line (empty: of all) hear a text until a moment; one that was there for the line is replaced.

    The voice says it before it goes live: what cannot be heard is not turned on. Raises: EmergencyError.
    """
    told = storable(text).strip()
    _check(profile, line, told, until, now)
    length_s = _made(profile, told)
    return _written(profile, line, told, length_s, closes, until, employee, now)


def _check(profile: Profile, line: str, text: str, until: dt.datetime, now: dt.datetime) -> None:
    if not text:
        raise EmergencyError("empty")
    if len(text) > TEXT_MAX:
        raise EmergencyError("long_text")
    if line and not (profile.menu and line in profile.menu.lines):
        raise EmergencyError("no_line")
    if until <= now:
        raise EmergencyError("past")
    if until > now + LONGEST:
        raise EmergencyError("far")


def _made(profile: Profile, text: str) -> float:
    """Let the best voice say the text; how long it lasts, seconds."""
    found = _said(profile, [("emergency", text)], quick=False).get("emergency")
    if found is None:
        raise EmergencyError("no_voice")
    bound = profile.menu.limits.get("message_s_max") if profile.menu else None
    if bound is not None and found.duration_s > float(bound.value):
        raise EmergencyError("too_long", bound.clause, length_s=found.duration_s, most_s=float(bound.value))
    return found.duration_s


def _said(profile: Profile, texts: Iterable[tuple[str, str]], *, quick: bool) -> dict[str, Sound]:
    folder = Path(settings.KINDLINE["paths"]["prompts"])
    wanted = [prompts.Spoken(key, text) for key, text in texts]
    return prompts.make(wanted, profile.language, folder, quick=quick) if wanted else {}


@transaction.atomic
def _written(
    profile: Profile, line: str, text: str, length_s: float, closes: bool, until: dt.datetime, employee: Employee,
    now: dt.datetime,
) -> EmergencyMessage:  # fmt: skip
    for old in open_now(profile).select_for_update(of=("self",)).filter(line=line):
        _end(old, REPLACED, employee, now)
    made = EmergencyMessage.objects.create(
        profile=profile.id, line=line, text=text, closes=closes, by=employee, begun_at=now, until=until
    )
    data = {"emergency": made.pk, "line": line, "text": text, "closes": closes, "until": until,
            "duration_s": length_s, "employee": employee.pk}  # fmt: skip
    _note("emergency_turned_on", made, data, employee, now)
    return made


@transaction.atomic
def turn_off(*, profile: Profile, emergency: int, employee: Employee, now: dt.datetime) -> bool:
    """Callers hear it no more; False where it was over already. Raises: EmergencyMessage.DoesNotExist."""
    row = EmergencyMessage.objects.select_for_update().get(pk=emergency, profile=profile.id)
    if row.ended_at is not None:
        return False
    _end(row, BY_HAND, employee, now)
    return True


@transaction.atomic
def end_due(*, now: dt.datetime) -> int:
    """Messages whose time is over are turned off; run it as often as you like, by as many switchboards."""
    rows = EmergencyMessage.objects.select_for_update(skip_locked=True).filter(ended_at=None, until__lte=now)
    found = list(rows)
    for row in found:
        _end(row, BY_TIME, None, row.until)
    return len(found)


def _end(row: EmergencyMessage, how: str, employee: Employee | None, now: dt.datetime) -> None:
    row.ended_at, row.ended_by = now, employee
    row.save(update_fields=["ended_at", "ended_by"])
    data = {"emergency": row.pk, "line": row.line, "how": how, "employee": employee.pk if employee else None}
    _note("emergency_turned_off", row, data, employee, now)


def _note(
    kind: str, row: EmergencyMessage, data: dict[str, object], employee: Employee | None, at: dt.datetime
) -> None:
    by = actor(employee) if employee else "switchboard"
    kept = {name: value for name, value in data.items() if value is not None}
    journal.record(kind=kind, subject_type="menu", subject_id=row.profile, actor=by, data=kept, at=at)


def open_now(profile: Profile) -> QuerySet[EmergencyMessage]:
    """Messages that nobody has turned off, those of all lines first."""
    return EmergencyMessage.objects.filter(profile=profile.id, ended_at=None).select_related("by").order_by("line")


def in_force(profile: Profile, now: dt.datetime) -> list[EmergencyMessage]:
    """The messages that callers hear now."""
    return list(open_now(profile).filter(until__gt=now))


def lately(profile: Profile, most: int) -> list[EmergencyMessage]:
    """The last messages that are over, the latest first."""
    rows = EmergencyMessage.objects.filter(profile=profile.id).exclude(ended_at=None).select_related("by", "ended_by")
    return list(rows.order_by("-begun_at", "-pk")[:most])


def for_callers(
    profile: Profile, now: dt.datetime, known: Collection[str] = ()
) -> tuple[tuple[Emergency, ...], dict[str, Sound]]:
    """What the machine must know of the messages in force, and by key those of their sounds that it does not know."""
    rows = in_force(profile, now)
    fresh = [(key, row.text) for row in rows if (key := Emergency.key_of(row.pk)) not in known]
    sounds = _said(profile, fresh, quick=True)
    return tuple(Emergency(row.pk, row.line, row.until, row.closes) for row in rows), sounds
