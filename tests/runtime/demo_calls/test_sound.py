"""Silence is told from sound."""

import math
from pathlib import Path

import pytest

from kindline.runtime.demo_calls.sound import audible_s
from kindline.switchboard import sounds


def tone(seconds: float, height: int) -> list[int]:
    return [int(height * math.sin(index * 0.35)) for index in range(int(sounds.RATE_HZ * seconds))]


@pytest.mark.parametrize(("height", "expected"), [(6000, 1.0), (0, 0.0), (40, 0.0)])
def test_so_long_there_is_something_to_hear(tmp_path: Path, height: int, expected: float) -> None:
    path = tmp_path / "one.wav"
    sounds.write(path, [*([0] * sounds.RATE_HZ), *tone(1.0, height)])
    assert audible_s(path) == pytest.approx(expected, abs=0.05)


def test_no_file_is_silence(tmp_path: Path) -> None:
    assert audible_s(tmp_path / "none.wav") == 0
    (tmp_path / "half.wav").write_bytes(b"RIFF")
    assert audible_s(tmp_path / "half.wav") == 0
