"""How much one giver may give: files and bytes a day, and bytes a year; counted before a file is looked at.

A client who is known by his log-in is one giver, as are an employee and the token of a program; anybody else is the
network address from which he comes, which many people may share behind one telephone network: an address may give
several times as much, and has no sum of a year.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from kindline.files.errors import OverQuotaError
from kindline.files.models import Given
from kindline.staff.models import Employee, Token

DAY, YEAR = dt.timedelta(days=1), dt.timedelta(days=365)
SHARED = 5
"""How many people's worth one address may give."""
COUNT = """
INSERT INTO files_given AS known (giver, since, files, size) VALUES (%(giver)s, %(now)s, 1, %(size)s)
ON CONFLICT (giver) DO UPDATE SET
    files = CASE WHEN known.since > %(over)s THEN known.files + 1 ELSE 1 END,
    size = CASE WHEN known.since > %(over)s THEN known.size + excluded.size ELSE excluded.size END,
    since = CASE WHEN known.since > %(over)s THEN known.since ELSE excluded.since END
WHERE known.since <= %(over)s OR (known.files < %(most)s AND known.size + excluded.size <= %(largest)s)
RETURNING files
"""


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives files: a name that tells nobody who he is, and whether others may hide behind it."""

    name: str
    is_shared: bool = False
    sort: str = "client"  # which of the settings' quotas holds: client | employee | program
    one: str = ""  # of a shared one: what tells him from the others behind it, the name where nothing does


def employee(one: Employee) -> Giver:
    """An employee, whatever the files are for."""
    return Giver(f"employee/{one.pk}", sort="employee")


def program(token: Token) -> Giver:
    """A program, by its token."""
    return Giver(f"token/{token.pk}", sort="program")


def charge(*, giver: Giver, size: int, now: dt.datetime, once: str = "") -> bool:
    """Count a file of `size` bytes, whatever becomes of it. Raises: OverQuotaError; it is not counted then.

    False where it was counted before.
    `once`: what tells this sending from others of the giver's, at most 64 characters: sent again it counts once a day.
    """
    allowed, worth = settings.FILES["quotas"][giver.sort], SHARED if giver.is_shared else 1
    most, largest = allowed["day_many"] * worth, allowed["day_size"] * worth
    with transaction.atomic():
        if once and not _is_first(f"day/{giver.name}/{once}", now):
            return False
        _count(f"day/{giver.name}", DAY, {"most": most, "largest": largest}, size, now)
        if not giver.is_shared:
            whole = {"most": most * YEAR.days, "largest": allowed["year_size"]}
            _count(f"year/{giver.name}", YEAR, whole, size, now)
    return True


def give_back(*, giver: Giver, size: int, once: str = "") -> None:
    """What was counted a moment ago was not even looked at: it counts for nothing."""
    with transaction.atomic():
        Given.objects.filter(giver=f"day/{giver.name}/{once}").delete()
        for span in ("day", "year"):
            row = Given.objects.filter(giver=f"{span}/{giver.name}", files__gt=0, size__gte=size)
            row.update(files=F("files") - 1, size=F("size") - size)


def _is_first(sending: str, now: dt.datetime) -> bool:
    return Given.objects.get_or_create(giver=sending, defaults={"since": now, "files": 0, "size": 0})[1]


def _count(giver: str, span: dt.timedelta, bounds: dict[str, Any], size: int, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"giver": giver, "over": now - span, "now": now, "size": size, **bounds})
        if cursor.fetchone() is None or size > bounds["largest"]:
            since = Given.objects.filter(giver=giver).values_list("since", flat=True).first()
            raise OverQuotaError(giver, (since or now) + span)


def sweep(*, now: dt.datetime) -> int:
    """Forget counts whose day or year is over; how many."""
    days = Given.objects.filter(giver__startswith="day/", since__lte=now - DAY)
    years = Given.objects.filter(giver__startswith="year/", since__lte=now - YEAR)
    return days.delete()[0] + years.delete()[0]
