"""espeak-ng: knows every language and is always understood with some effort; the last resort."""

from __future__ import annotations

import shutil
from pathlib import Path

from kindline.connectors.voices import programs

LANGUAGES = {"ru": "ru", "uk": "uk", "en": "en-gb"}


class Espeak:
    """The voice of espeak-ng."""

    name = "espeak-ng"

    def speaks(self, language: str) -> bool:
        """Whether the program is installed and knows the language."""
        return language in LANGUAGES and shutil.which("espeak-ng") is not None

    def say(self, text: str, language: str, target: Path) -> None:
        """Write the text as a wave file. Raises: VoiceError."""
        words = ["espeak-ng", "-v", LANGUAGES[language], "-s", "150", "-b", "1", "--stdin", "-w", str(target)]
        programs.run(words, text)
