"""Lines of a file whose dial stands above them many times: judged here one after another, not by a statement each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kindline.readings import bulk_sql, checking, queries
from kindline.readings.checking import Dial, Last, Limits, Offered, Verdict
from kindline.readings.models import Meter

ROUNDS = 10
"""So many lines of a dial are judged by the database, all dials together; those below them are judged here."""
Row = tuple[Any, ...]


@dataclass
class Standing:
    """What stands for a dial so far."""

    dial: Dial
    on: dict[dt.date, Last] = field(default_factory=dict)
    last: Last | None = None

    def judge(self, offered: Offered, limits: Limits, today: dt.date) -> Verdict:
        """The verdict on the next line; what is accepted stands for those after it."""
        day = checking.date(offered.taken_on)
        same = self.on.get(day) if day else None
        said = checking.judge(offered, self.dial, self.last, same.value if same else None, limits, today)
        if said.state == checking.ACCEPTED and said.value is not None and said.taken_on is not None:
            self.stands(Last(said.value, said.taken_on, said.daily))
        return said

    def stands(self, one: Last) -> None:
        """One more that was accepted."""
        self.on[one.on] = one
        self.last = one if self.last is None or one.on > self.last.on else self.last


def judge(cursor: Any, limits: Limits, today: dt.date) -> None:
    """Put the verdicts on the lines beyond the rounds where the database puts its own."""
    cursor.execute(bulk_sql.BEYOND, [ROUNDS])
    lines = cursor.fetchall()
    stands = _standing({(meter, zone) for _line, meter, zone, *_typed in lines})
    cursor.execute(bulk_sql.EMPTY_JUDGED)
    with cursor.copy(bulk_sql.COPY_JUDGED) as copy:
        for row in _verdicts(lines, stands, limits, today):
            copy.write_row(row)


def _verdicts(
    lines: list[Row], stands: dict[tuple[int, str], Standing], limits: Limits, today: dt.date
) -> Iterator[Row]:
    for line, meter, zone, value, taken_on in lines:
        said = stands[meter, zone].judge(Offered(zone, value, taken_on), limits, today)
        yield line, meter, zone, said.value, said.taken_on, said.code, said.state, said.daily


def _standing(dials: set[tuple[int, str]]) -> dict[tuple[int, str], Standing]:
    """By meter and zone, with all that stands for it: what was kept of this file, too."""
    meters = Meter.objects.in_bulk({meter for meter, _zone in dials})
    found = {(meter, zone): Standing(queries.dial(meters[meter])) for meter, zone in dials}
    rows = queries.standing().filter(meter__in=meters).values_list("meter", "zone", "value", "taken_on", "daily")
    for meter, zone, value, day, daily in rows:
        if (meter, zone) in found:
            found[meter, zone].stands(Last(value, day, daily))
    return found
