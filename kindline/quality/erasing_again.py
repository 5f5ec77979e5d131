"""After a copy of the database was brought back, who was erased since that copy is erased again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext

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


def erase_again(*, by: Employee, now: dt.datetime) -> list[Outcome]:
    """Erase again who stands in the ledger and was not erased in this database; what waits is tried at the next run.

    `by` has it done now and signs the receipts, whoever erased first. Whoever is not in this copy, or whose key
    belongs to another card here, is left alone. No line holds up those after it, whatever is wrong with it.
    """
    return [made for one in erased_ledger.read() if (made := _tried(one, by, now)) is not None]


def _tried(line: Line, by: Employee, now: dt.datetime) -> Outcome | None:
    """What came of a line; None where he is erased here already."""
    try:
        return None if _is_known(line) else _once_more(line, by, now)
    except RefusedError as error:
        return Outcome(line, WAITS, str(error))
    except Exception as error:  # noqa: BLE001 - of any kind: the others have a right to be erased too
        return Outcome(line, WAITS, f"{type(error).__name__}: {error}")


def _is_known(line: Line) -> bool:
    return Erasure.objects.filter(client_id=line.client, made_at__gte=line.erased).exists()


def _once_more(line: Line, by: Employee, now: dt.datetime) -> Outcome:
    client = Client.objects.filter(pk=line.client, created_at=line.made_at).first()
    if client is None:
        return Outcome(line, ABSENT)
    profile = loader.load(line.profile)
    erasure.erase_client(profile=profile, client=client, ground=_ground(line, profile), employee=by, now=now)
    return Outcome(line, AGAIN)


def _ground(line: Line, profile: Profile) -> str:
    day = f"{line.erased.astimezone(profile.zone):%d.%m.%Y}"
    with translation.override(profile.language):
        return gettext("Again, after a copy of the database was brought back; first erased on %(day)s") % {"day": day}
