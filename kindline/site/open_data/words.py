"""What sets of open data and their columns are called, in the language that is set."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

TITLES = {
    "tariffs": _("Tariffs and prices"),
    "offices": _("Offices, hours and telephones"),
    "services": _("Register of services"),
    "outages": _("Outages and incidents"),
    "appeals": _("Appeals by month and topic"),
    "satisfaction": _("Satisfaction by quarter"),
    "monitoring": _("Results of the quarterly monitoring"),
}
ABOUT = {
    "tariffs": _("Prices as they stand on the site."),
    "offices": _("Addresses, opening hours and telephone numbers as they stand on the site."),
    "services": _("What each service needs, how long it takes, what it costs and what comes of it."),
    "outages": _("When and where something failed, and what it was about; no names."),
    "appeals": _(
        "How many appeals were registered in a month, about what, and how many of those due in it were answered by "
        "their limit."
    ),
    "satisfaction": _("How clients rated the service and the answers."),
    "monitoring": _("How far the standard was kept: items of the review and sections of the standard."),
}
COLUMNS = {
    "item": _("the item of the site"),
    "name": _("what it is"),
    "value": _("the text"),
    "number": _("the number with which the text begins"),
    "service": _("key of the service"),
    "additional": _("1: an additional service, 0: a main one"),
    "documents": _("documents that the client brings"),
    "stages": _("stages, each with its term"),
    "term": _("term of the whole service"),
    "price": _("how the price is determined"),
    "payment": _("when it is paid"),
    "result": _("what comes of it"),
    "acts": _("legal acts"),
    "address": _("page of the service on the site"),
    "begun": _("when it began"),
    "ended": _("when it ended; empty: it goes on"),
    "topic": _("the topic; empty: other topics, or none"),
    "area": _("the streets"),
    "appeals": _("number of appeals; empty: too few to be told"),
    "month": _("month: of registration for the number of appeals, of the limit for all other numbers"),
    "due": _("appeals whose limit lay in the month; empty: too few to be told"),
    "on_time": _("of these, answered by the limit, or closed otherwise by it"),
    "late": _("of these, answered or closed after the limit"),
    "overdue_open": _("of these, not answered yet"),
    "extended": _("of these, with a limit that had been extended"),
    "repeated": _("of these, appeals with which the applicant came again"),
    "on_time_percent": _("answered by the limit / appeals whose limit lay in the month, percent"),
    "quarter": _("quarter"),
    "ratings": _("number of ratings"),
    "content_percent": _("share of those content with the service, percent"),
    "service_mean": _("mean rating of the service, 1 to 5"),
    "answer_mean": _("mean rating of the answer, 1 to 5"),
    "part": _("items: of the review; sections: of the standard"),
    "key": _("clause or section"),
    "title": _("title"),
    "met": _("kept to"),
    "not_met": _("not kept to"),
}


def title(dataset: str) -> str:
    """What a set is called."""
    return gettext(TITLES[dataset])


def about(dataset: str) -> str:
    """What is in a set."""
    return gettext(ABOUT[dataset])


def column(name: str) -> str:
    """What a column holds."""
    return gettext(COLUMNS[name])
