"""The month's end: how many readings are still to come, house by house, and how many came on which day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from kindline.standard.profile import Profile

EXPECTED = """
    SELECT meter.id AS meter, zone.name AS zone, account.id AS account, place.city, place.street, place.house
    FROM readings_meter AS meter
    CROSS JOIN LATERAL unnest(meter.zones) AS zone (name)
    JOIN clients_account AS account ON account.id = meter.account_id
    JOIN clients_premise AS place ON place.id = account.premise_id
    WHERE meter.installed_on <= %(on)s AND (meter.removed_on IS NULL OR meter.removed_on >= %(on)s)
"""
CAME = """
    SELECT meter_id AS meter, zone, min(taken_on) AS day, bool_or(state = 'accepted') AS stands
    FROM readings_reading
    WHERE state IN ('accepted', 'asked_back') AND taken_on BETWEEN %(first)s AND %(on)s
    GROUP BY meter_id, zone
"""
BY_HOUSE = f"""
    WITH expected AS ({EXPECTED}), came AS ({CAME})
    SELECT city, street, house, count(*), count(*) FILTER (WHERE came.stands),
        count(*) FILTER (WHERE NOT came.stands), count(*) FILTER (WHERE came.meter IS NULL) AS to_come
    FROM expected LEFT JOIN came USING (meter, zone)
    WHERE %(text)s = '' OR strpos(lower(concat_ws(', ', city, street, house)), lower(%(text)s)) > 0
    GROUP BY city, street, house
    ORDER BY to_come DESC, city, street, house
"""  # noqa: S608 - texts of this module
BY_DAY = f"""
    WITH expected AS ({EXPECTED}), came AS ({CAME})
    SELECT came.day, count(*) FROM expected JOIN came USING (meter, zone) GROUP BY came.day ORDER BY came.day
"""  # noqa: S608 - texts of this module


WANTING = f"""
    WITH expected AS ({EXPECTED}), came AS ({CAME})
    SELECT DISTINCT account FROM expected LEFT JOIN came USING (meter, zone) WHERE came.meter IS NULL
"""  # noqa: S608 - texts of this module


@dataclass(frozen=True, slots=True)
class House:
    """A house with the zones of its meters: how many are expected, stand, wait for an answer, are still to come."""

    city: str
    street: str
    house: str
    expected: int
    stand: int
    asked_back: int
    to_come: int

    @property
    def address(self) -> str:
        """The house as one says it."""
        return ", ".join(part for part in (self.city, self.street, self.house) if part)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month: for how many zones the first reading is of it, and how many were still to come after it."""

    day: dt.date
    came: int
    to_come: int


def houses(on: dt.date, text: str = "") -> list[House]:
    """The houses in which meters hang, those with most readings still to come in the month of this day first.

    `text`: a part of the address, such as a street. A reading that was asked back has come.
    """
    return [House(*row) for row in _rows(BY_HOUSE, on, text.strip())]


def days(on: dt.date) -> list[Day]:
    """The days of the month until this one, and how many readings were still to come after each."""
    came = dict(_rows(BY_DAY, on))
    left = sum(one.expected for one in houses(on))
    found = []
    for number in range(on.day):
        day = on.replace(day=1) + dt.timedelta(days=number)
        left -= came.get(day, 0)
        found.append(Day(day, came.get(day, 0), left))
    return found


def wanting(on: dt.date) -> list[int]:
    """The accounts for which a reading is still to come in the month of this day."""
    return [account for (account,) in _rows(WANTING, on)]


def today(profile: Profile, now: dt.datetime) -> dt.date:
    """The organisation's day."""
    return now.astimezone(profile.zone).date()


def _rows(sql: str, on: dt.date, text: str = "") -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"on": on, "first": on.replace(day=1), "text": text})
        return list(cursor.fetchall())
