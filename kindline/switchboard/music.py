"""Waiting music made by the program itself, so that no licence stands behind it: slow broken chords, softly struck."""

from __future__ import annotations

import array
import math
import wave
from pathlib import Path

RATE_HZ = 8000
NOTE_S = 0.5
RING_S = 2.0
"""How long a struck note goes on sounding."""
LOUDNESS = 0.16
CHORDS = ((57, 64, 69, 72), (53, 60, 65, 69), (48, 55, 64, 67), (55, 59, 62, 67))
"""Notes by their numbers on the keyboard (69 = A of 440 Hz)."""
PATTERN = (0, 1, 2, 3, 2, 1, 2, 1)
ROUNDS = 2


def _struck(note: int) -> array.array[float]:
    frequency = 440 * 2 ** ((note - 69) / 12)
    turn = 2 * math.pi * frequency / RATE_HZ
    return array.array(
        "d",
        (
            (math.sin(turn * i) + 0.25 * math.sin(2 * turn * i)) * min(1.0, i / 80) * math.exp(-3.2 * i / RATE_HZ)
            for i in range(int(RING_S * RATE_HZ))
        ),
    )


def samples() -> array.array[int]:
    """One round of the music, made so that its end flows into its beginning."""
    notes = [chord[place] for _ in range(ROUNDS) for chord in CHORDS for place in PATTERN]
    step = int(NOTE_S * RATE_HZ)
    mixed = array.array("d", bytes(8 * step * len(notes)))
    sounds = {note: _struck(note) for note in set(notes)}
    for index, note in enumerate(notes):
        for offset, value in enumerate(sounds[note]):
            mixed[(index * step + offset) % len(mixed)] += value
    return array.array("h", (int(32767 * LOUDNESS * value) for value in mixed))


def write(path: Path) -> None:
    """Write the music as an 8 kHz mono file, once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    with wave.open(str(beside), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples().tobytes())
    beside.replace(path)
