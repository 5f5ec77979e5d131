"""Where a booked consultation takes place, what it is about, and what is to be brought."""

from __future__ import annotations

from collections.abc import Mapping

from kindline.appeals import wording
from kindline.site.consultations.timetable import consulting_of
from kindline.site.models import Consultation
from kindline.standard.consultation_data import IN_PERSON
from kindline.standard.profile import Profile


def place(made: Consultation, profile: Profile) -> str:
    """The service centre with its address; empty where one need not come."""
    return centre_title(profile, made.centre) if made.way == IN_PERSON else ""


def centre_title(profile: Profile, code: str) -> str:
    """A service centre with its address."""
    consulting = consulting_of(profile)
    found = consulting.centres.get(code) if consulting else None
    return f"{found.title}, {found.address}" if found else code


def subject_title(profile: Profile, code: str) -> str:
    """What it is about, in the language of the page."""
    consulting = consulting_of(profile)
    found = consulting.subjects.get(code) if consulting else None
    return titled(found.title, profile) if found else code


def documents(made: Consultation, profile: Profile) -> list[str]:
    """What to bring, by the service passport of the subject; nothing for a consultation by video."""
    return documents_of(profile, made.subject) if made.way == IN_PERSON else []


def documents_of(profile: Profile, subject: str) -> list[str]:
    """The documents of a subject's service passport, where it has one."""
    consulting = consulting_of(profile)
    found = consulting.subjects.get(subject) if consulting else None
    passport = profile.services.get(found.service) if found and found.service else None
    return [titled(one.title, profile) for one in passport.documents] if passport else []


def titled(title: Mapping[str, str], profile: Profile) -> str:
    """A title in the language of the page, else in that of the standard."""
    return title.get(wording.language()) or title[profile.language]
