"""What fits: answers and pages from the index in one question to the database, and the site's own pages beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.urls import reverse
from wagtail.models import Page

from kindline.appeals.models import Publication
from kindline.site import here
from kindline.site.searching import own
from kindline.site.searching.wanted import TITLE, Word
from kindline.site.wordings import Shown, all_shown
from kindline.standard.profile import Profile

RANKED = """
SELECT entry.answer_id, entry.page_id, fit.said + fit.titled
FROM site_searchentry AS entry
LEFT JOIN appeals_publication AS answer ON answer.id = entry.answer_id AND answer.state = 'published'
LEFT JOIN appeals_appeal AS appeal ON appeal.id = answer.appeal_id AND appeal.profile = %(profile)s
LEFT JOIN wagtailcore_page AS page ON page.id = entry.page_id AND page.live
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE entry.words @@ word.said::tsquery) AS said,
        count(*) FILTER (WHERE entry.words @@ word.titled::tsquery) AS titled
    FROM unnest(%(said)s::text[], %(titled)s::text[]) AS word(said, titled)
) AS fit
WHERE entry.words @@ %(any)s::tsquery AND (appeal.id IS NOT NULL OR page.id IS NOT NULL)
    AND (entry.page_id IS NULL) = ANY(%(answers)s) AND fit.said >= %(least)s AND fit.titled >= %(in_title)s
ORDER BY 3 DESC, fit.titled DESC, entry.dated_at DESC, entry.id DESC LIMIT %(most)s
"""
T = TypeVar("T")
MOST = 50
ANSWERS, PAGES = True, False


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the index that fits, with how well: its words that were asked for, and those of its title once more."""

    answer: int | None
    page: int | None
    rank: int


@dataclass(frozen=True, slots=True)
class Link:
    """Something that may spare a question: where it is, what it is called, in which language."""

    address: str
    title: str
    language: str


def half(asked: Sequence[Word]) -> int:
    """So many of the words must stand in what is found."""
    return max(1, (len(asked) + 1) // 2)


def answers(profile: Profile, asked: Sequence[Word]) -> list[Publication]:
    """Published answers in which at least half of the words stand, the best first, of those the latest."""
    hits = _ranked(profile, asked, half(asked), 0, (ANSWERS,), MOST)
    return _in_order([hit.answer for hit in hits], Publication.objects.in_bulk([hit.answer for hit in hits]))


def items(profile: Profile, asked: Sequence[Word]) -> list[Shown]:
    """Pages of the sections and news that fit in the same way, as somebody reads them."""
    hits = _ranked(profile, asked, half(asked), 0, (PAGES,), MOST)
    return list(all_shown(_in_order([hit.page for hit in hits], Page.objects.in_bulk([hit.page for hit in hits]))))


def _in_order(keys: Sequence[int | None], rows: dict[int, T]) -> list[T]:
    return [rows[key] for key in keys if key in rows]


def suggested(profile: Profile, asked: Sequence[Word], most: int) -> list[Link]:
    """What may spare a question: at least two of its words stand there, one of them in the title; the best first.

    Answers and pages before the site's own ones that fit as well.
    """
    least = min(2, len(asked))
    hits = _ranked(profile, asked, least, 1, (ANSWERS, PAGES), most)
    found = [(hit.rank, link) for hit, link in zip(hits, _links(profile, hits), strict=True)]
    fits = [*own.pages(profile, asked, least), *own.services(profile, asked, least)]
    mine = [one for one in fits if one.titled and one.place.name not in own.FORMS]
    found += [(one.said + one.titled, Link(one.place.address, one.place.title, here.language())) for one in mine]
    return [link for _rank, link in sorted(found, key=lambda one: -one[0])][:most]


def _links(profile: Profile, hits: Sequence[Hit]) -> list[Link]:
    rows = Publication.objects.in_bulk([hit.answer for hit in hits if hit.answer])
    found = all_shown(Page.objects.in_bulk([hit.page for hit in hits if hit.page]).values())
    pages = {one.page.pk: one for one in found}
    return [_to_answer(rows[hit.answer], profile) if hit.answer else _to_page(pages[hit.page or 0]) for hit in hits]


def _to_answer(row: Publication, profile: Profile) -> Link:
    return Link(f"{reverse('faq')}?a={row.pk}#a-{row.pk}", row.title or row.question, profile.language)


def _to_page(shown: Shown) -> Link:
    return Link(shown.url, shown.title, shown.language)


def _ranked(
    profile: Profile, asked: Sequence[Word], least: int, in_title: int, kinds: Sequence[bool], most: int
) -> list[Hit]:
    if not asked:
        return []
    said = [word.condition() for word in asked]
    known: dict[str, Any] = {
        "profile": profile.id, "said": said, "titled": [word.condition(TITLE) for word in asked],
        "any": " | ".join(said), "answers": list(kinds), "least": least, "in_title": in_title, "most": most,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RANKED, known)
        return [Hit(*row) for row in cursor.fetchall()]
