"""The page of satisfaction: the index by month or quarter, as plot, table and CSV; what clients wrote."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kindline.appeals.models import LONG, Appeal
from kindline.conversations.models import Contact
from kindline.desk import access, house, lists
from kindline.desk.typed import day_of
from kindline.feedback import satisfaction
from kindline.feedback.models import Rating
from kindline.feedback.satisfaction import Response, Score, Step
from kindline.staff.models import Role

BACK = dt.timedelta(days=365)
LONGEST = dt.timedelta(days=366 * 5)


@require_safe
@access.for_roles(*access.IN_CHARGE, Role.SITE_ADMINISTRATOR)
def show(request: HttpRequest) -> HttpResponseBase:
    """The index over time, and the ratings of the period; `?format=csv` takes the index out."""
    zone, step = house.profile().zone, _step(request)
    since, until = _span(request, timezone.now().astimezone(zone).date())
    found = satisfaction.scores(since, until, step, zone)
    asked = satisfaction.responses(since, until, step, zone)
    if request.GET.get("format") == "csv":
        return lists.as_csv("satisfaction", _heads(), _lines(found, asked))
    page = lists.page_of(request, satisfaction.ratings(since, until, zone))
    page.object_list = _with_subjects(list(page.object_list))
    context = {
        "since": since, "until": until, "step": step, "scores": list(reversed(_rows(found, asked))), "page": page,
        "response": satisfaction.response_whole(asked), "plot": _plot(found) if found else None,
        "whole": satisfaction.whole(found),
    }  # fmt: skip
    return render(request, "desk/satisfaction.html", context)


def _step(request: HttpRequest) -> Step:
    return "quarter" if request.GET.get("step") == "quarter" else "month"


def _span(request: HttpRequest, today: dt.date) -> tuple[dt.date, dt.date]:
    """The days asked for; what cannot be read is as good as not asked."""
    until = day_of(request.GET.get("until", "")) or today
    since = day_of(request.GET.get("since", "")) or (until - BACK).replace(day=1)
    return max(min(since, until), until - LONGEST), until


def _with_subjects(rows: Sequence[Rating]) -> list[tuple[Rating, Appeal | None, Contact | None]]:
    """Each rating with the appeal or the call that it is of."""
    keys = [int(one.subject_id) for one in rows if one.subject_type == "appeal"]
    appeals = Appeal.objects.select_related("executor", "topic").defer(*LONG).in_bulk(keys)
    talks = [uuid.UUID(one.subject_id) for one in rows if one.subject_type == "contact"]
    contacts = Contact.objects.select_related("employee", "topic").in_bulk(talks)
    return [
        (one, appeals.get(int(one.subject_id)), None)
        if one.subject_type == "appeal"
        else (one, None, contacts.get(uuid.UUID(one.subject_id)))
        for one in rows
    ]


def _rows(found: Sequence[Score], asked: Sequence[Response]) -> list[tuple[dt.date, Score | None, Response | None]]:
    """Scores and responses by month or quarter, also where there is only one of them."""
    scores, responses = {one.start: one for one in found}, {one.start: one for one in asked}
    return [(start, scores.get(start), responses.get(start)) for start in sorted({*scores, *responses})]


def _heads() -> list[str]:
    return [_("Beginning"), _("ratings"), _("content with the service, percent"), _("answer, 1 to 5"),
            _("service, 1 to 5"), _("asked by telephone"), _("of these rated"),
            _("response rate, percent")]  # fmt: skip


def _lines(found: Sequence[Score], asked: Sequence[Response]) -> list[list[object]]:
    rows = _rows(found, asked)
    return [[start.isoformat(), *_scored(score), *_responded(response)] for start, score, response in rows]


def _scored(one: Score | None) -> list[object]:
    if one is None:
        return [0, "", "", ""]
    answer = "" if one.answer is None else round(one.answer, 2)
    return [one.ratings, round(100 * one.index, 1), answer, round(one.service, 2)]


def _responded(one: Response | None) -> list[object]:
    return [0, 0, ""] if one is None else [one.asked, one.rated, round(100 * one.rate, 1)]


def _plot(found: list[Score]) -> dict[str, Any]:
    return {
        "kind": "trend",
        "label": _("Content with the service, percent of those who rated"),
        "starts": [formats.date_format(one.start, "SHORT_DATE_FORMAT") for one in found],
        "series": [
            {"name": _("content with the service, percent"), "values": [round(100 * one.index, 1) for one in found]}
        ],
    }
