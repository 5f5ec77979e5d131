"""What the standard demands of a letter: what its subject says, how it begins, on what it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kindline.correspondence.addressing import NOBODY, Person, salutation
from kindline.correspondence.errors import Breach
from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile

KEY = "letter_part"
SUBJECT, SALUTATION = "subject", "salutation"
CHANNELS = {"email": "mail", "web": "web", "paper": "post"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it is sent. `origin` says whose norms it keeps (`origin_of`); empty where it answers nobody."""

    subject: str
    text: str
    language: str
    origin: str = ""
    person: Person = NOBODY
    template: str = ""
    template_version: str = ""
    is_automatic: bool = False
    leave_at: str = ""  # by which address one leaves the notices of which it is one (RFC 8058)


def origin_of(came: str, goes: str) -> str:
    """Whose norms an answer keeps: those of paper where it goes on paper, of the website where it came from there."""
    if goes == "paper":
        return "paper"
    return "web" if came in ("web", "account") else "email"


def of(profile: Profile, part: str, origin: str) -> list[Clause]:
    """The clauses about a part of an answer; those of the website only for what came through the website."""
    channel = CHANNELS.get(origin, "")
    found = [
        clause for clause in profile.clauses.values() if clause.value.get(KEY) == part and channel in clause.channel
    ]
    return [clause for clause in found if origin == "web" or "web" not in clause.channel]


def prescribed_subject(profile: Profile, origin: str) -> str:
    """The prescribed subject: the organisation's full name and the phrase; empty where there is no norm."""
    clauses = of(profile, SUBJECT, origin)
    phrases = [phrase.text for clause in clauses for phrase in clause.phrases if phrase.role == "prescribed"]
    return f"{profile.variable('company')}: {phrases[0]}" if phrases else ""


def breaches(profile: Profile, draft: Draft) -> list[Breach]:
    """What an answer misses that the standard demands of it; nothing for letters that answer nobody.

    Clause: krc-5.7.2-30, krc-5.7.2-31, krc-5.7.2-32, krc-5.8-12, krc-5.8-13, krc-6.1-45, krc-6.1-46.
    """
    if not draft.origin or draft.is_automatic:
        return []
    return [*_subject(profile, draft), *_salutation(profile, draft)]


def _subject(profile: Profile, draft: Draft) -> Iterator[Breach]:
    for clause in of(profile, SUBJECT, draft.origin):
        wanted = [str(profile.variable("company")), *(one.text for one in clause.phrases if one.role == "prescribed")]
        if any(folded(words) not in folded(draft.subject) for words in wanted):
            yield Breach(SUBJECT, (clause.id,), ", ".join(wanted))


def _salutation(profile: Profile, draft: Draft) -> Iterator[Breach]:
    clauses = tuple(clause.id for clause in of(profile, SALUTATION, draft.origin))
    if not clauses or draft.person.only_initials:
        return
    wanted = salutation(draft.language, draft.person)
    first = next((line for line in draft.text.splitlines() if line.strip()), "")
    if folded(wanted) not in folded(first):
        yield Breach(SALUTATION, clauses, wanted)


def folded(text: str) -> str:
    """Words as they are compared: small letters, ё as е, one apostrophe, spaces joined."""
    return " ".join(text.casefold().replace("ё", "е").replace("ʼ", "’").replace("'", "’").split())


def values(profile: Profile) -> Mapping[str, Any]:
    """What every template may name of the organisation."""
    return {name: profile.variable(name) for name in ("company", "company_short", "company_dative", "department")}
