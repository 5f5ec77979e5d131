"""One base for everybody: what one specialist writes another sees at once, and nobody asks the client again."""

import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import queries, receiving
from kindline.appeals.models import Appeal
from kindline.clients.models import Account
from kindline.conversations.models import Contact
from kindline.correspondence.addressing import Person
from kindline.correspondence.models import Paper
from kindline.correspondence.papers import Received, register_incoming
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role
from tests.desk.conftest import Talk, employee, tell

clause = pytest.mark.clause
pytestmark = pytest.mark.db


@pytest.fixture
def clerk() -> Employee:
    """A specialist who registers letters."""
    return employee("clerk", Role.SPECIALIST, surname="Лебедева")


def _register(clerk: Employee, surname: str) -> Appeal:
    browser = Browser()
    browser.force_login(clerk)
    typed = {
        "channel": "paper", "kind": "complaint", "substance": "Нет света", "surname": surname, "given_name": "Пётр",
        "patronymic": "Семёнович", "residence": "ул. Лесная, 12а", "phone": "+79271112233", "none_email": "on",
    }  # fmt: skip
    assert browser.post("/desk/appeals/new/", typed).status_code == 302
    return Appeal.objects.latest("pk")


@clause("yumek-9.2-01", "yumek-9.2-02")
def test_what_one_specialist_wrote_another_sees_at_once_on_another_channel(
    house: Any, clerk: Employee, as_operator: Browser, operator: Employee, talk: Talk, account: Account
) -> None:
    house("yumek")
    made = _register(clerk, "Ёлкин")
    assert made.number in as_operator.get("/desk/appeals/").content.decode()
    assert f"/desk/appeals/{made.pk}/" in as_operator.get("/desk/appeals/?q=Ёлкин").content.decode()
    Appeal.objects.filter(pk=made.pk).update(client=account.client)
    talk("yumek", client=account.client)
    state = json.loads(as_operator.get("/desk/state.json").content)
    assert made.number in json.dumps(state, ensure_ascii=False), "the card of the caller shows the letter's appeal"
    assert [one.pk for one in queries.card(account.client).open_appeals] == [made.pk]


@clause("yumek-9.2-03")
def test_what_the_card_knows_is_not_asked_again(house: Any, as_operator: Browser, talk: Talk, account: Account) -> None:
    house("yumek")
    contact = talk("yumek", client=account.client)
    known = Contact.objects.get(pk=contact.pk).guide["fields"]
    assert {"surname": "Ёлкин", "given_name": "Пётр", "patronymic": "Семёнович"}.items() <= known.items()
    facts = facts_of("contact", contact.pk).filter(kind="field_recorded")
    assert {fact.data["source"] for fact in facts} <= {"known", "caller_id"}
    answer = tell(as_operator, contact, "appeal", kinds=["complaint"], substance="Нет света")
    assert answer.status_code == 200, answer.content.decode()
    made = Appeal.objects.get()
    assert (made.surname, made.given_name, made.phone) == ("Ёлкин", "Пётр", "+79271112233")


@clause("yumek-8-02")
def test_a_letter_by_post_is_a_channel_of_its_own(house: Any, clerk: Employee) -> None:
    profile = house("yumek")
    received = Received("Жалоба на счёт", Person("Ёлкин", "Пётр", "Семёнович"), "ул. Лесная, 12а")
    paper = register_incoming(profile=profile, key="k", received=received, employee=clerk, now=timezone.now())
    assert Paper.objects.get().number == paper.number
    made = _register(clerk, "Ёлкин")
    assert (made.channel, made.profile, made.contact.channel if made.contact else "") == ("paper", "yumek", "paper")
    assert made.limit_at is not None or made.derivation, "with a term, or the words why there is none"


@clause("voe-1-05")
@pytest.mark.parametrize("channel", ["paper", "office", "email"])
def test_a_future_client_without_an_account_is_served_as_any_other(house: Any, clerk: Employee, channel: str) -> None:
    profile = house("voe")
    made = receiving.receive_appeal(
        profile=profile, channel=channel, kind="application", substance="Хочу приєднатися до мереж",
        fields={"surname": "Новенко", "given_name": "Ірина", "phone": "+380671112233", "residence": "Вінниця"},
        none_fields=["patronymic", "email"], employee=clerk, now=timezone.now(),
    )  # fmt: skip
    assert (made.client, made.contact.account if made.contact else "?") == (None, None)
    assert made.number
    assert made.limit_at is not None
