"""The month's end on the desk: readings that are still to come, by house and by day, also as a table to take out."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kindline.desk import access, house, lists
from kindline.desk.typed import day_of
from kindline.readings import month, queries


@require_safe
@access.for_roles(*access.METERS)
def show(request: HttpRequest) -> HttpResponseBase:
    """How many readings are still to come; `?q=` a street, `?on=` a day of another month, `?format=csv` a table."""
    profile = house.profile()
    if not queries.are_taken(profile):
        raise Http404
    today = month.today(profile, timezone.now())
    on = min(day_of(request.GET.get("on", "")) or today, today)
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    found = month.houses(on, text)
    if request.GET.get("format") == "csv":
        heads = [_("Address"), _("Expected"), _("Stand"), _("Asked back"), _("Not come yet")]
        rows = ([one.address, one.expected, one.stand, one.asked_back, one.to_come] for one in found)
        return lists.as_csv("readings-to-come", heads, rows)
    page = lists.page_of(request, found)
    context = {
        "page": page,
        "rows": page,
        "on": on,
        "text": text,
        "today": today,
        "days": month.days(on),
        "expected": sum(one.expected for one in found),
        "to_come": sum(one.to_come for one in found),
        "asked_back": sum(one.asked_back for one in found),
    }
    return render(request, "desk/reading_month.html", context)
