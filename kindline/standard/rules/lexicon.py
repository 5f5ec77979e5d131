"""lexicon: words of a list were not said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard import patterns
from kindline.standard.patterns import Pattern
from kindline.standard.rules.judgement import NOT_MEASURABLE, Judgement, kept, words
from kindline.standard.rules.sheet import Sheet

TRANSCRIPT = (Pattern("transcript_ready"),)


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """At most `max` (0) hits of the list in the operator's speech; without a transcript not measurable."""
    lists = list(words(params["list"]))
    speaker = {"speaker": params["speaker"]} if "speaker" in params else {"speaker": {"not": "client"}}
    hits = (patterns.one("lexicon_hit", list=lists, **speaker),)
    count, most = sheet.count(hits), params.get("max", 0)
    transcript = sheet.there(TRANSCRIPT)
    word = sheet.ask("opening", hits, "word").replace('"', "")
    number = count.cast("string")
    seen = ibis.ifelse(word.isnull(), number, number.concat(": ").concat(word))
    observed = ibis.ifelse(transcript, seen, ibis.null().cast("string"))
    verdict = ibis.ifelse(transcript, kept(count <= most), NOT_MEASURABLE)
    return Judgement(True, verdict, observed, f"≤ {most}", "hits", hits + TRANSCRIPT, sheet.first(hits))
