"""The state of an appeal as the telephone tells it to whoever presses its number: no person, no matter, no place."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kindline.appeals import lookup
from kindline.appeals.models import Appeal
from kindline.clients import search
from kindline.standard import appeal_numbers, clockwords
from kindline.standard.appeal_numbers import Template
from kindline.standard.profile import Profile

FIGURES_MAX, UNITS_MAX = 18, 50


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("spoken.yaml").read_text(encoding="utf-8"))
    return found


def status(profile: Profile, figures: str, _now: dt.datetime) -> str | None:
    """What is said of the appeal whose number has these figures; None where there is none."""
    found = by_figures(profile, figures)
    if found is None:
        return None
    words = words_of(profile)
    values = {"state": _state(profile, found), "day": spoken_day(profile, found.registered_at)}
    said = [words["state"].format(**values)]
    if found.answered_at is not None:
        said.append(words["answered"].format(day=spoken_day(profile, found.answered_at)))
    elif found.limit_at is not None and found.closed_at is None:
        said.append(words["limit"].format(day=spoken_day(profile, found.limit_at)))
    return " ".join(said)


def by_figures(profile: Profile, figures: str) -> Appeal | None:
    """The appeal of a number pressed on a telephone: year and running number, which may lack its leading zeros.

    The year is not pressed where numbers have none; prefix and unit, which are letters, never are.
    """
    shapes = appeal_numbers.all_of(profile.variables, profile.id)
    found = (_by_shape(profile, shape, figures) for shape in shapes)
    return next((one for one in found if one is not None), None)


def _by_shape(profile: Profile, shape: Template, figures: str) -> Appeal | None:
    year, running = (figures[:4], figures[4:]) if shape.is_yearly else ("", figures)
    if not figures.isascii() or not figures.isdecimal() or not 0 < len(running) < FIGURES_MAX or not int(running):
        return None
    rows = Appeal.objects.filter(profile=profile.id)
    if "{unit}" not in shape.text:
        return rows.filter(number=shape.written(int(running), int(year or 0))).first()
    word = search.quoted(f"{int(running):0{shape.width}}")
    found = rows.extra(where=[lookup.MATCH], params=[word]).order_by("-pk")[:UNITS_MAX]  # noqa: S610 - quoted
    return next((one for one in found if _is(shape, one.number, int(running), year)), None)


def _is(shape: Template, number: str, running: int, year: str) -> bool:
    """Whether a number is of this shape, of that year, and has that running number."""
    match = shape.pattern.fullmatch(number)
    told = match.groupdict() if match else {}
    return bool(told) and int(told["number"]) == running and told.get("year", "") == year


def spoken_day(profile: Profile, moment: dt.datetime) -> str:
    """A day as it is read aloud: ordinal and month, in the genitive, without digits."""
    return clockwords.day_of(moment.astimezone(profile.zone).date(), language_of(profile))


def language_of(profile: Profile) -> str:
    """The language in which the telephone speaks."""
    return profile.language if profile.language in _words() else "uk"


def words_of(profile: Profile) -> dict[str, str]:
    """The words of that language."""
    found: dict[str, str] = _words()[language_of(profile)]
    return found


def _state(profile: Profile, appeal: Appeal) -> str:
    state = profile.workflow.states.get(appeal.state) if profile.workflow else None
    title = state.title if state else {}
    return title.get(profile.language) or appeal.state.replace("_", " ")
