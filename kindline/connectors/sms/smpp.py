"""A centre of a network over SMPP: a thread of its own keeps the session, the outbox asks it from outside."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as AnswerTimeoutError
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from kindline.connectors.sms.session import Session
from kindline.notifications.errors import UnknownOutcomeError, UnreachableError
from kindline.notifications.wires import News, Piece, Take

PORT = 2775
PATIENCE_S = 20.0
CLOSING_S = 5.0


class Smpp:
    """A centre by its address: smpp://user:password@host:2775."""

    takes_whole = False

    def __init__(self, url: str, sender: str, *, patience_s: float = PATIENCE_S, pause_ms: int = 1000) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or PORT
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender, self.patience_s, self.pause_ms = sender, patience_s, pause_ms
        self.name = f"smpp {self.host}:{self.port}"
        self.session: Session | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread: threading.Thread | None = None

    def open(self, take: Take) -> None:
        """Begin the session; what the centre tells is handed to `take` in one thread, one after the other."""
        begun = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(take, begun), name="sms", daemon=True)
        self.thread.start()
        begun.wait()

    def _run(self, take: Take, begun: threading.Event) -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="sms-news") as pool, suppress(asyncio.CancelledError):
            asyncio.run(self._lead(take, pool, begun))

    async def _lead(self, take: Take, pool: ThreadPoolExecutor, begun: threading.Event) -> None:
        self.loop = asyncio.get_running_loop()

        async def keep(news: News) -> None:
            await asyncio.get_running_loop().run_in_executor(pool, take, news)

        self.session = Session(self.host, self.port, self.user, self.password, keep, self.pause_ms)
        begun.set()
        try:
            await self.session.start()
        finally:
            self.session.hang_up()
            await asyncio.sleep(0)  # the transport closes at the next turn

    def is_ready(self) -> bool:
        """Whether the centre has let us in."""
        return self.session is not None and self.session.is_bound

    def submit(self, piece: Piece) -> str:
        """Hand over one message. Raises: UnreachableError, RefusedError, UnknownOutcomeError."""
        if self.session is None or self.loop is None or not self.is_ready():
            raise UnreachableError(f"{self.name} is not there")
        asked = asyncio.run_coroutine_threadsafe(
            self.session.submit(piece, self.sender, self.patience_s), self.loop
        )  # fmt: skip
        try:
            return asked.result(self.patience_s + CLOSING_S)
        except (AnswerTimeoutError, asyncio.CancelledError) as error:
            raise UnknownOutcomeError(f"{self.name} was left") from error

    def close(self) -> None:
        """End the session and its thread; closed again it stays closed."""
        if self.loop is None or self.thread is None or self.session is None or self.loop.is_closed():
            return
        stopped = asyncio.run_coroutine_threadsafe(self.session.stop(), self.loop)
        with suppress(AnswerTimeoutError, asyncio.CancelledError):
            stopped.result(CLOSING_S)
        with suppress(RuntimeError):  # the thread has ended by itself
            self.loop.call_soon_threadsafe(self._cancel)
        self.thread.join(CLOSING_S)

    def _cancel(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
