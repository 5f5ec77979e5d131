"""How much there is to hear in a wave file."""

from __future__ import annotations

import array
import sys
import wave
from pathlib import Path

FRAME_S = 0.02
AUDIBLE = 250.0
"""Loudness of a frame (of 32767) from which it is not silence; comfort noise lies far below."""


def audible_s(path: Path) -> float:
    """How many seconds of a 16-bit wave file are not silence; 0 when there is no file or nothing in it."""
    try:
        with wave.open(str(path), "rb") as file:
            rate = file.getframerate()
            samples = array.array("h", file.readframes(file.getnframes()))
    except (OSError, wave.Error, EOFError, ValueError):
        return 0.0
    if sys.byteorder == "big":
        samples.byteswap()
    size = max(1, int(rate * FRAME_S))
    frames = (samples[start : start + size] for start in range(0, len(samples) - size + 1, size))
    return round(sum(FRAME_S for frame in frames if loudness(frame) >= AUDIBLE), 2)


def loudness(frame: array.array[int]) -> float:
    """The root of the mean square of the samples."""
    return float((sum(value * value for value in frame) / max(1, len(frame))) ** 0.5)
