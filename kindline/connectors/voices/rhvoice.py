"""RHVoice: natural Russian and Ukrainian voices; used where the administrator installed it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from kindline.connectors.voices import programs

PROGRAM = "RHVoice-test"
PREFERRED = {"ru": ("irina", "anna", "elena", "aleksandr"), "uk": ("natalia", "anatol")}


class RHVoice:
    """The voices of RHVoice."""

    name = "rhvoice"

    def speaks(self, language: str) -> bool:
        """Whether the program and a voice of the language are installed."""
        return _voice(language) is not None

    def say(self, text: str, language: str, target: Path) -> None:
        """Write the text as a wave file. Raises: VoiceError."""
        programs.run([PROGRAM, "-p", _voice(language) or "", "-o", str(target)], text)


@cache
def _voice(language: str) -> str | None:
    if language not in PREFERRED or shutil.which(PROGRAM) is None:
        return None
    folders = [Path("/usr/share/RHVoice/voices"), Path("/usr/local/share/RHVoice/voices")]
    there = {path.name for folder in folders if folder.is_dir() for path in folder.iterdir()}
    return next((name for name in PREFERRED[language] if name in there), None)
