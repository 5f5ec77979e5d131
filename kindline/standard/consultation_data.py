"""Consultations booked on the site, and the site's own services: what `publication.yaml` says of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindline.standard.acts import STAFF_ROLES
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import Choice, ListOf, Number, Record, Text, Title, near

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

IN_PERSON, VIDEO = "in_person", "video"
WAYS = (IN_PERSON, VIDEO)
IDENT = Text(pattern=r"[a-z][a-z0-9_]*", cure="write small Latin letters, digits and _, a letter first")
WHOLE = Number(whole=True, least=1)
ROLES = ListOf(Choice(STAFF_ROLES), least=1)
CLAUSES = ListOf(Text(), least=1)
SUBJECT = Record({"id": IDENT, "title": Title()}, {"service": IDENT})
CONSULTATION = Record(
    {
        "ways": ListOf(Choice(WAYS), least=1),
        "centres": ListOf(Record({"id": IDENT, "title": Text(), "address": Text()}), least=1),
        "subjects": ListOf(SUBJECT, least=1),
        "every_minutes": WHOLE,
        "ahead_days": WHOLE,
        "before_minutes": WHOLE,
        "remind_minutes": WHOLE,
        "early_minutes": WHOLE,
        "kept_days": WHOLE,
        "specialists": ROLES,
        "organisers": ROLES,
        "phone": Text(),
        "clauses": CLAUSES,
    },
    {"session": Record({"clause": Text(), "warn_s": ListOf(WHOLE, least=1)})},
)
WATCHED = Record(
    {"id": IDENT, "title": Title(), "address": Text(pattern=r"/\S*", cure="write its path, such as /ask/")}
)
AVAILABILITY = Record({"every_minutes": WHOLE, "services": ListOf(WATCHED, least=1), "clauses": CLAUSES})
LIMIT = "video_session_s_max"
"""Under this name a clause's value says how long a session by video lasts at most."""


@dataclass(frozen=True, slots=True)
class Centre:
    """A service centre in which one is consulted."""

    id: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What one may be consulted about; `service` of the service passports says what is to be brought."""

    id: str
    title: Mapping[str, str]
    service: str = ""


@dataclass(frozen=True, slots=True)
class Consulting:
    """How consultations are booked: ways, centres, subjects, length of a slot, and who gives and plans them."""

    ways: tuple[str, ...]
    centres: Mapping[str, Centre]
    subjects: Mapping[str, Subject]
    every_minutes: int
    ahead_days: int  # so many days ahead one can be booked
    before_minutes: int  # and not later than so long before it
    remind_minutes: int  # so long before it the client is reminded
    early_minutes: int  # so long before it the waiting room opens
    kept_days: int  # so long after it the booking is kept
    specialists: tuple[str, ...]
    organisers: tuple[str, ...]
    phone: str  # told to whoever cannot take part by video
    clauses: tuple[str, ...]
    session_clause: str = ""
    warn_s: tuple[int, ...] = ()  # so long after its beginning both are told how much is left


@dataclass(frozen=True, slots=True)
class Watched:
    """A service of the site that works by itself, and the page by which it is looked at."""

    id: str
    title: Mapping[str, str]
    address: str


@dataclass(frozen=True, slots=True)
class Availability:
    """Which services of the site are looked at, and how often."""

    every_minutes: int
    services: Mapping[str, Watched]
    clauses: tuple[str, ...]


def consulting(raw: Mapping[str, Any] | None) -> Consulting | None:
    """How consultations are booked; None where the standard has none."""
    if raw is None:
        return None
    plain = _plain({key: value for key, value in raw.items() if key not in ("centres", "subjects", "session")})
    session = raw.get("session") or {}
    return Consulting(
        **plain,
        centres={one["id"]: Centre(**one) for one in raw["centres"]},
        subjects={one["id"]: Subject(one["id"], one["title"], one.get("service", "")) for one in raw["subjects"]},
        session_clause=session.get("clause", ""),
        warn_s=tuple(session.get("warn_s") or ()),
    )


def availability(raw: Mapping[str, Any] | None) -> Availability | None:
    """Which services are looked at; None where the standard has none."""
    if raw is None:
        return None
    services = {one["id"]: Watched(one["id"], one["title"], one["address"]) for one in raw["services"]}
    return Availability(raw["every_minutes"], services, tuple(raw["clauses"]))


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}


def check(raw: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Clauses that there are, services with a passport, and a limit for sessions by video."""
    for part in ("consultation", "availability"):
        for index, clause in enumerate((raw.get(part) or {}).get("clauses") or ()):
            yield from _there(clause, place.child(part).child("clauses").child(index), known)
    asked = raw.get("consultation")
    if asked is None:
        return
    at, session = place.child("consultation"), asked.get("session")
    if session is not None:
        yield from _there(session["clause"], at.child("session").child("clause"), known)
    if (VIDEO in asked["ways"]) != (session is not None):
        yield at.child("session").fault(
            "'session' and the way 'video' do not go together", "a session belongs to video, and video needs one"
        )


def _there(clause: str, at: Place, known: Known) -> Iterator[Fault]:
    if clause not in known.clauses:
        yield at.fault(f"no clause {clause!r}", near(clause, known.clauses))
