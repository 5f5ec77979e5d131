"""The same quality for everyone and everywhere: shares of "met" compared between employees, channels and units."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.db import connection

from kindline.quality import scores
from kindline.quality.models import Verdict
from kindline.quality.scores import Mean
from kindline.standard.profile import Profile

Key = Literal["employee", "channel", "unit"]
COLUMNS: dict[Key, str] = {"employee": "c.employee_id::text", "channel": "c.channel", "unit": "e.unit_id::text"}
COUNTED = """
SELECT {column} AS key, count(*) FILTER (WHERE m.verdict = %(met)s), count(*), count(DISTINCT m.subject_id)
FROM quality_measurement m
JOIN conversations_contact c ON m.subject_type = 'contact' AND m.subject_id = c.id::text
LEFT JOIN staff_employee e ON e.id = c.employee_id
WHERE m.profile = %(profile)s AND m.at >= %(since)s AND m.at < %(until)s AND m.verdict <> %(unclear)s
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """One employee, channel or unit: verdicts "met" of all clear ones, over how many contacts."""

    key: str
    met: int
    judged: int
    contacts: int
    score: Mean | None = None
    """What reviewers found, of an employee or unit; None without a review."""

    @property
    def share(self) -> float | None:
        """The share of "met", 0 to 1; None where nothing was judged by the program."""
        return self.met / self.judged if self.judged else None


def compare(profile: Profile, by: Key, since: dt.datetime, until: dt.datetime) -> list[Compared]:
    """How each kept the standard from `since` to `until` (exclusive); "not measurable" counts for nobody.

    Clause: voe-1-03, voe-2-03. Contacts of nobody, or of no unit, are left out.
    """
    values: dict[str, str | dt.datetime] = {
        "met": Verdict.MET.value,
        "unclear": Verdict.NOT_MEASURABLE.value,
        "profile": profile.id,
        "since": since,
        "until": until,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED.format(column=COLUMNS[by]), values)
        found = {row[0]: row[1:] for row in cursor.fetchall() if row[0]}
    reviewed = scored(profile, by, since, until)
    return [
        Compared(key, met, judged, contacts, reviewed.get(key))
        for key in sorted({*found, *reviewed})
        for met, judged, contacts in [found.get(key, (0, 0, 0))]
    ]


def scored(profile: Profile, by: Key, since: dt.datetime, until: dt.datetime) -> dict[str, Mean]:
    """The scores of reviews by employee or unit; reviews differ by channel in their forms, and are not compared so."""
    if by == "channel":
        return {}
    return {str(key): one for key, one in scores.by(scores.reviews(profile, since, until), by).items()}


def spread(rows: list[Compared]) -> float | None:
    """How far the best and the worst lie apart, 0 to 1; None where there is nothing to compare (voe-2-03)."""
    shares = [row.share for row in rows if row.share is not None]
    return max(shares) - min(shares) if len(shares) > 1 else None
