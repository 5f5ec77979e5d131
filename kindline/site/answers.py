"""Questions that were answered for all: the site's FAQ, and the search over it and over the site's own pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache

from kindline.appeals import lookup, publications
from kindline.appeals.models import Publication
from kindline.site import here, shelf
from kindline.site.models import ItemPage, NewsPage
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

SHOWN = 200
WORDS_MAX = 12
PAGES = (
    ("ask", _("Ask a question"), _("complaint proposal question appeal write form")),
    ("status", _("What became of my question"), _("state number code answer term")),
    ("faq", _("Questions and answers"), _("frequent questions answers help")),
)
"""The site's own pages, with the words by which somebody may look for them."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site that was looked for."""

    address: str
    title: str


@shelf.open_to_all
def faq(request: HttpRequest) -> HttpResponse:
    """Published answers by topic, the latest first; nobody is named (krc-5.7.2-02, krc-5.7.2-07, krc-5.7.2-18).

    `?a=` one of them is open. An employee who decides on publications is led from each to its appeal.
    """
    rows = publications.first_of(here.profile().id, request.GET.get("a", ""), SHOWN)
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


@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """What was looked for, in any inflection, in answers and pages (krc-5.7.2-06)."""
    profile, text = here.profile(), request.GET.get("q", "").strip()
    rows = list(publications.published(profile.id)[:SHOWN]) if text else []
    context = {"q": text, "answers": found(profile, rows, text), "pages": list(_pages(text)) if text else []}
    context["items"] = found_pages(profile, text) if text else []
    return render(request, "site/search.html", context)


def found(profile: Profile, rows: Sequence[Publication], text: str) -> list[Publication]:
    """The rows in which at least half of the words stand, in any inflection, those with most of them first."""
    wanted = [words for word in text.split()[:WORDS_MAX] if (words := _words(word, profile.language))]
    fits = [(sum(1 for words in wanted if words & _of(row, profile.language)), row) for row in rows]
    best = [(count, row) for count, row in fits if count and 2 * count >= len(wanted)]
    return [row for _count, row in sorted(best, key=lambda one: -one[0])]


def found_pages(profile: Profile, text: str) -> list[Page]:
    """Pages of the sections and news in which at least half of the words stand, in any inflection, the best first."""
    wanted = [words for word in text.split()[:WORDS_MAX] if (words := _words(word, profile.language))]
    fits = []
    for page in [*ItemPage.objects.live(), *NewsPage.objects.live()]:
        title, said = _words(page.title, profile.language), _words(f"{page.title} {page.words}", profile.language)
        count = sum(1 for words in wanted if words & said)
        if count and 2 * count >= len(wanted):
            fits.append(((count, sum(1 for words in wanted if words & title)), Page(page.url or "", page.title)))
    return [page for _rank, page in sorted(fits, key=lambda one: one[0], reverse=True)]


def _of(row: Publication, language: str) -> frozenset[str]:
    return _words(f"{row.title} {row.question} {row.answer}", language)


@lru_cache(maxsize=4096)
def _words(text: str, language: str) -> frozenset[str]:
    return frozenset(lookup.words_in(text, language))


def _pages(text: str) -> Iterator[Page]:
    language = here.language()
    wanted = _words(text, language)
    for name, title, more in PAGES:
        if wanted & _words(f"{gettext(title)} {gettext(more)}", language):
            yield Page(reverse(name), gettext(title))
