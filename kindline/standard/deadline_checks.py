"""Whatever can be registered has a limit: a rule for every kind on every channel, or a word that there is no norm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kindline.standard.building import words
from kindline.standard.deadlines import CAME, KINDS
from kindline.standard.documents import Place
from kindline.standard.faults import Fault

Raw = Mapping[str, Any]
ANY = "any kind"


def uncovered(raw: Raw, place: Place) -> Iterator[Fault]:
    """Kinds that the standard itself wants a limit for, then all that can be registered, without a rule."""
    fits = [rule.get("when") or {} for rule in raw["rules"]]
    for index, needed in enumerate(raw.get("mandatory") or ()):
        at, channel = place.child("mandatory").child(index), needed.get("channel")
        for kind in needed["kinds"]:
            if not any(_covers(when, kind, channel) for when in fits):
                yield at.fault(f"no rule gives a limit for {kind!r}", "add a rule", clause=needed.get("clause", ""))
    fits += raw.get("without_limit") or []
    for channel in CAME:
        lacking = [kind for kind in KINDS if not any(_covers(when, kind, channel) for when in fits)]
        if lacking:
            yield _left_out(place, channel, lacking)


def _left_out(place: Place, channel: str, kinds: list[str]) -> Fault:
    """Without a rule an appeal has no limit: nobody is reminded of it, and no list of what is due shows it."""
    said = ANY if len(kinds) == len(KINDS) else ", ".join(kinds)
    cure = f"add a rule: when: {{channel: {channel}}} is for all that no other fits; where the standard "
    cure += f"gives no term, say so: without_limit: [{{channel: {channel}, kind: […]}}]"
    return place.child("rules").fault(f"what comes by {channel} has no limit: {said}", cure)


def _covers(when: Raw, kind: str, channel: str | None) -> bool:
    """Whether this is met by the kind on the channel (None: on any), whatever its subject and whoever asks."""
    kinds, channels = words(when.get("kind")), words(when.get("channel"))
    by_more = "subject" in when or "requester" in when
    return not by_more and (not kinds or kind in kinds) and (not channels or channel in channels)
