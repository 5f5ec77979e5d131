"""Whether quality is the same for everyone and everywhere: employees, channels and units side by side (voe-2-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from kindline.desk import access, house, lists, wording
from kindline.quality import comparisons
from kindline.quality.comparisons import Compared, Key
from kindline.staff.models import Employee, Unit

DAYS, DAYS_MOST = 30, 1000
PARTS: dict[Key, str] = {
    "channel": gettext_noop("By channel"),
    "unit": gettext_noop("By unit"),
    "employee": gettext_noop("By employee"),
}


@require_safe
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """Shares of "met" by channel, unit and employee over the last days, with the spread; as CSV with `?format=csv`."""
    now, asked = timezone.now(), request.GET.get("days", "")
    days = min(int(asked), DAYS_MOST) if asked.isascii() and asked.isdecimal() and 0 < len(asked) < 5 else DAYS
    since = now - dt.timedelta(days=max(days, 1))
    found = {part: comparisons.compare(house.profile(), part, since, now) for part in PARTS}
    titles = {part: _titles(part, rows) for part, rows in found.items()}
    if request.GET.get("format") == "csv":
        return lists.as_csv("comparison", _heads(), _lines(found, titles))
    parts = [_part(part, rows, titles[part]) for part, rows in found.items()]
    return render(request, "desk/comparison.html", {"parts": parts, "days": days})


def _part(part: Key, rows: list[Compared], title: Callable[[str], str]) -> dict[str, Any]:
    worst_first = sorted(rows, key=lambda row: (row.share is None, row.share, row.key))
    return {
        "title": _(PARTS[part]),
        "rows": [(title(row.key), row) for row in worst_first],
        "spread": comparisons.spread(rows),
        "reviewed": part != "channel",
    }


def _titles(part: Key, rows: list[Compared]) -> Callable[[str], str]:
    if part == "channel":
        return wording.channel_title
    model = Employee if part == "employee" else Unit
    known = {str(one.pk): str(one) for one in model.objects.filter(pk__in=[int(row.key) for row in rows])}
    return lambda key: known.get(key, key)


def _heads() -> list[str]:
    return [_("Compared"), _("Title"), _("contacts"), _("met"), _("judged"), _("share in percent"),
            _("reviews"), _("score of reviews, percent"), _("points of reviews, percent")]  # fmt: skip


def _lines(found: dict[Key, list[Compared]], titles: dict[Key, Callable[[str], str]]) -> Iterator[list[object]]:
    for part, rows in found.items():
        for row in rows:
            share = "" if row.share is None else round(100 * row.share, 1)
            yield [_(PARTS[part]), titles[part](row.key), row.contacts, row.met, row.judged, share, *_scored(row)]


def _scored(row: Compared) -> list[object]:
    found = row.score
    return ["", "", ""] if found is None else [found.reviews, round(100 * found.value, 1), round(100 * found.points, 1)]
