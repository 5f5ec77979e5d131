"""How a client wishes to be addressed: changed on his page, remembered as a fact, shown where it matters."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from kindline.appeals import boxes
from kindline.clients import actions as clients
from kindline.clients.models import Client
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from tests.appeals.registry import APPLICANT, Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere
from tests.desk.test_registry import _as, here

__all__ = ["here"]
window, open_as = test_screen.window, test_screen.open_as
pytestmark = [pytest.mark.db, pytest.mark.clause("krc-5.8-12", "krc-6.1-45")]


@pytest.fixture
def client_of(here: Registry) -> Client:
    """A client with a name that declines."""
    fields = {name: APPLICANT[name] for name in ("surname", "given_name", "patronymic")} | {"gender": "f"}
    return clients.create_client(fields=fields, country="RU", via="phone", actor="system", now=here.now)


def test_it_is_shown_changed_and_kept(here: Registry, client_of: Client) -> None:
    address, browser = f"/desk/clients/{client_of.pk}/address/", _as(here, "operator")
    page = browser.get(address).content.decode()
    assert "Ольга Петровна" in page
    assert "Коваль Ольге Петровне" in page, "what a letter says without a wish"
    answer = browser.post(address, {"address_as": "пани  Ольга", "dative_as": "Ольге К."}, follow=True)
    assert "It is kept." in answer.content.decode()
    client_of.refresh_from_db()
    assert (client_of.address_as, client_of.dative_as) == ("пани Ольга", "Ольге К.")
    kinds = [(fact.kind, fact.data.get("fields")) for fact in facts_of("client", client_of.pk)]
    assert ("client_changed", ["address_as", "dative_as"]) in kinds
    assert kinds[1][0] == "client_viewed", "looking is a fact too"


def test_too_long_is_refused_and_stays_typed(here: Registry, client_of: Client) -> None:
    said = {"address_as": "а" * (clients.ADDRESS_MAX + 1), "dative_as": "Ольге К."}
    answer = _as(here, "specialist").post(f"/desk/clients/{client_of.pk}/address/", said)
    assert answer.status_code == 422
    assert "Ольге К." in answer.content.decode()
    client_of.refresh_from_db()
    assert client_of.address_as == ""


def test_from_an_appeal_one_comes_back_to_it(here: Registry, client_of: Client) -> None:
    appeal = here.register()
    appeal.client = client_of
    appeal.save(update_fields=["client"])
    browser, address = _as(here, "specialist"), f"/desk/clients/{client_of.pk}/address/"
    assert f"{address}?back={appeal.pk}" in browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()
    answer = browser.post(address, {"address_as": "пани Ольга", "dative_as": "", "back": appeal.pk})
    assert answer.headers["Location"] == f"/desk/appeals/{appeal.pk}/"
    assert _as(here, "administrator").get(address).status_code == 403


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_the_new_pages_are_accessible_and_fit(
    here: Registry, client_of: Client, open_as: Callable[[Employee], Page]
) -> None:
    head = here.people["unit_head"]
    head.set_password(PASSWORD)
    head.save()
    box = boxes.put_up(profile=here.profile, place="Hall", employee=head, now=here.now)
    boxes.empty(box=box, key=uuid.uuid4(), emptied_at=here.now, letters=2, employee=head, now=here.now)
    page = open_as(head)
    page.goto(f"/desk/clients/{client_of.pk}/address/")
    expect(page.locator("#a-as")).to_be_focused()
    check_everywhere(page, "address")
    page.goto("/desk/boxes/")
    expect(page.locator("#e-box")).to_be_focused()
    check_everywhere(page, "boxes")
