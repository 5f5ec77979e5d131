"""The invented organisation's words, out of the files beside."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from kindline.runtime.demonstration.persons import Person

FOLDER = Path(__file__).parent


@cache
def organisation(profile_id: str) -> dict[str, Any]:
    """Units, skills, topics and other bodies of the organisation that runs this standard."""
    return _read(profile_id)


@cache
def language(code: str) -> dict[str, Any]:
    """Names, streets and matters of a language."""
    return _read(code)


def talks(profile_id: str, code: str) -> dict[str, Any]:
    """What is spoken of: the words of the language, and where the organisation has matters of its own, those."""
    return {**language(code), **organisation(profile_id).get("spoken_of", {})}


def person(dice: Random, code: str) -> Person:
    """Somebody."""
    words = language(code)
    gender = dice.choice("mf")
    surname = dice.choice(words["surnames_m"])
    if gender == "f":
        surname = feminine(surname, words["surname_f"])
    return Person(surname, dice.choice(words[f"given_{gender}"]), dice.choice(words[f"patronymics_{gender}"]), gender)


def feminine(surname: str, endings: dict[str, str]) -> str:
    """The surname of a woman, where the language has one."""
    for ending, other in endings.items():
        if surname.endswith(ending):
            return surname[: -len(ending)] + other
    return surname


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found
