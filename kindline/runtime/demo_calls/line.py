"""What happens at the second Asterisk, told in order, and requests to it: the event loop lives in its own thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from typing import Any

from kindline.runtime.demo_calls.errors import DemoError
from kindline.runtime.demo_calls.exchange import APP, Exchange
from kindline.switchboard.ari import Answer, Ari

Event = dict[str, Any]
Wanted = Callable[[Event], bool]
CONNECT_S = 10.0


class Line:
    """Events as they came, and a way to wait for the next that fits."""

    def __init__(self, ari: Ari, loop: asyncio.AbstractEventLoop) -> None:
        self._ari, self._loop = ari, loop
        self._events: list[Event] = []
        self._news = threading.Condition()

    def ask(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        """Send a request and wait for its answer."""
        answer: Answer = self.later(self._ari.ask(method, path, query, body)).result(20)
        return answer

    def order(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """Send a request that must succeed; its answer. Raises: DemoError."""
        answer = self.ask(method, path, query, body)
        if not answer.ok:
            raise DemoError(f"the outside telephone cannot do {method} {path}: {answer.status} {answer.error}")
        return answer.body

    def later(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Let the loop do something."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def heard(self, event: Event) -> None:
        """An event came."""
        with self._news:
            self._events.append(event)
            self._news.notify_all()

    def mark(self) -> int:
        """Where the record of events ends now."""
        with self._news:
            return len(self._events)

    def since(self, mark: int) -> list[Event]:
        """The events after a mark, so far."""
        with self._news:
            return self._events[mark:]

    def wait(self, wanted: Wanted, limit_s: float, *, since: int = 0) -> Event | None:
        """The first event after `since` that fits, waited for; None when there was none in time."""
        until = time.monotonic() + limit_s
        with self._news:
            while True:
                for event in self._events[since:]:
                    if wanted(event):
                        return event
                since = len(self._events)
                if not self._news.wait(max(0.0, until - time.monotonic())) and time.monotonic() >= until:
                    return None


@contextlib.contextmanager
def connected(exchange: Exchange) -> Iterator[Line]:
    """The line to a running exchange."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="outside", daemon=True)
    thread.start()
    ari = Ari(url=exchange.url, user=exchange.values.ari_user, password=exchange.values.ari_password, app=APP)
    line = Line(ari, loop)
    try:
        line.later(ari.open()).result(CONNECT_S)
        listening = line.later(ari.events(line.heard, _nothing))
        line.later(asyncio.wait_for(_set(ari), CONNECT_S)).result(CONNECT_S + 1)
        yield line
        listening.cancel()
    finally:
        with contextlib.suppress(TimeoutError):
            line.later(ari.close()).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _nothing() -> None:
    """After a connection there is nothing to find out."""


async def _set(ari: Ari) -> None:
    await ari.connected.wait()


def name() -> str:
    """A new id for a channel, a playback or a recording, always of the same length."""
    return str(uuid.uuid4())
