"""festival with its Russian voice: a recorded person, one sentence at a time."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from kindline.connectors.voices import programs

VOICE = "msu_ru_nsh_clunits"
FOLDERS = ("/usr/share/festival/voices", "/usr/lib/festival/voices", "/usr/local/share/festival/voices")
UNITS = "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать".split()
UNITS += "четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать".split()
TENS = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split()
HUNDREDS = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split()


class Festival:
    """The voice msu_ru of festival."""

    name = f"festival-{VOICE}"

    def speaks(self, language: str) -> bool:
        """Whether the program and its Russian voice are installed."""
        return (
            language == "ru"
            and shutil.which("text2wave") is not None
            and any(True for folder in FOLDERS for _ in Path(folder).glob(f"*/{VOICE}"))
        )

    def say(self, text: str, language: str, target: Path) -> None:  # noqa: ARG002
        """Write the text as a wave file. Raises: VoiceError."""
        programs.run(["text2wave", "-eval", f"(voice_{VOICE})", "-o", str(target)], pronounceable(text))


def pronounceable(text: str) -> str:
    """The text as this voice can say it: digits in words, no quotes, dashes, Latin letters or other signs."""
    text = re.sub(r"(\d{1,2}):(\d{2})", lambda found: f"{found[1]} {found[2] if found[2] != '00' else ''}", text)
    text = re.sub(r"\d+", lambda found: in_words(found[0]), text)
    text = re.sub(r"\s*[–—-]\s+", ", ", text)
    text = re.sub(r"[^а-яёА-ЯЁ.,!?:; -]+", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def in_words(digits: str) -> str:
    """A number below a thousand in words; longer ones digit by digit."""
    if len(digits) > 3 or (len(digits) > 1 and digits[0] == "0"):
        return " ".join(UNITS[int(digit)] for digit in digits)
    hundreds, rest = divmod(int(digits), 100)
    words = [HUNDREDS[hundreds - 1]] if hundreds else []
    if rest >= 20:
        words.append(TENS[rest // 10 - 2])
        rest %= 10
    if rest or not words:
        words.append(UNITS[rest])
    return " ".join(words)
