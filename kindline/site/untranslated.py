"""Which pages of the sections lack a translation, or have one that is older than the page (krc-5.7-02, voe-8-01)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from kindline.site.models import ItemPage, NewsPage, SectionPage
from kindline.site.wording_models import LANGUAGES, PageWording
from kindline.standard.profile import Profile

NEWS_MAX = 100
"""So many of the latest news are looked at: older ones are hardly read, and there may be thousands."""
Named = tuple[tuple[str, str], ...]
"""Languages, each with its own name."""


@dataclass(frozen=True, slots=True)
class Untranslated:
    """A published page; `missing`: nobody has written its text there, `behind`: it was changed since."""

    page: Any
    missing: Named
    behind: Named


def several(profile: Profile) -> list[Untranslated]:
    """Every page with something to translate, by its place among the sections; news are the latest alone.

    The title of a section of the standard is there in every language.
    """
    pages = [*SectionPage.objects.live().filter(section="").order_by("path"), *ItemPage.objects.live().order_by("path")]
    pages += NewsPage.objects.live().order_by("-date", "-pk")[:NEWS_MAX]
    known: dict[int, dict[str, PageWording]] = defaultdict(dict)
    for row in PageWording.objects.filter(page__in=[one.pk for one in pages]):
        known[row.page_id][row.language] = row
    found = (_looked_at(one, known[one.pk], profile) for one in pages)
    return [one for one in found if one.missing or one.behind]


def _looked_at(page: Any, known: dict[str, PageWording], profile: Profile) -> Untranslated:
    others = [(code, name) for code, name in LANGUAGES if code != profile.language]
    missing = tuple(one for one in others if not _is_whole(known.get(one[0]), page))
    behind = tuple(one for one in others if one not in missing and known[one[0]].is_behind(page))
    return Untranslated(page, missing, behind)


def _is_whole(row: PageWording | None, page: Any) -> bool:
    """Whether the text is translated, not the title alone, where the page has one."""
    return row is not None and (bool(row.body) or not getattr(page, "body", None))
