"""What consumers may be called for: the purposes of surveys and of messages, as the standard names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kindline.campaigns.models import Kind
from kindline.staff import exports
from kindline.standard.profile import Profile

GUIDE = "survey"
"""The purpose of the guide by which operators ask, where the profile has one."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose of surveys: its name, its title, how it is stated to the consumer, and the clause behind it."""

    code: str
    title: Mapping[str, str]
    phrase: str
    clause: str


def fits(profile: Profile, kind: str, purpose: str) -> bool:
    """Whether a campaign of this kind may be made for this: a message for what personal data may be used for.

    Clause: krc-5.5.2-06, krc-5.5.2-07, krc-5.5.2-08, krc-6.1-04.
    """
    if kind == Kind.SURVEY:
        return purpose in of(profile)
    return purpose in (exports.purposes(profile) or {""})


def of(profile: Profile) -> dict[str, Purpose]:
    """The purposes of a profile by name, in the order of its clauses; none where the standard knows no surveys.

    Clause: krc-5.5.2-06, krc-5.5.2-07, krc-5.5.2-08.
    """
    named: Mapping[str, Mapping[str, object]] = profile.variable("surveys", {})
    found = {}
    for clause in profile.clauses.values():
        code = str(clause.value.get("outbound_purpose", ""))
        if code in named:
            said = named[code]
            title = said["title"] if isinstance(said["title"], dict) else {}
            found[code] = Purpose(code, title, str(said["phrase"]), clause.id)
    return found
