"""phrase_at_step: the prescribed words were heard at a step of the talk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import ibis

from kindline.standard import patterns
from kindline.standard.patterns import Condition, Pattern
from kindline.standard.placeholders import FOUND
from kindline.standard.rules.judgement import NOT_MEASURABLE, Judgement, either, kept, words
from kindline.standard.rules.sheet import Expr, Sheet
from kindline.standard.rules.step_done import step

TRANSCRIPT = (Pattern("transcript_ready"),)
DOUBTFUL = (patterns.one("transcript_ready", sure=False),)
ANSWERED = (Pattern("call_answered"), Pattern("client_dial_ended"), Pattern("guide_started"))
GREETING = "{greeting}"


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """With a transcript: a prescribed phrase was heard at the step. Without: not measurable, whatever was clicked;
    nor where the phrase may have been said and was recognised with low confidence: a person has to hear it.

    `{greeting}` is the greeting due at the moment of the answer; other placeholders stand for any words.
    """
    steps = list(words(params["step"]))
    heard_here = patterns.one("phrase_heard", step=steps, speaker={"not": "client"})
    surely_here = patterns.one("phrase_heard", step=steps, speaker={"not": "client"}, sure={"not": False})
    phrases = words(params.get("phrases")) or ("",)
    heard = either(_heard(phrase, surely_here, sheet) for phrase in phrases)
    maybe = either(_heard(phrase, heard_here, sheet) for phrase in phrases) | sheet.there(DOUBTFUL)
    marked = tuple(step(name, params) for name in steps)
    transcript = sheet.there(TRANSCRIPT)
    said = sheet.ask("opening", (heard_here,), "phrase").replace('"', "")
    without = ibis.ifelse(sheet.there(marked), "step marked done", "step not marked")
    return Judgement(
        applies=True,
        verdict=ibis.ifelse(transcript & (heard | ~maybe), kept(heard), NOT_MEASURABLE),
        observed=ibis.ifelse(
            transcript, ibis.ifelse(said.notnull(), said, ibis.ifelse(heard, "heard", "not heard")), without
        ),
        limit=" | ".join(words(params.get("phrases"))),
        unit="phrase",
        evidence=(heard_here, *marked),
        at=sheet.last((heard_here, *marked)),
    )


def _heard(phrase: str, here: Pattern, sheet: Sheet) -> Expr:
    if GREETING not in phrase:
        return sheet.there((_saying(here, phrase),))
    cases = [
        (at, sheet.there((_saying(here, phrase.replace(GREETING, greeting)),))) for at, greeting in _day_parts(sheet)
    ]
    if not cases:
        return sheet.there((_saying(here, phrase),))
    return _at_the_time(cases, sheet.local_seconds(sheet.first(ANSWERED)))


def _at_the_time(cases: list[tuple[int, Expr]], second: Expr) -> Expr:
    """The answer of the part of the day: of the last that has begun, before the first of them of the last one."""
    last = cases[-1][1]
    branches = [(second >= begins, heard) for begins, heard in reversed(cases)]
    return ibis.cases(*branches, else_=last)


def _day_parts(sheet: Sheet) -> Iterator[tuple[int, str]]:
    for part in sorted(sheet.profile.variable("day_parts") or (), key=lambda part: str(part["from"])):
        begins = dt.time.fromisoformat(part["from"])
        yield begins.hour * 3600 + begins.minute * 60, str(part["greeting"])


def _saying(here: Pattern, phrase: str) -> Pattern:
    parts = [_core(part) for part in FOUND.split(phrase)[::2]]
    parts = [part for part in parts if part]
    return Pattern(here.kind, (*here.conditions, Condition("phrase", "says", tuple(parts)))) if parts else here


def _core(part: str) -> str:
    """The words that must be there: without marks and dots at either end."""
    return part.strip(" \t\n.…,;:!?–—-«»\"'()")
