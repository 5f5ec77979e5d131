"""Lexicons: words that a standard forbids or asks for, found in what was said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kindline.standard.placeholders import literal_parts
from kindline.standard.tokens import Token, lemmas, tokens

if TYPE_CHECKING:
    from kindline.standard.profile import Profile

MATCHES = ("phrase", "lemma", "rate", "diminutive", "imperative", "ty_form")
MANNERS = MATCHES[3:]
BY_LEMMA = ("lemma", "diminutive")
OPENING_WORDS = 4
RATE_LEAST_WORDS = 20
Span = tuple[int, int]  # first token, token after the last


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A list of words: whose speech, where in the talk and how it is matched."""

    id: str
    role: str
    speaker: str
    channel: tuple[str, ...]
    position: str
    match: str
    words: tuple[str, ...]
    clause: str | None
    open: bool = False
    per_100_words: float | None = None
    except_words: tuple[str, ...] = ()
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a list, where it was said, and the clause behind it."""

    list: str
    word: str
    start: int
    end: int
    clause: str | None
    role: str = "forbidden"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {name: getattr(self, name) for name in ("list", "word", "start", "end", "clause", "role")}


def check(
    profile: Profile,
    text: str,
    speaker: str,
    channel: str = "phone",
    position: str = "any",
    roles: tuple[str, ...] = ("forbidden", "report"),
) -> list[Hit]:
    """The words of the profile's lists in what somebody said, in the order of the text.

    Lists for an opening are looked into only with position "opening" (the first utterance). Words inside a phrase
    that the profile itself prescribes are exempt. Lists of prescribed words are found with `roles=("prescribed",)`.
    """
    words = tokens(text)
    index = _index(profile)
    exempt = [] if roles == ("prescribed",) else index.exempt(words)
    hits: list[Hit] = []
    for lexicon in profile.lexicons:
        if lexicon.role in roles and _concerns(lexicon, speaker, channel, position):
            own_exempt = exempt + _spans(_phrases(lexicon.except_words), words)
            spans = [span for span in index.spans(lexicon, words) if not _within(span, own_exempt)]
            hits += _hits(lexicon, text, words, _counted(lexicon, spans, words))
    return sorted(set(hits), key=lambda hit: (hit.start, hit.end, hit.list))


def _concerns(lexicon: Lexicon, speaker: str, channel: str, position: str) -> bool:
    spoken = lexicon.speaker in (speaker, "any")
    reached = not lexicon.channel or "any" in lexicon.channel or channel in lexicon.channel
    return spoken and reached and (lexicon.position == "any" or position == "opening")


def _counted(lexicon: Lexicon, spans: list[Span], words: list[Token]) -> list[Span]:
    """Words with a rate count only above it (and never in a few words); an opening only at the very beginning."""
    if lexicon.match == "rate":
        allowed = (lexicon.per_100_words or 0) * max(len(words), RATE_LEAST_WORDS) / 100
        return spans if len(spans) > allowed else []
    if lexicon.position == "opening" and lexicon.role != "prescribed":
        return [span for span in spans if span[0] < OPENING_WORDS]
    return spans


def _hits(lexicon: Lexicon, text: str, words: list[Token], spans: list[Span]) -> Iterator[Hit]:
    for first, after in spans:
        start, end = words[first].start, words[after - 1].end
        yield Hit(lexicon.id, text[start:end], start, end, lexicon.clause, lexicon.role)


def _within(span: Span, larger: list[Span]) -> bool:
    return any(first <= span[0] and span[1] <= after for first, after in larger)


# --- matching ------------------------------------------------------------------------------------


class _Automaton:
    """Many phrases found in one pass over the words."""

    def __init__(self, phrases: dict[str, set[str]]) -> None:
        import ahocorasick  # noqa: PLC0415 - only where speech is checked

        self.empty = not phrases
        self.machine: Any = ahocorasick.Automaton()
        for phrase, owners in phrases.items():
            self.machine.add_word(f" {phrase} ", (phrase.count(" ") + 1, tuple(sorted(owners))))
        if phrases:
            self.machine.make_automaton()

    def find(self, words: list[str]) -> Iterator[tuple[str, Span]]:
        """Each phrase found: to which list it belongs and which words it covers."""
        if self.empty or not words:
            return
        text = f" {' '.join(words)} "
        ends = {}
        place = 0
        for number, word in enumerate(words):
            place += len(word) + 1
            ends[place] = number + 1
        for end, (length, owners) in self.machine.iter(text):
            after = ends[end]
            for owner in owners:
                yield owner, (after - length, after)


class _Index:
    """All lists of a profile, ready to be matched."""

    def __init__(self, profile: Profile) -> None:
        self.language = profile.language
        exact: dict[str, set[str]] = {}
        by_lemma: dict[str, set[str]] = {}
        for lexicon in profile.lexicons:
            for written in lexicon.words:
                said = [token.word for token in tokens(written)]
                if not said:
                    continue
                exact.setdefault(" ".join(said), set()).add(lexicon.id)
                if lexicon.match in BY_LEMMA:
                    lemma = " ".join(lemmas(word, self.language)[0] for word in said)
                    by_lemma.setdefault(lemma, set()).add(lexicon.id)
        self.exact, self.by_lemma = _Automaton(exact), _Automaton(by_lemma)
        self.prescribed = _phrases(tuple(_prescribed(profile)))

    def exempt(self, words: list[Token]) -> list[Span]:
        """The words covered by phrases that the profile prescribes."""
        return _spans(self.prescribed, words)

    def spans(self, lexicon: Lexicon, words: list[Token]) -> list[Span]:
        """Where the list's words are said; of overlapping ones the longest."""
        found = [span for owner, span in self.exact.find([token.word for token in words]) if owner == lexicon.id]
        if lexicon.match in BY_LEMMA:
            for variant in (0, 1):
                said = [_lemma(token.word, self.language, variant) for token in words]
                found += [span for owner, span in self.by_lemma.find(said) if owner == lexicon.id]
        if lexicon.match in MANNERS:
            from kindline.standard import manners  # noqa: PLC0415 - only where a list asks for it

            found += manners.MANNERS[lexicon.match](words, self.language)
        return _longest(found)


def _lemma(word: str, language: str, variant: int) -> str:
    found = lemmas(word, language)
    return found[min(variant, len(found) - 1)]


def _longest(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda one: (one[0] - one[1], one[0])):
        if not any(span[0] < after and first < span[1] for first, after in kept):
            kept.append(span)
    return sorted(kept)


def _phrases(written: tuple[str, ...]) -> _Automaton:
    return _phrases_cached(tuple(sorted(set(written))))


@lru_cache(maxsize=256)
def _phrases_cached(written: tuple[str, ...]) -> _Automaton:
    said = {" ".join(token.word for token in tokens(phrase)): {"phrase"} for phrase in written}
    return _Automaton({phrase: owner for phrase, owner in said.items() if phrase})


def _spans(automaton: _Automaton, words: list[Token]) -> list[Span]:
    return [span for _, span in automaton.find([token.word for token in words])]


def _prescribed(profile: Profile) -> Iterator[str]:
    """The profile's own words, between their placeholders, wherever at least two stand together."""
    templates = [text for clause in profile.clauses.values() for text in clause.prescribed]
    templates += [
        text for script in profile.scripts.values() for step in script.all_steps() for text in step.all_words()
    ]
    for template in templates:
        for part in literal_parts(template):
            if len(tokens(part)) > 1:
                yield part


@lru_cache(maxsize=16)
def _index(profile: Profile) -> _Index:
    return _Index(profile)
