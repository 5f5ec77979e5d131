"""What the sound of a talk tells beside its words: loudness, tempo, silences, interruptions; counts of its words.

Times are those of the recognised words, so a silence may hold speech that was too quiet, and an announcement of it by
word is not seen: breaches by these are for a person to hear (`sure` false), while a bound that is kept is kept.
"""

from __future__ import annotations

import array
import datetime as dt
import math
import wave
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.standard import lexicons, manners
from kindline.standard.profile import Profile
from kindline.standard.tokens import tokens

if TYPE_CHECKING:
    from kindline.recordings.heard import Side

TEMPO_WORDS_MIN = 20
"""Of fewer words no tempo is told."""
OVERLAP_S = 1.0
"""So long must two speak at once to be an interruption: word times are no truer than some tenths of a second."""
FULL = 32768.0
STOPS = {"recording_paused": "recording_resumed", "hold_started": "hold_ended"}
Span = tuple[float, float]


def level_db(audio: Path, spans: Iterable[Span]) -> float | None:
    """How loud the speech is, in dB below full scale, over its stretches in seconds; None where there is none."""
    with wave.open(str(audio)) as file:
        rate, total, squares, count = file.getframerate(), file.getnframes(), 0, 0
        if file.getsampwidth() != 2 or file.getnchannels() != 1:
            return None
        for start, end in spans:
            file.setpos(min(total, max(0, int(start * rate))))
            samples = array.array("h", file.readframes(max(0, int((end - start) * rate))))
            squares, count = squares + sum(one * one for one in samples), count + len(samples)
    return round(20 * math.log10(math.sqrt(squares / count) / FULL), 1) if count and squares else None


def measured(contact: Contact, profile: Profile, talk: Sequence[Side], *, sure: bool) -> Iterator[dict[str, Any]]:
    """The data of facts `speech_measured`: what is certain in one, what a person has to hear in another."""
    own = [side for side in talk if side.speaker == "operator"]
    levels = [side.row.level_db for side in own if side.row.level_db is not None]
    certain: dict[str, Any] = {"level_db": min(levels)} if levels else {}
    if sure:
        certain |= _counts(profile, own) | _tempo(own, [side for side in talk if side.speaker == "client"])
    if certain:
        yield certain | {"sure": True}
    if sure:
        yield _silences(contact, talk) | {"interruptions": _interruptions(talk), "sure": False}


def _counts(profile: Profile, own: Sequence[Side]) -> dict[str, Any]:
    said = [word.text for side in own for word in side.words()]
    text = " ".join(said)
    prescribed = lexicons.check(profile, text, "operator", roles=("prescribed",))
    familiar = list(manners.familiar(tokens(text), profile.language))
    polite = [hit for hit in prescribed if hit.list == "polite_words"]
    return {"ty_forms": len(familiar), "polite_words": len(polite)}


def _tempo(own: Sequence[Side], theirs: Sequence[Side]) -> dict[str, Any]:
    """How much faster the employee speaks than the client, by words in a second of speech."""
    ours, other = _pace(own), _pace(theirs)
    return {"tempo_ratio": round(ours / other, 2)} if ours and other else {}


def _pace(sides: Sequence[Side]) -> float | None:
    spans = [span for side in sides for span in spans_of(side)]
    words, seconds = sum(len(side.words()) for side in sides), sum(end - start for start, end in spans)
    return words / seconds if words >= TEMPO_WORDS_MIN and seconds else None


def spans_of(side: Side) -> list[Span]:
    """When the side speaks, in seconds of its own recording."""
    return [(one.words[0].start, one.words[-1].end) if one.words else (one.start, one.end) for one in side.segments]


def _spoken(side: Side) -> Iterator[Span]:
    """The same on the clock, as seconds of the epoch."""
    began = side.recording.started_at.timestamp()
    yield from ((began + start, began + end) for start, end in spans_of(side))


def _silences(contact: Contact, talk: Sequence[Side]) -> dict[str, Any]:
    """The longest time in which nobody speaks, outside pauses of the recording and holds; announced ones apart."""
    facts = list(facts_of("contact", contact.pk))
    stops, announced = list(_stops(facts)), list(_stops(facts, only_announced=True))
    spoken = [span for side in talk for span in _spoken(side)]
    found = {
        "longest_silence_s": _longest_gap([*spoken, *stops]),
        "silence_unannounced_s": _longest_gap([*spoken, *announced]),
    }
    return {name: round(value, 1) for name, value in found.items() if value is not None}


def _longest_gap(spans: Sequence[Span]) -> float | None:
    longest, reached = 0.0, None
    for start, end in sorted(spans):
        longest = max(longest, start - reached) if reached is not None else longest
        reached = end if reached is None else max(reached, end)
    return longest if spans else None


def _stops(facts: Iterable[Fact], *, only_announced: bool = False) -> Iterator[Span]:
    """From each stop of the talk to its end."""
    since: dict[str, dt.datetime] = {}
    for fact in facts:
        if fact.kind in STOPS and not (only_announced and fact.data.get("announced") is False):
            since[STOPS[fact.kind]] = fact.at
        elif fact.kind in since:
            yield since.pop(fact.kind).timestamp(), fact.at.timestamp()


def _interruptions(talk: Sequence[Side]) -> int:
    """How often the employee began to speak while the client spoke, and went on beside him."""
    theirs = sorted(span for side in talk if side.speaker == "client" for span in _spoken(side))
    ours = [span for side in talk if side.speaker == "operator" for span in _spoken(side)]
    return sum(any(s < start and min(e, end) - start >= OVERLAP_S for s, e in theirs) for start, end in ours)
