"""What a client can learn from the menu itself: found, put into words, spoken; the same words are spoken only once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from kindline.standard import hours
from kindline.standard.profile import Profile
from kindline.switchboard import prompts
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.machine.turn import INQUIRY

Service = Callable[[Profile, str, dt.datetime], str | None]
"""Profile, the figures that were pressed, the moment -> what is said, in the profile's language; None: unknown."""


def answer(profile: Profile, service: str, figures: str, now: dt.datetime) -> Sound | None:
    """The spoken answer; None where there is nothing of that number, or nobody who can say it."""
    said = service_of(service)(profile, figures, now)
    if not said:
        return None
    spoken = prompts.Spoken(INQUIRY, said)
    folder = Path(settings.KINDLINE["paths"]["prompts"])
    return prompts.make([spoken], profile.language, folder, quick=True).get(INQUIRY)


def service_of(name: str) -> Service:
    """A service of the menu: the hours are told here, the others by the package that knows (SELF_SERVICE)."""
    if name in settings.SELF_SERVICE:
        found: Service = import_string(settings.SELF_SERVICE[name])
        return found
    return _hours


def _hours(profile: Profile, _figures: str, now: dt.datetime) -> str | None:
    """Whether the first line is served now, and its hours."""
    line = next(iter(profile.menu.lines), "") if profile.menu else ""
    if not line:
        return None
    words = prompts.hours_words(profile, is_open=hours.is_open(profile, line, now))
    return words.replace("{hours}", hours.spoken(profile, line))
