"""Incidents at a place that is typed: letters by keys, a choice, the house; told as for an account there."""

from __future__ import annotations

from typing import Any

import pytest

from kindline.appeals import outage_streets
from kindline.appeals.models import Incident
from kindline.clients import queries
from kindline.clients.models import Premise
from kindline.standard import loader
from kindline.switchboard import inquiries
from kindline.switchboard.self_service import streets
from tests.switchboard.people import employee
from tests.switchboard.test_self_service import NOW, Phone

pytestmark = pytest.mark.db
KRC = loader.load("krc")
SERVICE = "outages_by_address"


@pytest.fixture(autouse=True)
def unspoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """No voice is needed to know what is said."""
    monkeypatch.setattr(inquiries, "spoken", lambda _profile, _said: None)


def place(street: str, house: str = "12", city: str = "Светлогорье") -> Premise:
    return Premise.objects.create(city=city, street=street, house=house, flat="7")


def incident(area: str, title: str = "Нет воды", **more: Any) -> Incident:
    by = employee("head")
    return Incident.objects.create(
        profile="krc", title=title, area=area, begun_at=NOW, opened_at=NOW, opened_by=by, **more
    )


@pytest.mark.parametrize(
    ("word", "keys"),
    [("Лесная", "436529"), ("Ёлочная", "3457529"), ("Щорса", "85662"), ("Їжакова", "4324522"), ("1я", "19")],
)
def test_each_letter_has_its_key(word: str, keys: str) -> None:
    assert streets.pressed(word) == keys


def test_every_letter_of_both_languages_has_a_key() -> None:
    letters = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяґєії"
    assert all(streets.pressed(letter) for letter in letters)


def test_a_street_is_typed_then_its_house_and_the_incidents_there_are_told() -> None:
    place("ул. Лесная", "12/3")
    place("ул. Садовая")
    incident("Лесная, 12, 14")
    call = Phone(KRC)
    assert call.asks(SERVICE).ask == "street"
    named = call.asks(SERVICE, street="436")
    assert (named.ask, named.said) == ("building", "Лесная.")
    told = call.asks(SERVICE, street="436", building="12")
    assert told.done
    assert "Нет воды" in told.said
    other = call.asks(SERVICE, street="436", building="15")
    assert (other.done, other.said) == (True, "Об авариях и отключениях по этому адресу нам не известно.")


def test_a_street_is_found_by_any_of_its_words_and_a_few_are_read_out_with_their_keys() -> None:
    for street in ("ул. Большая Лесная", "пер. Лесной", "ул. Ленина"):
        place(street)
    incident("Большая Лесная")
    call = Phone(KRC)
    several = call.asks(SERVICE, street="43")
    assert several.ask == "which"
    assert several.said == "Большая Лесная, нажмите один. Ленина, нажмите два. Лесной, нажмите три."
    for unfit in ("0", "4"):
        reply = call.asks(SERVICE, street="43", which=unfit)
        assert (reply.wrong, reply.ask, reply.answers) == (True, "which", {"street": "43"})
    assert call.asks(SERVICE, street="43", which="1").said == "Большая Лесная."
    assert "Нет воды" in call.asks(SERVICE, street="43", which="1", building="8").said
    assert "не известно" in call.asks(SERVICE, street="43", which="2", building="8").said


def test_the_number_that_was_read_out_stays_that_street_whatever_comes_up_meanwhile() -> None:
    for street in ("ул. Ленина", "пер. Лесной"):
        place(street)
    call = Phone(KRC)
    read = call.asks(SERVICE, street="43").answers
    going_on = incident("Лесной")
    place("ул. Левая")  # before both in their order
    named = call.asks(SERVICE, **read, which="2")
    assert (named.ask, named.said) == ("building", "Лесной.")
    place("пер. Левый")
    assert "Нет воды" in call.asks(SERVICE, **named.answers, building="8").said
    Incident.objects.filter(pk=going_on.pk).update(ended_at=NOW)
    Premise.objects.all().delete()
    told = call.asks(SERVICE, **named.answers, building="8")
    assert (told.done, "не известно" in told.said) == (True, True)


def test_where_too_many_begin_so_more_letters_are_asked_for() -> None:
    for street in ("Лесная", "Лесков", "Ленина", "Левая", "Лётная", "Лермонтова"):
        place(street)
    call = Phone(KRC)
    many = call.asks(SERVICE, street="43")
    assert (many.ask, many.answers, many.wrong) == ("letters", {"street": "43"}, False)
    fewer = call.asks(SERVICE, street="43", letters="65")
    assert (fewer.ask, fewer.answers["street"]) == ("which", "4365")
    assert fewer.said == "Лермонтова, нажмите один. Лесная, нажмите два. Лётная, нажмите три."


def test_a_name_that_is_typed_whole_is_offered_before_those_that_only_begin_so() -> None:
    for street in ("Мира", "Мирная", "Мирный", "Мироновка", "Мирская", "Миров"):
        place(street)
    asked = Phone(KRC).asks(SERVICE, street=streets.pressed("мира"))
    assert asked.said.startswith("Мира")


def test_an_unknown_street_is_asked_for_anew() -> None:
    place("ул. Лесная")
    reply = Phone(KRC).asks(SERVICE, street="99")
    assert (reply.wrong, reply.ask, reply.answers) == (True, "street", {})


def test_a_street_that_only_an_incident_names_is_known_and_one_name_is_one_street() -> None:
    place("ул. Лесная")
    place("Лесная", city="Каменка")
    incident("Лесная, 12; пр. 8 Марта, д. 4а; Заречная 5", title="Нет света")
    assert outage_streets.named(KRC, NOW) == ["Лесная", "пр. 8 Марта", "Заречная"]
    call = Phone(KRC)
    assert call.asks(SERVICE, street="43652").ask == "building", "in two towns: it is one name"
    assert call.asks(SERVICE, street="8").said == "Восемь Марта."
    assert "Нет света" in call.asks(SERVICE, street="3263", building="5").said
    assert "Нет света" in call.asks(SERVICE, street="8", building="4").said


def test_streets_are_read_once_however_many_houses_they_have() -> None:
    for house in "123":
        place("ул. Лесная", house)
    place("ул. Лесная", city="Каменка")
    place("ул. Садовая")
    assert queries.streets() == [
        ("Каменка", "ул. Лесная"),
        ("Светлогорье", "ул. Лесная"),
        ("Светлогорье", "ул. Садовая"),
    ]


def test_where_nothing_is_known_of_places_no_street_is_found() -> None:
    assert queries.streets() == []
    assert Phone(KRC).asks(SERVICE, street="43").wrong
