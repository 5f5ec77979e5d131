"""How the organisation is reached, where its standard demands no section that says it."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import WEEKDAYS
from django.views.decorators.http import require_safe

from kindline.site import here, shelf
from kindline.standard.hours import Opening

LINES = ("phone", "hotline")
"""The hours of the standard that are those of the telephone."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@require_safe
@shelf.open_to_all
def show(request: HttpRequest) -> HttpResponse:
    """Telephone with its hours, e-mail, and the form."""
    profile = here.profile()
    if not here.contacts_page(profile):
        raise Http404
    opening = next((profile.hours[line] for line in LINES if line in profile.hours), None)
    context = {"hours": list(_hours(opening)) if opening else [], "holidays": opening and opening.holidays == "closed"}
    return render(request, "site/contacts.html", context)


def _hours(opening: Opening) -> Iterator[tuple[str, str]]:
    """Each day of the week, and its hours; none where it is closed."""
    said = ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in opening.intervals)
    for number, day in enumerate(DAYS):
        yield str(WEEKDAYS[number]), said if day in opening.days else ""
