"""Clients are found by whatever they say, and every touch of their data is a fact."""

import datetime as dt
import random
import time
from typing import Any

import pytest
from django.contrib.admin import site
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.forms import modelform_factory
from django.test import RequestFactory

from kindline.clients import actions, queries, wishes
from kindline.clients.admin import ClientAdmin
from kindline.clients.models import Account, Client, ContactPoint, Premise
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from tests.races import Other

pytestmark = pytest.mark.db

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


def _client(
    surname: str, given: str, patronymic: str = "", *, phone: str = "", email: str = "", firm: str = ""
) -> Client:
    points = [("phone", phone)] * bool(phone) + [("email", email)] * bool(email)
    fields = {"surname": surname, "given_name": given, "patronymic": patronymic, "firm_name": firm}
    return actions.create_client(fields=fields, points=points, country="RU", via="phone", actor="employee:1", now=NOW)


def _account(client: Client, number: str, *address: str) -> Account:
    premise = Premise.objects.create(**dict(zip(("city", "street", "house", "flat"), address, strict=False)))
    account = Account.objects.create(
        number=number, client=client, premise=premise, service="heat", opened_on=NOW.date()
    )
    actions.reindex(client=client)
    return account


@pytest.fixture
def elkin() -> Client:
    client = _client("Ёлкин", "Пётр", "Семёнович", phone="8 927 111-22-33", email="P.Elkin@example.com")
    _account(client, "5500123456", "Самара", "ул. Лесная", "12а", "4")
    _client("Ёлкина", "Анна", "Петровна", phone="8 927 111-22-44")
    _client("Иванов", "Пётр", "Ильич")
    return client


@pytest.mark.parametrize(
    "typed",
    [
        "елкин петр",
        "Пётр Ёлкин",
        "семенович ПЁТР елк",
        "8 (927) 111-22-33",
        "+79271112233",
        "9271112233",
        "112233",
        "5500123456",
        "55 0012 3456",
        "550012",
        "лесная 12а кв 4",
        "Самара, Лесная, 12-А, 4",
        "елкин лесная",
        "Ёлкин 2233",
        "p.elkin@example.com",
        "P.ELKIN@",
    ],
)
def test_a_client_is_found(elkin: Client, typed: str) -> None:
    assert queries.find(typed)[0] == elkin


@pytest.mark.parametrize(
    "typed", ["", "   ", "!!", "'", "\\", "елкин иванов", "лесная 13", "' & !x:*", "0000000", "\x00"]
)
def test_nobody_is_found_and_nothing_breaks(elkin: Client, typed: str) -> None:
    assert queries.find(typed) == []


def test_the_whole_name_stands_before_its_beginnings(elkin: Client) -> None:
    assert [client.surname for client in queries.find("ёлкин")] == ["Ёлкин", "Ёлкина"]


def test_the_caller_is_known_by_number(elkin: Client) -> None:
    shared = _client("Ёлкина", "Мария", phone="+79271112233")
    assert set(queries.by_caller("89271112233", "RU")) == {elkin, shared}
    assert queries.by_caller("anonymous", "RU") == []


def test_what_changed_is_found_by_its_new_words(elkin: Client) -> None:
    actions.change_client(client=elkin, fields={"surname": "Соснин"}, employee_id=1, actor="employee:1", now=NOW)
    assert queries.find("соснин петр") == [elkin]
    assert elkin not in queries.find("елкин петр")
    actions.add_point(
        client=elkin, kind="phone", value="8 846 200-00-01", country="RU", employee_id=1, actor="employee:1", now=NOW
    )
    assert queries.find("2000001") == [elkin]


@pytest.mark.clause("krc-2-01", "krc-2-14", "voe-1-05")
@pytest.mark.parametrize("kind", ["person", "firm", "sole_trader", "executor", "supplier"])
def test_every_party_is_a_client_found_alike(kind: str) -> None:
    client = _client("Ким" if kind == "person" else "", "", firm="" if kind == "person" else "ООО «Ким и Ко»")
    actions.change_client(client=client, fields={"kind": kind}, employee_id=1, actor="employee:1", now=NOW)
    assert queries.find("ким") == [client]
    assert client.get_kind_display()


def test_every_change_and_view_is_a_fact(elkin: Client) -> None:
    actions.change_client(client=elkin, fields={"residence": "Самара"}, employee_id=7, actor="employee:7", now=NOW)
    actions.change_client(client=elkin, fields={"residence": "Самара"}, employee_id=7, actor="employee:7", now=NOW)
    actions.note_view(client=elkin, employee_id=7, contact_id="c1", actor="employee:7", now=NOW)
    kept = [(fact.kind, fact.data) for fact in facts_of("client", elkin.pk)]
    assert kept == [
        ("client_created", {"via": "phone"}),
        ("client_changed", {"fields": ["residence"], "employee": 7}),
        ("client_viewed", {"employee": 7, "contact": "c1"}),
    ]


@pytest.mark.parametrize(
    ("fields", "points", "wrong"),
    [
        ({"surname": " "}, [], "surname"),
        ({"surname": "Ёлкин", "shoe_size": "43"}, [], "shoe_size"),
        ({"surname": "Ёлкин"}, [("phone", "call me")], "phone"),
        ({"surname": "Ёлкин"}, [("email", "at home")], "email"),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_kept(
    fields: dict[str, str], points: list[tuple[str, str]], wrong: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.create_client(fields=fields, points=points, country="RU", via="phone", actor="system", now=NOW)
    assert wrong in refused.value.message_dict
    assert not Client.objects.exists()
    assert not ContactPoint.objects.exists()
    assert not Fact.objects.exists()


def test_a_card_shows_what_belongs_to_the_client(elkin: Client) -> None:
    held = queries.holdings(elkin)
    assert [account.number for account in held.accounts] == ["5500123456"]
    assert [point.value for point in held.phones + held.emails] == ["+79271112233", "p.elkin@example.com"]
    assert queries.by_account("5500 123-456") == held.accounts[0]
    assert queries.by_account("1") is None


def test_the_search_uses_its_index_and_is_quick_among_many() -> None:
    dice = random.Random(5)
    surnames = [
        f"{a}{b}" for a in ("Иван", "Петр", "Сидор", "Кузнец", "Смирн") for b in ("ов", "ин", "енко", "ский", "ых")
    ]
    Client.objects.bulk_create(
        Client(
            surname=surname,
            given_name=given,
            words=[surname.lower(), given.lower(), f"7927{n:07}"],
            created_at=NOW,
            changed_at=NOW,
        )
        for n, (surname, given) in enumerate(
            (dice.choice(surnames), dice.choice(["Анна", "Олег"])) for _ in range(20000)
        )
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE clients_client")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM clients_client WHERE array_to_tsvector(words) @@ %s::tsquery", ["'79270000777':*"]
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "client_words" in plan
    started = time.perf_counter()
    found = queries.find("79270000777")
    took_ms = (time.perf_counter() - started) * 1000
    assert len(found) == 1
    assert took_ms < 250


# --- of two who change a client at once neither undoes the other ---
def test_who_changes_a_card_writes_nothing_but_what_he_changes(elkin: Client) -> None:
    read_before = Client.objects.get(pk=elkin.pk)
    by: dict[str, Any] = {"employee_id": 1, "actor": "employee:1", "now": NOW}
    wishes.set_call_wishes(client=elkin, do_not_call=True, survey_consent=False, via="desk", **by)
    Client.objects.filter(pk=elkin.pk).update(surname="", given_name="")  # he was erased meanwhile
    changed = actions.change_client(client=read_before, fields={"residence": "Самара"}, **by)
    for one in (changed, Client.objects.get(pk=elkin.pk)):
        assert (one.surname, one.given_name, one.residence, one.do_not_call) == ("", "", "Самара", True)


@pytest.mark.db(transaction=True)
def test_two_numbers_added_at_once_are_both_found() -> None:
    client = _client("Ёлкин", "Пётр")
    by: dict[str, Any] = {"kind": "phone", "country": "RU", "employee_id": 1, "actor": "employee:1", "now": NOW}
    with transaction.atomic():
        actions.add_point(client=client, value="+79271112233", **by)
        other = Other(lambda: actions.add_point(client=client, value="+79271112244", **by))
        other.wait_or_end()
    other.end()
    assert queries.find("79271112233") == queries.find("79271112244") == [client]


class TestTheAdministration:
    """It writes what was changed in its form, and no more."""

    def test_a_card_that_another_changes_meanwhile(self, elkin: Client) -> None:
        shape, typed = modelform_factory(Client, fields=["residence", "surname"]), {"surname": "Ёлкин"}
        form = shape(typed | {"residence": "Самара"}, instance=Client.objects.get(pk=elkin.pk))
        assert form.is_valid()
        Client.objects.filter(pk=elkin.pk).update(do_not_call=True)
        ClientAdmin(Client, site).save_model(RequestFactory().post("/"), form.save(commit=False), form, change=True)
        elkin.refresh_from_db()
        assert (elkin.residence, elkin.do_not_call) == ("Самара", True)
