"""The page Standard: every clause with what it came to, down to the call and its moment."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kindline.conversations.models import Contact
from kindline.desk import access, house, inspection, lists, telling, wording
from kindline.journal.queries import facts_by_id
from kindline.quality import goals
from kindline.quality import queries as quality
from kindline.quality.models import Measurement
from kindline.quality.queries import ClauseResult
from kindline.staff import responsibility
from kindline.staff.models import Employee
from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile

DAYS_PLOTTED = 30
POINTS_MOST = 500
VERDICTS = ("met", "not_met", "not_measurable")
BEGINNING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A clause and the counts of its verdicts, as a table shows them."""

    result: ClauseResult

    @property
    def clause(self) -> Clause:
        """The clause itself."""
        return self.result.clause

    @property
    def counts(self) -> dict[str, int]:
        """How often each verdict was given."""
        found = self.result
        return {"met": found.met, "not_met": found.not_met, "not_measurable": found.not_measurable}

    @property
    def total(self) -> int:
        """All verdicts."""
        return sum(self.counts.values())

    @property
    def shares(self) -> list[tuple[str, float, float]]:
        """Each verdict, where its part of the bar begins, and its share; in percent."""
        ends = [0, *accumulate(self.counts.values())]
        parts = zip(self.counts.items(), ends, strict=False)
        return [(verdict, 100 * begin / self.total, 100 * n / self.total) for (verdict, n), begin in parts if n]

    @property
    def compliance(self) -> float | None:
        """The share of met among met and not met, in percent."""
        share = self.result.met_share
        return None if share is None else 100 * share


@require_safe
@access.for_roles(*access.EVERYBODY)
def several(request: HttpRequest) -> HttpResponseBase:
    """All clauses of the profile, filtered by section, how, channel, verdict and words."""
    profile = house.profile()
    rows = _asked(request, profile)
    context = {
        "rows": rows,
        "totals": _totals(rows),
        "query": request.GET,
        "sections": _sections(profile),
        "hows": [(code, wording.how_title(code)) for code in wording.HOWS],
        "channels": sorted({channel for clause in profile.clauses.values() for channel in clause.channel}),
        "verdicts": [(code, wording.verdict_title(code)) for code in wording.VERDICTS],
        "english": house.language() == "en",
        "in_charge": access.in_charge(access.employee_of(request)),
        "goals": bool(goals.metrics_of(profile)),
        "controllers": responsibility.controllers(profile.id, timezone.now().astimezone(profile.zone).date()),
    }
    return render(request, "desk/standard.html", context)


@require_safe
@access.for_roles(*access.EVERYBODY)
def download(request: HttpRequest) -> HttpResponseBase:
    """The same table as CSV."""
    heads = [
        _("Clause"),
        _("Section"),
        _("Text"),
        _("How"),
        _("Channel"),
        _("met"),
        _("not met"),
        _("not measurable"),
        "%",
    ]
    return lists.as_csv("standard", heads, map(_line, _asked(request, house.profile())))


@require_safe
@access.for_roles(*access.EVERYBODY)
def one(request: HttpRequest, clause: str) -> HttpResponseBase:
    """One clause: text, reading, limits, and its verdicts with their evidence."""
    profile = house.profile()
    found = profile.clauses.get(clause)
    if found is None:
        raise Http404
    me = access.employee_of(request)
    measured = _measured(request, clause, me)
    page = lists.page_of(request, measured)
    context = {
        "row": _row(found, measured),
        "page": page,
        "verdict_rows": _verdict_rows(page),
        "query": request.GET,
        "verdicts": [(code, wording.verdict_title(code)) for code in wording.VERDICTS],
        "used": _used(profile, clause),
        "acts": profile.cited(found),
        "english": house.language() == "en",
        "days": _days(measured),
        "observed": _observed(measured, found),
    }
    return render(request, "desk/clause.html", context)


def _asked(request: HttpRequest, profile: Profile) -> list[Row]:
    asked = request.GET
    now = timezone.now()
    rows = [Row(found) for found in quality.clause_results(profile, _since(asked.get("days", ""), now), now)]
    rows = [row for row in rows if _fits(row.clause, asked)]
    if verdict := asked.get("verdict"):
        rows = [row for row in rows if (row.counts.get(verdict) if verdict != "none" else not row.total)]
    return rows


def _fits(clause: Clause, asked: Any) -> bool:
    words = asked.get("q", "").casefold().split()
    text = f"{clause.id} {clause.text} {clause.text_en} {clause.reading or ''}".casefold()
    return (
        asked.get("section", "") in ("", clause.section)
        and asked.get("how", "") in ("", clause.how)
        and (not asked.get("channel") or asked["channel"] in clause.channel)
        and all(word in text for word in words)
    )


def _since(days: str, now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(days=int(days)) if days.isdecimal() and len(days) < 5 else BEGINNING


def _totals(rows: Iterable[Row]) -> dict[str, int]:
    listed = list(rows)
    return {
        "clauses": len(listed),
        **{verdict: sum(row.counts[verdict] for row in listed) for verdict in VERDICTS},
        "later": sum(row.clause.later for row in listed),
    }


def _sections(profile: Profile) -> list[tuple[str, str]]:
    sections = dict.fromkeys(clause.section for clause in profile.clauses.values())
    return [(section, profile.sections.get(section, section)) for section in sections]


def _line(row: Row) -> list[object]:
    clause = row.clause
    share = f"{row.compliance:.1f}" if row.compliance is not None else ""
    text = clause.text_en if house.language() == "en" else clause.text
    channels = ", ".join(map(wording.channel_title, clause.channel))
    how = wording.how_title(clause.how)
    return [clause.id, clause.section, text, how, channels, *row.counts.values(), share]


def _measured(request: HttpRequest, clause: str, me: Employee) -> QuerySet[Measurement]:
    """The clause's measurements; those not in charge see those of their own contacts only."""
    found = quality.verdicts_of(clause, verdict=request.GET.get("verdict", ""))
    if not access.in_charge(me):
        own = Contact.objects.filter(employee=me).order_by("-started_at").values_list("pk", flat=True)[:2000]
        found = found.filter(subject_type="contact", subject_id__in=[str(pk) for pk in own])
    return found


def _row(clause: Clause, measured: QuerySet[Measurement]) -> Row:
    counts = dict(measured.order_by().values_list("verdict").annotate(n=Count("pk")))
    return Row(ClauseResult(clause, **counts))


def _verdict_rows(page: Iterable[Measurement]) -> list[dict[str, Any]]:
    listed = list(page)
    evidence = facts_by_id([fact for one in listed for fact in one.evidence])
    contacts = {str(one.pk): one for one in _contacts(listed)}
    inspections = inspection.several([one.subject_id for one in listed if one.subject_type == "inspection"])
    return [
        {
            "one": one,
            "contact": contacts.get(one.subject_id),
            "inspection": inspections.get(one.subject_id) if one.subject_type == "inspection" else None,
            "evidence": [
                (evidence[id_], telling.fact_title(evidence[id_].kind)) for id_ in one.evidence if id_ in evidence
            ],
        }
        for one in listed
    ]


def _contacts(listed: Iterable[Measurement]) -> Iterable[Contact]:
    ids = [one.subject_id for one in listed if one.subject_type == "contact"]
    return Contact.objects.select_related("employee", "client").filter(pk__in=ids)


def _used(profile: Profile, clause: str) -> list[str]:
    """Where the guides carry the clause, in words."""
    return [
        f"{house.titled(script.title)}: {house.titled(step.title)}"
        for script in profile.scripts.values()
        for step in script.all_steps()
        if clause in step.clauses
    ]


def _days(measured: QuerySet[Measurement]) -> dict[str, Any] | None:
    """The verdicts of the last days, for the plot."""
    zone = house.profile().zone
    today = timezone.now().astimezone(zone).date()
    days = [today - dt.timedelta(days=back) for back in range(DAYS_PLOTTED - 1, -1, -1)]
    since = dt.datetime.combine(days[0], dt.time(), zone)
    counts: dict[tuple[dt.date, str], int] = {}
    for at, verdict in measured.filter(at__gte=since).values_list("at", "verdict"):
        key = at.astimezone(zone).date(), verdict
        counts[key] = counts.get(key, 0) + 1
    if not counts:
        return None
    rows = [
        {
            "name": wording.verdict_title(verdict),
            "verdict": verdict,
            "values": [counts.get((day, verdict), 0) for day in days],
        }
        for verdict in VERDICTS
    ]
    return {"kind": "days", "label": _("Verdicts by day"), "days": [f"{day:%d.%m}" for day in days], "series": rows}


def _observed(measured: QuerySet[Measurement], clause: Clause) -> dict[str, Any] | None:
    """The observed values against the limit, where they are numbers."""
    points = [point for one in measured[:POINTS_MOST] if (point := _point(one))]
    if len(points) < 2:
        return None
    limits = {value for one in measured[:POINTS_MOST] if (value := _number(one.limit)) is not None}
    unit = next((one.unit for one in measured[:1]), "")
    return {
        "kind": "observed",
        "label": _("Observed values of %(clause)s") % {"clause": clause.id},
        "unit": unit,
        "limit": limits.pop() if len(limits) == 1 else None,
        "limit_name": _("limit"),
        "points": points,
    }


def _point(one: Measurement) -> dict[str, Any] | None:
    value = _number(one.observed)
    if value is None:
        return None
    url = reverse("contact", args=[one.subject_id]) if one.subject_type == "contact" else ""
    return {"at": one.at.isoformat(), "value": value, "verdict": one.verdict, "url": url}


def _number(text: str) -> float | None:
    """A single number, also behind a sign of comparison."""
    found = re.fullmatch(r"(?:[≤≥=]\s*)?(-?\d+(?:\.\d+)?)", text.strip())
    return float(found.group(1)) if found else None
