"""Who talked with an operator lately is kept for the same one a while, where the queue's settings say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kindline.conversations.models import Contact
from kindline.standard.menus import Menu
from kindline.switchboard.choosing import Caller
from kindline.switchboard.models import Call, Operator, OperatorState


@dataclass(frozen=True, slots=True)
class Window:
    """How long ago the talk may have ended, and how long the caller is kept for that operator."""

    within_s: float
    wait_s: float


@dataclass(slots=True)
class Returning:
    """Whom the callers of some queues talked with; looked up once a caller."""

    windows: Mapping[str, Window] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    def kept(self, callers: Sequence[Caller], now: dt.datetime) -> list[Caller]:
        """The callers, each with the operator he is kept for, if that one is at work."""
        fresh = [one for one in callers if self._may(one, now)]
        self._look_up([one for one in fresh if one.contact not in self.known], now)
        wanted = {one.contact: self.known[one.contact] for one in fresh if self.known[one.contact]}
        present = at_work(wanted.values()) if wanted else set()
        self.known = {one.contact: self.known[one.contact] for one in fresh}
        return [self._with(one, wanted.get(one.contact, 0), present) for one in callers]

    def _may(self, caller: Caller, now: dt.datetime) -> bool:
        window = self.windows.get(caller.queue)
        return window is not None and now.timestamp() < caller.since + window.wait_s

    def _with(self, caller: Caller, employee: int, present: set[int]) -> Caller:
        if employee not in present:
            return caller
        until = caller.since + self.windows[caller.queue].wait_s
        return replace(caller, returns_to=employee, returns_until=until)

    def _look_up(self, callers: Sequence[Caller], now: dt.datetime) -> None:
        self.known |= dict.fromkeys((one.contact for one in callers), 0) | passed_on(callers)
        rows = Contact.objects.filter(pk__in=[one.contact for one in callers]).exclude(caller="")
        numbers = {str(pk): number for pk, number in rows.values_list("pk", "caller")}
        if not numbers:
            return
        longest = dt.timedelta(seconds=max(self.windows[one.queue].within_s for one in callers))
        talks = Contact.objects.filter(
            caller__in=set(numbers.values()), channel="phone", started_at__gte=now - longest, ended_at__lte=now,
            answered_at__isnull=False, employee__isnull=False,
        )  # fmt: skip
        ordered = talks.order_by("ended_at").values_list("caller", "employee_id", "ended_at")
        last = {number: (one, ended_at) for number, one, ended_at in ordered if ended_at}
        for caller in callers:
            employee, ended_at = last.get(numbers.get(caller.contact, ""), (0, now))
            if self.known[caller.contact]:
                continue
            if employee and (now - ended_at).total_seconds() <= self.windows[caller.queue].within_s:
                self.known[caller.contact] = employee


def passed_on(callers: Sequence[Caller]) -> dict[str, int]:
    """Who passed a caller on so that nobody took him, by contact: he comes back to that one."""
    rows = Call.objects.filter(pk__in=[one.contact for one in callers], data__waiting__back_to__isnull=False)
    return {str(pk): int(back_to) for pk, back_to in rows.values_list("pk", "data__waiting__back_to")}


def at_work(employees: Iterable[int]) -> set[int]:
    """Those of them who serve calls now; for the others nobody is kept waiting."""
    away = (OperatorState.OFFLINE, OperatorState.PAUSED)
    found = Operator.objects.filter(pk__in=set(employees), registered=True).exclude(state__in=away)
    return set(found.values_list("pk", flat=True))


def windows(menu: Menu | None) -> dict[str, Window]:
    """The settings of the queues that have them."""
    asked = {name: queue.returns for name, queue in (menu.queues if menu else {}).items()}
    return {name: Window(float(one["within_s"]), float(one["wait_s"])) for name, one in asked.items() if one}
