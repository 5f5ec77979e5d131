"""Questions that were answered for all: the site's FAQ."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from kindline.appeals import publications
from kindline.appeals.models import Publication
from kindline.site import here, shelf
from kindline.staff.models import Employee

SHOWN = 200


@shelf.open_to_all
def faq(request: HttpRequest) -> HttpResponse:
    """Published answers by topic, the latest first; nobody is named (krc-5.7.2-02, krc-5.7.2-07, krc-5.7.2-18).

    `?a=` one of them is open. An employee who decides on publications is led from each to its appeal.
    """
    profile = here.profile()
    if not here.publishes(profile):
        raise Http404
    rows = publications.first_of(profile.id, request.GET.get("a", ""), SHOWN)
    topics: dict[str, list[Publication]] = {}
    for row in rows:
        topics.setdefault(row.topic.title if row.topic else "", []).append(row)
    context = {
        "topics": sorted(topics.items(), key=lambda one: (not one[0], one[0])),
        "opened": request.GET.get("a", ""),
        "staff": _decides(request),
    }
    return render(request, "site/faq.html", context)


def _decides(request: HttpRequest) -> bool:
    """Whether an employee looks who decides on publications; a visitor is told nothing of the appeals behind them."""
    me = request.user
    return isinstance(me, Employee) and me.is_authenticated and publications.may_see(here.profile(), me)
