"""Which topic a letter may have, by its words: those of topics' titles, and those of appeals that were sorted before.

It only proposes, and says by which words; a person chooses.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection

from kindline.appeals import lookup
from kindline.appeals.models import Appeal
from kindline.conversations import queries as conversations
from kindline.conversations.models import Topic
from kindline.standard import loader, tokens

RECENT = 2000
"""So many of the latest sorted appeals are looked at."""
LETTERS_MIN, APPEALS_MIN, TELLING, SCORE_MIN, SHOWN = 4, 3, 0.2, 0.5, 3
"""A word has so many letters, stands in so many appeals, and in a topic's so much oftener than the topic itself."""
COUNTS = """
WITH recent AS (
    SELECT topic_id, lookup FROM appeals_appeal
    WHERE profile = %s AND topic_id IS NOT NULL AND id <> %s ORDER BY registered_at DESC LIMIT %s
)
SELECT topic_id, NULL, count(*) FROM recent GROUP BY topic_id
UNION ALL
SELECT topic_id, word, count(*) FROM recent, unnest(tsvector_to_array(lookup)) AS word
WHERE word = ANY(%s) GROUP BY topic_id, word
"""


@dataclass(slots=True)
class Proposal:
    """A topic with the words that speak for it: of its title, and with how many of how many appeals have the topic."""

    topic: Topic
    score: float = 0.0
    titled: list[str] = field(default_factory=list)
    words: list[tuple[str, int, int]] = field(default_factory=list)


def propose(appeal: Appeal) -> list[Proposal]:
    """The likeliest topics of an appeal that waits to be sorted, at most three; none where nothing speaks for one."""
    language = loader.load(appeal.profile).language
    said = _said(appeal, language)
    found = {one.pk: Proposal(one) for one in conversations.topics(appeal.profile)}
    _by_titles(found, said, language)
    _by_appeals(found, said, appeal)
    likely = [one for one in found.values() if one.score >= SCORE_MIN and (one.titled or len(one.words) > 1)]
    return sorted(likely, key=lambda one: (-one.score, one.topic.title))[:SHOWN]


def _said(appeal: Appeal, default: str) -> dict[str, str]:
    """The dictionary forms of the telling words of a letter, each with the word as it was written; no names of his."""
    text = appeal.substance[: lookup.LETTERS_MAX]
    language = tokens.language_of(text) or default
    called = (appeal.firm_name, appeal.surname, appeal.given_name, appeal.patronymic)
    names = {word for name in called for word in _forms(name, language)}
    said: dict[str, str] = {}
    for token in tokens.tokens(text):
        word = token.word
        if len(word) >= LETTERS_MIN and not word.isdecimal() and not tokens.is_linking(word, language):
            said |= {form: word for form in tokens.lemmas(word, language) if form not in names and form not in said}
    return said


def _forms(text: str, language: str) -> set[str]:
    return {form for token in tokens.tokens(text) for form in tokens.lemmas(token.word, language)}


def _by_titles(found: Mapping[int, Proposal], said: Mapping[str, str], language: str) -> None:
    """A word of the topic's own title, or of the one above it."""
    for one in found.values():
        parent = one.topic.parent
        forms = _forms(f"{one.topic.title} {parent.title if parent else ''}", language)
        one.titled = list(dict.fromkeys(said[form] for form in forms & said.keys()))
        one.score += len(one.titled)


def _by_appeals(found: Mapping[int, Proposal], said: Mapping[str, str], appeal: Appeal) -> None:
    """A word counts for a topic by how much oftener the topic is met beside it than at all."""
    of_topic, beside = _counts(appeal, list(said))
    total = sum(of_topic.values())
    for form, topics in beside.items():
        appeals = sum(topics.values())
        for topic, times in topics.items() if appeals >= APPEALS_MIN else ():
            more = times / appeals - of_topic[topic] / total
            if more >= TELLING and topic in found:
                found[topic].score += more
                found[topic].words.append((said[form], times, appeals))


def _counts(appeal: Appeal, forms: list[str]) -> tuple[Counter[int], dict[str, Counter[int]]]:
    """Of the latest sorted appeals: how many have each topic, and how many of these have each word."""
    of_topic: Counter[int] = Counter()
    beside: dict[str, Counter[int]] = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [appeal.profile, appeal.pk, RECENT, forms])
        for topic, word, times in cursor.fetchall():
            (of_topic if word is None else beside[word])[topic] = times
    return of_topic, dict(sorted(beside.items()))
