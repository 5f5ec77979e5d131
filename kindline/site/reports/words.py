"""A report as it is read, on the page and on paper: its name and its tables in the language that is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import punctuality
from kindline.site.reports import figures
from kindline.site.reports.figures import Figures
from kindline.standard.profile import Profile

APPEALS = {
    "appeals": _("Appeals registered"),
    "due": _("due"),
    "on_time": _("answered by the limit"),
    "late": _("answered late"),
    "overdue_open": _("late and open"),
    "extended": _("extended"),
    "repeated": _("came again"),
    "on_time_percent": _("by the limit / due, percent"),
    "answered_in_time": _("answered within the term"),
    "answered_late": _("answered after the term"),
    "waiting": _("not answered yet"),
}
"""The columns of appeals; the last three stand in reports that were frozen earlier."""
ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A table of a report; `written_in` is the language of its first column where that is not the reader's."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    written_in: str = ""


def quarter_title(quarter: str) -> str:
    """A quarter as people write it."""
    year, _, number = quarter.partition("-Q")
    return gettext("%(number)s quarter of %(year)s") % {"number": ROMAN[number], "year": year}


def parts(found: Figures, profile: Profile, language: str) -> list[Shown]:
    """The tables of a report that have rows."""
    several = [*_monitoring(found["monitoring"], profile, language), _on_time(found), _appeals(found, profile),
               _ratings(found)]  # fmt: skip
    return [one for one in several if one.rows]


def _monitoring(results: Figures, profile: Profile, language: str) -> Iterator[Shown]:
    columns = (gettext("What was looked at"), gettext("kept to"), gettext("not kept to"))
    for part, title, spoken in (
        ("items", gettext("Review by people"), ""),
        ("sections", gettext("Measured by the program"), profile.language),
    ):
        rows = [(figures.titled(one["title"], language), one["met"], one["not_met"]) for one in results[part]]
        yield Shown(title, columns, rows, spoken)


def _appeals(found: Figures, profile: Profile) -> Shown:
    names = figures.measures_of(found["appeals"][0]) if found["appeals"] else figures.APPEALS
    columns = (gettext("Topic"), gettext("Month"), *(gettext(APPEALS[name]) for name in names))
    rows = [
        (row["topic"] or gettext("other topics"), f"{row['month'][5:]}.{row['month'][:4]}",
         *(row[name] for name in names))
        for row in found["appeals"]
    ]  # fmt: skip
    return Shown(gettext("Appeals by month and topic"), columns, rows, profile.language)


def _on_time(found: Figures) -> Shown:
    """The whole quarter, with the formula as the title of the share."""
    whole = figures.on_time(found["appeals"])
    rows = [(gettext(APPEALS[name]), number) for name, number in punctuality.counts(whole).items()] if whole else []
    share = gettext("answered by the limit / appeals whose limit lay in the quarter, percent")
    rows += [(share, round(100 * whole.share))] if whole and whole.share is not None else []
    return Shown(gettext("Answers on time"), (gettext("Indicator"), gettext("Value")), rows)


def _ratings(found: Figures) -> Shown:
    names = {
        "ratings": gettext("number of ratings"),
        "content_percent": gettext("share of those content with the service, percent"),
        "service_mean": gettext("mean rating of the service, 1 to 5"),
        "answer_mean": gettext("mean rating of the answer, 1 to 5"),
    }
    rows = [(names[name], row[name]) for row in found["satisfaction"] for name in names if row[name] is not None]
    return Shown(gettext("How clients rated us"), (gettext("Indicator"), gettext("Value")), rows)
