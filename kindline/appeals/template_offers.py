"""Which templates of answers fit an appeal, which have the words that are looked for, and how much each is used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

from kindline.appeals import lookup
from kindline.appeals.models import Appeal
from kindline.appeals.template_models import AnswerTemplate, TemplateUse, TemplateVersion

OFFERED_MAX, FOUND_MAX = 8, 20
LATELY = dt.timedelta(days=182)
"""Uses of the last half of a year say what is alive: a template that was in force all that time without one is dead."""
EXACT, PARENT, OF_KIND = 4, 2, 1


def in_force(profile_id: str) -> QuerySet[AnswerTemplate]:
    """The templates that are offered, each with its version."""
    found = AnswerTemplate.objects.filter(profile=profile_id, withdrawn_at=None, in_force__isnull=False)
    return found.select_related("in_force")


def counted(rows: QuerySet[AnswerTemplate], now: dt.datetime) -> QuerySet[AnswerTemplate]:
    """The rows with `used` (answers ever), `used_lately` and `last_used_at`."""
    lately = Count("uses", filter=Q(uses__at__gte=now - LATELY))
    return rows.annotate(used=Count("uses"), used_lately=lately, last_used_at=Max("uses__at"))


def dead(rows: QuerySet[AnswerTemplate], now: dt.datetime) -> QuerySet[AnswerTemplate]:
    """Of the rows, those offered for half a year of which nobody made an answer in that time."""
    lately = TemplateUse.objects.filter(at__gte=now - LATELY).values("template")
    return rows.filter(withdrawn_at=None, in_force__approved_at__lt=now - LATELY).exclude(pk__in=lately)


def offered(appeal: Appeal, now: dt.datetime, words: str = "") -> list[AnswerTemplate]:
    """What fits the appeal by topic and kind, the closest first, then the most used; with `words` all that have them.

    A template for other topics, or other kinds, is found by its words alone.
    """
    rows = counted(in_force(appeal.profile), now).order_by("pk")
    if words.strip():
        wide = rows.defer("in_force__text")
        return _with_texts(_closest(appeal, [one for one in wide if _has(one, words)])[:FOUND_MAX])
    fitting = rows.filter(_fits_topic(appeal), _fits_kind(appeal)).defer("in_force__words")
    return _closest(appeal, fitting)[:OFFERED_MAX]


def _has(one: AnswerTemplate, words: str) -> bool:
    return one.in_force is not None and has_words(one.in_force, words, one.language)


def _closest(appeal: Appeal, rows: Iterable[Any]) -> list[AnswerTemplate]:
    """Counted rows in the order in which they are offered."""
    return sorted(
        rows, key=lambda one: (-_closeness(appeal, one.in_force), -one.used_lately, one.in_force.title, one.pk)
    )


def _with_texts(rows: list[AnswerTemplate]) -> list[AnswerTemplate]:
    """The texts of a few, after they were chosen by their words among all."""
    texts = TemplateVersion.objects.filter(pk__in=[one.in_force_id for one in rows]).in_bulk()
    for one in rows:
        one.in_force = texts[one.in_force_id]
    return rows


def has_words(version: TemplateVersion, words: str, language: str) -> bool:
    """Whether every word stands in the title or the text, in any inflection, or begins one that does."""
    known = set(version.words)

    def stands(word: str) -> bool:
        starts = tuple(lookup.starts_of(word))
        return not known.isdisjoint(lookup.forms_of(word, language)) or (
            bool(starts) and any(one.startswith(starts) for one in known)
        )

    return all(stands(word) for word in lookup.telling(words, language)[: lookup.WORDS_MAX])


def history(template: AnswerTemplate) -> QuerySet[TemplateVersion]:
    """All versions, the latest first."""
    return template.versions.select_related("author", "approved_by").order_by(F("number").desc())


def _topics(appeal: Appeal) -> Sequence[str]:
    """The code of the appeal's topic, then of the one above it."""
    topic = appeal.topic
    return [one.code for one in (topic, topic.parent if topic else None) if one is not None]


def _kinds(appeal: Appeal) -> list[str]:
    return [appeal.kind, *appeal.kinds_voiced]


def _fits_topic(appeal: Appeal) -> Q:
    return Q(in_force__topics=[]) | Q(in_force__topics__overlap=list(_topics(appeal)))


def _fits_kind(appeal: Appeal) -> Q:
    return Q(in_force__kinds=[]) | Q(in_force__kinds__overlap=_kinds(appeal))


def _closeness(appeal: Appeal, version: TemplateVersion) -> int:
    """How close a template is: its very topic before the one above it, before a kind, before what is for all."""
    topics = _topics(appeal)
    own = EXACT if topics and topics[0] in version.topics else 0
    above = PARENT if not own and set(topics[1:]) & set(version.topics) else 0
    return own + above + (OF_KIND if set(_kinds(appeal)) & set(version.kinds) else 0)
