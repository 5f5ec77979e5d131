"""Whose consent a standard asks for before messages of a purpose go out: `campaign_purposes` of its variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import near

VARIABLE = "campaign_purposes"
NONE, SURVEYS, SUBSCRIPTION = "none", "surveys", "subscription"
"""Whose consent is needed: of nobody but who asked not to be told; of who agreed to surveys; of who subscribed."""
CONSENTS = (NONE, SURVEYS, SUBSCRIPTION)
CURE = "write news: {consent: subscription, title: {uk: …, ru: …, en: …}}"


def faults(variables: Mapping[str, Any], place: Place) -> Iterator[Fault]:
    """What is wrong with the purposes that the variables name."""
    named, here = variables.get(VARIABLE) or {}, place.child(VARIABLE)
    if not isinstance(named, Mapping):
        yield here.fault("purposes by their names are expected", CURE)
        return
    for code, said in named.items():
        if not isinstance(said, Mapping) or not isinstance(said.get("title"), Mapping):
            yield here.child(code).fault("a purpose without its title", CURE)
        elif said.get("consent", NONE) not in CONSENTS:
            word = str(said["consent"])
            yield here.child(code).child("consent").fault(f"unknown consent {word!r}", near(word, CONSENTS))
