"""The sections of the site as the standard demands them: made once with first texts, then left to people."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail.models import Locale, Page, Site

from kindline.site import here
from kindline.site.models import ItemPage, NewsPage, PageWording, SectionPage, SectionsPage
from kindline.standard.page_translations import Piece, Translated
from kindline.standard.profile import Profile
from kindline.standard.publication import NewsItem, Publication, Section, Slot


@transaction.atomic
def lay_out(*, profile: Profile) -> int:
    """Make every section and page that the standard demands and that is not there yet; how many were made.

    What is there keeps its text, whatever the files say. Clause: krc-5.7-02, krc-5.7-06, voe-8-01.
    """
    if profile.publication is None:
        return 0
    made = sum(_section(_root(profile), one, profile.publication) for one in profile.publication.sections)
    _translate(profile.publication)
    return made


def _root(profile: Profile) -> SectionsPage:
    found: SectionsPage | None = SectionsPage.objects.first()
    if found is not None:
        return found
    Locale.objects.get_or_create(language_code=Locale.objects.values_list("language_code", flat=True).first() or "en")
    top = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    made: SectionsPage = top.add_child(instance=SectionsPage(title=here.company(profile), slug="info"))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": made})
    Page.objects.filter(depth=2).exclude(pk=made.pk).exclude(content_type=made.content_type).delete()
    return made


def _section(root: SectionsPage, section: Section, publication: Publication) -> int:
    title = section.title[here.profile().language]
    page = SectionPage.objects.filter(section=section.id).first()
    made = page is None
    page = page or root.add_child(instance=SectionPage(title=title, slug=_slug(section.id), section=section.id))
    return made + sum(_item(page, slot, publication) for slot in publication.of_section(section.id))


def _item(section: SectionPage, slot: Slot, publication: Publication) -> int:
    if ItemPage.objects.filter(slot=slot.key).exists():
        return 0
    piece = publication.pieces.get(slot.source, Piece())
    made = ItemPage(title=slot.title, slug=_slug(slot.key), slot=slot.key, body=blocks(piece))
    section.add_child(instance=made)
    for item in publication.news:
        if item.kind == slot.news:
            _news(made, item)
    return 1


def _news(parent: ItemPage, item: NewsItem) -> None:
    day = f"{item.date:%Y-%m-%d}"
    slug = f"{day}-{NewsPage.objects.child_of(parent).filter(date=item.date).count() + 1}"
    parent.add_child(instance=NewsPage(title=item.title, slug=slug, date=item.date, body=blocks(Piece(item.text))))


def _translate(publication: Publication) -> None:
    """The first texts in other languages, where the page still has its own first text: nobody has edited it."""
    known = set(PageWording.objects.values_list("page", "language"))
    pages: dict[str, ItemPage] = {page.slot: page for page in ItemPage.objects.exclude(slot="")}
    news = {(page.title, page.date): page for page in NewsPage.objects.all()}
    for language, several in publication.translations.items():
        firsts = [(pages.get(key), _first(publication, key), told) for key, told in several.slots.items()]
        items = zip(publication.news, several.news, strict=False)
        firsts += [(news.get((item.title, item.date)), Piece(item.text), told) for item, told in items]
        for page, first, told in firsts:
            if page is not None and (page.pk, language) not in known:
                _word(page, first, language, told)


def _first(publication: Publication, key: str) -> Piece:
    return publication.pieces.get(publication.slots[key].source, Piece())


def _word(page: ItemPage | NewsPage, first: Piece, language: str, told: Translated) -> None:
    if not page.latest_revision_id and page.words == _said(first):
        PageWording.objects.create(page=page, language=language, title=told.title, body=blocks(told.piece))


def _said(piece: Piece) -> str:
    """The words of a page that begins with this text."""
    rows = (f"{name} {value}" for name, value in piece.rows)
    return "\n".join([*filter(None, piece.text.split("\n\n")), *rows])


def blocks(piece: Piece) -> list[tuple[str, Any]]:
    """A first text as the blocks of a page."""
    made: list[tuple[str, Any]] = [("text", part) for part in piece.text.split("\n\n") if part]
    rows = [{"name": name, "value": value} for name, value in piece.rows]
    return [*made, ("rows", rows)] if rows else made


def _slug(name: str) -> str:
    return name.replace("_", "-")
