"""The parts of the personal account are data: their order, what is done in it, and what is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from django.test import Client as Browser

from kindline.clients.models import Account
from kindline.site import offering
from kindline.site.account import parts
from kindline.standard.profile import Profile
from tests.site.account.test_account import entered

pytestmark = pytest.mark.db


@pytest.mark.clause("krc-5.7-10")
def test_the_account_has_the_parts_of_the_standard_in_its_order_and_no_others(
    site: Callable[..., Profile], visitor: Browser, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    krc = site("krc")
    assert parts.of(krc) == parts.PARTS
    entered(visitor)
    page = visitor.get("/account/").content.decode()
    assert page.index("<h2>Accounts") < page.index("<h2>My questions") < page.index("<h2>Who has entered")
    assert visitor.get("/account/ask/").status_code == 200
    monkeypatch.setitem(cast(dict[str, Any], krc.variables), "account_parts", ["entries", "accounts", "services"])
    page = visitor.get("/account/").content.decode()
    assert page.index("<h2>Who has entered") < page.index("<h2>Accounts")
    assert "<h2>My questions" not in page
    assert "/account/readings/" not in page
    money = (f"/account/{account.pk}/money/", f"/account/money/{account.number}/")
    for address in ("/account/ask/", "/account/readings/", "/account/bills/", *money):
        assert visitor.get(address).status_code == 404
    assert visitor.get("/account/data/").status_code == 200, "one's own data are always there"
    assert {one.id for one in offering.offers(krc)} == {"request_status", "complaint_status", "credentials"}


def test_a_standard_that_names_none_has_them_all(site: Callable[..., Profile]) -> None:
    assert parts.of(site("voe")) == parts.PARTS
