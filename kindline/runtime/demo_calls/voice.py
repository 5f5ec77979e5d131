"""What is said in a demonstration, as sound files: the operator has the best voice there is, the client another."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kindline.runtime.demo_calls.errors import DemoError
from kindline.switchboard import prompts, sounds
from kindline.switchboard.prompts import Spoken, Voice, VoiceError


class Voices:
    """Says texts in the profile's language into files of a folder."""

    def __init__(self, language: str, folder: Path, *, quick: bool) -> None:
        self.language, self.folder, self.quick = language, folder, quick
        self._known = prompts.voices(language)
        if not self._known:
            raise DemoError(f"no voice here speaks {language}: install espeak-ng (or set KINDLINE_VOICES)")

    def of_operator(self, text: str) -> Path:
        """The operator's words: in the voice of the menu, kept for the next time. Raises: DemoError."""
        if self.quick:
            return self._said(text, self._known[-1])
        made = prompts.make([Spoken("operator", text)], self.language, self.folder)
        if "operator" not in made:
            raise DemoError(f"no voice here can say {text!r}")
        return Path(made["operator"].media.removeprefix("sound:")).with_suffix(".wav")

    def of_client(self, text: str) -> Path:
        """The client's words, in the plainest voice, so that the two can be told apart. Raises: DemoError."""
        return self._said(text, self._known[-1])

    def _said(self, text: str, voice: Voice) -> Path:
        target = self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.wav"
        if not target.exists():
            raw = target.with_suffix(".raw.wav")
            try:
                voice.say(text, self.language, raw)
                sounds.convert(raw, target)
            except (VoiceError, sounds.SoundError) as error:
                raise DemoError(f"{voice.name} cannot say {text!r}: {error}") from error
        return target
