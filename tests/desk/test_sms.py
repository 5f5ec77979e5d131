"""Short messages on the desk: what waits, one contact with its answer, the register."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import unsorted
from kindline.appeals.models import Appeal
from kindline.clients.models import Account, ContactPoint
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
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


TYPED = {
    "channel": "sms", "applicant_kind": "person", "surname": "Ёлкин", "given_name": "Пётр", "patronymic": "Семёнович",
    "residence": "Самара, Садовая, 5", "phone": "+79271112233", "email": "elkin@example.com", "kind": "complaint",
    "substance": "Нет воды", "topic": "", "subject": "",
}  # fmt: skip


@pytest.mark.clause("krc-2-57", "krc-6.1-02")
def test_what_asks_something_becomes_an_appeal_and_is_sorted_like_a_letter(
    as_operator: Browser, as_supervisor: Browser, contact: Contact, krc: Any
) -> None:
    address = f"/desk/sms/{contact.pk}/"
    assert "Make an appeal of it" in as_operator.get(address).content.decode()
    for _ in range(2):  # the button is pressed twice
        assert as_operator.post(f"{address}appeal").status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.channel, appeal.state, appeal.substance) == ("sms", "sorting", "Нет воды <b>")
    assert (appeal.contact, appeal.phone, appeal.client) == (contact, "+79271112233", contact.client)
    assert appeal.received_at == contact.started_at
    assert appeal.limit_at == unsorted.shortest(krc, Appeal.objects.get()).limit is not None
    page = as_operator.get(address).content.decode()
    assert appeal.number in page
    assert "Finish" not in page, "sorting closes it"
    form = as_supervisor.get(f"/desk/appeals/{appeal.pk}/sort/").content.decode()
    assert "Нет воды &lt;b&gt;" in form
    assert f'href="{address}"' in form
    answer = as_supervisor.post(f"/desk/appeals/{appeal.pk}/sort/", TYPED)
    assert answer.headers["Location"] == f"/desk/appeals/{appeal.pk}/"
    appeal.refresh_from_db()
    contact.refresh_from_db()
    assert (appeal.kind, appeal.state, appeal.contact, appeal.channel) == ("complaint", "registered", contact, "sms")
    assert appeal.limit_rule == "mail_complaint", "by the rules of e-mail, until the standard names messages"
    assert appeal.limit_at is not None
    assert (contact.outcome, Contact.objects.count()) == ("appeal", 1)
    assert "appeal_registered" in [one.kind for one in facts_of("contact", contact.pk)]
    assert as_operator.get("/desk/sms/?box=handled").context["rows"][0]["outcome"] == "became an appeal"


def test_what_turned_out_to_be_none_is_finished_by_hand_and_what_is_finished_becomes_none(
    as_operator: Browser, contact: Contact
) -> None:
    address = f"/desk/sms/{contact.pk}/"
    as_operator.post(f"{address}appeal")
    Appeal.objects.update(state="closed", closed_at=timezone.now(), end="advertising")
    assert "Finish" in as_operator.get(address).content.decode()
    as_operator.post(f"{address}close", {"outcome": "nothing_to_answer"})
    Appeal.objects.all().delete()
    assert "Make an appeal of it" not in as_operator.get(address).content.decode()
    refused = as_operator.post(f"{address}appeal", follow=True)
    assert "finished this contact meanwhile" in refused.content.decode()
    assert not Appeal.objects.exists()


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
