"""Asterisk's REST interface: requests over kept-alive connections, events over a websocket that comes back."""

from __future__ import annotations

import asyncio
import base64
import errno
import json
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp
from yarl import URL

log = logging.getLogger(__name__)
PAUSES_S = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Between tries to reach the engine again."""
REQUEST_S = 3.0
SILENCE_S = 5.0
"""The websocket is asked for a sign of life after so much silence, and given up after as much again."""


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine said: 404 = what was named is gone, 409 = it is already so or not possible now."""

    status: int
    body: Any = None
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def outcome(self) -> Outcome:
        """The same in a word."""
        if self.ok:
            return Outcome.DONE
        if self.status == 404:
            return Outcome.GONE
        if 400 <= self.status < 500:
            return Outcome.REFUSED
        return Outcome.FAILED if self.status else Outcome.UNKNOWN


class Ari:
    """One engine, as one application of it."""

    def __init__(self, *, url: str, user: str, password: str, app: str) -> None:
        self.url, self.app = url.rstrip("/"), app
        key = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {key}"}
        self._session: aiohttp.ClientSession | None = None
        self.connected = asyncio.Event()
        self._refused_at: float | None = None

    async def open(self) -> None:
        """Prepare to talk."""
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=50)
        self._session = aiohttp.ClientSession(headers=self._headers, connector=connector)

    async def close(self) -> None:
        """Stop talking."""
        if self._session is not None:
            await self._session.close()

    async def ask(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None, *, tries: int = 3
    ) -> Answer:
        """Send one request. When the answer does not come it is asked again: ids are ours, so that twice is once."""
        answer = Answer(0, None, "not sent")
        for attempt in range(tries):
            if attempt:
                await asyncio.sleep(PAUSES_S[min(attempt, len(PAUSES_S) - 1)])
            answer = await self._once(method, path, query, body)
            if answer.status:
                return answer
        return answer

    async def _once(self, method: str, path: str, query: Mapping[str, Any] | None, body: Any) -> Answer:
        if self._session is None:
            return Answer(0, None, "not open")
        words = {key: str(value) for key, value in (query or {}).items()}
        limit = aiohttp.ClientTimeout(total=REQUEST_S)
        try:
            async with self._session.request(
                method, URL(f"{self.url}/ari/{path}", encoded=True), params=words, json=body, timeout=limit
            ) as answer:
                text = await answer.text()
                found = json.loads(text) if text else None
                error = "" if answer.status < 400 else str((found or {}).get("message") or (found or {}).get("error"))
                return Answer(answer.status, found, error)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Answer(0, None, f"{type(error).__name__}: {error}")

    async def listen_to(self, kinds: Iterable[str]) -> Answer:
        """Have the engine tell only these kinds of events."""
        allowed = {"allowed": [{"type": kind} for kind in kinds]}
        return await self.ask("PUT", f"applications/{self.app}/eventFilter", body=allowed)

    async def events(
        self, on_event: Callable[[dict[str, Any]], None], on_connect: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Receive events for ever; after each connection `on_connect` runs beside, to find out what was missed."""
        failures = 0
        while True:
            try:
                await self._stream(on_event, on_connect)
                failures = 0
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if self.connected.is_set() or failures == 0:
                    log.warning("the engine's events are interrupted: %s", error)
                failures += 1
                self._note_refusal(error)
            finally:
                self.connected.clear()
            await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])

    def refused_s(self) -> float:
        """For how long nobody has listened where the engine should: it is not there. A silent network is no proof."""
        return time.monotonic() - self._refused_at if self._refused_at is not None else 0.0

    def _note_refusal(self, error: Exception) -> None:
        if not isinstance(error, aiohttp.ClientConnectorError) or error.os_error.errno != errno.ECONNREFUSED:
            self._refused_at = None
        elif self._refused_at is None:
            self._refused_at = time.monotonic()

    async def _stream(
        self, on_event: Callable[[dict[str, Any]], None], on_connect: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        if self._session is None:
            raise OSError("not open")
        query = {"app": self.app, "subscribeAll": "false"}
        async with self._session.ws_connect(
            f"{self.url}/ari/events", params=query, heartbeat=SILENCE_S, max_msg_size=0
        ) as socket:
            self.connected.set()
            self._refused_at = None
            log.info("connected to the engine as %s", self.app)
            found = asyncio.create_task(on_connect(), name="reconcile")
            try:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        on_event(json.loads(message.data))
            finally:
                if not found.done():
                    found.cancel()
        log.warning("the engine closed the events")
