"""The live stream: to whom it opens, what it tells, that it stays awake and comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Self

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import OperationalError, connections
from django.test import Client as Browser

from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.desk import live, news
from kindline.journal import doorbell, links
from kindline.staff.models import Employee
from kindline.switchboard.models import Operator
from tests.desk.conftest import Talk

pytestmark = pytest.mark.db(transaction=True)
SOON_S = 10
LISTENERS = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"


class Stream:
    """What a page of the browser asks for, and what is sent to it."""

    def __init__(self, cookie: str = "", origin: str = "", path: str = "/events", method: str = "GET") -> None:
        headers = [(b"host", b"desk.example:8001"), (b"cookie", cookie.encode()), (b"origin", origin.encode())]
        self.scope = {"type": "http", "path": path, "method": method, "headers": [pair for pair in headers if pair[1]]}
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.said: asyncio.Queue[Any] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(live.application(self.scope, self.said.get, self.sent.put))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.said.put({"type": "http.disconnect"})
        await asyncio.wait_for(self.task, SOON_S)

    async def next(self) -> Any:
        return await asyncio.wait_for(self.sent.get(), SOON_S)

    async def ends(self) -> None:
        """The server says that nothing more comes."""
        while (await self.next()).get("more_body", True):
            pass
        await asyncio.wait_for(asyncio.shield(self.task), SOON_S)

    async def begins(self) -> None:
        """The stream is open, and says how soon to come back when it is lost."""
        assert (await self.next())["status"] == 200
        assert (await self.next())["body"] == b"retry: 1000\n\n"

    async def told(self, what: str) -> list[str]:
        """The first event that names this."""
        while True:
            kind, _, data = (await self.next())["body"].decode().partition("\n")
            names: list[str] = json.loads(data.removeprefix("data: "))["what"] if kind == "event: changed" else []
            if what in names:
                return names


async def _status(**asked: str) -> int:
    async with Stream(**asked) as stream:
        return int((await stream.next())["status"])


@pytest.fixture(autouse=True)
def _own_exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One for each test, on the test's own loop."""
    monkeypatch.setattr(live, "exchange", live.Exchange())
    monkeypatch.setattr(live, "RECONNECT_S", 0.05)
    yield
    doorbell.hush()


@pytest.fixture
def contact(krc: Any, talk: Talk) -> Contact:
    """A call that the operator serves."""
    return talk()


@pytest.fixture
def others_session(other: Employee) -> str:
    """His session."""
    browser = Browser()
    browser.force_login(other)
    return _cookie(browser)


@asynccontextmanager
async def _opened(*cookies: str) -> AsyncIterator[list[Stream]]:
    """Open streams that have heard how things are."""
    async with AsyncExitStack() as open_ones:
        open_ones.push_async_callback(live.exchange.stop)
        streams = [await open_ones.enter_async_context(Stream(cookie)) for cookie in cookies]
        for stream in streams:
            await stream.begins()
        yield streams


def _cookie(browser: Browser) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def mine(as_operator: Browser) -> str:
    """The session of the operator."""
    return _cookie(as_operator)


async def _does(action: Callable[..., object], *args: object, **named: object) -> None:
    """Change something with a connection of one's own, as another process would."""

    def there() -> None:
        try:
            action(*args, **named)
        finally:
            connections.close_all()

    await asyncio.to_thread(there)


async def _step(contact: Contact, step: str = "greet") -> None:
    said = {"contact": contact, "step": step, "employee": contact.employee, "now": contact.started_at}
    await _does(conversations.mark_step, **said)


class TestOpensOnly:
    async def test_to_who_has_logged_in(self, mine: str) -> None:
        assert await _status() == 401
        assert await _status(cookie=f"{settings.SESSION_COOKIE_NAME}=nonsense") == 401
        assert await _status(cookie=mine) == 200

    async def test_to_who_still_works_here(self, mine: str, operator: Employee) -> None:
        await _does(Employee.objects.filter(pk=operator.pk).update, is_active=False)
        assert await _status(cookie=mine) == 401

    async def test_to_pages_of_ours(self, mine: str) -> None:
        web = settings.KINDLINE["ports"]["web"]
        assert await _status(cookie=mine, origin="https://elsewhere.example") == 403
        assert await _status(cookie=mine, origin=f"http://desk.example:{web}") == 200

    async def test_for_reading(self, mine: str) -> None:
        assert await _status(cookie=mine, method="POST") == 404
        assert await _status(cookie=mine, path="/other") == 404
        assert await _status(path="/alive/") == 200


async def test_a_fact_is_told_to_who_serves_the_contact_and_to_those_in_charge(
    mine: str, as_supervisor: Browser, contact: Contact
) -> None:
    async with _opened(mine, _cookie(as_supervisor)) as (own, whole):
        await own.told("operator")
        await _step(contact)
        assert await own.told("contact") == ["contact"]
        assert "contact" in await whole.told("contact")


async def test_who_has_nothing_to_do_with_it_is_told_nothing(
    mine: str, other: Employee, others_session: str, contact: Contact
) -> None:
    async with _opened(mine, others_session) as (own, others):
        await others.told("operator")
        await _step(contact)
        await own.told("contact")
        await _does(Operator.objects.filter(employee=other).update, state="paused", reason="lunch")
        await _step(contact, "need")
        assert await others.told("operator") == ["operator"]


async def test_a_quiet_stream_stays_awake(mine: str, krc: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.05)
    async with _opened(mine) as [stream]:
        await stream.told("operator")
        while (await stream.next())["body"] != live.BEAT:
            pass


async def test_a_stream_that_has_lost_the_database_hears_again(mine: str, contact: Contact) -> None:
    async with _opened(mine) as [stream]:
        await stream.told("operator")
        with links.connect() as line:
            assert line.execute(LISTENERS).fetchone() != (0,)
        await _step(contact)
        await stream.told("contact")


async def test_a_look_that_fails_is_not_the_last(mine: str, contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Django says of a lost database is another error than the driver's."""
    look = news.Watch.look
    failed: list[news.Watch] = []

    def fails_once(watch: news.Watch) -> news.Changed:
        if not failed:
            failed.append(watch)
            raise OperationalError("the database is being started anew")
        return look(watch)

    monkeypatch.setattr(news.Watch, "look", fails_once)
    async with _opened(mine) as [stream]:
        await stream.told("operator")
    assert failed


class TestAnOpenStreamEnds:
    """X2: what was opened does not outlive the right to it."""

    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(live, "POLL_S", 0.05)
        monkeypatch.setattr(live, "CHECK_S", 0.0)

    async def test_when_the_employee_is_disabled(self, mine: str, operator: Employee, krc: Any) -> None:
        async with _opened(mine) as [stream]:
            await stream.told("operator")
            await _does(Employee.objects.filter(pk=operator.pk).update, is_active=False)
            await stream.ends()

    async def test_when_he_logs_out(self, mine: str, as_operator: Browser, krc: Any) -> None:
        async with _opened(mine) as [stream]:
            await stream.told("operator")
            await _does(as_operator.logout)
            await stream.ends()

    async def test_when_his_password_is_another(self, mine: str, operator: Employee, krc: Any) -> None:
        async with _opened(mine) as [stream]:
            await stream.told("operator")
            await _does(Employee.objects.filter(pk=operator.pk).update, password=make_password("another one by now"))
            await stream.ends()

    async def test_and_the_others_go_on(
        self, mine: str, others_session: str, operator: Employee, other: Employee, krc: Any
    ) -> None:
        async with _opened(mine, others_session) as (own, others):
            await others.told("operator")
            await _does(Employee.objects.filter(pk=operator.pk).update, is_active=False)
            await own.ends()
            await _does(Operator.objects.filter(employee=other).update, state="paused", reason="lunch")
            assert await others.told("operator") == ["operator"]

    async def test_who_is_no_longer_in_charge_hears_only_what_is_his(
        self, as_supervisor: Browser, supervisor: Employee, contact: Contact
    ) -> None:
        async with _opened(_cookie(as_supervisor)) as [whole]:
            await whole.told("operator")
            [page] = live.exchange.pages
            assert page.everything
            await _does(Employee.objects.filter(pk=supervisor.pk).update, roles=["operator"])
            while page.everything:
                await _does(Employee.objects.count)


def test_the_next_page_of_who_was_disabled_is_the_log_in(as_operator: Browser, operator: Employee, krc: Any) -> None:
    assert as_operator.get("/desk/").status_code == 200
    Employee.objects.filter(pk=operator.pk).update(is_active=False)
    answer = as_operator.get("/desk/")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/login/")


async def test_a_page_that_is_gone_is_forgotten(mine: str, krc: Any) -> None:
    async with _opened(mine) as [stream]:
        await stream.told("operator")
        assert len(live.exchange.pages) == 1
    assert not live.exchange.pages
