"""Finding appeals: words in any inflection of two languages, names, addresses, accounts; and what a client becomes."""

import datetime as dt

import pytest

from kindline.appeals import indexing, lookup
from kindline.appeals.models import Appeal
from kindline.clients import actions as clients
from kindline.clients.models import Account, Client, Premise
from kindline.standard import tokens
from tests.appeals.registry import NOW, Registry, registry

pytestmark = pytest.mark.db


def _client(**fields: str) -> Client:
    given = {"surname": "Мельник", "given_name": "Ольга", "kind": "person"} | fields
    return clients.create_client(fields=given, country="RU", via="phone", actor="system", now=NOW)


def _account(client: Client, number: str = "900012345") -> Account:
    premise = Premise.objects.create(city="Светлогорье", street="ул. Озёрная", house="12а", flat="45")
    return Account.objects.create(
        number=number, client=client, premise=premise, service="heat", opened_on=dt.date(2020, 1, 1)
    )


def _of(here: Registry, client: Client, **more: object) -> Appeal:
    appeal = here.register(**more)  # type: ignore[arg-type]
    appeal.client = client
    appeal.save()
    lookup.index(appeal)
    return appeal


def _found(here: Registry, text: str) -> list[int]:
    return list(lookup.find(Appeal.objects.order_by("pk"), text, here.profile.id).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("profile", "substance", "asked"),
    [
        ("krc", "Не работают лифты в подъезде", "лифта в подъезд"),
        ("krc", "Затопило подвал, прошу перерасчёта", "перерасчет подвалу"),
        ("voe", "Не працює лічильник у будинку", "лічильників будинки"),
        ("voe", "Прошу перерахувати плату за світло", "платою світла"),
        ("court", "Прошу прислать копию решения суда, подъезд закрыт, вы обещали", "решению судов"),
        ("krc", "Прошу пояснити нарахування за опалення, її не змінено", "опаленням нарахувань"),
    ],
)
def test_words_are_found_in_any_inflection_of_both_languages(
    db: None, profile: str, substance: str, asked: str
) -> None:
    here = registry(profile)
    wanted = here.register(substance=substance)
    here.register(substance="Благодарю за помощь")
    assert _found(here, asked) == [wanted.pk]


@pytest.mark.parametrize(
    "asked",
    ["ул. Озёрная, д. 12а, кв. 45", "Озерная 12-А", "улица озёрная 12 45", "900012345", "Мельнику Ольге", "Озёрной 45"],
)  # fmt: skip
def test_the_clients_address_account_and_name_find_his_appeals(krc: Registry, asked: str) -> None:
    client = _client()
    _account(client)
    appeal = _of(krc, client)
    krc.register()
    assert _found(krc, asked) == [appeal.pk]


def test_a_house_is_no_beginning_of_another_number(krc: Registry) -> None:
    krc.register(fields={"surname": "Коваль", "given_name": "Ольга", "residence": "ул. Лесная, 121", "phone": "+79211"})
    assert _found(krc, "Лесная 12") == []


def test_several_things_at_once_and_their_words_in_any_order(krc: Registry) -> None:
    appeal = krc.register(substance="Сломался котёл")
    assert _found(krc, f"котлы {appeal.number} koval@example.org Коваль") == [appeal.pk]
    assert _found(krc, "котлы other@example.org") == []


@pytest.mark.parametrize("asked", ["и", "на", "12", "не в"])
def test_little_words_alone_are_still_asked_for(krc: Registry, asked: str) -> None:
    krc.register()
    assert _found(krc, asked) == []


@pytest.mark.db(transaction=True)
def test_a_client_that_changed_is_found_by_what_he_is_now(krc: Registry) -> None:
    client = _client()
    appeal = _of(krc, client)
    indexing.follow()
    _account(client)
    clients.change_client(client=client, fields={"surname": "Гончар"}, employee_id=None, actor="system", now=NOW)
    assert _found(krc, "Гончару") == []
    assert indexing.follow() == 1
    assert _found(krc, "Гончару") == [appeal.pk]
    assert _found(krc, "900012345") == [appeal.pk]
    assert _found(krc, "Мельник") == []
    assert indexing.follow() == 0, "what was followed is not followed again"


@pytest.mark.parametrize(
    ("text", "language"),
    [("Прошу пояснити її дії", "uk"), ("Прошу объяснить", "ru"), ("Прошу", ""), ("", ""), ("Ёлка і її", "uk")],
)
def test_a_text_shows_its_language_by_its_own_letters(text: str, language: str) -> None:
    assert tokens.language_of(text) == language
