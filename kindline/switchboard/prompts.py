"""The messages that clients hear: a recorded file where there is one, else spoken by a voice; made once, measured."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml
from django.conf import settings
from django.utils.module_loading import import_string

from kindline.standard import hours
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile
from kindline.switchboard import sounds
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.self_service import dialogues

log = logging.getLogger(__name__)
FORM = "1"
"""Changed when the way of making files changes, so that old ones are made anew."""
SPEECH_LEAST_S = 0.2
KEYS = tuple("123456789")
"""The keys that a client may be asked to press for an answer."""
SELF_SERVICE = ("not_found", "failed", "read_back", "confirm", "to_operator", "too_often")
"""What the menu's own services say, beside their questions and answers."""
REFUSED = ("no_number", "barred", "off_hours", "do_not_call", "too_many")
"""Why a number that an employee dialled on his telephone is not called."""
Progress = Callable[[int, int, str], None]


class VoiceError(RuntimeError):
    """The voice could not say the text."""


class Voice(Protocol):
    """Says a text in a language."""

    name: str

    def speaks(self, language: str) -> bool:
        """Whether the voice is installed and knows the language."""
        ...

    def say(self, text: str, language: str, target: Path) -> None:
        """Write the text as a wave file of any rate. Raises: VoiceError."""
        ...


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message to be made: its key, its words, and the file where somebody recorded it."""

    key: str
    text: str
    recorded: Path | None = None
    kept: Path | None = None
    """A recording of an edited menu, already in the form of the telephone."""


def voices(language: str) -> list[Voice]:
    """The voices that are installed and speak the language, the best first."""
    found: list[Voice] = [import_string(name)() for name in settings.VOICES]
    return [voice for voice in found if voice.speaks(language)]


def menu_messages(profile: Profile, menu: Menu | None) -> list[Spoken]:
    """Every message of a menu under the profile, with the hours put in.

    A message that tells the hours is made for the first line, and as `key@line` for each line with other ones, unless
    somebody recorded it: his words are heard on all lines.
    """
    if menu is None:
        return []
    told = {line: hours.spoken(profile, line) for line in menu.lines}
    general = next(iter(told.values()), "")
    first = {prompt.key: prompt.text for prompt in profile.menu.prompts()} if profile.menu else {}
    found = []
    for prompt in menu.prompts():
        recorded = _recorded(profile, prompt.key) if first.get(prompt.key) == prompt.text else None
        made = Spoken(prompt.key, prompt.text.replace("{hours}", general), recorded, _kept(prompt.sound))
        found.append(made)
        if "{hours}" in prompt.text and made.recorded is made.kept is None:
            others = [(line, said) for line, said in told.items() if said != general]
            found += [Spoken(f"{made.key}@{line}", prompt.text.replace("{hours}", said)) for line, said in others]
    return found


def longest(lengths: Mapping[str, float]) -> dict[str, float]:
    """The length of each message, seconds; of one that each line tells in its own way the longest."""
    found: dict[str, float] = {}
    for key, length in lengths.items():
        name = key.partition("@")[0]
        found[name] = max(length, found.get(name, 0.0))
    return found


def kept_path(sha256: str) -> Path:
    """Where a message lies that somebody recorded for the menu."""
    return Path(settings.KINDLINE["paths"]["prompts"]) / "kept" / f"{sha256}.wav"


def _kept(sha256: str) -> Path | None:
    """The recording of a message; one that has gone is said by the voice."""
    return path if sha256 and (path := kept_path(sha256)).is_file() else None


def _recorded(profile: Profile, key: str) -> Path | None:
    path = profile.path / "sounds" / f"{key}.wav"
    return path if path.is_file() else None


@cache
def _phrases() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("phrases.yaml").read_text(encoding="utf-8"))
    return found


def system_messages(profile: Profile) -> list[Spoken]:
    """What the telephone itself says: asking for a message, place in the queue, expected wait, a call instead."""
    language = _language(profile)

    def words(name: str) -> str:
        return _words(profile, name)

    plain = ["leave_message", "message_thanks", "fallback", "fallback-thanks", "confirmed", "mobile_key"]
    found = [Spoken(f"system.{name}", words(name), _recorded(profile, f"system.{name}")) for name in plain]
    for number, said in enumerate(_phrases()["numbers"][language], 1):
        found.append(Spoken(f"position.{number}", words("position").replace("{number}", said)))
    for number, said in enumerate(_phrases()["minutes"][language], 1):
        found.append(Spoken(f"wait.{number}", words("wait").replace("{minutes}", said)))
    found += [Spoken(f"dial.{name}", words(f"dial_{name}"), _recorded(profile, f"dial.{name}")) for name in REFUSED]
    return found + _callback_messages(profile) + _self_messages(profile) + _rating_messages(profile)


def _callback_messages(profile: Profile) -> list[Spoken]:
    """What is said to who may be called instead of waiting, and the figures that read a number."""
    asked = [queue.callback for queue in (profile.menu.queues.values() if profile.menu else ()) if queue.callback]
    numbers = _phrases()["numbers"][_language(profile)]
    found = []
    for key in sorted({str(one.get("key", "1")) for one in asked}):
        text = _words(profile, "callback_offer").replace("{key}", numbers[int(key) - 1])
        found.append(Spoken(f"callback.offer.{key}", text))
    for name in ("number", "confirm", "type", "wrong", "accepted", "known"):
        key = f"callback.{name}"
        found.append(Spoken(key, _words(profile, f"callback_{name}"), _recorded(profile, key)))
    figures = [_words(profile, "zero"), *numbers[:9]]
    return found + [Spoken(f"digit.{figure}", said) for figure, said in enumerate(figures)]


def _rating_messages(profile: Profile) -> list[Spoken]:
    """What a client hears after a talk, where the profile asks how he was served."""
    if profile.menu is None or profile.menu.rating is None:
        return []
    keys = [f"rating.{name}" for name in ("question", "again", "thanks", "goodbye")]
    return [Spoken(key, _words(profile, key.replace(".", "_")), _recorded(profile, key)) for key in keys]


def _self_messages(profile: Profile) -> list[Spoken]:
    """What the menu's own services say, beside their answers."""
    names = (*SELF_SERVICE, *(one for one in dialogues.questions() if f"self_{one}" in _phrases()[_language(profile)]))
    return [Spoken(f"self.{one}", _words(profile, f"self_{one}"), _recorded(profile, f"self.{one}")) for one in names]


def hours_words(profile: Profile, *, is_open: bool, of_offices: bool = False) -> str:
    """What is said of the hours of a line, or of the offices, with a place for them."""
    return _words(profile, f"self_{'offices_' if of_offices else ''}{'open' if is_open else 'closed'}")


def _language(profile: Profile) -> str:
    return profile.language if profile.language in _phrases() else "uk"


def _words(profile: Profile, name: str) -> str:
    return str(profile.texts.get(f"phone.{name}", _phrases()[_language(profile)][name]))


def announcement(profile: Profile, text: str, *, confirm: str, operator: str) -> Spoken:
    """A message of the autoinformer, with the keys that the client may press told at its end."""
    numbers = _phrases()["numbers"][_language(profile)]
    told = [text.strip()]
    for name, key in (("key_confirm", confirm), ("key_operator", operator)):
        if key in KEYS:
            told.append(_words(profile, name).replace("{key}", numbers[int(key) - 1]))
    return Spoken("announcement", " ".join(told))


def shared_cache() -> Path:
    """Where spoken messages are kept for all instances of this user: the same words are said only once."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache_home) / "kindline" / "prompts"


def make(
    messages: Sequence[Spoken], language: str, folder: Path, progress: Progress | None = None, *, quick: bool = False
) -> dict[str, Sound]:
    """The sounds of the messages, by key; what is not there yet is made. A message that nobody can say is left out.

    `quick` takes what the best voice has said before, and lets the last one, which is the fastest, say the rest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    speakers = voices(language)
    found: dict[str, Sound] = {}
    with ThreadPoolExecutor(2, "voice") as pool:
        made = pool.map(
            lambda message: _made(message, language, _order(message, language, speakers, quick), folder), messages
        )
        for count, (message, sound) in enumerate(zip(messages, made, strict=True), 1):
            if sound is not None:
                found[message.key] = sound
            if progress:
                progress(count, len(messages), message.key)
    return found


def _order(message: Spoken, language: str, speakers: list[Voice], quick: bool) -> list[Voice]:
    if not quick or (speakers and (shared_cache() / _file(message, speakers[0], language)).exists()):
        return speakers
    return speakers[::-1]


def _file(message: Spoken, voice: Voice, language: str) -> str:
    return f"{_digest(f'{FORM}|{voice.name}|{language}|{message.text}'.encode())}.wav"


def _made(message: Spoken, language: str, speakers: Iterable[Voice], folder: Path) -> Sound | None:
    if message.kept is not None:
        return _sound(message.kept)
    if message.recorded is not None:
        target = folder / f"{_digest(message.recorded.read_bytes())}.wav"
        if not target.exists():
            sounds.convert(message.recorded, target)
        return _sound(target)
    for voice in speakers:
        target = folder / _file(message, voice, language)
        try:
            return _sound(target) if target.exists() else _sound(_spoken(message, voice, language, target))
        except (VoiceError, sounds.SoundError, OSError) as error:
            log.warning("%s cannot say %s: %s", voice.name, message.key, error)
    log.error("no voice can say %s in %s; the message is left out", message.key, language)
    return None


def _spoken(message: Spoken, voice: Voice, language: str, target: Path) -> Path:
    kept = shared_cache() / target.name
    if not kept.exists():
        with tempfile.TemporaryDirectory() as rough:
            raw = Path(rough) / "raw.wav"
            voice.say(message.text, language, raw)
            if sounds.duration_s(raw) < SPEECH_LEAST_S:
                raise VoiceError("it says nothing")
            sounds.convert(raw, kept)
    _lay(kept, target)
    return target


def _lay(source: Path, target: Path) -> None:
    """Copy in one step; two who lay the same file at once do not disturb each other."""
    beside = target.with_name(f"{target.stem}.{secrets.token_hex(4)}.copy")
    shutil.copyfile(source, beside)
    beside.replace(target)


def file_of(message: Spoken, language: str, speakers: Iterable[Voice], folder: Path) -> Path | None:
    """The file of a message that has been made, without making it."""
    if message.kept is not None:
        return message.kept
    names = (
        [_digest(message.recorded.read_bytes())]
        if message.recorded is not None
        else [_digest(f"{FORM}|{voice.name}|{language}|{message.text}".encode()) for voice in speakers]
    )
    return next((path for name in names if (path := folder / f"{name}.wav").is_file()), None)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _sound(path: Path) -> Sound:
    return Sound(f"sound:{path.with_suffix('')}", sounds.duration_s(path))


def lay_out_fallback(made: Mapping[str, Sound], folder: Path) -> None:
    """Put what the dialplan says alone under the names that it knows."""
    for name in ("fallback", "fallback-thanks"):
        sound = made.get(f"system.{name}")
        if sound is not None:
            source = Path(sound.media.removeprefix("sound:")).with_suffix(".wav")
            _lay(source, folder / f"{name}.wav")
