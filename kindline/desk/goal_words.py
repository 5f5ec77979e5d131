"""The goals of a standard in words: their titles, their figures, and how each is counted."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import key_figure_words
from kindline.quality.goals import Unit

METRICS: Mapping[str, str] = {
    "satisfaction_index": _("Satisfaction of clients"),
    "loyalty_index": _("Loyalty of clients"),
    "quality_score_trend": _("Quality of service"),
    "service_time_s": _("Service time"),
    "internal_efficiency": _("Internal efficiency"),
    "client_effort": _("Effort of the client"),
    "repeat_contact_share": _("Settled at the first time"),
    "services_per_contact": _("Several services at once"),
    "personal_visit_share": _("Fewer visits in person"),
}
FIGURES: Mapping[str, tuple[str, str]] = {
    "satisfied": (
        _("Content with the service"),
        _("Ratings of the service of 4 or 5 / all ratings of the month."),
    ),
    "loyalty": (
        _("Loyalty index"),
        _("Share of promoters − share of detractors among all ratings of the service; who is which, the clause says. "
          "It lies between −100 and 100."),
    ),
    "reached": (
        _("Reached an operator"),
        _("Answered calls / (answered + abandoned in the queue)."),
    ),
    "quality": (
        _("Clauses kept"),
        _("Verdicts “met” / (“met” + “not met”) on single contacts and appeals; what could not be measured counts "
          "for nobody."),
    ),
    "service_time": (
        _("Service time of a client"),
        _("Sum of the time from the answer to the end of the talk or visit / contacts that were answered."),
    ),
    "occupancy": (
        _("Occupancy of operators"),
        _("(Talking + hold + work after the talk) / (the same + ready + ringing). Talks inside the house and dialling "
          "count as talking, though not in the handling time; pauses and supervisors' listening do not count. The "
          "number beside it: hours of work."),
    ),
    "handling_time": (
        _("Handling time"),
        _("(Talk + work after it) / answered calls. Talks inside the house do not count."),
    ),
    "contacts_an_hour": (
        _("Contacts an hour"),
        _("Answered calls / hours that operators worked, pauses left out."),
    ),
    "contacts_a_matter": (
        _("Contacts for one matter"),
        _("Contacts of known clients / different pairs of client and topic within the month."),
    ),
    "time_a_matter": (
        _("Time that a matter costs the client"),
        _("Sum of the time from arrival to the end, menu and waiting included / different pairs of client and topic."),
    ),
    "repeat_visits": (
        _("Repeat visits"),
        _("Visits before which the same client came to an office with the same topic within the days of the clause / "
          "visits with a known client and topic."),
    ),
    "repeat_contacts": (
        _("Repeat contacts"),
        _("The same over all channels."),
    ),
    "several_services": (
        _("Contacts with several services"),
        _("Contacts with more than one kind of service / contacts with any; kinds are the facts that the clause names, "
          "each topic by itself."),
    ),
    "services_a_contact": (
        _("Services a contact"),
        _("Kinds of service / contacts with any."),
    ),
    "visits": (
        _("Visits among contacts"),
        _("Visits / all contacts of clients."),
    ),
    "visits_for_remote": (
        _("Visits that were not needed"),
        _("Visits in which nothing was done that needs the person (facts that the clause names) / visits: the service "
          "was to be had from afar."),
    ),
    **key_figure_words.FIGURES,
}  # fmt: skip
"""Title and formula of each figure."""


UNITS: Mapping[Unit, str] = {
    "share": _("percent"),
    "points": _("points of an index"),
    "s": _("seconds"),
    "number": _("number"),
    "count": _("number"),
}


def metric_title(metric: str) -> str:
    """What a goal is about."""
    return gettext(METRICS[metric])


def figure_title(name: str) -> str:
    """What a figure is called."""
    return gettext(FIGURES[name][0])


def formula(name: str) -> str:
    """How a figure is counted."""
    return gettext(FIGURES[name][1])


def value(number: float | None, unit: Unit) -> str:
    """A value as the page shows it: percent, points of an index, minutes and seconds, or a plain number."""
    if number is None:
        return "—"
    if unit == "s":
        return _clock(number)
    if unit == "count":
        return formats.number_format(round(number), 0)
    if unit == "number":
        return formats.number_format(round(number, 2), 2)
    return formats.number_format(round(100 * number, 1), 1) + (" %" if unit == "share" else "")


def _clock(seconds: float) -> str:
    """Minutes and seconds, as clocks have them."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def unit_title(unit: Unit) -> str:
    """In what a value of the table is counted."""
    return gettext(UNITS[unit])


def change(number: float | None, unit: Unit) -> str:
    """A change with its sign; shares change by points."""
    if number is None:
        return ""
    sign = "+" if number > 0 else "−" if number < 0 else "±"
    size = abs(number)
    shown = formats.number_format(round(100 * size, 1), 1) if unit in ("share", "points") else value(size, unit)
    return f"{sign}{shown}"


def plain(number: float | None, unit: Unit) -> float | None:
    """The value as a table to download and a plot have it: percent and points as they are shown, time in seconds."""
    if number is None:
        return None
    return round(100 * number, 1) if unit in ("share", "points") else round(number, 2)
