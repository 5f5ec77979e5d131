"""The calendar's edits and the day's standard in every process, so that nothing is started anew.

What is registered asks the database nothing: a thread of the process looks every second or so, and puts the edits where
each profile of the process finds them; once a minute it looks whether the day, and with it the version, has turned.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Iterable

from django.apps import apps
from django.db import Error, close_old_connections, connection
from django.utils import timezone
from psycopg.errors import UndefinedTable

from kindline.staff.order_models import STANDING, CalendarEdit, DayKind
from kindline.standard import calendars, loader
from kindline.standard.calendars import Override
from kindline.standard.faults import ProfileFaults

EVERY_S = 1.5
HELD_EVERY = 40
"""So many looks at the edits go by between two at the day."""
log = logging.getLogger(__name__)


def read(profile_id: str) -> int:
    """Take over what is in force in the database, where that has changed; returns the number of its state.

    The number is how often a day was put in force: it only grows, and is read first, so that what comes between is
    taken over the next time.
    """
    kept = calendars.edits_of(profile_id)
    number = CalendarEdit.objects.filter(profile=profile_id, in_force_at__isnull=False).count()
    if number != kept.number:
        kept.take(overrides(CalendarEdit.objects.filter(STANDING, profile=profile_id)), number)
    return number


def overrides(edits: Iterable[CalendarEdit]) -> dict[dt.date, Override]:
    """Edits as the calendar takes them: the reason and the order say why."""
    return {
        one.date: Override(one.date, one.kind != DayKind.OFF, f"{one.reason}, {one.order}", one.shorter_min)
        for one in edits
    }


def follow(profile_id: str, stop: threading.Event | None = None) -> threading.Thread:
    """Keep this process's calendar as the database has it, from a thread of its own, until `stop` is set."""
    hold_today(profile_id)
    stopped = stop or threading.Event()
    thread = threading.Thread(target=_follow, args=(profile_id, stopped), name="calendar", daemon=True)
    thread.start()
    return thread


def hold_today(profile_id: str) -> None:
    """Work by the version of the standard that is in force today, by its own clock, where there are several.

    One that has faults is said, and what was in force goes on.
    """
    if not loader.versions(loader.profiles_dir() / profile_id):
        return
    today = timezone.now().astimezone(loader.load(profile_id).zone).date()
    try:
        loader.load(profile_id, today)
    except ProfileFaults as faults:
        log.error("the standard's version of %s cannot be used: %s", today, faults)
        return
    loader.hold(today)


def _follow(profile_id: str, stop: threading.Event) -> None:
    apps.ready_event.wait()
    _take_own_line()
    trouble, rounds = False, 0
    while not stop.is_set():
        rounds += 1
        try:
            close_old_connections()
            read(profile_id)
            trouble = False
            if rounds % HELD_EVERY == 0:
                hold_today(profile_id)
        except Error as error:
            if not (trouble or isinstance(error.__cause__, UndefinedTable)):
                log.warning("the calendar's edits cannot be read, what is known holds: %s", error)
            trouble = True  # where the tables are still to be made, there are no edits either
            connection.close()
        stop.wait(EVERY_S)
    connection.close()


def _take_own_line() -> None:
    """Let this thread keep one connection, beside the pool and under a name of its own.

    That a process is ready is seen by the name of its connections: it must not be this one that is seen.
    """
    usual = connection.settings_dict
    options = {key: value for key, value in usual["OPTIONS"].items() if key != "pool"}
    options["application_name"] = f"{options.get('application_name', 'kindline')}-calendar"
    connection.settings_dict = {**usual, "OPTIONS": options, "CONN_MAX_AGE": None}
