"""Engines that recognise speech: what is asked of one, what it answers, and which one the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class SpeechError(Exception):
    """The engine could not do its work: it is tried again later."""


class UnreadableSoundError(SpeechError):
    """This sound is what the engine fails at: it died of it, or did not come to an end in its time."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word as it was recognised; seconds from the beginning of the sound, confidence from 0 to 1."""

    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech of one speaker; `words` are empty where the engine does not tell them."""

    start: float
    end: float
    text: str
    speaker: str
    confidence: float
    words: tuple[Said, ...] = ()


class Engine(Protocol):
    """Something that recognises speech."""

    name: str
    model: str

    def lacking(self) -> str:
        """What is missing to work, and what to do; empty when it can work. Cheap: nothing is loaded."""

    def transcribe(self, audio: Path, language: str, channels: Sequence[str]) -> list[Segment]:
        """What is said in a wave file, in the order of time; `channels` name the speaker of each channel.

        Raises: SpeechError; UnreadableSoundError.
        """


def engine() -> Engine | None:
    """The engine of the settings; None where none is named."""
    named: dict[str, Any] = dict(settings.SPEECH.get("engine") or {})
    if not named:
        return None
    made: Engine = import_string(named.pop("class"))(**named)
    return made


def lacking() -> str:
    """Why no speech is recognised here; empty where it is."""
    found = engine()
    return NOT_SET if found is None else found.lacking()


NOT_SET = "no engine is set"
