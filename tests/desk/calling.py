"""Real calls into a running product: telephones outside, operators at their screens, and what was written down."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from kindline.runtime import ports
from kindline.runtime.asterisk import engine, provision
from kindline.runtime.demo_calls import exchange as exchanges
from kindline.runtime.demo_calls import handset as handsets
from kindline.runtime.demo_calls import line as lines
from kindline.runtime.demo_calls import route
from kindline.runtime.demo_calls.exchange import Exchange
from kindline.runtime.demo_calls.handset import Handset
from kindline.runtime.demo_calls.line import Line
from kindline.runtime.demo_calls.office import Office
from kindline.standard import loader
from tests.desk.looking import WIDE
from tests.plugins.product import Product

T = TypeVar("T")
SOON_MS = 20_000
KNOWN = """
SELECT point.value, client.surname FROM clients_contactpoint point JOIN clients_client client ON client.id = client_id
WHERE point.kind = 'phone' AND client.kind = 'person' AND client.surname <> ''
AND NOT EXISTS (SELECT 1 FROM clients_contactpoint other WHERE other.value = point.value AND other.id <> point.id)
ORDER BY point.value
"""
OPEN_CALLS = "SELECT count(*) FROM switchboard_call WHERE ended_at IS NULL"


def until(found: Callable[[], T], limit_s: float = 20, what: str = "") -> T:
    """Wait for a condition, and return what it found."""
    end = time.monotonic() + limit_s
    while not (value := found()):
        assert time.monotonic() < end, f"not within {limit_s:g} s: {what}"
        time.sleep(0.05)
    return value


@dataclass
class Client:
    """Somebody who calls: his telephone, his name in the card, and the contact that his call became."""

    phone: Handset
    number: str
    surname: str
    contact: str


@dataclass
class Town:
    """Everybody outside, and a look into the product's own tables."""

    product: Product
    exchange: Exchange
    line: Line
    known: list[tuple[str, str]]
    """Numbers that one client alone has, with his surname; each calls only once."""
    phones: list[Handset] = field(default_factory=list)

    # --- telephones ---
    def calls(self, number: str = "", surname: str = "") -> Client:
        """A client calls, chooses the operator in the menu, and waits."""
        if not number:
            number, surname = self.known.pop()
        began = dt.datetime.now(dt.UTC)
        office = Office(self.product.instance, loader.load(self.product.instance.profile))
        way = route.to_person(office.profile)
        phone = handsets.call(self.exchange, self.line, way.line, number, office.claimed("open", way.line, began))
        self.phones.append(phone)
        phone.up()
        contact = self._contact_of(number, began)
        self.comes(contact, "notice_played")
        for press in way.presses:
            phone.press(press.digit)  # a key that is pressed into the greeting counts
            self.comes(contact, "menu_choice", node=press.node)
        self.comes(contact, "queue_entered")
        return Client(phone, number, surname, contact)

    def rings(self, number: str) -> Handset:
        """The telephone of a client whom the office calls."""
        found = handsets.rung(self.exchange, self.line, number, SOON_MS / 1000)
        assert found is not None, f"nobody calls {number}"
        self.phones.append(found)
        return found

    def _contact_of(self, number: str, since: dt.datetime) -> str:
        query = "SELECT id FROM conversations_contact WHERE caller = %s AND started_at >= %s"
        early = since - dt.timedelta(seconds=2)
        return str(until(lambda: self.rows(query, number, early), what=f"no contact of {number}")[0][0])

    # --- the journal ---
    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the product's tables."""
        with psycopg.connect(self.product.instance.embedded_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def facts(self, contact: str) -> list[tuple[str, dict[str, Any]]]:
        """What was written of a contact, in its order."""
        query = "SELECT kind, data FROM journal_fact WHERE subject_type = 'contact' AND subject_id = %s ORDER BY at, id"
        return [(kind, data) for kind, data in self.rows(query, contact)]

    def kinds(self, contact: str, beginning: str = "") -> list[str]:
        """The kinds of facts of a contact, in their order."""
        return [kind for kind, _ in self.facts(contact) if kind.startswith(beginning)]

    def moment(self, contact: str, kind: str) -> dt.datetime:
        """When the first fact of a kind happened, as the journal has it."""
        query = "SELECT min(at) FROM journal_fact WHERE subject_type = 'contact' AND subject_id = %s AND kind = %s"
        found: dt.datetime = self.rows(query, contact, kind)[0][0]
        return found

    def comes(self, contact: str, kind: str, limit_s: float = 20, **data: Any) -> dict[str, Any]:
        """Wait for a fact of a contact."""

        def look() -> list[dict[str, Any]]:
            return [said for one, said in self.facts(contact) if one == kind and data.items() <= said.items()]

        return until(look, limit_s, f"no {kind} {data} in {contact}")[0]

    # --- the end ---
    def at_rest(self, *operators: int) -> None:
        """Hang up everything and take the operators off."""
        while self.phones:
            self.phones.pop().hang_up()
        until(lambda: self.rows(OPEN_CALLS) == [(0,)], 30, "a call goes on though everybody hung up")
        for employee in operators:
            self._tell(f"/operators/{employee}/state", state="offline", reason="")

    def _tell(self, path: str, **body: Any) -> None:
        here = self.product.instance
        headers = {"Authorization": f"Bearer {here.secrets.internal_token}"}
        address = f"http://127.0.0.1:{here.ports.switchboard}{path}"
        urllib.request.urlopen(urllib.request.Request(address, json.dumps(body).encode(), headers), timeout=5).close()


@contextmanager
def outside(product: Product) -> Iterator[Town]:
    """Telephones where the product's trunk leads."""
    tree, host = provision.find(lambda _: None), product.told.get("KINDLINE_SIP_ADDRESS", ports.LOOPBACK)
    running = exchanges.running(tree, product.instance.ports.sip, sip_port=product.network_port, host=host)
    with running as exchange, lines.connected(exchange) as line:
        engine.ask(tree, product.instance.asterisk_folder, "pjsip qualify trunk")
        town = Town(product, exchange, line, [])
        town.known = town.rows(KNOWN)
        yield town


# --- at the screen -------------------------------------------------------------------------------------
@dataclass
class Desk:
    """One operator at the screen."""

    product: Product
    context: BrowserContext
    page: Page
    employee: int
    number: int
    surname: str

    def find(self, selector: str) -> Locator:
        """A place on the screen."""
        return self.page.locator(selector)

    def opens(self) -> None:
        """The screen with its phone connected."""
        if self.page.is_closed():
            self.page = self.context.new_page()
        self.page.goto("/desk/")
        expect(self.find(".phone-on")).to_be_visible(timeout=30_000)

    def vanishes(self) -> dt.datetime:
        """The whole browser is killed: nothing of it can say goodbye (T8); when that was."""
        browser = self.context.browser
        assert browser is not None
        told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        (process,) = (one["id"] for one in told if one["type"] == "browser")
        killed_at = dt.datetime.now(dt.UTC)
        os.kill(process, signal.SIGKILL)
        with suppress(PlaywrightError):
            browser.close()
        return killed_at

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Nothing comes from the browser and nothing is taken by it, though no connection of it is closed."""
        browser = self.context.browser
        assert browser is not None
        told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        try:
            for one in told:
                os.kill(one["id"], signal.SIGSTOP)
            yield
        finally:
            for one in told:
                os.kill(one["id"], signal.SIGCONT)

    def is_now(self, state: str) -> None:
        """The state that the screen shows."""
        expect(self.find(".state-now .badge")).to_have_class(re.compile(f"state-{state}"), timeout=SOON_MS)

    def becomes(self, state: str) -> None:
        """Choose a state."""
        self.find(f"#state-{state}").click()
        self.is_now(state)

    def shows(self, phase: str) -> None:
        """What the call is at, as the screen shows it: ringing, talking, held, wrap_up, lost, dialling, none."""
        expect(self.find(f".call-{phase}")).to_be_visible(timeout=SOON_MS)

    def rings(self) -> None:
        """A call that can be answered here."""
        expect(self.find("#answer")).to_be_enabled(timeout=SOON_MS)

    def answers(self) -> None:
        """Take the call by key."""
        self.rings()
        self.page.keyboard.press("Alt+a")
        self.shows("talking")

    def knows(self, surname: str) -> None:
        """The client's card."""
        expect(self.find(".client-card .who h2")).to_contain_text(surname, timeout=SOON_MS)

    def says(self) -> None:
        """Do the present step of the guide by click, and wait for the next one."""
        title = self.find("#step-title").inner_text()
        self.find("[data-step-done]").click()
        expect(self.find("#step-title").filter(has_text=title)).to_have_count(0, timeout=SOON_MS)

    def finishes(self, outcome: str, *, left_out: bool = True) -> None:
        """Write down the result of a call that has ended."""
        expect(self.find("#close-contact")).to_be_enabled(timeout=SOON_MS)
        self.find("#close-topic").select_option(index=2)
        self.find(f".outcomes input[value={outcome}]").check()
        if left_out:
            self.find("#close-skip-reason").select_option("not_applicable")
        self.find("#close-contact").click()
        expect(self.find(".result .finished")).to_be_visible(timeout=SOON_MS)


def log_in(browser: Browser, product: Product, username: str, *, url: str = "") -> Desk:
    """An operator who has logged in as a person does, in a browser session of his own.

    `url`: where he reaches the product, by a certificate that nobody need trust; the product's own without one.
    """
    width, height = WIDE
    context = browser.new_context(
        base_url=url or product.url, permissions=["microphone"], locale="ru-RU",
        viewport={"width": width, "height": height}, ignore_https_errors=bool(url),
    )  # fmt: skip
    context.set_default_timeout(SOON_MS)
    page = context.new_page()
    page.goto("/login/")
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill(product.instance.secrets.demo_password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    return Desk(product, context, page, *_who(product, username))


def _who(product: Product, username: str) -> tuple[int, int, str]:
    database = product.told.get("KINDLINE_DATABASE_URL") or product.instance.embedded_url
    with psycopg.connect(database, autocommit=True) as connection:
        query = "SELECT id, number, surname FROM staff_employee WHERE username = %s"
        found = connection.execute(query, [username]).fetchone()
    assert found is not None
    return int(found[0]), int(found[1]), str(found[2])
