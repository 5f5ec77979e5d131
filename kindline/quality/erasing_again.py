"""After a copy of the database was brought back, who was erased since that copy is erased again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext

from kindline.appeals import rights
from kindline.clients.models import Client
from kindline.conversations.errors import RefusedError
from kindline.quality import erased_ledger, erasure
from kindline.quality.erased_ledger import Line
from kindline.quality.models import Erasure
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

AGAIN, ABSENT, WAITS = "again", "absent", "waits"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one line: erased again, not in this copy, or waits; `why` for the last."""

    line: Line
    what: str
    why: str = ""


def erase_again(*, now: dt.datetime) -> list[Outcome]:
    """Erase again who stands in the ledger and was not erased in this database; what waits is tried at the next run.

    Whoever is not in this copy, or whose key belongs to another card here, is left alone.
    """
    return [_once_more(one, now) for one in erased_ledger.read() if not _is_known(one)]


def _is_known(line: Line) -> bool:
    return Erasure.objects.filter(client_id=line.client, made_at__gte=line.erased).exists()


def _once_more(line: Line, now: dt.datetime) -> Outcome:
    client = Client.objects.filter(pk=line.client, created_at=line.made_at).first()
    if client is None:
        return Outcome(line, ABSENT)
    profile = loader.load(line.profile)
    employee = _who(line, profile)
    if employee is None:
        return Outcome(line, WAITS, f"nobody may erase under {profile.id}")
    try:
        erasure.erase_client(
            profile=profile, client=client, ground=_ground(line, profile), employee=employee, now=now
        )  # fmt: skip
    except RefusedError as error:
        return Outcome(line, WAITS, str(error))
    return Outcome(line, AGAIN)


def _who(line: Line, profile: Profile) -> Employee | None:
    """Who erased the person then; where he is not in this copy or has another office, another who may."""
    then = Employee.objects.filter(pk=line.by).first()
    others = Employee.objects.filter(is_active=True).order_by("pk")
    several = [*filter(None, [then]), *others]
    return next((one for one in several if rights.may(profile, "erase_client", one)), None)


def _ground(line: Line, profile: Profile) -> str:
    day = f"{line.erased.astimezone(profile.zone):%d.%m.%Y}"
    with translation.override(profile.language):
        return gettext("Again, after a copy of the database was brought back; first erased on %(day)s") % {"day": day}
