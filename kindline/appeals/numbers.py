"""Numbers of appeals: one series a profile and year, given in the transaction that registers, so without gaps.

The series' row is held until the commit, and others wait for it. So the commit does not wait for the disk while it
holds it; who registers waits for the disk right afterwards, together with all others, before anybody is told the
number. What a crash takes away in between nobody was told of, and every later number goes with it: no gap, no double.
How a number looks is said by the profile (`standard.appeal_numbers`); a change of it leaves the series as it is.
"""

from __future__ import annotations

import json
import re

from kindline.appeals.models import Appeal
from kindline.journal import prepared
from kindline.standard import appeal_numbers
from kindline.standard.appeal_numbers import Template
from kindline.standard.profile import Profile

ON_DISK = "SELECT pg_logical_emit_message(true, 'kindline', '')"
"""A transaction of its own, as small as can be: its commit waits for the disk (and the standby) as far as itself."""
ALWAYS = 0
"""The year of a series that goes on and on."""


def wait_for_disk() -> None:
    """Return once everything committed so far is as safe as a commit of this database is."""
    prepared.run(ON_DISK)


def template_of(profile: Profile) -> Template:
    """How the numbers look that are given now."""
    return appeal_numbers.of(profile.variables, profile.id)


def series_of(profile: Profile, year: int) -> int:
    """The year of the series from which a number of that year comes."""
    return year if template_of(profile).is_yearly else ALWAYS


def shape_for(appeal: Appeal, profile: Profile, year: int) -> str:
    """What stands around the running number of an appeal that has none yet, as the database takes it (JSON)."""
    template = template_of(profile)
    head, tail = template.around(year, appeal.control_unit.code if appeal.control_unit else "")
    return json.dumps({"head": head, "width": template.width, "tail": tail})


def written(profile: Profile, year: int, running: int) -> str:
    """A number as it is shown, of no unit."""
    return template_of(profile).written(running, year)


def running(number: str) -> str:
    """The running number of a number: its last figures."""
    found: list[str] = re.findall(r"\d+", number)
    return found[-1] if found else ""


def found_in(text: str, profile: Profile) -> list[str]:
    """Numbers of ours that stand in a text, such as a subject line; those of earlier shapes too."""
    shapes = appeal_numbers.all_of(profile.variables, profile.id)
    return list(dict.fromkeys(number for shape in shapes for number in shape.found_in(text)))
