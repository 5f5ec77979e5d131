"""The published quarterly reports, as the search of the site and the catalogue of the open data name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from kindline.site import here
from kindline.site.report_models import QuarterReport
from kindline.site.reports import words
from kindline.site.searching import wanted
from kindline.site.searching.wanted import Word
from kindline.standard.profile import Profile

NAMED = ("quarter", "version", "published_at")


@dataclass(frozen=True, slots=True)
class Found:
    """A report that fits: where it is, what it is called in the language of the page."""

    address: str
    title: str


def latest(profile: Profile) -> list[QuarterReport]:
    """The last published version of each quarter, the latest quarter first; without what they hold."""
    rows = QuarterReport.objects.filter(profile=profile.id, published_at__isnull=False).only(*NAMED)
    found: dict[str, QuarterReport] = {}
    for one in rows.order_by("-quarter", "-version"):
        found.setdefault(one.quarter, one)
    return list(found.values())


def title(quarter: str) -> str:
    """What the report of a quarter is called, in the language that is set."""
    return gettext("Quarterly report: %(quarter)s") % {"quarter": words.quarter_title(quarter)}


def found(profile: Profile, asked: Sequence[Word], least: int) -> list[Found]:
    """Reports in which at least so many of the words stand, in whichever language they were typed; the latest first."""
    if not asked or not (profile.publication and profile.publication.monitoring):
        return []
    fits = [one.quarter for one in latest(profile) if _count(asked, _words(one.pk, profile.language)) >= least]
    return [Found(reverse("report", args=[quarter]), title(quarter)) for quarter in fits]


def _count(asked: Sequence[Word], said: frozenset[str]) -> int:
    return sum(word.fits(said) for word in asked)


@lru_cache(maxsize=64)
def _words(report: int, language: str) -> frozenset[str]:
    """What a report is found by: its name in every language, and its foreword. It is frozen, so it is read once."""
    row = QuarterReport.objects.only("quarter", "foreword").get(pk=report)
    said = wanted.indexed("", row.foreword, language)
    for one, _title in here.LANGUAGES:
        with translation.override(one):
            said |= wanted.indexed("", title(row.quarter), one)
    return frozenset(said)
