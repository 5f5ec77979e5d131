"""Short messages on the desk: what waits, one contact with its answer, the register."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.models import Account, ContactPoint
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.notifications import gateways, receiving
from kindline.notifications.models import Sms
from kindline.notifications.wires import Came

pytestmark = pytest.mark.db


@pytest.fixture
def contact(krc: Any, account: Account) -> Contact:
    """A client's short message that waits."""
    ContactPoint.objects.get_or_create(client=account.client, kind="phone", value="+79271112233")
    now = timezone.now()
    receiving.take_text(came=Came("79271112233", "1551", "Нет воды <b>"), country="RU", now=now)
    conversations.take_waiting(profile=krc, now=now)
    return Contact.objects.get(channel="sms")


@pytest.mark.clause("krc-2-57")
def test_a_message_is_answered_and_finished_on_the_page(as_operator: Browser, contact: Contact) -> None:
    listed = as_operator.get("/desk/sms/").content.decode()
    assert "Нет воды &lt;b&gt;" in listed
    address = f"/desk/sms/{contact.pk}/"
    page = as_operator.get(address)
    key = page.context["key"]
    refused = as_operator.post(f"{address}reply", {"text": "д" * 700, "key": key})
    assert refused.status_code == 422
    assert "д" * 700 in refused.content.decode(), "nothing typed is lost"
    for _ in range(2):  # the button is pressed twice
        as_operator.post(f"{address}reply", {"text": "Дадут к вечеру.", "key": key})
    assert Sms.objects.get().text == "Дадут к вечеру."
    assert "waits to be sent" in as_operator.get(address).content.decode()
    as_operator.post(f"{address}close", {"outcome": "answered"})
    contact.refresh_from_db()
    assert (contact.outcome, contact.employee is not None) == ("answered", True)
    assert as_operator.get("/desk/sms/?box=handled").context["rows"][0]["outcome"] == "answered"
    again = as_operator.post(f"{address}reply", {"text": "Ещё", "key": "other"}, follow=True)
    assert "finished this contact meanwhile" in again.content.decode()
    register = as_operator.get("/desk/sms/outgoing/").content.decode()
    assert "Дадут к вечеру." in register
    assert as_operator.get(f"{address}nothing").status_code == 405


def test_it_is_listed_among_all_contacts(as_supervisor: Browser, contact: Contact) -> None:
    page = as_supervisor.get("/desk/contacts/?channel=sms")
    assert [row["contact"].pk for row in page.context["rows"]] == [contact.pk]
    assert as_supervisor.get(f"/desk/contacts/{contact.pk}/").status_code == 200


def test_which_gateway_works_stands_on_the_pages(as_operator: Browser, krc: Any, settings: Any) -> None:
    settings.SMS = {"gateway": {"class": "kindline.connectors.sms.smpp.Smpp", "url": "smpp://a", "sender": "1551"}}
    now = timezone.now()
    gateways.name_all(names=["first", "second"], now=now)
    assert "has failed since" not in as_operator.get("/desk/sms/").content.decode()
    gateways.rest(name="first", reason="it is not there", now=now)
    for place in ("/desk/sms/", "/desk/sms/outgoing/"):
        page = as_operator.get(place).content.decode()
        assert "The SMS gateway first has failed since" in page
        assert "it is not there" in page
        told = dict(re.findall(r"(first|second) <span class=\"badge\">(\w+)<", page))
        assert told == {"first": "fails", "second": "works"}
