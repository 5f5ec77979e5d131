"""What each clause came to: for the page Standard, for one contact, down to the facts that prove it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import TruncDate

from kindline.journal import queries as journal
from kindline.journal.models import Fact
from kindline.quality.models import Measurement, Verdict
from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """A clause and how often it was met, missed or could not be measured in a span of time."""

    clause: Clause
    met: int = 0
    not_met: int = 0
    not_measurable: int = 0
    last_at: dt.datetime | None = None

    @property
    def measured(self) -> int:
        """How often there was a clear answer; "not measurable" is never counted as met."""
        return self.met + self.not_met

    @property
    def met_share(self) -> float | None:
        """The share of clear answers that are "met", 0 to 1; None without any."""
        return self.met / self.measured if self.measured else None


@dataclass(frozen=True, slots=True)
class ContactResult:
    """One clause's verdict on one contact."""

    clause: Clause
    measurement: Measurement


def clause_results(profile: Profile, since: dt.datetime, until: dt.datetime) -> list[ClauseResult]:
    """Every clause of the standard, in its order, with its counts from `since` to `until` (exclusive)."""
    found = Measurement.objects.filter(profile=profile.id, at__gte=since, at__lt=until)
    rows = found.values("clause", "verdict").annotate(n=Count("*"), last=Max("at"))
    counts: dict[str, dict[str, int]] = {}
    lasts: dict[str, dt.datetime] = {}
    for row in rows:
        counts.setdefault(row["clause"], {})[row["verdict"]] = row["n"]
        lasts[row["clause"]] = max(row["last"], lasts.get(row["clause"], row["last"]))
    return [
        ClauseResult(clause, **counts.get(clause.id, {}), last_at=lasts.get(clause.id))
        for clause in profile.clauses.values()
    ]


def verdicts_of(
    clause: str, *, since: dt.datetime | None = None, until: dt.datetime | None = None, verdict: str = ""
) -> QuerySet[Measurement]:
    """The verdicts on a clause, the latest first: subject, observed, limit, evidence."""
    found = Measurement.objects.filter(clause=clause).order_by("-at", "-pk")
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    return found.filter(verdict=verdict) if verdict else found


def daily(clause: str, since: dt.datetime, until: dt.datetime, profile: Profile) -> list[dict[str, object]]:
    """The counts of each verdict by local day, for a plot."""
    found = verdicts_of(clause, since=since, until=until).order_by()
    rows = found.annotate(day=TruncDate("at", tzinfo=profile.zone)).values("day", "verdict").annotate(n=Count("*"))
    days: dict[dt.date, dict[str, object]] = {}
    for row in rows:
        days.setdefault(row["day"], {"day": row["day"], **dict.fromkeys(Verdict.values, 0)})[row["verdict"]] = row["n"]
    return [days[day] for day in sorted(days)]


def of_contact(contact_id: object, profile: Profile) -> list[ContactResult]:
    """What each clause came to in one contact, in the order of the standard; missed ones are not put first."""
    return of_subject("contact", str(contact_id), profile)


def of_subject(subject_type: str, subject_id: str, profile: Profile) -> list[ContactResult]:
    """What each clause came to on one subject."""
    found = Measurement.objects.filter(subject_type=subject_type, subject_id=subject_id, version=profile.version)
    by_clause = {row.clause: row for row in found}
    return [ContactResult(clause, by_clause[id_]) for id_, clause in profile.clauses.items() if id_ in by_clause]


def evidence(measurement: Measurement) -> list[Fact]:
    """The facts that prove a verdict, in the order in which they happened."""
    return sorted(journal.facts_by_id(measurement.evidence).values(), key=lambda fact: (fact.at, fact.id))
