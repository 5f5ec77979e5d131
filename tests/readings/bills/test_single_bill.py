"""The single payment document: everything that an account owes for on one sheet, to be paid at once."""

from __future__ import annotations

import pytest

from kindline.clients.models import Account
from kindline.readings import bills
from kindline.readings.billing import Bill
from kindline.standard import loader

pytestmark = pytest.mark.db


@pytest.mark.clause("krc-2-06")
def test_all_services_stand_on_one_document_with_one_sum_and_the_requisites(account: Account, bill: Bill) -> None:
    page = bills.page(bill, account, loader.load("krc"))
    assert all(service in page for service in ("Холодная вода", "Вывоз отходов &amp; &lt;прочее&gt;"))
    assert account.number in page
    assert page.replace("\xa0", " ").count("1 626,31") >= 1, "one sum to pay for all of them"
    assert "40702810600000000001" in page, "where it is paid"
