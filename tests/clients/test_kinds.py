"""Who may be a client: a person, a firm, a sole trader; each is known by the number that calls."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from kindline.clients import actions, queries
from kindline.clients.models import Client, ClientKind

pytestmark = pytest.mark.db
NOW = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)

KINDS = [
    (ClientKind.PERSON, {"surname": "Ёлкин", "given_name": "Пётр", "patronymic": "Семёнович"}, "Ёлкин Пётр Семёнович"),
    (ClientKind.FIRM, {"firm_name": "ООО «Берёзка»"}, "ООО «Берёзка»"),
    (
        ClientKind.SOLE_TRADER,
        {"firm_name": "ИП Соснина А. И.", "surname": "Соснина", "given_name": "Анна"},
        "ИП Соснина А. И.",
    ),
]


def made(kind: str, fields: dict[str, str], phone: str) -> Client:
    return actions.create_client(
        fields={"kind": kind, **fields}, points=[("phone", phone)], country="RU", via="phone", actor="system", now=NOW
    )


@pytest.mark.clause("krc-2-01")
@pytest.mark.parametrize(("kind", "fields", "name"), KINDS)
def test_whoever_dials_the_call_centre_is_a_subscriber(kind: str, fields: dict[str, str], name: str) -> None:
    made(ClientKind.PERSON, {"surname": "Другой"}, "+79270000000")
    subscriber = made(kind, fields, "8 927 111-22-33")
    [found] = queries.by_caller("+79271112233", "RU")
    assert (found, found.kind, str(found)) == (subscriber, kind, name)
    assert queries.find(name)[0] == subscriber


@pytest.mark.clause("krc-2-01")
def test_one_number_may_be_a_person_s_and_his_trade_s() -> None:
    both = {made(kind, fields, "+79271112233").pk for kind, fields, _ in KINDS}
    assert {one.pk for one in queries.by_caller("89271112233", "RU")} == both


@pytest.mark.parametrize("kind", [kind for kind, _, _ in KINDS])
def test_nobody_is_a_client_without_a_name(kind: str) -> None:
    with pytest.raises(ValidationError):
        made(kind, {"residence": "Самара"}, "+79271112233")
    assert not Client.objects.exists()
