"""Sound files as the telephone plays them: 8 kHz, one channel, 16 bits; made from any wave file."""

from __future__ import annotations

import array
import secrets
import shutil
import subprocess
import sys
import wave
from pathlib import Path

RATE_HZ = 8000


class SoundError(RuntimeError):
    """The file is not a sound that can be played."""


def duration_s(path: Path) -> float:
    """How long a wave file really lasts.

    Raises: SoundError when it cannot be read.
    """
    try:
        with wave.open(str(path), "rb") as file:
            return round(file.getnframes() / file.getframerate(), 3)
    except (wave.Error, EOFError, OSError, ZeroDivisionError) as error:
        raise SoundError(f"{path.name}: {error}") from error


def convert(source: Path, target: Path) -> None:
    """Write `source` in the form of the telephone, in one step, so that nobody plays half a file.

    Raises: SoundError when it cannot be read or is empty.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.stem}.{secrets.token_hex(4)}.part.wav")
    if shutil.which("sox"):
        _by_sox(source, beside)
    else:
        _by_hand(source, beside)
    if duration_s(beside) <= 0:
        beside.unlink()
        raise SoundError(f"{source.name}: there is no sound in it")
    beside.replace(target)


def _by_sox(source: Path, target: Path) -> None:
    words = ["sox", "-V1", str(source), "-r", str(RATE_HZ), "-c", "1", "-b", "16", str(target), "gain", "-n", "-3"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise SoundError(f"{source.name}: {done.stderr.strip()}")


def _by_hand(source: Path, target: Path) -> None:
    """The same without sox: mean of the neighbourhood against aliasing, then the nearest points on a line."""
    try:
        with wave.open(str(source), "rb") as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        raise SoundError(f"{source.name}: {error}") from error
    if width != 2:
        raise SoundError(f"{source.name}: {8 * width} bits a sample; 16 are needed where sox is not installed")
    samples = array.array("h", data[: len(data) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    write(target, resampled(list(samples[::channels]), rate))


def resampled(samples: list[int], rate_hz: int) -> list[int]:
    """The samples at the rate of the telephone."""
    if not samples or rate_hz == RATE_HZ:
        return samples
    width = max(1, round(rate_hz / RATE_HZ))
    sums = [0]
    for value in samples:
        sums.append(sums[-1] + value)
    count = len(samples) * RATE_HZ // rate_hz
    found = []
    for index in range(count):
        start = min(index * rate_hz // RATE_HZ, len(samples) - 1)
        end = min(start + width, len(samples))
        found.append((sums[end] - sums[start]) // (end - start))
    return found


def write(path: Path, samples: list[int]) -> None:
    """Write samples as a file of the telephone."""
    data = array.array("h", (max(-32768, min(32767, value)) for value in samples))
    if sys.byteorder == "big":
        data.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(data.tobytes())
