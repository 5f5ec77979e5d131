"""The dialogues of the menu's services, read from data: questions, who checks them, how often may be guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kindline.standard.profile import Profile
from kindline.switchboard.machine.plan import Dialogue, Question

VARIABLE = "self_service"


@dataclass(frozen=True, slots=True)
class Part:
    """A question with who checks its answer, and whether a wrong one counts as a guess."""

    question: Question
    check: str = ""
    on_request: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Guesses:
    """How many wrong answers are taken within a time: from one number, and from all together."""

    a_number: int
    all: int
    within_s: float

    @classmethod
    def of(cls, profile: Profile) -> Guesses:
        """Those of the profile, else ours."""
        return cls(**{**_file()["guesses"], **(settings_of(profile).get("guesses") or {})})


def settings_of(profile: Profile) -> Mapping[str, Any]:
    """What the profile says of self-service: proofs, and how often may be guessed."""
    return profile.variable(VARIABLE) or {}


def names() -> tuple[str, ...]:
    """The services that there are."""
    return tuple(name for name in _file() if name != "guesses")


def services() -> dict[str, Dialogue]:
    """The services as the machine asks them."""
    return {
        name: Dialogue(tuple(part.question for part in parts(name)), bool(_file()[name].get("looks_first")))
        for name in names()
    }


@cache
def parts(service: str) -> tuple[Part, ...]:
    """The questions of a service with their checks."""
    return tuple(_part(raw) for raw in _file()[service]["questions"])


def is_guessed(service: str, question: str) -> bool:
    """Whether a wrong answer to a question counts as a guess."""
    return any(part.guessed and part.question.id == question for part in parts(service))


def questions() -> tuple[str, ...]:
    """Every question once, in the order of the file."""
    return tuple(dict.fromkeys(part.question.id for name in names() for part in parts(name)))


def _part(raw: Mapping[str, Any]) -> Part:
    question = Question(raw["id"], int(raw.get("figures_max", 20)), bool(raw.get("read_back")))
    on_request = raw.get("asked") == "on_request"
    return Part(question, str(raw.get("check", "")), on_request, bool(raw.get("guessed")))


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("dialogues.yaml").read_text(encoding="utf-8"))
    return found
