"""Under the standards of the suppliers, by keys: a call is answered, the client waits, is taken back, and let go."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.desk import calling
from tests.desk.calling import Desk, Town
from tests.desk.looking import check_everywhere
from tests.plugins.product import Product, launch

ASK = {"yumek": "Предупредить, что нужно подождать", "voe": "Попередити, що треба зачекати"}
THANK = {"yumek": "Поблагодарить за ожидание", "voe": "Подякувати за очікування"}
pytestmark = [pytest.mark.browser, pytest.mark.asterisk]


@pytest.fixture(scope="module", params=["yumek", "voe"])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own under each."""
    made = launch(tmp_path_factory.mktemp(request.param), "--profile", request.param)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def town(product: Product) -> Iterator[Town]:
    """A telephone outside."""
    with calling.outside(product) as made:
        yield made


@pytest.fixture(scope="module")
def desk(browser: Browser, product: Product) -> Iterator[Desk]:
    """An operator at the screen."""
    made = calling.log_in(browser, product, "operator1")
    yield made
    made.context.close()


@pytest.mark.clause("voe-6-16", "voe-6-17", "yumek-9.4-34")
def test_a_client_is_told_that_he_waits_is_taken_back_and_let_go(town: Town, desk: Desk) -> None:
    desk.opens()
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    desk.knows(client.surname)
    keyboard = desk.page.keyboard
    keyboard.press("h")
    expect(desk.find("#step-title")).to_have_text(ASK[town.product.instance.profile])
    desk.says()
    keyboard.press("Alt+h")
    desk.shows("held")
    check_everywhere(desk.page, "held")
    assert client.phone.listen(10), "the client hears no music"
    keyboard.press("Alt+h")
    desk.shows("talking")
    expect(desk.find("#step-title")).to_have_text(THANK[town.product.instance.profile])
    desk.says()

    keyboard.press("Alt+h")
    desk.shows("held")
    keyboard.press("Alt+h")
    desk.shows("talking")
    keyboard.press("Escape")
    keyboard.press("h")
    expect(desk.find("#step-title")).to_have_text(ASK[town.product.instance.profile])
    held = [said["announced"] for kind, said in town.facts(client.contact) if kind == "hold_started"]
    assert held == [True, False], "what was said before the first hold does not count for the second"

    keyboard.press("Alt+e")
    desk.shows("wrap_up")
    desk.finishes("answered")
    town.at_rest(desk.employee)
