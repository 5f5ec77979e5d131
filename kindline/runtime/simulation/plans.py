"""What is simulated: how many, how long, how patient; who can serve what; when calls come."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DAY_S = 86400.0
CURVE = (
    0.20, 0.14, 0.11, 0.10, 0.12, 0.22, 0.45, 0.85, 1.45, 1.85, 1.95, 1.85,
    1.65, 1.60, 1.65, 1.60, 1.50, 1.40, 1.25, 1.10, 0.95, 0.75, 0.50, 0.30,
)  # fmt: skip
"""How many calls come in each hour of an ordinary day, against the mean hour."""


class PlanError(ValueError):
    """Such a day cannot be simulated."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A day, or `days` of it; times in seconds. `patience_s` None = nobody gives up.

    `handling_s` has the work after the call in it. When `cap` callers wait in a queue, the next is offered to be called
    back and keeps his place; `takes_offer` of them say yes. With `offer_within_s` he is only while his turn is expected
    to come by then. The share `specialists` of the operators has one skill, the share `urgent` of callers a point of
    priority. Of those who give up the share `redials` calls again after `redial_s` in the mean; who does not is lost.
    All operators are there all day; calls follow the curve unless `flat`.
    """

    operators: int = 10_000
    queues: int = 100
    calls: int = 1_000_000
    skills: int = 2
    specialists: float = 0.0
    policy: str = "longest-idle"
    handling_s: float = 430.0
    patience_s: float | None = 180.0
    within_s: float = 20.0
    times_normal: float = 1.0
    cap: int | None = None
    takes_offer: float = 0.7
    offer_within_s: float | None = None
    overflow_after_s: float | None = None
    urgent: float = 0.0
    redials: float = 0.0
    redial_s: float = 600.0
    flat: bool = False
    length_s: float = DAY_S
    days: int = 1
    warm_up_s: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        if min(self.operators, self.queues, self.calls, self.skills, self.days) < 1:
            raise PlanError("operators, queues, calls, skills and days are at least 1")
        if min(self.handling_s, self.length_s, self.times_normal) <= 0 or (self.patience_s or 1.0) <= 0:
            raise PlanError("times are more than 0")
        if self.skills > self.queues:
            raise PlanError("an operator cannot have more skills than there are queues")

    def skills_of(self, operator: int) -> int:
        """How many skills an operator has: the share `specialists` has one, spread evenly over the queues."""
        rounds = operator // self.queues
        return 1 if int((rounds + 1) * self.specialists) > int(rounds * self.specialists) else self.skills

    @property
    def offered(self) -> int:
        """How many calls come in a day."""
        return round(self.calls * self.times_normal)

    @property
    def ends_s(self) -> float:
        """When the last day is over."""
        return self.length_s * self.days

    @property
    def beyond_staff(self) -> float:
        """The share of the work of a day that all operators together cannot do: what must be lost or wait longer."""
        return _beyond(self.offered * self.handling_s, self.operators * self.length_s)

    def days_of(self, calls: int) -> float:
        """How many days all operators would need for so many calls, if nobody else rang."""
        return round(calls * self.handling_s / (self.operators * self.length_s), 2)


def _beyond(work: float, staff: float) -> float:
    return round(max(0.0, 1 - staff / work), 4)


def queue_name(number: int) -> str:
    """The name of a queue, which is also that of the skill it asks for."""
    return f"q{number}"


def placed(operator: int, queues: int, skills: int) -> tuple[int, ...]:
    """The queues of an operator: each gets as many operators, and as many different pairs as can be.

    Pairs that reach far join all queues to one pool, where pairs of neighbours would pass work on only slowly.
    """
    first, far = operator % queues, 1 + operator // queues % max(1, queues // 2)
    found = [first]
    for _ in range(skills - 1):
        other = (found[-1] + far) % queues
        while other in found:
            other = (other + 1) % queues
        found.append(other)
    return tuple(found)


def rates(plan: Plan) -> Sequence[float]:
    """Calls a second in each part of the day."""
    mean = plan.offered / plan.length_s
    return [mean] if plan.flat else [mean * share * len(CURVE) / math.fsum(CURVE) for share in CURVE]


def arrivals(plan: Plan, chance: random.Random) -> Iterator[float]:
    """The moments at which calls come: a Poisson stream whose rate goes smoothly from hour to hour."""
    steps = rates(plan)
    most = max(steps)
    now = 0.0
    while True:
        now += chance.expovariate(most)
        if now >= plan.ends_s:
            return
        if plan.flat or chance.random() * most < _rate(steps, now / plan.length_s % 1):
            yield now


def _rate(steps: Sequence[float], share: float) -> float:
    """The rate between the middles of two hours, on the straight line from one to the other."""
    place = share * len(steps) - 0.5
    before = math.floor(place)
    along = place - before
    return steps[before % len(steps)] * (1 - along) + steps[(before + 1) % len(steps)] * along
