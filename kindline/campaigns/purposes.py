"""What people may be called or written to for, and whose consent that needs, as the standard names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kindline.campaigns.models import Campaign, Kind
from kindline.staff import exports
from kindline.standard import message_purposes
from kindline.standard.profile import Profile

NONE, SURVEYS, SUBSCRIPTION = message_purposes.CONSENTS
GUIDE = "survey"
"""The purpose of the guide by which operators ask, where the profile has one."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose of surveys: its name, its title, how it is stated to the consumer, and the clause behind it."""

    code: str
    title: Mapping[str, str]
    phrase: str
    clause: str


@dataclass(frozen=True, slots=True)
class Message:
    """A purpose of messages: its name, its title, and whose consent it needs."""

    code: str
    title: Mapping[str, str]
    consent: str = NONE


def fits(profile: Profile, kind: str, purpose: str) -> bool:
    """Whether a campaign of this kind may be made for this: a message for what personal data may be used for.

    Clause: krc-5.5.2-06, krc-5.5.2-07, krc-5.5.2-08, krc-6.1-04.
    """
    if kind == Kind.SURVEY:
        return purpose in of(profile)
    return purpose in (of_messages(profile) or {""})


def of_messages(profile: Profile) -> dict[str, Message]:
    """What messages may be for, by name: `campaign_purposes` of the profile, else what personal data may be used for.

    A consent that is not known is the strictest. Clause: krc-6.1-04.
    """
    named: Mapping[str, Mapping[str, object]] = profile.variable(message_purposes.VARIABLE, {}) or {}
    if not named:
        return {code: Message(code, dict(title)) for code, title in exports.purposes(profile).items()}
    found = {}
    for code, said in named.items():
        title = said["title"] if isinstance(said["title"], dict) else {}
        consent = str(said.get("consent", NONE))
        found[code] = Message(code, title, consent if consent in (NONE, SURVEYS) else SUBSCRIPTION)
    return found


def consent_of(campaign: Campaign, profile: Profile) -> str:
    """Whose consent a campaign needs."""
    if campaign.kind == Kind.SURVEY:
        return SURVEYS
    known = of_messages(profile).get(campaign.purpose)
    return known.consent if known else NONE


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
