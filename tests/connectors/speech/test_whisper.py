"""faster-whisper in a process of its own: a sound that it cannot bear costs that process alone."""

import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from kindline.connectors.speech import whisper
from kindline.connectors.speech.whisper import Whisper
from kindline.recordings.engines import SpeechError, UnreadableSoundError
from kindline.runtime import speech_model
from kindline.standard.tokens import tokens

SOUNDS = Path("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU")
COUNTED = "ноль один два три четыре пять шесть семь восемь девять десять".split()
RATE = 8000


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.wav"
    write(path, bytes(2 * RATE))
    return path


def write(path: Path, samples: bytes) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples)


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: Any) -> Whisper:
    """An engine whose files are there, so that only its process matters."""
    for name in whisper.FILES:
        (tmp_path / name).touch()
    made = Whisper(str(tmp_path))
    monkeypatch.setattr(made, "lacking", lambda: "")
    return made


def test_a_sound_of_which_the_engine_dies_is_unreadable(broken: Whisper, sound: Path, monkeypatch: Any) -> None:
    died = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(whisper, "listener", lambda: [sys.executable, "-c", died])
    with pytest.raises(UnreadableSoundError, match="exit -11"):
        broken.transcribe(sound, "ru", ["client"])


def test_a_sound_at_which_the_engine_stands_still_is_unreadable(broken: Whisper, sound: Path, monkeypatch: Any) -> None:
    stands = "import threading; threading.Event().wait()"
    monkeypatch.setattr(whisper, "listener", lambda: [sys.executable, "-c", stands])
    monkeypatch.setattr(whisper, "WALL_S", 0.5)
    with pytest.raises(UnreadableSoundError, match="did not end"):
        broken.transcribe(sound, "ru", ["client"])


def test_a_sound_that_takes_too_much_of_a_processor_is_unreadable(
    broken: Whisper, sound: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(whisper, "listener", lambda: [sys.executable, "-c", "while True: pass"])
    monkeypatch.setattr(whisper, "limit_s", lambda _: 1.0)
    with pytest.raises(UnreadableSoundError, match=r"exit -(9|24)"):
        broken.transcribe(sound, "ru", ["client"])


def test_the_engine_stands_behind_everybody(broken: Whisper, sound: Path, monkeypatch: Any) -> None:
    ranked = (
        "import json, os; print(json.dumps([[dict(start=0, end=1, text=str(os.nice(0)), confidence=1, words=[])]]))"
    )
    monkeypatch.setattr(whisper, "listener", lambda: [sys.executable, "-c", ranked])
    assert [one.text for one in broken.transcribe(sound, "ru", ["client"])] == ["19"]


def test_what_is_no_wave_file_is_unreadable(broken: Whisper, tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"noise")
    with pytest.raises(UnreadableSoundError):
        broken.transcribe(tmp_path / "noise.wav", "ru", ["client"])


def test_without_its_model_it_says_what_to_do(tmp_path: Path, sound: Path) -> None:
    engine = Whisper(str(tmp_path / "nowhere"))
    assert "kindline speech install" in engine.lacking()
    with pytest.raises(SpeechError, match="kindline speech install"):
        engine.transcribe(sound, "ru", ["client"])


def test_real_speech_is_recognised_and_silence_is_not(tmp_path: Path) -> None:
    engine = Whisper(str(speech_model.folder()))
    if engine.lacking():
        pytest.skip(f"speech recognition is an extra of 490 MB: {engine.lacking()}")
    if not SOUNDS.is_dir():
        pytest.skip("the prompts of Debian's asterisk-core-sounds-ru-wav are not installed")
    path = tmp_path / "counted.wav"
    pieces = [bytes(3 * 2 * RATE)]
    for number in range(len(COUNTED)):
        with wave.open(str(SOUNDS / "digits" / f"{number}.wav")) as file:
            pieces += [file.readframes(file.getnframes()), bytes(RATE)]
    write(path, b"".join(pieces))
    found = engine.transcribe(path, "ru", ["client"])
    heard = [token.word for one in found for token in tokens(one.text)]
    figures = {str(number): word for number, word in enumerate(COUNTED)}
    right = set(COUNTED) & {figures.get(word, word) for word in heard}
    assert len(right) >= 8, heard
    assert found[0].start > 2, "silence was recognised"
    write(path, bytes(20 * 2 * RATE))
    assert engine.transcribe(path, "ru", ["client"]) == []
