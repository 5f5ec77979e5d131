"""Calls placed at the same time into one instance: what each has for itself, and where only one may stand at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from kindline.runtime.demo_calls.errors import DemoError

Found = TypeVar("Found")
FREE_WITHIN_S = 300.0
"""So long a call waits for an operator whom another call has; longer than any talk of a demonstration."""


@dataclass
class Crowd:
    """Those who are in a call of this demonstration, and the head of the queue.

    A scripted operator is ready, and a call waits, only while its own thread holds the head: so each is given to the
    other, whoever else talks meanwhile.
    """

    head: threading.RLock = field(default_factory=threading.RLock, repr=False)
    clients: set[int] = field(default_factory=set)
    """Who has called or calls: nobody calls twice."""
    employees: set[int] = field(default_factory=set)
    _freed: threading.Condition = field(default_factory=threading.Condition, repr=False)

    def one_client(self, choose: Callable[[], Found | None], number: Callable[[Found], int]) -> Found | None:
        """Somebody whom no other call has; `choose` leaves out `clients`."""
        with self._freed:
            found = choose()
            if found is not None:
                self.clients.add(number(found))
            return found

    @contextlib.contextmanager
    def staff(self, choose: Callable[[], Found], numbers: Callable[[Found], set[int]]) -> Iterator[Found]:
        """Employees for the time of the block; `choose` leaves out `employees`. Raises: DemoError."""
        found = self._staff(choose, numbers)
        try:
            yield found
        finally:
            with self._freed:
                self.employees -= numbers(found)
                self._freed.notify_all()

    def _staff(self, choose: Callable[[], Found], numbers: Callable[[Found], set[int]]) -> Found:
        while True:
            with self._freed:
                try:
                    found = choose()
                except DemoError:
                    if not self.employees or not self._freed.wait(FREE_WITHIN_S):
                        raise
                    continue
                self.employees |= numbers(found)
                return found
