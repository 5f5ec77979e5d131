"""What a program heard, held against the words of a standard: prescribed phrases, however roughly recognised.

A recogniser slips on endings and small words, so a phrase is found by its dictionary forms, in their order, in one
stretch of speech. Nearly all of them: heard. About half of them: a person has to listen. Fewer: not said.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kindline.standard.placeholders import FOUND, literal_parts
from kindline.standard.profile import Profile
from kindline.standard.tokens import lemmas, tokens

HEARD, DOUBTFUL = 0.8, 0.5
"""The share of a phrase's words from which it counts as heard, and from which a person has to listen."""
ALIKE, ALIKE_LETTERS = 0.75, 5
"""So much alike are a word and its slip, when both are so long."""
STRETCH = 1.5
SPARE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was recognised: where it stands in the talk, and how sure the recogniser is of it."""

    text: str
    at_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that the standard prescribes at a step; `written` is what the rule looks for."""

    step: str
    written: str
    wanted: str
    """The words to listen for, with the placeholders filled that are known; empty: nobody can know."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that was heard, or may have been."""

    phrase: Phrase
    share: float
    at_s: float
    confidence: float


def phrases(profile: Profile, known: Mapping[str, str]) -> list[Phrase]:
    """Every phrase that a clause of the profile wants to hear at a step; `known` fills placeholders by their name."""
    found = {}
    for clause in profile.clauses.values():
        if clause.rule is None or clause.rule.kind != "phrase_at_step":
            continue
        steps, said = _several(clause.rule.params["step"]), _several(clause.rule.params.get("phrases"))
        for step in steps:
            for template in said or _of_step(profile, step):
                for written in _greeted(profile, template):
                    found[step, written] = Phrase(step, written, _filled(written, known))
    return list(found.values())


def _several(raw: object) -> tuple[str, ...]:
    return () if raw is None else tuple(map(str, raw)) if isinstance(raw, list | tuple) else (str(raw),)


def _of_step(profile: Profile, step: str) -> Iterator[str]:
    """What the guides let the operator say at a step, where the clause names no words of its own."""
    for script in profile.scripts.values():
        for one in script.all_steps():
            if one.id == step:
                yield from one.all_words()


def _greeted(profile: Profile, template: str) -> Iterator[str]:
    if "{greeting}" not in template:
        yield template
        return
    for part in profile.variable("day_parts") or ():
        yield template.replace("{greeting}", str(part["greeting"]))


def _filled(written: str, known: Mapping[str, str]) -> str:
    return FOUND.sub(lambda match: known.get(match[1], " "), written).strip()


def listen(wanted: Sequence[Phrase], said: Sequence[Word], language: str) -> Iterator[Found]:
    """The phrases that were heard or may have been, each where it was heard best; with the confidence of its words."""
    spoken = [(form, place) for place, word in enumerate(said) for form in _forms(word.text, language)]
    for phrase in wanted:
        forms = [form for form in _forms(phrase.wanted, language) if not form.isdecimal()]
        share, places = _best([form for form, _ in spoken], forms) if forms else (0.0, [])
        if share < DOUBTFUL and not literal_parts(phrase.written):
            yield Found(phrase, DOUBTFUL, 0.0, 0.0)  # a name: that is what recognition fails at first
        elif share >= DOUBTFUL:
            words = [said[spoken[place][1]] for place in places]
            sure = sum(word.confidence for word in words) / len(words)
            yield Found(phrase, share, words[0].at_s, sure)


def _forms(text: str, language: str) -> list[str]:
    return [lemmas(token.word, language)[0] for token in tokens(text)]


def _best(spoken: Sequence[str], forms: Sequence[str]) -> tuple[float, list[int]]:
    """The largest share of the forms found in order within one stretch, and where."""
    best: list[int] = []
    width = int(len(forms) * STRETCH) + SPARE_WORDS
    for start, word in enumerate(spoken):
        if any(_alike(word, form) for form in forms):
            found = _in_order(spoken, start, min(len(spoken), start + width), forms)
            best = found if len(found) > len(best) else best
            if len(best) == len(forms):
                break
    return len(best) / len(forms), best


def _in_order(spoken: Sequence[str], start: int, end: int, forms: Sequence[str]) -> list[int]:
    """The longest common subsequence of the stretch and the forms, as places in the stretch."""
    longest: list[list[int]] = [[] for _ in range(len(forms) + 1)]
    for place in range(start, end):
        earlier: list[int] = longest[0]
        for number, form in enumerate(forms, 1):
            above = longest[number]
            if _alike(spoken[place], form) and len(earlier) + 1 > len(above):
                longest[number] = [*earlier, place]
            elif len(longest[number - 1]) > len(above):
                longest[number] = longest[number - 1]
            earlier = above
    return longest[-1]


@lru_cache(maxsize=100_000)
def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < ALIKE_LETTERS:
        return False
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
