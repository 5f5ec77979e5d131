"""Messages: said once, kept by words and voice, a recorded file first, and as long as the files really are."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any, ClassVar

import pytest

from kindline.standard import loader
from kindline.switchboard import prompts, sounds, work
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.prompts import Spoken, VoiceError

RATE_HZ = 16000


def tone(path: Path, seconds: float, rate_hz: int = RATE_HZ) -> None:
    """A sound of any length."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(bytes([0, 16, 0, 240]) * int(seconds * rate_hz / 2))


class Good:
    """Says a tenth of a second a letter."""

    name = "good"
    said: ClassVar[list[str]] = []

    def speaks(self, language: str) -> bool:
        return language == "ru"

    def say(self, text: str, language: str, target: Path) -> None:
        self.said.append(text)
        tone(target, len(text) / 10)


class Spare(Good):
    """Says everything too, and twice as long."""

    name = "spare"
    said: ClassVar[list[str]] = []

    def say(self, text: str, language: str, target: Path) -> None:
        self.said.append(text)
        tone(target, len(text) / 5)


class Mute(Good):
    """Is installed, and what it says lasts 0 s."""

    name = "mute"

    def say(self, text: str, language: str, target: Path) -> None:
        tone(target, 0)


class Broken(Good):
    """Is installed, and fails."""

    name = "broken"

    def say(self, text: str, language: str, target: Path) -> None:
        raise VoiceError("no such voice data")


class Garbled(Good):
    """Leaves a file that is no sound."""

    name = "garbled"

    def say(self, text: str, language: str, target: Path) -> None:
        target.write_bytes(b"this is not a wave file")


class Foreign(Good):
    """Speaks another language only."""

    name = "foreign"

    def speaks(self, language: str) -> bool:
        return language == "uk"


@pytest.fixture
def voices(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The voices of this installation; nothing has been said before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Good.said.clear()
    Spare.said.clear()

    def installed(*kinds: type[Good]) -> None:
        monkeypatch.setattr(prompts, "import_string", {kind.name: kind for kind in kinds}.__getitem__)
        settings.VOICES = [kind.name for kind in kinds]

    return installed


def file_of(sound: Sound) -> Path:
    return Path(sound.media.removeprefix("sound:")).with_suffix(".wav")


def test_the_same_words_are_said_once_for_all_instances(voices: Any, tmp_path: Path) -> None:
    voices(Good)
    messages = [Spoken("greeting", "Здравствуйте!"), Spoken("again", "Здравствуйте!")]
    first = prompts.make(messages[:1], "ru", tmp_path / "one")
    second = prompts.make(messages, "ru", tmp_path / "two")
    assert Good.said == ["Здравствуйте!"], "what is in the cache is not said again"
    assert file_of(first["greeting"]).read_bytes() == file_of(second["again"]).read_bytes()
    assert file_of(second["greeting"]).parent == tmp_path / "two"


def test_many_messages_of_the_same_words_at_once_are_all_there(voices: Any, tmp_path: Path) -> None:
    voices(Good)
    for round_ in range(8):
        same = [Spoken(f"m{n}", f"да {round_}") for n in range(8)]
        assert set(prompts.make(same, "ru", tmp_path)) == {one.key for one in same}
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith((".copy", ".part.wav"))]


def test_other_words_or_another_voice_are_another_file(voices: Any, tmp_path: Path) -> None:
    voices(Good)
    one = prompts.make([Spoken("greeting", "Здравствуйте!")], "ru", tmp_path)["greeting"]
    two = prompts.make([Spoken("greeting", "Добрый день!")], "ru", tmp_path)["greeting"]
    voices(Spare)
    three = prompts.make([Spoken("greeting", "Здравствуйте!")], "ru", tmp_path)["greeting"]
    assert len({one.media, two.media, three.media}) == 3
    assert len(list(tmp_path.glob("*.wav"))) == 3


def test_durations_are_those_of_the_files_in_the_form_of_the_telephone(voices: Any, tmp_path: Path) -> None:
    voices(Good)
    sound = prompts.make([Spoken("greeting", "x" * 37)], "ru", tmp_path)["greeting"]
    with wave.open(str(file_of(sound))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert sound.duration_s == round(file.getnframes() / 8000, 3)
    assert sound.duration_s == pytest.approx(3.7, abs=0.01)


def test_a_recorded_file_goes_before_a_voice_and_a_new_recording_replaces_it(voices: Any, tmp_path: Path) -> None:
    voices(Good)
    recorded = tmp_path / "greeting.wav"
    tone(recorded, 1.5, 44100)
    message = Spoken("greeting", "Здравствуйте!", recorded)
    sound = prompts.make([message], "ru", tmp_path / "made")["greeting"]
    assert Good.said == []
    assert sound.duration_s == pytest.approx(1.5, abs=0.01)
    assert prompts.file_of(message, "ru", [], tmp_path / "made") == file_of(sound)
    tone(recorded, 2.5)
    assert prompts.make([message], "ru", tmp_path / "made")["greeting"].duration_s == pytest.approx(2.5, abs=0.01)


@pytest.mark.parametrize("bad", [Mute, Broken, Garbled, Foreign])
def test_a_voice_that_says_nothing_is_refused_and_the_next_one_is_taken(
    voices: Any, tmp_path: Path, bad: type[Good]
) -> None:
    voices(bad, Spare)
    sound = prompts.make([Spoken("greeting", "привет")], "ru", tmp_path)["greeting"]
    assert Spare.said == ["привет"]
    assert sound.duration_s == pytest.approx(1.2, abs=0.01)
    assert len(list(prompts.shared_cache().glob("*.wav"))) == 1


@pytest.mark.parametrize("kinds", [(), (Mute,), (Foreign,)])
def test_what_nobody_can_say_is_left_out_and_the_rest_is_there(
    voices: Any, tmp_path: Path, kinds: tuple[type[Good], ...]
) -> None:
    voices(*kinds)
    recorded = tmp_path / "notice.wav"
    tone(recorded, 1)
    made = prompts.make([Spoken("greeting", "привет"), Spoken("notice", "x", recorded)], "ru", tmp_path / "made")
    assert set(made) == {"notice"}


def test_quickly_the_last_voice_speaks_but_what_the_best_has_said_stays(voices: Any, tmp_path: Path) -> None:
    voices(Good, Spare)
    prompts.make([Spoken("old", "старое")], "ru", tmp_path / "before")
    told: list[tuple[int, int, str]] = []
    messages = [Spoken("old", "старое"), Spoken("new", "новое")]
    made = prompts.make(messages, "ru", tmp_path / "now", lambda *said: told.append(said), quick=True)
    assert (Good.said, Spare.said) == (["старое"], ["новое"])
    assert made["old"].duration_s == pytest.approx(0.6, abs=0.01)
    assert told == [(1, 2, "old"), (2, 2, "new")]


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_each_message_of_a_profile_has_words_of_its_own_language(profile: str) -> None:
    standard = loader.load(profile)
    messages = [*prompts.menu_messages(standard, standard.menu), *prompts.system_messages(standard)]
    keys = [message.key for message in messages]
    assert len(keys) == len(set(keys))
    for message in messages:
        assert message.text.strip(), message.key
        assert "{" not in message.text, message.text
        letters = set(message.text.casefold())
        assert not letters & set("ыэъё" if standard.language == "uk" else "іїєґ"), message.text
    assert {"system.leave_message", "system.fallback", "position.1", "wait.1"} <= set(keys)


def test_the_dialplan_finds_what_it_says_alone(voices: Any, tmp_path: Path) -> None:
    voices(Good)
    made = prompts.make(prompts.system_messages(loader.load("krc"))[:4], "ru", tmp_path)
    prompts.lay_out_fallback(made, tmp_path)
    for name in ("fallback", "fallback-thanks"):
        assert (tmp_path / f"{name}.wav").read_bytes() == file_of(made[f"system.{name}"]).read_bytes()


def test_the_lengths_shown_are_those_of_the_files(voices: Any, settings: Any, tmp_path: Path) -> None:
    voices(Good)
    settings.KINDLINE = {**settings.KINDLINE, "paths": {**settings.KINDLINE["paths"], "prompts": str(tmp_path)}}
    profile = loader.load("krc")
    assert work.prompt_durations(profile, profile.menu) == {}
    made = prompts.make(prompts.menu_messages(profile, profile.menu), "ru", tmp_path)
    assert work.prompt_durations(profile, profile.menu) == {key: sound.duration_s for key, sound in made.items()}


# --- sound files ---
def test_without_sox_the_length_stays_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("kindline.switchboard.sounds.shutil.which", lambda _: None)
    for rate_hz in (8000, 16000, 22050, 44100):
        tone(tmp_path / "in.wav", 1.25, rate_hz)
        sounds.convert(tmp_path / "in.wav", tmp_path / "out.wav")
        assert sounds.duration_s(tmp_path / "out.wav") == pytest.approx(1.25, abs=0.01), rate_hz


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a sound at all"])
def test_what_is_no_sound_is_refused_and_no_file_stays(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.wav").write_bytes(content)
    with pytest.raises(sounds.SoundError):
        sounds.convert(tmp_path / "in.wav", tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()
