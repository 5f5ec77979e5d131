"""The index of the search is written when something is published, and made good where that passed it by."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from kindline.appeals.models import Publication, PublicationState
from kindline.site import here
from kindline.site.models import ItemPage, NewsPage, PageWording, said_in
from kindline.site.search_models import SearchEntry
from kindline.site.searching import wanted
from kindline.standard import loader

LETTERS_MAX = 20_000
WRITE_ANSWER = """
INSERT INTO site_searchentry (answer_id, words, dated_at) VALUES (%s, array_to_tsvector(%s), %s)
ON CONFLICT (answer_id) DO UPDATE SET words = excluded.words, dated_at = excluded.dated_at
"""
WRITE_PAGE = """
INSERT INTO site_searchentry (page_id, words, dated_at) VALUES (%s, array_to_tsvector(%s), %s)
ON CONFLICT (page_id) DO UPDATE SET words = excluded.words, dated_at = excluded.dated_at
"""
AT_ONCE = 500
Texts = ItemPage | NewsPage


def index_answer(row: Publication) -> None:
    """Write what a published answer is found by, its question like a title; one no longer published is not found."""
    if row.state != PublicationState.PUBLISHED or row.published_at is None:
        SearchEntry.objects.filter(answer=row.pk).delete()
        return
    language = loader.load(row.appeal.profile).language
    words = wanted.indexed(f"{row.title} {row.question}"[:LETTERS_MAX], row.answer[:LETTERS_MAX], language)
    _write(WRITE_ANSWER, row.pk, words, row.published_at)


def index_page(page: Texts) -> None:
    """Write what a page of the sections, or a piece of news, is found by: its words in every language that it has."""
    words = wanted.indexed(page.title, page.words[:LETTERS_MAX], here.profile().language)
    for other in PageWording.objects.filter(page=page.pk):
        words |= wanted.indexed(other.title, said_in(other.body)[:LETTERS_MAX], other.language)
    _write(WRITE_PAGE, page.pk, words, page.last_published_at or timezone.now())


def _write(statement: str, key: int, words: set[str], at: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [key, sorted(words), at])


def catch_up() -> int:
    """Index what was published and is not in the index as it stands, at most some hundreds at once; how many."""
    answers = Publication.objects.filter(state=PublicationState.PUBLISHED).select_related("appeal")
    known = SearchEntry.objects.filter(answer__published_at=F("dated_at")).values("answer")
    missed: list[Publication] = list(answers.exclude(pk__in=known)[:AT_ONCE])
    for row in missed:
        index_answer(row)
    pages = [page for kind in (ItemPage, NewsPage) for page in _missed(kind)[:AT_ONCE]]
    for page in pages:
        index_page(page)
    return len(missed) + len(pages)


def _missed(kind: type[Texts]) -> Any:
    of_now = Q(page__last_published_at=None) | Q(page__last_published_at=F("dated_at"))
    known = SearchEntry.objects.filter(of_now).exclude(page=None)
    return kind.objects.live().exclude(pk__in=known.values("page"))


def answer_saved(sender: type[Publication], instance: Publication, **_said: Any) -> None:  # noqa: ARG001 - a signal's shape
    """An answer was published or withdrawn."""
    index_answer(instance)


def page_published(sender: type[Texts], instance: Texts, **_said: Any) -> None:  # noqa: ARG001 - a signal's shape
    """A page was published in the editor."""
    if isinstance(instance, ItemPage | NewsPage):
        index_page(instance)


def page_made(sender: type[Texts], instance: Texts, *, created: bool, **_said: Any) -> None:  # noqa: ARG001 - the same
    """A page was made without the editor, with the first texts of a standard."""
    if created and instance.live:
        index_page(instance)


def page_worded(sender: type[PageWording], instance: PageWording, **_said: Any) -> None:  # noqa: ARG001 - the same
    """A page got words in another language."""
    page = instance.page.specific
    if isinstance(page, ItemPage | NewsPage) and page.live:
        index_page(page)
