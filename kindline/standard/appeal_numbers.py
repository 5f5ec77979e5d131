"""How the numbers of appeals look: a template of the profile, with prefix, year, unit and the running number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

USUAL = "{prefix}-{year}/{number:5}"
"""Where a profile says nothing."""
NO_UNIT = "0"
"""What stands for the unit of an appeal that came to none, such as one put on the site."""
PLACE = re.compile(r"\{(prefix|year|unit|number:[1-9])\}")
PLAIN = re.compile(r"[\w/-]*")
CURE = f'write it as "{USUAL}": of {{prefix}}, {{year}}, {{unit}} and one {{number:5}}, letters, digits, - and /'
VARIABLES = ("appeal_number", "appeal_numbers_before", "appeal_prefix")


@dataclass(frozen=True)
class Template:
    """A shape of numbers, and the prefix that stands in it."""

    text: str
    prefix: str

    @property
    def is_yearly(self) -> bool:
        """Whether the running number begins anew with each year; without the year in it, it may not."""
        return "{year}" in self.text

    @property
    def width(self) -> int:
        """How many figures the running number has at least."""
        return int(re.findall(r"\{number:(\d)\}", self.text)[0])

    def around(self, year: int, unit: str = "") -> tuple[str, str]:
        """What stands before the running number, and after it."""
        head, tail = re.split(r"\{number:\d\}", self.text)
        known = {"{prefix}": self.prefix, "{year}": str(year), "{unit}": unit or NO_UNIT}
        return _filled(head, known), _filled(tail, known)

    def written(self, running: int, year: int, unit: str = "") -> str:
        """A number as it is shown."""
        head, tail = self.around(year, unit)
        return f"{head}{running:0{self.width}}{tail}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """How numbers of this shape are known in a text, in whatever letters."""
        parts = {
            "prefix": re.escape(self.prefix), "year": r"(?P<year>\d{4})", "unit": r"(?P<unit>[\w-]+?)",
            "number": rf"(?P<number>\d{{{self.width},18}})",
        }  # fmt: skip
        whole = "".join(
            parts[piece.partition(":")[0]] if odd else re.escape(piece)
            for odd, piece in ((n % 2, piece) for n, piece in enumerate(PLACE.split(self.text)))
        )
        return re.compile(rf"(?<!\w){whole}(?!\d)", re.IGNORECASE)

    def found_in(self, text: str) -> list[str]:
        """The numbers of this shape that stand in a text, as they are written here."""
        return [self._again(match.groupdict()) for match in self.pattern.finditer(text)]

    def _again(self, found: Mapping[str, str]) -> str:
        return self.written(int(found["number"]), int(found.get("year") or 0), found.get("unit") or "")


def of(variables: Mapping[str, Any], profile_id: str) -> Template:
    """The shape of the numbers that are given now."""
    return Template(str(variables.get("appeal_number") or USUAL), _prefix(variables, profile_id))


def all_of(variables: Mapping[str, Any], profile_id: str) -> list[Template]:
    """The shape of now, those that were in use before, and the usual one: numbers once given are still known."""
    prefix, before = _prefix(variables, profile_id), variables.get("appeal_numbers_before") or ()
    shapes = [of(variables, profile_id), *(Template(str(one), prefix) for one in before), Template(USUAL, profile_id)]
    return list(dict.fromkeys(shapes))


def _prefix(variables: Mapping[str, Any], profile_id: str) -> str:
    return str(variables.get("appeal_prefix") or profile_id)


def _filled(text: str, known: Mapping[str, str]) -> str:
    for place, value in known.items():
        text = text.replace(place, value)
    return text


def faults(variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the profile's variables about numbers: the variable and the fault; `CURE` mends all."""
    prefix, before = variables.get("appeal_prefix"), variables.get("appeal_numbers_before")
    if prefix is not None and not (isinstance(prefix, str) and prefix and PLAIN.fullmatch(prefix)):
        yield "appeal_prefix", "a prefix of letters, digits, - and / is expected"
    if before is not None and not isinstance(before, list):
        yield "appeal_numbers_before", "a list of templates is expected"
    shapes = [("appeal_number", variables["appeal_number"])] if "appeal_number" in variables else []
    shapes += [("appeal_numbers_before", one) for one in before] if isinstance(before, list) else []
    for name, text in shapes:
        if wrong := _wrong(text):
            yield name, wrong


def _wrong(text: Any) -> str:
    """What is wrong with a template; empty where nothing is."""
    if not isinstance(text, str):
        return f"a text is expected, not {text!r}"
    pieces = PLACE.split(text)
    places, between = pieces[1::2], pieces[::2]
    numbers = [at for at, place in enumerate(places) if place.startswith("number")]
    if not all(PLAIN.fullmatch(piece) for piece in between):
        return f"{text!r} has something else in it than its places, letters, digits, - and /"
    if len(numbers) != 1:
        return f"{text!r} needs one running number"
    if len(set(places)) < len(places):
        return f"{text!r} names a place twice"
    [at] = numbers
    before, after = between[at], between[at + 1]
    touches = (at > 0 and not before) or (at + 1 < len(places) and not after)
    if touches or before[-1:].isdigit() or after[:1].isdigit():
        return f"in {text!r} nothing tells where the running number begins or ends"
    return ""
