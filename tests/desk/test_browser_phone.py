"""The browser's phone of a session: its password changes under a talk, and dies at log-out (ASVS 4.4.4)."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Page, WebSocket, expect

from kindline.runtime.asterisk import engine, provision
from tests.desk import calling
from tests.desk.calling import Desk, Town, until
from tests.desk.test_stranger import both_hear, desk, town
from tests.plugins.product import Product

__all__ = ["desk", "town"]
pytestmark = [pytest.mark.browser, pytest.mark.asterisk]
DUE_S = 45
"""When the page asks for the next password after it was opened: by then there is a talk."""
DUE = """
UPDATE switchboard_browserphone SET made_at = now() - interval '6 hours' + make_interval(secs => %s)
WHERE operator_id = %s RETURNING 1
"""
PASSWORD = "SELECT password FROM switchboard_browserphone WHERE operator_id = %s"


def registered(page: Page) -> list[str]:
    """What the engine answers to the page's registrations from now on, in its order."""
    answers: list[str] = []

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: hear(frame if isinstance(frame, str) else frame.decode()))

    def hear(frame: str) -> None:
        found = re.match(r"SIP/2.0 (\d+)", frame)
        if found and re.search(r"CSeq: \d+ REGISTER", frame):
            answers.append(found[1])

    page.on("websocket", watch)
    return answers


def heard(page: Page, answers: list[str], wanted: str) -> bool:
    """Whether that was answered; the page is listened to meanwhile."""
    page.wait_for_timeout(50)
    return wanted in answers


def password(town: Town, desk: Desk) -> str:
    return "".join(row[0] for row in town.rows(PASSWORD, desk.employee))


def of_the_engine(product: Product, question: str) -> str:
    return engine.ask(provision.find(lambda _: None), product.instance.asterisk_folder, question)


def test_a_talk_goes_on_while_its_phone_gets_another_password(town: Town, desk: Desk) -> None:
    answers = registered(desk.page)
    desk.opens()
    first = password(town, desk)
    assert town.rows(DUE, DUE_S, desk.employee) == [(1,)]
    desk.opens()
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    assert password(town, desk) == first, "it was renewed before there was a talk"
    answers.clear()
    until(lambda: password(town, desk) != first, DUE_S + 20, "it is not renewed")
    expect(desk.find(".phone-on")).to_be_visible()
    until(lambda: heard(desk.page, answers, "200"), what="it is not let in anew")
    assert set(answers) <= {"401", "200"}
    assert answers.count("401") == answers.count("200"), "it was refused in between"
    both_hear(town, desk, client)
    assert "media_lost" not in town.kinds(client.contact)
    desk.page.keyboard.press("Alt+e")
    desk.finishes("answered")


def test_it_dies_at_log_out(town: Town, desk: Desk, instance: Product) -> None:
    desk.opens()
    name = f"op{desk.employee}w"
    assert name in of_the_engine(instance, "pjsip show auths")
    desk.page.goto("/desk/mine/")
    desk.page.locator("form[action$='/logout/'] button").first.evaluate("button => button.form.requestSubmit(button)")
    desk.page.wait_for_url("**/login/**")
    until(lambda: name not in of_the_engine(instance, "pjsip show auths"), 5, "the engine lets him in")
    assert not password(town, desk)
    assert f"op{desk.employee}s" in of_the_engine(instance, "pjsip show auths")


def test_an_engine_that_was_started_anew_has_the_page_again(town: Town, desk: Desk, instance: Product) -> None:
    desk.opens()
    first = password(town, desk)
    os.kill(instance.pid("asterisk"), signal.SIGKILL)
    expect(desk.find(".phone-wait")).to_be_visible(timeout=calling.SOON_MS)
    expect(desk.find(".phone-on")).to_be_visible(timeout=60_000)
    assert password(town, desk) == first
