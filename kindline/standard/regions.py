"""Days off of regions that the library of holidays does not know: fixed days of each year, by a law of the region."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Days = Mapping[tuple[int, int], Mapping[str, Any]]


def codes(country: str) -> list[str]:
    """The regions of a country that are listed here."""
    return sorted(_listed().get(country, {}))


def is_ours(country: str, region: str | None) -> bool:
    """Whether a region is listed here, and not in the library."""
    return region is not None and region in _listed().get(country, {})


def title(country: str, region: str | None) -> str:
    """What the region is called; nothing where it is not listed here."""
    return str(_listed()[country][region]["title"]) if region and is_ours(country, region) else ""


def holiday(country: str, region: str | None, day: dt.date) -> str:
    """The name of the region's own day off; nothing on other days, and before its law."""
    if region is None or not is_ours(country, region):
        return ""
    found = _days(country, region).get((day.month, day.day))
    return str(found["name"]) if found is not None and day.year >= found["since"] else ""


@cache
def _listed() -> dict[str, dict[str, Any]]:
    """The file `regions.yaml` beside this module: country, code of the region (ISO 3166-2), its days."""
    return dict(yaml.safe_load(Path(__file__).with_name("regions.yaml").read_text(encoding="utf-8")))


@cache
def _days(country: str, region: str) -> Days:
    found = {}
    for one in _listed()[country][region]["days"]:
        month, day = map(int, one["day"].split("-"))
        found[month, day] = one
    return found
