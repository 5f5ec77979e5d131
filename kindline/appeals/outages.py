"""Incidents as clients are told of them: on the telephone those at their place, on the site those with a notice.

What is known, since when, until when; nothing of who appealed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from django.db.models import F, QuerySet

from kindline.appeals import spoken
from kindline.appeals.models import Incident
from kindline.clients import folding
from kindline.clients.models import Premise
from kindline.standard import clockwords, numerals
from kindline.standard.profile import Profile

AREAS = re.compile(r"[,;\n]")
"""Between the streets of an incident's area."""
HOUSE_LETTERS = 2
"""So many letters may belong to a house's number; a longer word is a street or a town."""
TITLE_MAX = 200
LATELY = dt.timedelta(days=2)
"""So long the site still tells that something is over."""
AHEAD = dt.timedelta(days=3)
"""So long before it begins the telephone tells of planned work."""
AT_ONCE = 1000
"""So many are looked at, for the telephone and the site alike: more than ever go on."""


def at(profile: Profile, places: Sequence[Premise], now: dt.datetime) -> list[str]:
    """What is said of the incidents that concern one of these places, the latest first, then of planned work."""
    words = [set(folding.address_words(str(place))) for place in places]
    return [_said(profile, one, now) for rows in to_tell(profile, now) for one in _covering(rows, words)]


def any_open(profile: Profile, now: dt.datetime) -> bool:
    """Whether anything has happened that is not over, or is planned for the next days."""
    return any(rows.exists() for rows in to_tell(profile, now))


def on_site(profile: Profile, now: dt.datetime) -> QuerySet[Incident]:
    """What goes on and has a notice for everybody, the latest first."""
    return _going_on(profile, now).exclude(notice="")


def planned(profile: Profile, now: dt.datetime) -> QuerySet[Incident]:
    """What has a notice for everybody and is to begin, the next first."""
    return announced(profile).filter(begun_at__gt=now).order_by("begun_at", "pk")


def announced(profile: Profile) -> QuerySet[Incident]:
    """What has a notice for everybody and is not over: what goes on, and what is planned."""
    return Incident.objects.filter(profile=profile.id, ended_at=None).exclude(notice="").order_by("pk")


def concerning(incident: Incident) -> Callable[[str, str], bool]:
    """Whether who asked for a street, or a house in it, is to be told; no street is everywhere, no area everybody.

    The area is read once, when the first is asked about, however many there are.
    """
    streets = cache(lambda: _streets(incident.area))

    def is_told(street: str, house: str) -> bool:
        place = set(folding.address_words(f"{street} {house}"))
        if not place or not incident.area:
            return True
        return any(one <= place or (not house and place <= one) for one in streets())

    return is_told


def lately_over(profile: Profile, now: dt.datetime) -> QuerySet[Incident]:
    """What had a notice and has ended within the last two days, the latest first; what was called off had not begun."""
    rows = over(profile, now).filter(begun_at__lte=F("ended_at")).exclude(notice="")
    return rows.order_by("-ended_at", "-pk")


def over(profile: Profile, now: dt.datetime) -> QuerySet[Incident]:
    """What has ended within the last two days, or was called off before it began, whether or not it has a notice."""
    return Incident.objects.filter(profile=profile.id, ended_at__gt=now - LATELY, ended_at__lte=now).order_by("pk")


def at_address(profile: Profile, address: str, now: dt.datetime) -> list[Incident]:
    """Of what goes on by the site, that which concerns an address as somebody has typed it."""
    return _there(on_site(profile, now), address)


def planned_at(profile: Profile, address: str, now: dt.datetime) -> list[Incident]:
    """The same of what is planned."""
    return _there(planned(profile, now), address)


def _there(rows: QuerySet[Incident], address: str) -> list[Incident]:
    return _covering(rows, [set(folding.address_words(address))])


def _covering(rows: QuerySet[Incident], places: Sequence[set[str]]) -> list[Incident]:
    """What covers a place; what has no area concerns everybody, as for subscribers (`concerning`)."""
    return [one for one in rows[:AT_ONCE] if places and (not one.area or covers(one, places))]


def covers(incident: Incident, places: Iterable[set[str]]) -> bool:
    """Whether one of these places lies in the incident's area."""
    return any(map(within(incident.area), places))


def within(area: str) -> Callable[[set[str]], bool]:
    """Whether a place lies in the area: all words of one of its streets are words of the place's address.

    The area is read once, however many places are asked about.
    """
    streets = _streets(area)
    return lambda place: any(street <= place for street in streets)


def _streets(area: str) -> list[set[str]]:
    """The streets of an area, a number after a comma with the street before it: «Лесная, 12, 14; Садовая» is three."""
    found: list[set[str]] = []
    street: set[str] = set()
    for part in AREAS.split(area):
        words = set(folding.address_words(part))
        if any(len(word) > HOUSE_LETTERS and not word.isdecimal() for word in words):
            street = {word for word in words if not word[0].isdecimal() and len(word) > HOUSE_LETTERS}
            found.append(words)
        elif words and street:
            found = [one for one in found if one != street]
            found.append(street | words)
    return found


def to_tell(profile: Profile, now: dt.datetime) -> list[QuerySet[Incident]]:
    """What goes on, and what is planned for the next days, where it is known where; or everywhere, with a notice."""
    soon = Incident.objects.filter(profile=profile.id, begun_at__gt=now, begun_at__lte=now + AHEAD, ended_at=None)
    return [one.exclude(area="", notice="") for one in (_going_on(profile, now), soon.order_by("begun_at", "pk"))]


def _going_on(profile: Profile, now: dt.datetime) -> QuerySet[Incident]:
    """What has begun and is not over, the latest first."""
    rows = Incident.objects.filter(profile=profile.id, begun_at__lte=now, ended_at=None)
    return rows.order_by("-begun_at", "-pk")


def _said(profile: Profile, incident: Incident, now: dt.datetime) -> str:
    language, words = spoken.language_of(profile), spoken.words_of(profile)
    day, hour = _hour_of(profile, incident.begun_at)
    title = numerals.spelled(incident.title[:TITLE_MAX].rstrip(" ."), language)
    is_planned = incident.begun_at > now
    said = words["planned" if is_planned else "incident"].format(
        title=title, day=day, since=clockwords.since(hour, language)
    )
    if incident.expected_end is None or incident.expected_end <= now:
        return said
    day, hour = _hour_of(profile, incident.expected_end)
    return f"{said} {words['planned_end' if is_planned else 'expected'].format(day=day, hour=hour)}"


def _hour_of(profile: Profile, moment: dt.datetime) -> tuple[str, str]:
    """Day and hour of a moment in the genitive: третьего марта, восьми часов."""
    language, local = spoken.language_of(profile), moment.astimezone(profile.zone)
    hour = local.time().replace(minute=0, second=0, microsecond=0)
    return clockwords.day_of(local.date(), language), clockwords.until(hour, language)
