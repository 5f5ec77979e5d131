"""A list with personal data leaves only for a purpose that the standard allows, and each time is a fact."""

import pytest
from django.test import Client as Browser

from kindline.journal.models import Fact
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here

pytestmark = [pytest.mark.db, pytest.mark.clause("krc-6.1-04")]
__all__ = ["here"]
LISTS = ["appeals/?format=csv", "appeals/?format=xlsx", "contacts/?format=csv"]
LISTS += ["sms/outgoing/?format=csv", "mail/?format=csv", "mail/outgoing/?format=csv", "letters/?format=csv"]


@pytest.fixture
def browser(here: Registry) -> Browser:
    here.register(kind="complaint")
    return _as(here, "supervisor")


@pytest.mark.parametrize("address", LISTS)
def test_first_it_is_asked_for_what(browser: Browser, address: str) -> None:
    asked = browser.get(f"/desk/{address}&state=closed")
    page = asked.content.decode()
    assert asked["Content-Type"].startswith("text/html")
    assert 'name="state" value="closed"' in page
    assert "krc-6.1-04" in page
    assert not Fact.objects.filter(kind="data_exported").exists()
    given = browser.get(f"/desk/{address}&purpose=service_control")
    assert "filename=" in given["Content-Disposition"]
    b"".join(given)
    assert Fact.objects.get(kind="data_exported").data["purpose"] == "service_control"


def test_for_advertising_it_is_not_given_out(browser: Browser) -> None:
    refused = browser.get("/desk/appeals/?format=csv&purpose=advertising")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert not Fact.objects.filter(kind="data_exported").exists()


def test_the_purpose_named_last_is_proposed(browser: Browser) -> None:
    browser.get("/desk/appeals/?format=csv&purpose=settlements")
    page = browser.get("/desk/contacts/?format=csv").content.decode()
    assert 'value="settlements" required checked' in page
