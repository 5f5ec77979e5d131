"""Running a voice's program: its text on standard input, its sound in a file, with a limit of time."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from kindline.switchboard.prompts import VoiceError

LIMIT_S = 120


def run(words: Sequence[str], text: str) -> None:
    """Let a program say a text.

    Raises: VoiceError when it fails or takes too long.
    """
    try:
        done = subprocess.run(words, input=text.encode(), capture_output=True, timeout=LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VoiceError(f"{words[0]}: {error}") from error
    if done.returncode:
        raise VoiceError(f"{words[0]}: {done.stderr.decode(errors='replace').strip()[-300:]}")
