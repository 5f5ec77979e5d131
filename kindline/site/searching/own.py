"""The site's own pages and its services, found by their names in any of the three languages: they need no index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import lookup
from kindline.notifications import push_wires
from kindline.readings import queries as readings
from kindline.site import here
from kindline.site.searching import wanted
from kindline.site.searching.wanted import Word
from kindline.site.subscribing import offer
from kindline.standard import loader
from kindline.standard.passports import Passport
from kindline.standard.profile import Profile

FORMS = ("ask", "faq")
"""Who fills in the form of a question is on the way there already: these are not suggested to him."""


def _always(profile: Profile) -> bool:  # noqa: ARG001 - a test's shape
    return True


def _published(part: str) -> Callable[[Profile], bool]:
    return lambda profile: bool(profile.publication and getattr(profile.publication, part))


@dataclass(frozen=True, slots=True)
class Own:
    """A page of the site: the name of its address, its title, words by which somebody may look for it."""

    name: str
    title: str
    words: str
    is_there: Callable[[Profile], bool] = _always


PAGES = (
    Own("ask", _("Ask a question"), _("complaint proposal question appeal write form")),
    Own("status", _("What became of my question"), _("state number code answer term")),
    Own("faq", _("Questions and answers"), _("frequent questions answers help"), here.publishes),
    Own("contacts", _("Contacts"), _("telephone e-mail address hours"), here.contacts_page),
    Own("readings", _("Send a reading"), _("send readings meter water electricity heat"), readings.are_taken),
    Own("account", _("Personal account"), _("register log in password balance debt bill charges payments")),
    Own("services", _("Services"), _("service request application documents term cost"),
        lambda one: bool(one.services)),
    Own("outages", _("Outages"), _("outage accident no water light heat switched off repair")),
    Own("meeting", _("Book a meeting"), _("meeting with the head director reception"), _published("reception")),
    Own("consultation", _("Book a consultation"), _("consultation specialist video"), _published("consultation")),
    Own("notices", _("Notices"), _("subscribe notices news SMS e-mail"),
        lambda one: push_wires.is_set() or offer.plan_of(one) is not None),
    Own("open_data", _("Open data"), _("open data register statistics tariffs CSV JSON"), _published("open_data")),
    Own("monitoring_results", _("Results of the quarterly monitoring"),
        _("quality of service results monitoring quarter"), _published("monitoring")),
    Own("reports", _("Quarterly reports"), _("report quarter standard results"), _published("monitoring")),
)  # fmt: skip
"""The site's own pages; one that this installation does not have is not found."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page that is there, and the words that it is found by in all languages."""

    name: str
    address: str
    titles: tuple[tuple[str, str], ...]
    title_words: frozenset[str]
    words: frozenset[str]

    @property
    def title(self) -> str:
        """What it is called in the language of the page."""
        return dict(self.titles)[here.language()]


@dataclass(frozen=True, slots=True)
class Fit:
    """A page that fits, and how well: words that stand in it and once more those in its title."""

    place: Place
    said: int
    titled: int


def pages(profile: Profile, asked: Sequence[Word], least: int) -> list[Fit]:
    """The site's own pages in which at least so many of the words stand, the best first."""
    return _best([_place(own) for own in PAGES if own.is_there(profile)], asked, least)


def services(profile: Profile, asked: Sequence[Word], least: int) -> list[Fit]:
    """The services whose passports fit, the best first."""
    return _best(_services(profile.id, profile.version), asked, least)


def _best(places: Iterable[Place], asked: Sequence[Word], least: int) -> list[Fit]:
    fits = [Fit(one, _count(asked, one.words), _count(asked, one.title_words)) for one in places]
    return sorted((one for one in fits if one.said >= least), key=lambda one: -one.said - one.titled)


def _count(asked: Sequence[Word], words: frozenset[str]) -> int:
    return sum(word.fits(words) for word in asked)


@lru_cache(maxsize=64)
def _place(own: Own) -> Place:
    titles: list[tuple[str, str]] = []
    titled: set[str] = set()
    words: set[str] = set()
    for language, _title in here.LANGUAGES:
        with translation.override(language):
            titles.append((language, gettext(own.title)))
            marked = wanted.indexed(gettext(own.title), gettext(own.words), language)
        titled |= _unmarked(marked)
        words |= marked
    return Place(own.name, reverse(own.name), tuple(titles), frozenset(titled), frozenset(words))


def _unmarked(words: set[str]) -> set[str]:
    return {word.removeprefix(wanted.TITLE) for word in words if word.startswith(wanted.TITLE)}


@lru_cache(maxsize=8)
def _services(profile_id: str, version: str) -> tuple[Place, ...]:  # noqa: ARG001 - the version is a part of the key
    profile = loader.load(profile_id)
    return tuple(_service(one, profile.language) for one in profile.services.values())


def _service(passport: Passport, language: str) -> Place:
    titles = [(code, passport.title.get(code) or passport.title[language]) for code, _title in here.LANGUAGES]
    marked = set().union(*(wanted.indexed(title, "", code) for code, title in titles))
    told = " ".join([passport.result, passport.cost, *(one.title[language] for one in passport.documents)])
    words = marked | lookup.words_in(told, language)
    address = reverse("service", args=[passport.id])
    return Place(passport.id, address, tuple(titles), frozenset(_unmarked(marked)), frozenset(words))
