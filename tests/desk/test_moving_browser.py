"""An operator in a talk whose network is gone for ten seconds, or who goes on at another machine: the caller stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.desk import calling
from tests.desk.calling import Client, Desk, Town
from tests.desk.test_stranger import KEEP_CONNECTIONS, both_hear
from tests.plugins.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]


@pytest.fixture(scope="module")
def town(instance: Product) -> Iterator[Town]:
    """Telephones outside."""
    with calling.outside(instance) as made:
        yield made


def at_a_machine(browser: Browser, instance: Product) -> Desk:
    """The operator, logged in at one more machine."""
    made = calling.log_in(browser, instance, "operator1")
    made.context.add_init_script(KEEP_CONNECTIONS)
    return made


@pytest.fixture
def desk(browser: Browser, instance: Product, town: Town) -> Iterator[Desk]:
    """The operator at his machine; off, and nobody in a call, afterwards."""
    made = at_a_machine(browser, instance)
    yield made
    town.at_rest(made.employee)
    made.context.close()


def talks(town: Town, desk: Desk) -> Client:
    """A talk under way, in which both hear each other."""
    desk.opens()
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    both_hear(town, desk, client)
    return client


def kept(town: Town, client: Client) -> None:
    """The caller was never dropped nor given to anybody else, and is told of as one talk."""
    kinds = town.kinds(client.contact)
    assert "call_ended" not in kinds
    assert kinds.count("call_offered") == kinds.count("call_answered") == kinds.count("queue_entered") == 1


def ends(town: Town, desk: Desk, client: Client) -> None:
    desk.page.keyboard.press("Alt+e")
    assert town.comes(client.contact, "call_ended")["by"] == "operator"
    desk.finishes("answered")


def test_a_network_that_is_gone_for_ten_seconds_costs_no_caller(town: Town, desk: Desk) -> None:
    client = talks(town, desk)
    with desk.unheard():
        town.comes(client.contact, "media_lost")
        assert client.phone.listen(10), "the client hears no music"
    town.comes(client.contact, "media_reattached", 30)
    desk.shows("talking")
    both_hear(town, desk, client)
    kept(town, client)
    ends(town, desk, client)


def test_who_goes_on_at_another_machine_takes_the_talk_with_him(
    town: Town, desk: Desk, browser: Browser, instance: Product
) -> None:
    client = talks(town, desk)
    other = at_a_machine(browser, instance)
    try:
        other.opens()
        other.shows("talking")
        town.comes(client.contact, "media_reattached")
        both_hear(town, other, client)
        other.knows(client.surname)
        expect(desk.find(".trouble")).to_contain_text("другой вкладке", timeout=calling.SOON_MS)
        kept(town, client)

        desk.find(".trouble button").click()  # and back again, from the page that was left open
        expect(other.find(".trouble")).to_be_visible(timeout=calling.SOON_MS)
        both_hear(town, desk, client)
        kept(town, client)
        assert town.kinds(client.contact).count("media_reattached") == 2
        ends(town, desk, client)
    finally:
        other.context.close()
