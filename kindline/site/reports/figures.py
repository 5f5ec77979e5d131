"""The numbers of a quarter's report: those that are published already, put together; and as one long table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from kindline.appeals import punctuality
from kindline.appeals.punctuality import Due
from kindline.quality import quarters
from kindline.quality.models import Monitoring
from kindline.site.open_data import tables
from kindline.site.open_data.tables import Row, Table
from kindline.site.report_models import QuarterReport
from kindline.standard.profile import Profile

COLUMNS = ("part", "period", "title", "measure", "value")
APPEALS = ("appeals", *punctuality.NAMES, "on_time_percent")
EARLIER_APPEALS = ("appeals", "answered_in_time", "answered_late", "waiting")
"""Of reports that were frozen while answers were counted by the month of registration (ADR 74)."""
RATINGS = ("ratings", "content_percent", "service_mean", "answer_mean")
Figures = dict[str, Any]


def collected(profile: Profile, quarter: str, now: dt.datetime) -> Figures | None:
    """What is published of the quarter as it stands now; None until its monitoring was approved. Clause: voe-1-09."""
    found = Monitoring.objects.filter(profile=profile.id, quarter=quarter, published_at__isnull=False).first()
    if found is None:
        return None
    since, until = quarters.bounds(quarter, profile.zone)
    months = {f"{since.year}-{since.month + step:02}" for step in range(quarters.MONTHS)}
    ratings = _rows(profile, "satisfaction", until if until < now else now)
    return {
        "monitoring": found.results,
        "appeals": [row for row in _rows(profile, "appeals", now) if row["month"] in months],
        "satisfaction": [row for row in ratings if row["quarter"] == quarter],
    }


def _rows(profile: Profile, dataset: str, now: dt.datetime) -> list[Row]:
    """The rows of a set of open data, where the standard gives it to everybody."""
    known = profile.publication.open_data if profile.publication else None
    if known is None or dataset not in known.datasets:
        return []
    return list(tables.table(profile, known, dataset, now).rows)


def table(report: QuarterReport, profile: Profile) -> Table:
    """The same numbers for programs: one value a row."""
    day = report.published_at.astimezone(profile.zone).date() if report.published_at else None
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in _long(report, profile.language)]
    return Table(f"report-{report.quarter}", COLUMNS, rows, day)


def _long(report: QuarterReport, language: str) -> Iterator[tuple[str, str, str | None, str, float | None]]:
    results = report.figures["monitoring"]
    for name in ("population", "sample"):
        yield "monitoring", report.quarter, None, name, results[name]
    for part in ("items", "sections"):
        for one in results[part]:
            for name in ("met", "not_met"):
                yield part, report.quarter, titled(one["title"], language), name, one[name]
    for row in report.figures["appeals"]:
        for name in measures_of(row):
            yield "appeals", row["month"], row["topic"], name, row[name]
    for row in report.figures["satisfaction"]:
        for name in RATINGS:
            yield "satisfaction", report.quarter, None, name, row[name]


def measures_of(row: Row) -> tuple[str, ...]:
    """What is said of appeals in a row, as it was said when the report was frozen."""
    return APPEALS if "due" in row else EARLIER_APPEALS


def on_time(rows: Iterable[Row]) -> Due | None:
    """All months and topics of a report together; None where it tells of no case that was due."""
    told = [Due(*(row[name] for name in punctuality.NAMES)) for row in rows if row.get("due")]
    return punctuality.together(told) if told else None


def titled(title: str | dict[str, str], language: str) -> str:
    """A title of the review in a language; sections have one title, in the standard's."""
    return title if isinstance(title, str) else title.get(language, "")
