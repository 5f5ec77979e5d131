"""Placeholders in phrases: which there are, and how they are found."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import near

NAMES = frozenset(
    """greeting company company_short company_dative department operator_number operator_name operator_full_name
    operator_given_name client_name client_name_dative specialist specialist_dative specialist_department duration due
    appeal_number deadline hours service matter reason body contacts position expected_wait interval office phone topic
    documents_term payment_term result_term
    salutation executor_name executor_phone executor_email text number date""".split()
)
BY_GUIDE = frozenset(
    """greeting operator_number operator_name operator_full_name operator_given_name department client_name specialist
    specialist_dative specialist_department duration due appeal_number deadline body service documents_term payment_term
    result_term matter reason office phone""".split()
)
"""What a guide fills by itself, from who speaks, to whom, about what; the rest are variables of the profile."""
FOUND = re.compile(r"\{([^{}]*)\}")


def names(template: str) -> list[str]:
    """The placeholders of a template, in order; `gender` for a choice by the operator's gender."""
    return [_name(match[1]) for match in FOUND.finditer(template)]


def _name(inside: str) -> str:
    return "gender" if inside.startswith("gender:") and inside.count("|") == 1 else inside


def check(template: str, place: Place, filled: Container[str] = NAMES) -> Iterator[Fault]:
    """Unknown placeholders, those that nothing has filled, and unbalanced braces."""
    for name in names(template):
        if name != "gender" and name not in NAMES:
            yield place.fault(f"unknown placeholder {{{name}}}", near(name, [*NAMES, "gender:он|она"]))
        elif name != "gender" and name not in filled:
            yield place.fault(f"nothing fills {{{name}}} here", f"write variables.{name}, or leave it out")
    if "{" in (rest := FOUND.sub("", template)) or "}" in rest:
        yield place.fault("a brace without its partner", "write placeholders as {name}")


def literal_parts(template: str) -> list[str]:
    """The words between the placeholders; a choice by gender gives a part for each ending's rest."""
    return [part for part in FOUND.split(template)[::2] if part.strip()]
