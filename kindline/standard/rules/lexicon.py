"""lexicon: words of a list were not said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard import patterns
from kindline.standard.patterns import Pattern
from kindline.standard.rules.judgement import MET, NOT_MEASURABLE, NOT_MET, Judgement, words
from kindline.standard.rules.sheet import Sheet

TRANSCRIPT = (Pattern("transcript_ready"),)
DOUBTFUL = (patterns.one("transcript_ready", sure=False),)
"""A transcript too much of which was recognised with low confidence: it proves no silence."""


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """At most `max` (0) hits of the list in the operator's speech; without a transcript not measurable.

    A hit that was recognised with low confidence breaks nothing and proves nothing: a person has to hear it.
    """
    lists = list(words(params["list"]))
    speaker = {"speaker": params["speaker"]} if "speaker" in params else {"speaker": {"not": "client"}}
    hits = (patterns.one("lexicon_hit", list=lists, **speaker),)
    sure = (patterns.one("lexicon_hit", list=lists, **speaker, sure={"not": False}),)
    count, proven, most = sheet.count(hits), sheet.count(sure), params.get("max", 0)
    transcript = sheet.there(TRANSCRIPT)
    word = sheet.ask("opening", hits, "word").replace('"', "")
    number = count.cast("string")
    seen = ibis.ifelse(word.isnull(), number, number.concat(": ").concat(word))
    observed = ibis.ifelse(transcript, seen, ibis.null().cast("string"))
    unproven = (proven <= most) & ((count > most) | sheet.there(DOUBTFUL))
    verdict = ibis.cases((~transcript | unproven, NOT_MEASURABLE), (proven > most, NOT_MET), else_=MET)
    return Judgement(True, verdict, observed, f"≤ {most}", "hits", hits + TRANSCRIPT, sheet.first(hits))
