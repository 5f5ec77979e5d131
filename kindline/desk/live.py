"""Live news: a small ASGI application that tells open pages "something of yours has changed"; they then ask for it.

A page that was away for a while loses nothing: it asks for the whole state when its stream opens again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections

from kindline.desk import hearers, news
from kindline.desk.hearers import Hearer
from kindline.journal import doorbell

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
T = TypeVar("T")
log = logging.getLogger(__name__)
HEARTBEAT_S = 15.0
BEAT = b"event: beat\ndata: {}\n\n"
"""News that there is none: a page that hears nothing for longer than two of them listens anew."""
POLL_S = 2.0
RETRY_MS = 1000
RECONNECT_S = 1.0
CHECK_S = 1.0
"""How often it is asked whether open pages may still hear, at most; at least every `POLL_S`."""


class Page:
    """One open stream: whose it is and what he has not been told yet."""

    def __init__(self, hearer: Hearer, *, everything: bool) -> None:
        self.hearer, self.everything = hearer, everything
        self.over = False
        self.what: set[str] = set()
        self.woken = asyncio.Event()

    def tell(self, what: Iterable[str]) -> None:
        """Let the stream send that these have changed."""
        self.what.update(what)
        self.woken.set()

    def end(self) -> None:
        """Let the stream end: it is no longer for whoever hears it."""
        self.over = True
        self.woken.set()

    def taken(self) -> list[str]:
        """What is to be sent now."""
        what, self.what = sorted(self.what), set()
        self.woken.clear()
        return what


class Exchange:
    """Hears the doorbell once for all open pages of this process."""

    def __init__(self) -> None:
        self.pages: set[Page] = set()
        self._task: asyncio.Task[None] | None = None
        self._checked_at = -CHECK_S

    @contextlib.contextmanager
    def open(self, page: Page) -> Any:
        """Let a page hear news for as long as the context lasts."""
        self.pages.add(page)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self.pages.discard(page)

    async def stop(self) -> None:
        """Stop hearing (the process ends)."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        watch = news.Watch()
        while True:
            try:
                async with contextlib.aclosing(doorbell.listen_async(poll_s=POLL_S)) as rings:
                    async for _ in rings:
                        await self._check()
                        self._spread(await _in_database(watch.look))
            except (psycopg.Error, DatabaseError, InterfaceError) as error:
                log.warning("the live stream lost the database, trying again: %s", error)
                await asyncio.sleep(RECONNECT_S)

    async def _check(self) -> None:
        """End the streams of those who may no longer hear: disabled, logged out, with another password (X2)."""
        now, pages = asyncio.get_running_loop().time(), list(self.pages)
        if not pages or now - self._checked_at < CHECK_S:
            return
        self._checked_at = now
        may = await _in_database(hearers.still, [page.hearer for page in pages])
        for page in pages:
            page.everything = may.get(page.hearer, False)
            if page.hearer not in may:
                page.end()

    def _spread(self, changed: news.Changed) -> None:
        for page in self.pages:
            what = changed.all if page.everything else changed.of(page.hearer.employee)
            if what:
                page.tell(what)


@sync_to_async(thread_sensitive=False)
def _in_database(action: Callable[..., T], *args: Any) -> T:
    close_old_connections()
    try:
        return action(*args)
    finally:
        close_old_connections()


exchange = Exchange()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /events for logged-in employees; everything else is refused."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _http(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await exchange.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _http(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    refused = _refusal(scope, headers)
    hearer = None if refused else await _in_database(hearers.named, headers.get("cookie", ""))
    may = await _in_database(hearers.still, [hearer]) if hearer else {}
    if refused or hearer not in may:
        await _refuse(send, refused or 401, headers)
        return
    page = Page(hearer, everything=may[hearer])
    with exchange.open(page):
        await _stream(page, headers, receive, send)


def _refusal(scope: Scope, headers: dict[str, str]) -> int:
    """The status of a request that is not for the stream; 0 when it is."""
    if scope["path"] == "/alive/":
        return 200
    if scope["path"] != "/events" or scope["method"] != "GET":
        return 404
    origin = headers.get("origin")
    return 403 if origin and not allowed(origin, headers.get("host", "")) else 0


def allowed(origin: str, host: str) -> bool:
    """Whether a page of this origin may hear: ours on the same host, or one named in the settings."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    ours = {settings.KINDLINE["ports"]["web"], settings.KINDLINE["ports"]["live"]}
    asked, here = urlsplit(origin), urlsplit(f"//{host}")
    return asked.hostname == here.hostname and (asked.port in ours or settings.DEBUG)


async def _stream(page: Page, headers: dict[str, str], receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _headers(headers, b"text/event-stream")})
    gone = asyncio.create_task(_until_gone(receive))
    try:
        async for chunk in _chunks(page, gone):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if page.over:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    except (OSError, RuntimeError):
        log.debug("a page went away while it was told news")
    finally:
        gone.cancel()


async def _chunks(page: Page, gone: asyncio.Task[None]) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MS}\n\n".encode()
    while not gone.done():
        woken = asyncio.create_task(page.woken.wait())
        await asyncio.wait({woken, gone}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        if gone.done() or page.over:
            return
        what = page.taken()
        yield f"event: changed\ndata: {json.dumps({'what': what})}\n\n".encode() if what else BEAT


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(asked: dict[str, str], kind: bytes) -> list[tuple[bytes, bytes]]:
    found = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    if origin := asked.get("origin"):
        found += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
    return found


async def _refuse(send: Send, status: int, headers: dict[str, str]) -> None:
    kind = b"text/plain; charset=utf-8"
    own = _headers({} if status == 403 else headers, kind)
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": b"ok" if status == 200 else b"refused"})
