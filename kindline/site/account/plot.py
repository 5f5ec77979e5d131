"""The plot of charges and payments: two bars a month, measured on the server: it needs no program in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kindline.readings.statements import Month

SLOT, BAR, HEIGHT = 10, 4, 100
LABELLED = 3
"""Every which month is named under the plot, from the last one back."""


@dataclass(frozen=True)
class Bar:
    """A bar of the plot, in the plot's own units."""

    x: str
    y: str
    height: str
    paid: bool


@dataclass(frozen=True)
class Plot:
    """What is drawn: bars, the labels under them, the amount at the top."""

    bars: Sequence[Bar]
    labels: Sequence[str]
    width: int
    top: Decimal
    charged: Decimal
    paid: Decimal


def plot(months: Sequence[Month]) -> Plot | None:
    """The plot of these months; None where nothing was charged or paid."""
    top = max((max(row.charged, row.paid) for row in months), default=Decimal())
    if top <= 0:
        return None
    bars = [bar for place, row in enumerate(months) for bar in _pair(place, row, top)]
    last = len(months) - 1
    labels = [f"{row.month:%m.%y}" if (last - place) % LABELLED == 0 else "" for place, row in enumerate(months)]
    charged, paid = sum((row.charged for row in months), Decimal()), sum((row.paid for row in months), Decimal())
    return Plot(bars, labels, len(months) * SLOT, top, charged, paid)


def _pair(place: int, row: Month, top: Decimal) -> list[Bar]:
    start = place * SLOT + (SLOT - 2 * BAR) / 2
    return [_bar(start, row.charged, top, paid=False), _bar(start + BAR, row.paid, top, paid=True)]


def _bar(x: float, amount: Decimal, top: Decimal, *, paid: bool) -> Bar:
    height = max(float(amount / top), 0) * HEIGHT  # a recalculation in the client's favour is in the table
    return Bar(f"{x:g}", f"{HEIGHT - height:.2f}", f"{height:.2f}", paid)
