"""The rows of each set of open data, as they stand now; nothing of a person is in any of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import translation

from kindline.appeals import punctuality
from kindline.appeals.models import Appeal, Incident
from kindline.feedback import satisfaction
from kindline.quality import monitoring, quarters
from kindline.site import catalogue, freshness
from kindline.site.models import ItemPage
from kindline.site.open_data import grouping
from kindline.standard.passports import Passport
from kindline.standard.profile import Profile
from kindline.standard.published_data import Dataset, OpenTables

MONTHS_BACK = 24
OUTAGES_MAX = 1000
BETWEEN = "; "
"""Between several of one cell."""
NUMBER = re.compile(r"^\s*(\d[\d\s\u00a0]*(?:[.,]\d+)?)")
"""A price or a count with which a text begins."""
DWELLING = re.compile(r"(?i)[,\s]*\b(?:кв|квартира|квартири|apt|flat)\b\.?\s*№?\s*\d+\w?|\d{5,}")
"""What a street's outage says too much of: a flat, a telephone."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A set of data: its columns, its rows, and the day of its last change (None: never filled)."""

    id: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    modified: dt.date | None


def table(profile: Profile, known: OpenTables, dataset: str, now: dt.datetime) -> Table:
    """The rows of a set of the standard. Clause: krc-2-26. Raises: KeyError where the standard has no such set."""
    return MAKERS[dataset](profile, known, known.datasets[dataset], now)


def _of_slots(profile: Profile, _known: OpenTables, dataset: Dataset, _now: dt.datetime) -> Table:
    publication = profile.publication
    slots = [publication.slots[key] for key in dataset.slots] if publication else []
    rows = [
        {"item": slot.title, "name": name, "value": value, "number": _number(value)}
        for slot, piece in freshness.texts(profile, slots)
        for name, value in piece.rows
    ]
    pages = ItemPage.objects.live().filter(slot__in=[slot.source for slot in slots])
    days = [page.last_published_at.astimezone(profile.zone).date() for page in pages if page.last_published_at]
    modified = max(days, default=publication.as_of if publication else None)
    return Table(dataset.id, ("item", "name", "value", "number"), rows, modified)


def _number(value: str) -> float | None:
    found = NUMBER.match(value)
    if found is None or ":" in value:
        return None
    return float(Decimal(re.sub(r"\s", "", found[1]).replace(",", ".")))


def _services(profile: Profile, _known: OpenTables, _dataset: Dataset, _now: dt.datetime) -> Table:
    """The register of services as the standard in force has it, in its language. Clause: krc-2-28, krc-2-30..32."""
    with translation.override(profile.language):
        rows = [_service(one, profile.language) for one in profile.services.values()]
    columns = (
        "service", "title", "additional", "documents", "stages", "term", "price", "payment", "result", "acts",
        "address",
    )  # fmt: skip
    return Table("services", columns, rows, profile.valid_from if rows else None)


def _service(one: Passport, language: str) -> Row:
    stages = [f"{stage.title[language]} ({catalogue.in_words(stage.term)})" if stage.term else stage.title[language]
              for stage in one.stages]  # fmt: skip
    return {
        "service": one.id, "title": one.title[language], "additional": int(one.is_additional),
        "documents": BETWEEN.join(document.title[language] for document in one.documents),
        "stages": BETWEEN.join(stages), "term": one.result_term or None, "price": one.cost or None,
        "payment": one.payment_term or None, "result": one.result, "acts": BETWEEN.join(one.acts) or None,
        "address": reverse("service", args=[one.id]),
    }  # fmt: skip


def _outages(profile: Profile, known: OpenTables, _dataset: Dataset, _now: dt.datetime) -> Table:
    """Begun, ended, topic, streets; neither the title, which is free text, nor how many few people have appealed."""
    counted = Incident.objects.filter(profile=profile.id).select_related("topic").annotate(n=Count("appeals"))
    found = list(counted.order_by("-begun_at", "-pk")[:OUTAGES_MAX])
    rows = [
        {"begun": one.begun_at.astimezone(profile.zone).isoformat(timespec="minutes"),
         "ended": one.ended_at.astimezone(profile.zone).isoformat(timespec="minutes") if one.ended_at else None,
         "topic": one.topic.title if one.topic else None, "area": DWELLING.sub("", one.area).strip(" ,;") or None,
         "appeals": one.n if one.n >= known.least_people else None}
        for one in found
    ]  # fmt: skip
    moments = [one.ended_at or one.opened_at for one in found]
    modified = max(moments).astimezone(profile.zone).date() if moments else None
    return Table("outages", ("begun", "ended", "topic", "area", "appeals"), rows, modified)


def _appeals(profile: Profile, known: OpenTables, _dataset: Dataset, now: dt.datetime) -> Table:
    """Whole months alone: a month that goes on would show each appeal as it comes."""
    first = now.astimezone(profile.zone).date().replace(day=1)
    since = (first - dt.timedelta(days=MONTHS_BACK * 31 - 15)).replace(day=1)
    registered, due = _registered(profile, since, first), _due(profile, since, first)
    rows = [
        row
        for month in sorted({*registered, *due})
        for row in _month_rows(month, registered.get(month, {}), due.get(month, {}), known)
    ]
    columns = ("month", "topic", "appeals", *punctuality.NAMES, "on_time_percent")
    return Table("appeals", columns, rows, first if rows else None)


Groups = dict[str, dict[str, int]]


def _registered(profile: Profile, since: dt.date, until: dt.date) -> dict[dt.date, Groups]:
    start, end = (dt.datetime.combine(day, dt.time(), profile.zone) for day in (since, until))
    found = Appeal.objects.filter(profile=profile.id, original=None, registered_at__gte=start, registered_at__lt=end)
    months = found.order_by().annotate(month=TruncMonth("registered_at", tzinfo=profile.zone))
    counted = months.values("month", "topic__title").annotate(appeals=Count("pk")).order_by("month", "topic__title")
    made: dict[dt.date, Groups] = {}
    for one in counted:
        made.setdefault(one["month"].date(), {})[one["topic__title"] or grouping.OTHER] = {"appeals": one["appeals"]}
    return made


def _due(profile: Profile, since: dt.date, first: dt.date) -> dict[dt.date, Groups]:
    """The cases whose limit lay in each month: all of it has passed when the month is over."""
    over = dt.datetime.combine(first, dt.time(), profile.zone)
    made: dict[dt.date, Groups] = {}
    for (month, topic), one in punctuality.by_month_and_topic(profile, since, first, over).items():
        made.setdefault(month, {})[topic or grouping.OTHER] = punctuality.counts(one)
    return made


def _month_rows(month: dt.date, registered: Groups, due: Groups, known: OpenTables) -> Iterator[Row]:
    """Those registered in a month and those due in it are different people: small groups are merged of each alone."""
    came = grouping.merged(registered, known.least_people, "appeals")
    fell = grouping.merged(due, known.least_people, "due")
    nothing = dict.fromkeys(punctuality.NAMES)
    for topic in sorted({*came, *fell}, key=lambda one: (one == grouping.OTHER, one)):
        counts = fell.get(topic)
        yield {
            "month": f"{month:%Y-%m}", "topic": topic or None, "appeals": came.get(topic, {}).get("appeals"),
            **(counts or nothing),
            "on_time_percent": round(100 * counts["on_time"] / counts["due"]) if counts else None,
        }  # fmt: skip


def _satisfaction(profile: Profile, known: OpenTables, _dataset: Dataset, now: dt.datetime) -> Table:
    """Whole quarters with ratings of at least so many people."""
    day = now.astimezone(profile.zone).date()
    end = quarters.bounds(quarters.of(day), profile.zone)[0].date()
    since = end.replace(year=end.year - MONTHS_BACK // 12)
    scores = satisfaction.scores(since, end - dt.timedelta(days=1), "quarter", profile.zone)
    rows = [
        {"quarter": quarters.of(one.start), "ratings": one.ratings, "content_percent": round(100 * one.index),
         "service_mean": round(one.service, 2), "answer_mean": None if one.answer is None else round(one.answer, 2)}
        for one in scores if one.ratings >= known.least_people
    ]  # fmt: skip
    columns = ("quarter", "ratings", "content_percent", "service_mean", "answer_mean")
    return Table("satisfaction", columns, rows, end if rows else None)


def _monitoring(profile: Profile, _known: OpenTables, _dataset: Dataset, _now: dt.datetime) -> Table:
    """What was approved of each quarter's monitoring. Clause: voe-1-09."""
    found = monitoring.published(profile)
    rows = [
        {"quarter": one.quarter, "part": part, "key": item[key], "title": _title(item["title"], profile),
         "met": item["met"], "not_met": item["not_met"]}
        for one in found
        for part, key in (("items", "clause"), ("sections", "section"))
        for item in one.results[part]
    ]  # fmt: skip
    days = [one.published_at.astimezone(profile.zone).date() for one in found if one.published_at]
    return Table("monitoring", ("quarter", "part", "key", "title", "met", "not_met"), rows, max(days, default=None))


def _title(title: str | dict[str, str], profile: Profile) -> str:
    return title if isinstance(title, str) else title.get(profile.language, "")


MAKERS: dict[str, Callable[[Profile, OpenTables, Dataset, dt.datetime], Table]] = {
    "tariffs": _of_slots,
    "offices": _of_slots,
    "services": _services,
    "outages": _outages,
    "appeals": _appeals,
    "satisfaction": _satisfaction,
    "monitoring": _monitoring,
}
