"""Whose site this is: the standard of this installation and what every page says of the organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.http import Http404, HttpRequest
from django.utils import timezone

from kindline.appeals import outages, wording
from kindline.notifications import push_wires
from kindline.readings import queries as readings
from kindline.site import calling_back, freshness, reach, shelf, viewing, watching
from kindline.site.subscribing import offer
from kindline.staff.models import Employee
from kindline.standard import loader, publication
from kindline.standard.messages import Wording
from kindline.standard.profile import Profile

LANGUAGES = (("uk", "Українська"), ("ru", "Русский"), ("en", "English"))
language = wording.language
Part = TypeVar("Part")


def profile() -> Profile:
    """The standard that this installation works by."""
    return loader.load(settings.KINDLINE["profile"])


def having(part: Callable[[Profile], Part | None]) -> tuple[Profile, Part]:
    """The standard with a part that not every one has. Raises: Http404 where it has none."""
    standard = profile()
    found = part(standard)
    if found is None:
        raise Http404
    return standard, found


def company(standard: Profile) -> str:
    """What the organisation is called."""
    return str(standard.variable("company") or standard.body)


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """What every page of the site needs."""
    standard = profile()
    known = {
        "company": company(standard),
        "zone": standard.zone,
        "reach": reach.of(standard),
        "languages": LANGUAGES,
        "sections": lambda: list(_sections(standard, request.path)),
        "place": _place(request.path),
        "kept_s": settings.PAGES_KEPT_S,  # so long parts that are the same for everybody are told from memory
        "written_in": standard.language,
        "takes_readings": readings.are_taken(standard),
        "has_services": bool(standard.services),
        "has_answers": publishes(standard),
        "has_contacts": contacts_page(standard),
        "outages": lambda: _outages(request, standard),  # asked by the pages that show it
        "own_pages": _own_pages(standard),
        "calls_back": calling_back.offer_of(standard) is not None,
        "has_consultations": bool(standard.publication and standard.publication.consultation),
        "has_push": push_wires.is_set(),
        "has_notices": push_wires.is_set() or offer.plan_of(standard) is not None,
        "has_open_data": bool(standard.publication and standard.publication.open_data),
        "has_monitoring": bool(standard.publication and standard.publication.monitoring),
        "wanting": lambda: watching.wanting(standard, request.user),  # asked by the page that shows it
        "reviews": lambda: _reviews(request),  # as above
        "view": viewing.of(request),
    }
    return {"site": known}


def publishes(standard: Profile) -> bool:
    """Whether answers are published for all: where not, there is no page of them."""
    return bool(standard.workflow and standard.workflow.publishing)


def contacts_page(standard: Profile) -> bool:
    """Whether contacts have a page of their own, since no section of the standard tells them."""
    sections = standard.publication.sections if standard.publication else ()
    return all(one.id != "contacts" for one in sections)


def _reviews(request: HttpRequest) -> bool:
    """Whether the reader is one of those who answer for what is published."""
    return isinstance(request.user, Employee) and request.user.has_role(*freshness.REVIEWERS)


def _own_pages(standard: Profile) -> list[str]:
    """The pages to which an item of the sections may lead, as far as they are here."""
    there = {"readings": readings.are_taken(standard), "faq": publishes(standard), "services": bool(standard.services),
             "callback": calling_back.offer_of(standard) is not None,
             "reports": bool(standard.publication and standard.publication.monitoring)}  # fmt: skip
    return [name for name in publication.PAGES if there.get(name, True)]


def _outages(request: HttpRequest, standard: Profile) -> int:
    """How many notices of outages there are; a page that says that the database is away says nothing of them."""
    try:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            return _counted_within(standard)  # its reader sees every change at once
        if shelf.SHARED in request.META:
            return _counted(standard)  # the page itself is kept
        return int(cache.get_or_set("outages", lambda: _counted(standard), settings.PAGES_KEPT_S) or 0)
    except Error:
        shelf.keep_back(request)
        return 0


def _counted_within(standard: Profile) -> int:
    """Within a transaction of the page, as behind the wall, an error of ours alone is undone: the page goes on."""
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        return _counted(standard)


def _counted(standard: Profile) -> int:
    return outages.on_site(standard, timezone.now()).count()


def _place(path: str) -> str:
    """Which section of the site a page is in; empty where in none."""
    return path.split("/")[2] if path.startswith("/info/") else ""


def _sections(standard: Profile, path: str) -> Iterator[dict[str, Any]]:
    """The menu of sections: those of the standard under their own name, in the language of the page."""
    for section in standard.publication.sections if standard.publication else ():
        address = f"/info/{section.id.replace('_', '-')}/"
        yield {"address": address, "title": section.title[language()], "present": path.startswith(address)}


def said(standard: Profile, name: str) -> Wording | None:
    """A text of the standard in the language of the page, else in the standard's own; None where it has none."""
    message = standard.messages.get(name)
    if message is None:
        return None
    return message.wordings.get(wording.language()) or message.wordings.get(standard.language)
