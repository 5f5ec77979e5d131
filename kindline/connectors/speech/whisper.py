"""faster-whisper with a model in a folder of this machine; each sound in a process of its own, behind everybody."""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import subprocess
import sys
import wave
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from kindline.recordings.engines import Said, Segment, SpeechError, UnreadableSoundError

FILES = ("model.bin", "config.json", "tokenizer.json")
BEHIND = 19
LOADING_S, TIMES_LONGER = 60.0, 8.0
"""How much of a processor one sound may take: so much for the model, and so many times its own length."""
WALL_S = 2 * 3600.0
"""So long it may take by the clock: who stands behind everybody waits long on a busy machine."""


class Whisper:
    """Whisper by CTranslate2: any such model's folder will do; `threads` 0 takes one processor."""

    name = "faster-whisper"

    def __init__(self, folder: str, threads: int = 1) -> None:
        self.folder, self.threads = Path(folder), max(1, threads)
        self.model = self.folder.name

    def lacking(self) -> str:
        """What is missing to work."""
        if importlib.util.find_spec("faster_whisper") is None:
            return "the packages of requirements/speech.txt are not installed: run kindline speech install"
        missing = [name for name in FILES if not (self.folder / name).is_file()]
        if missing:
            return f"{self.folder} has no {', '.join(missing)}: run kindline speech install"
        return ""

    def transcribe(self, audio: Path, language: str, channels: Sequence[str]) -> list[Segment]:
        """What is said in a sound of one or two channels. Raises: SpeechError; UnreadableSoundError."""
        if told := self.lacking():
            raise SpeechError(told)
        words = [str(self.folder), language, str(len(channels)), str(self.threads), str(audio)]
        sides = json.loads(self._heard([*listener(), *words], int(limit_s(audio))))
        found = [_segment(one, speaker) for speaker, side in zip(channels, sides, strict=True) for one in side]
        return sorted(found, key=lambda segment: (segment.start, segment.speaker))

    def _heard(self, words: Sequence[str], seconds: int) -> bytes:
        told = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(self.threads)}
        begin = partial(stand_back, seconds * self.threads)
        try:
            done = subprocess.run(words, capture_output=True, timeout=WALL_S, check=False, env=told, preexec_fn=begin)
        except subprocess.TimeoutExpired as error:
            raise UnreadableSoundError(f"it did not end within {WALL_S:.0f} s") from error
        except OSError as error:
            raise SpeechError(str(error)) from error
        if done.returncode:
            raise UnreadableSoundError(f"exit {done.returncode}: {done.stderr.decode(errors='replace').strip()[-300:]}")
        return done.stdout


def listener() -> list[str]:
    """The program that recognises one sound."""
    return [sys.executable, "-m", "kindline.connectors.speech.listener"]


def stand_back(seconds: int) -> None:
    """Behind everybody who wants the processor, and for so many seconds of it."""
    os.setpriority(os.PRIO_PROCESS, 0, BEHIND)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def limit_s(audio: Path) -> float:
    """How many seconds of a processor a sound may take. Raises: UnreadableSoundError where it is no wave file."""
    try:
        with wave.open(str(audio)) as file:
            return float(LOADING_S + TIMES_LONGER * file.getnframes() / file.getframerate())
    except (OSError, wave.Error, EOFError, ZeroDivisionError) as error:
        raise UnreadableSoundError(f"{audio.name} is no sound: {error}") from error


def _segment(told: dict[str, Any], speaker: str) -> Segment:
    words = tuple(Said(**one) for one in told["words"])
    return Segment(told["start"], told["end"], told["text"], speaker, told["confidence"], words)
