"""What a client asks of the menu itself: looked at, put into words, spoken; the same words are spoken only once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from kindline.clients import phones
from kindline.standard import hours
from kindline.standard.profile import Profile
from kindline.switchboard import prompts, ratings
from kindline.switchboard.machine.commands import LookUp
from kindline.switchboard.machine.events import Found
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.machine.turn import INQUIRY, NEWS, RATING
from kindline.switchboard.self_service import checks, dialogues, guesses, struck
from kindline.switchboard.self_service.told import Reply, Told

Service = Callable[[Profile, str, dt.datetime], str | None]
"""Profile, the figures that were pressed, the moment -> what is said, in the profile's language; None: unknown."""
TOO_OFTEN, OFFICES = "too_often", "offices"
UNASKED = {NEWS: struck.news, RATING: ratings.may_ask}
"""What is looked up without a client's asking."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and its sound; None where nothing is said, or nobody here can say it."""

    reply: Reply
    sound: Sound | None = field(default=None)


def answer(profile: Profile, asked: LookUp, *, contact: str, caller: str, now: dt.datetime, line: str = "") -> Answer:
    """What follows of what was typed, as it is spoken. What it says to be kept is kept."""
    number = phones.normalised(caller, profile.calendar.country)
    told = Told(profile, asked.service, now, asked.answers, asked.question, contact, number, asked.round, line)
    reply = _reply(told)
    return Answer(reply, spoken(profile, reply.said))


def event(asked: LookUp, found: Answer, at: dt.datetime) -> Found:
    """The answer as the machine hears it."""
    reply, sound = found.reply, found.sound
    return Found(
        at=at, media=sound.media if sound else "", duration_s=sound.duration_s if sound else 0.0,
        service=asked.service, round=asked.round, ask=reply.ask, answers=reply.answers, done=reply.done,
        wrong=reply.wrong, stop=reply.stop,
    )  # fmt: skip


def _reply(told: Told) -> Reply:
    if told.service in UNASKED:
        return UNASKED[told.service](told)
    guessed = dialogues.is_guessed(told.service, told.question)
    if guessed and guesses.too_often(dialogues.Guesses.of(told.profile), told.caller, told.now):
        return Reply(stop=TOO_OFTEN)
    reply = checks.walk(told) if told.service in checks.ANSWERS else _told(told)
    if reply.wrong and guessed:
        guesses.note(caller=told.caller, service=told.service, now=told.now)
    return reply


def spoken(profile: Profile, said: str) -> Sound | None:
    """The words as a sound; made by the quickest voice where the best one has not said them before."""
    if not said:
        return None
    folder = Path(settings.KINDLINE["paths"]["prompts"])
    return prompts.make([prompts.Spoken(INQUIRY, said)], profile.language, folder, quick=True).get(INQUIRY)


def _told(told: Told) -> Reply:
    """A service that needs one number or none, told by the package that knows."""
    service = service_of(told.service)
    said = service(told.profile, told.answers.get(told.service, ""), told.now) if service else _hours(told)
    return Reply(said, done=True) if said else Reply(ask=told.question, wrong=True)


def service_of(name: str) -> Service | None:
    """A service told by the package that knows (SELF_SERVICE); None: the hours, which are told here."""
    return import_string(settings.SELF_SERVICE[name]) if name in settings.SELF_SERVICE else None


def _hours(told: Told) -> str | None:
    """Whether the line on which he calls is served now, and its hours; then those of the offices, where there are."""
    known = told.profile.menu.lines if told.profile.menu else {}
    line = told.line if told.line in known else next(iter(known), "")
    if not line:
        return None
    places = (line, OFFICES) if OFFICES in told.profile.hours else (line,)
    return " ".join(_hours_of(told, one) for one in places)


def _hours_of(told: Told, place: str) -> str:
    is_open = hours.is_open(told.profile, place, told.now)
    words = prompts.hours_words(told.profile, is_open=is_open, of_offices=place == OFFICES)
    return words.replace("{hours}", hours.spoken(told.profile, place))
