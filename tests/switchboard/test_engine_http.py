"""The connections to the engine: kept, shared, given up when they break; no answer is taken for another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kindline.switchboard.ari import Ari, Outcome
from kindline.switchboard.engine_http import BrokenError, Links

NO_CONTENT = b"HTTP/1.1 204 No Content\r\nServer: x\r\nContent-Length: 0\r\n\r\n"


class Engine:
    """Answers each request by its path, and remembers what it was asked over which connection."""

    def __init__(self, answers: dict[str, list[bytes]]) -> None:
        self.answers = answers
        self.asked: list[tuple[int, str]] = []
        self.whole: list[bytes] = []
        self.connections = 0
        self.slow = asyncio.Event()
        self.port = 0
        self.served: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.served.add(asyncio.current_task())
        self.connections += 1
        own = self.connections
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(own, head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, own: int, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0] or 0)
        self.whole.append(head + await reader.readexactly(length))
        path = head.split()[1].decode()
        self.asked.append((own, path))
        if path.endswith("/slow"):
            await self.slow.wait()
        for part in self.answers.get(path, [NO_CONTENT]):
            if not part:
                writer.close()
                return
            writer.write(part)
            await writer.drain()


@asynccontextmanager
async def engine(**answers: list[bytes]) -> AsyncIterator[Engine]:
    made = Engine({f"/ari/{name}": parts for name, parts in answers.items()})
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    made.slow.set()
    server.close()
    await asyncio.gather(*(one for one in made.served if one))


def links(made: Engine, **more: int) -> Links:
    return Links(f"http://127.0.0.1:{made.port}/ari/", {"Authorization": "Basic x"}, **more)


@asynccontextmanager
async def ari(made: Engine) -> AsyncIterator[Ari]:
    opened = Ari(url=f"http://127.0.0.1:{made.port}", user="u", password="p", app="sb-test")
    await opened.open()
    yield opened
    await opened.close()


async def test_one_connection_serves_one_request_after_the_other() -> None:
    async with engine(info=[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", b"}"]) as made:
        some = links(made)
        first, second = await some.ask("GET", "info"), await some.ask("POST", "channels")
        assert (first.status, first.body, second.status, second.body) == (200, b"{}", 204, b"")
        assert made.asked == [(1, "/ari/info"), (1, "/ari/channels")]
        some.close()


async def test_what_is_asked_at_the_same_time_goes_over_connections_of_its_own_up_to_a_limit() -> None:
    async with engine() as made:
        some = links(made, limit=2)
        waiting = [asyncio.create_task(some.ask("GET", "slow")) for _ in range(3)]
        async with asyncio.timeout(5):
            while len(made.asked) < 2:  # noqa: ASYNC110 - the server has no event of its own for it
                await asyncio.sleep(0.005)
        made.slow.set()
        assert [one.status for one in await asyncio.gather(*waiting)] == [204] * 3
        assert made.connections == 2
        some.close()


async def test_the_request_says_who_asks_and_how_long_its_body_is() -> None:
    async with engine() as made, ari(made) as opened:
        await opened.ask("POST", "channels/a%2Fb", {"app": "x y", "n": 1}, {"variables": {"a": "ї"}})
        head, _, body = made.whole[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /ari/channels/a%2Fb?app=x+y&n=1 HTTP/1.1\r\n")
        assert b"Authorization: Basic dTpw" in head
        assert b"Content-Length: %d" % len(body) in head
        assert body == b'{"variables": {"a": "\\u0457"}}'


async def test_a_connection_that_the_engine_ends_is_not_used_again() -> None:
    async with engine(bye=[b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"]) as made:
        some = links(made)
        await some.ask("GET", "bye")
        await some.ask("GET", "again")
        assert [own for own, _ in made.asked] == [1, 2]
        some.close()


@pytest.mark.parametrize(
    "said", [[b""], [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b""], [b"nonsense\r\n\r\n"]]
)
async def test_no_answer_is_an_error_and_the_next_request_gets_its_own(said: list[bytes]) -> None:
    async with engine(lost=said) as made:
        some = links(made)
        with pytest.raises(BrokenError):
            await some.ask("GET", "lost")
        assert (await some.ask("GET", "found")).status == 204
        some.close()


async def test_who_gives_up_waiting_leaves_no_answer_behind_for_the_next() -> None:
    async with engine(slow=[b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"]) as made:
        some = links(made)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await some.ask("GET", "slow")
        made.slow.set()
        assert (await some.ask("GET", "next")).body == b""
        some.close()


async def test_an_engine_that_is_away_or_refuses_is_an_answer_and_no_exception() -> None:
    said = b'{"message":"not there"}'
    refused = b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)
    async with (
        engine(no=[refused], html=[b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n<"]) as made,
        ari(made) as opened,
    ):
        answer = await opened.ask("POST", "no")
        assert (answer.outcome, answer.error) == (Outcome.REFUSED, "not there")
        assert (await opened.ask("GET", "html", tries=1)).outcome is Outcome.UNKNOWN
    async with ari(made) as nowhere:
        assert (await nowhere.ask("GET", "info", tries=1)).outcome is Outcome.UNKNOWN
