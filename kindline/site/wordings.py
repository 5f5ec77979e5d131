"""Pages of the sections as somebody reads them: in his language where they have it, else it is said that they do not.

Clause: krc-5.7-02, voe-8-01. WCAG 3.1.2: each part carries its own language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from wagtail.models import Page

from kindline.appeals import wording
from kindline.site.wording_models import PageWording, said_in, source_of
from kindline.standard import loader
from kindline.standard.profile import Profile

ONLY_IN = {
    "uk": _("This part is in Ukrainian only."),
    "ru": _("This part is in Russian only."),
    "en": _("This part is in English only."),
}
BEHIND = {
    "uk": _("The Ukrainian text was changed after this translation was made."),
    "ru": _("The Russian text was changed after this translation was made."),
    "en": _("The English text was changed after this translation was made."),
}
FIRST_WORDS = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it is read; title and text may be in different languages, where only one of them was translated."""

    page: Any
    title: str
    language: str
    body: Any
    body_language: str
    is_behind: bool = False
    key: int = 0  # of the translation; 0 where the page itself is read

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.page.url or "")

    @property
    def first_words(self) -> str:
        """How its text begins, for the list of news."""
        return Truncator(said_in(self.body)).words(FIRST_WORDS)

    @property
    def only_in(self) -> str:
        """What is told to who cannot read the text in the language of the page; empty where he can."""
        return gettext(ONLY_IN[self.body_language]) if self.body and self.body_language != wording.language() else ""

    @property
    def source(self) -> str:
        """What the page says now, as a hash."""
        return source_of(self.page)

    @property
    def behind(self) -> str:
        """What is told to who reads a translation of what was changed since; else empty."""
        return gettext(BEHIND[loader.load(settings.KINDLINE["profile"]).language]) if self.is_behind else ""


def shown(page: Page) -> Shown:
    """One page in the reader's language."""
    return next(all_shown([page]))


def all_shown(pages: Iterable[Page]) -> Iterator[Shown]:
    """Several pages in the reader's language, in their order: one question to the database."""
    profile, language, several = loader.load(settings.KINDLINE["profile"]), wording.language(), list(pages)
    rows = PageWording.objects.filter(page__in=[one.pk for one in several], language=language)
    known = {row.page_id: row for row in rows} if language != profile.language else {}
    for one in several:
        yield _shown(one, known.get(one.pk), profile, language)


def _shown(page: Page, other: PageWording | None, profile: Profile, language: str) -> Shown:
    own, body = profile.language, getattr(page, "body", None)
    demanded = _section_title(page, profile, language)
    if other is None:
        return Shown(page, demanded or page.title, language if demanded else own, body, own)
    has_text = bool(other.body) or not body
    said = (other.body, language) if has_text else (body, own)
    return Shown(page, other.title, language, *said, is_behind=bool(other.body) and other.is_behind(page), key=other.pk)


def _section_title(page: Page, profile: Profile, language: str) -> str:
    """The title of a section of the standard, which it has in every language."""
    name = getattr(page, "section", "")
    sections = profile.publication.sections if name and profile.publication else ()
    return next((one.title[language] for one in sections if one.id == name), "")
