"""Erase a person, then look for him in every table: nothing is found but what the receipt says is kept, and why."""

from __future__ import annotations

import datetime as dt
import uuid
from random import Random

import pytest
from django.db import connection

from kindline.appeals import lookup, moves
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, ClientNotice
from kindline.campaigns import following
from kindline.campaigns.models import Campaign, Target
from kindline.clients import actions as clients
from kindline.clients import queries
from kindline.clients.login_models import Entry, Login, Ticket
from kindline.clients.models import Account, BarredNumber, Client, Premise
from kindline.conversations import actions as conversations
from kindline.conversations.asked_calls import Wish
from kindline.conversations.models import Callback, CallbackState, Contact
from kindline.correspondence.models import Paper
from kindline.feedback.models import Asked
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.quality import erasure
from kindline.quality.models import Erasure
from kindline.standard import loader
from kindline.switchboard.models import Call, Intent, Recording
from tests.appeals.registry import Registry

pytestmark = pytest.mark.db(transaction=True)
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
LONG_AGO = NOW - dt.timedelta(days=6 * 366)
TEXT_TYPES = ("text", "character varying", "jsonb", "ARRAY", "tsvector", "character")
SEEDS = (1, 2, 3)


class Somebody:
    """A person of whom there is only one, by a seed, and how he is named in the tables."""

    def __init__(self, seed: int) -> None:
        dice = Random(seed)
        tail = "".join(dice.choice("бвгджзклмнп") + dice.choice("аоуи") for _ in range(3))
        self.surname, self.given, self.patronymic = f"Ква{tail}ский", f"Пел{tail}ий", f"Зюр{tail}ович"
        self.street = f"Хре{tail}ная"
        self.phone = f"+7927{dice.randrange(10**6, 10**7)}"
        self.email = f"kva{seed}{dice.randrange(10**6)}@example.org"
        self.account = f"77{dice.randrange(10**7, 10**8)}"

    def signs(self) -> list[str]:
        """Pieces that no other row can have: stems of names, digits, the address."""
        return [
            self.surname[:-3],
            self.given[:-2],
            self.patronymic[:-4],
            self.street[:-2],
            self.phone[2:],
            self.email,
            self.account,
        ]


def found_in(signs: list[str]) -> dict[str, int]:
    """In which tables any of the pieces stands, whatever the letters' size: every column that can hold words."""
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND c.data_type = ANY(%s)",
            [list(TEXT_TYPES)],
        )
        for table, column in cursor.fetchall():
            sought = " OR ".join(f'"{column}"::text ILIKE %s' for _ in signs)
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {sought}', [f"%{sign}%" for sign in signs])  # noqa: S608
            if hits := cursor.fetchone()[0]:
                found[table] = found.get(table, 0) + hits
    return found


@pytest.fixture
def here(settings: object) -> Registry:
    """An organisation under krc."""
    return Registry(loader.load("krc"), now=NOW)


def _life(here: Registry, who: Somebody) -> tuple[Client, Appeal, Appeal]:
    """Everything that a client may leave behind: card, call, callback, appeals old and new, letter, campaign."""
    client = clients.create_client(
        fields={
            "surname": who.surname,
            "given_name": who.given,
            "patronymic": who.patronymic,
            "residence": f"ул. {who.street}, 5, кв. 9",
        },
        points=[("phone", who.phone), ("email", who.email)],
        country="RU",
        via="office",
        actor="system",
        now=NOW,
    )
    premise = Premise.objects.create(city="Светлогорье", street=f"ул. {who.street}", house="5", flat="9")
    account = Account.objects.create(
        number=who.account, client=client, premise=premise, service="вода", opened_on=NOW.date()
    )
    _enter(account, who)
    clients.reindex(client=client)
    contact = conversations.open_contact(
        profile=here.profile, channel="phone", caller=who.phone, contact_id=uuid.uuid4(), now=NOW
    )
    contact = conversations.set_client(contact=contact, client=client, via="caller", employee=None, now=NOW)
    subject = ("contact", contact.pk, "system")
    journal.record_many(
        [
            journal.NewFact("call_arrived", *subject, {"line": "hotline", "caller": who.phone, "called": "100"}, NOW),
            journal.NewFact(
                "transfer_introduced",
                *subject,
                {"client_name": f"{who.given} {who.patronymic}", "matter": f"счёт {who.account}"},
                NOW,
            ),
        ]
    )
    Call.objects.create(
        id=contact.pk,
        state="ended",
        data={"caller": who.phone, "log": [f"звонит {who.surname}"]},
        owner="sb",
        started_at=NOW,
        changed_at=NOW,
        ended_at=NOW,
    )
    Intent.objects.create(
        id=uuid.uuid4(), call_id=contact.pk, command="dial", target=who.phone, params={"to": who.phone}, made_at=NOW
    )
    Recording.objects.create(
        contact=contact,
        leg="client",
        name=f"{contact.pk}-client",
        path="a.wav",
        started_at=NOW,
        retention_until=dt.date(2026, 9, 2),
    )
    Callback.objects.create(
        contact=contact,
        client=client,
        phone=who.phone,
        name=f"{who.given} {who.patronymic}",
        matter=f"перезвонить {who.surname[:-2]}ому",
        promised_at=NOW,
        due_at=NOW,
        state="kept",
        closed_at=NOW,
    )
    conversations.close_unserved(contact=contact, outcome="answered", now=NOW)
    Contact.objects.filter(pk=contact.pk).update(
        ended_at=NOW, summary=f"{who.surname} о счёте {who.account}, тел. {who.phone}"
    )
    old, new = (_appeal(here, who, client, at) for at in (LONG_AGO, NOW))
    Paper.objects.create(
        direction="in",
        number=f"В-{who.account[:4]}",
        key=who.account[::-1],
        state="registered",
        registered_at=NOW,
        surname=who.surname,
        subject="Жалоба",
        language="ru",
        client=client,
    )
    campaign = Campaign.objects.create(
        profile="krc",
        kind="message",
        title="Отключение",
        text="Воды не будет",
        created_by=here.people["supervisor"],
        created_at=NOW,
    )
    Target.objects.create(campaign=campaign, client=client, phone=who.phone, answers={"0": who.surname})
    BarredNumber.objects.create(phone=who.phone, barred_at=NOW)
    Asked.objects.create(phone=who.phone, contact=uuid.uuid4(), at=NOW)
    return client, old, new


def _enter(account: Account, who: Somebody) -> Login:
    """He uses the personal account, and another code is on its way to him."""
    login = Login.objects.create(email=who.email, made_at=NOW)
    login.accounts.add(account)
    Entry.objects.create(login=login, at=NOW, way="code", entered=True, sender="192.0.2.7")
    Ticket.objects.create(digest=who.account, email=who.email, made_at=NOW, ends_at=NOW + dt.timedelta(hours=1))
    return login


def _appeal(here: Registry, who: Somebody, client: Client, at: dt.datetime) -> Appeal:
    fields = {
        "surname": who.surname,
        "given_name": who.given,
        "patronymic": who.patronymic,
        "phone": who.phone,
        "email": who.email,
        "residence": f"ул. {who.street}, 5",
    }
    appeal = here.at(
        "closed", fields=fields, substance=f"Я, {who.surname}, живу на {who.street[:-2]}ой, 5, счёт {who.account}"
    )
    Appeal.objects.filter(pk=appeal.pk).update(client=client, closed_at=at, registered_at=at)
    ClientNotice.objects.create(
        appeal=appeal,
        about="extension",
        text=f"{who.given} {who.patronymic}!",
        author=here.people["unit_head"],
        made_at=at,
    )
    appeal.refresh_from_db()
    lookup.index(appeal)
    return appeal


def _erase(here: Registry, client: Client, who: str = "director", ground: str = "заявление № 4") -> Erasure:
    return erasure.erase_client(profile=here.profile, client=client, ground=ground, employee=here.people[who], now=NOW)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_left_but_what_is_kept_with_its_reason(here: Registry, seed: int) -> None:
    """X4: tables, search index, journal, calls, campaigns."""
    who = Somebody(seed)
    client, old, new = _life(here, who)
    before = found_in(who.signs())
    expected = {
        "clients_client", "clients_login", "clients_ticket", "journal_fact", "switchboard_call", "campaigns_target",
        "conversations_callback", "feedback_asked",
    }  # fmt: skip
    assert expected <= {name.rsplit("_20", 1)[0].removesuffix("_other") for name in before}, "the search itself finds"
    made = _erase(here, client)
    while following.follow(profile=here.profile, now=NOW):
        continue
    assert not queries.find(who.surname)
    assert not queries.by_caller(who.phone, "RU")
    kept = {row["what"]: row for row in made.kept}
    assert set(kept) == {"appeals", "letters", "accounts", "recordings", "barred numbers"}
    assert all(row["law"] for row in made.kept)
    assert (kept["appeals"]["rows"], kept["appeals"]["until"]) == (1, "2031-03-02")
    assert kept["recordings"]["until"] == "2026-09-02"
    allowed = {
        "appeals_appeal", "appeals_clientnotice", "appeals_answer",  # the newer appeal, within its term
        "correspondence_paper", "clients_account", "clients_premise", "clients_barrednumber",
    }  # fmt: skip
    assert set(found_in(who.signs())) <= allowed
    old.refresh_from_db()
    assert (old.surname, old.phone, old.closed_at) == ("", "", LONG_AGO)
    assert who.surname[:-3] not in old.substance
    assert [one.pk for one in lookup.find(Appeal.objects.all(), who.surname, "krc")] == [new.pk], (
        "kept, and still found by it"
    )


def test_a_call_asked_for_on_the_site_is_in_no_card_and_goes_too(here: Registry) -> None:
    who = Somebody(51)
    client, _, _ = _life(here, who)
    key, sender = uuid.uuid4(), "5e4d3c"
    made, _is_new = conversations.ask_for_call(
        profile=here.profile, key=key, wish=Wish(who.phone, who.given), queue="general", sender=sender, now=NOW
    )
    with pytest.raises(erasure.StillNeededError, match="callbacks"):
        _erase(here, client)
    Callback.objects.filter(pk=made.pk).update(state=CallbackState.MISSED, waits_since=NOW)
    with pytest.raises(erasure.StillNeededError, match="callbacks"):
        _erase(here, client)  # it would be called in its turn, at no number
    conversations.cancel_callback(callback=made, reason="no", employee=None, now=NOW)
    _erase(here, client)
    made.refresh_from_db()
    assert (made.phone, made.name, made.sender, Contact.objects.get(pk=key).caller) == ("", "", "", "")
    assert not found_in([sender]), "facts have it no more"


def test_an_appeal_on_nobody_s_card_that_is_surely_his_goes_too(here: Registry) -> None:
    client, old, _ = _life(here, Somebody(33))
    Appeal.objects.filter(pk=old.pk).update(client=None)
    lookup.index(Appeal.objects.get(pk=old.pk))
    assert _erase(here, client).erased["appeals"] == 1
    old.refresh_from_db()
    assert (old.surname, old.phone, old.email) == ("", "", "")


def test_who_also_enters_another_s_account_keeps_that_one(here: Registry) -> None:
    mine, other = Somebody(41), Somebody(42)
    client, _, _ = _life(here, mine)
    _life(here, other)
    shared = Login.objects.get(email=other.email)
    shared.accounts.add(Account.objects.get(client=client))
    made = _erase(here, client)
    assert made.erased["logins"] == 1
    assert list(Login.objects.all()) == [shared]
    assert [one.number for one in shared.accounts.all()] == [other.account]
    assert list(Entry.objects.values_list("login", flat=True)) == [shared.pk]


def test_facts_keep_their_kind_time_and_order(here: Registry) -> None:
    client, _, _ = _life(here, Somebody(7))
    contact = Contact.objects.filter(client=client).exclude(caller="").get()
    before = list(facts_of("contact", contact.pk).values_list("id", "kind", "at", "actor"))
    _erase(here, client)
    assert list(facts_of("contact", contact.pk).values_list("id", "kind", "at", "actor")) == before
    assert (
        facts_of("client", client.pk).filter(kind="client_erased").get().actor
        == f"employee:{here.people['director'].pk}"
    )


def test_others_of_the_same_call_s_data_stay(here: Registry) -> None:
    mine, other = Somebody(11), Somebody(12)
    client, _, _ = _life(here, mine)
    _life(here, other)
    counted = found_in(other.signs())
    _erase(here, client)
    assert found_in(other.signs()) == counted


def test_what_is_under_way_is_finished_first(here: Registry) -> None:
    client, old, _ = _life(here, Somebody(21))
    Appeal.objects.filter(pk=old.pk).update(closed_at=None, state="assigned", end="")
    with pytest.raises(erasure.StillNeededError, match="appeals"):
        _erase(here, client)
    client.refresh_from_db()
    assert client.surname, "nothing was touched"
    assert not Erasure.objects.exists()


def test_it_needs_a_ground_and_the_right(here: Registry) -> None:
    client, _, _ = _life(here, Somebody(31))
    with pytest.raises(EmptyTextError):
        _erase(here, client, ground=" ")
    for role in ("administrator", "supervisor", "operator"):
        with pytest.raises(moves.NotYoursError):
            _erase(here, client, role)
    assert not Erasure.objects.exists()
