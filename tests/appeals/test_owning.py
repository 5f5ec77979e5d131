"""Whose appeal it is: on which card it stands, though it came without a talk."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from kindline.appeals import letters, lookup, owning, queries
from kindline.appeals.models import Appeal
from kindline.appeals.moves import NotYoursError
from kindline.clients import actions as clients
from kindline.clients.models import Account, Client, Premise
from kindline.conversations.errors import MissingFieldsError
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role
from tests.appeals.registry import APPLICANT, NOW, Registry, registry

pytestmark = pytest.mark.db
PHONE, EMAIL = APPLICANT["phone"], APPLICANT["email"]


def _client(surname: str = "Коваль", *, phone: str = PHONE, email: str = EMAIL, account: str = "5500123456") -> Client:
    made = clients.create_client(
        fields={"surname": surname, "given_name": "Ольга"}, points=[("phone", phone), ("email", email)], country="RU",
        via="office", actor="system", now=NOW,
    )  # fmt: skip
    premise = Premise.objects.create(city="Светлогорье", street="ул. Лесная", house=account[-2:])
    Account.objects.create(number=account, client=made, premise=premise, service="вода", opened_on=NOW.date())
    clients.reindex(client=made)
    return made


def _named(krc: Registry, appeal: Appeal, client: Client) -> Appeal:
    return owning.name_client(appeal=appeal, client=client, employee=krc.people["counter"], now=NOW)


class TestNaming:
    @pytest.mark.clause("krc-6.1-02", "krc-6.1-55")
    def test_it_stands_on_the_card_with_its_contact_and_is_found_by_the_account(self, krc: Registry) -> None:
        client, appeal = _client(), krc.register()
        assert queries.card(client).open_appeals == []
        _named(krc, appeal, client)
        card = queries.card(client)
        assert [one.pk for one in card.open_appeals] == [appeal.pk]
        assert [one.pk for one in card.contacts] == [appeal.contact_id]
        assert [one.pk for one in lookup.find(Appeal.objects.all(), "5500123456", "krc")] == [appeal.pk]

    def test_it_is_kept_who_named_whom_once(self, krc: Registry) -> None:
        client, appeal = _client(), krc.register()
        for _ in range(2):
            _named(krc, appeal, client)
        [fact] = facts_of("appeal", appeal.pk).filter(kind="appeal_client_named")
        assert (fact.data["client"], fact.actor) == (client.pk, f"employee:{krc.people['counter'].pk}")

    @pytest.mark.parametrize("profile", ["krc", "court", "voe", "yumek"])
    def test_who_does_not_work_with_it_may_not(self, profile: str) -> None:
        here = registry(profile)
        other = Employee.objects.create(username="x", number=999, roles=[Role.ADMINISTRATOR], surname="Я")
        with pytest.raises(NotYoursError):
            owning.name_client(appeal=here.register(), client=_client(), employee=other, now=NOW)


class TestProposing:
    def test_by_phone_and_e_mail_however_they_are_written(self, krc: Registry) -> None:
        by_phone, by_mail = _client(email="a@example.org"), _client(phone="+79990000000", account="5500123457")
        _client("Иной", phone="+79990000001", email="c@example.org", account="5500123458")
        fields = APPLICANT | {"phone": "8 (921) 000-00-01", "email": EMAIL.upper()}
        appeal = krc.register(fields=fields)
        assert {one.pk for one in owning.candidates(appeal)} == {by_phone.pk, by_mail.pk}

    def test_nothing_given_proposes_nobody_and_words_find_by_account(self, krc: Registry) -> None:
        client = _client()
        appeal = krc.register(fields=APPLICANT | {"phone": "", "email": ""}, none_fields=["phone", "email"])
        assert owning.candidates(appeal) == []
        assert owning.candidates(appeal, "5500123456") == [client]

    def test_what_is_on_nobody_s_card_is_known_by_name_with_phone_or_e_mail(self, krc: Registry) -> None:
        client, mine = _client(), krc.register()
        krc.register(fields=APPLICANT | {"surname": "Ковалёва"})
        krc.register(fields=APPLICANT | {"phone": "+79990000002", "email": "other@example.org"})
        assert [one.pk for one in owning.unclaimed(client)] == [mine.pk]
        _named(krc, mine, _client("Другая", account="5500123459"))
        assert list(owning.unclaimed(client)) == []


class TestPage:
    def test_it_is_named_by_a_button_and_changed_by_a_search(self, krc: Registry) -> None:
        client, other = _client(), _client("Иной", phone="+79990000001", email="c@example.org", account="5500123458")
        appeal, browser = krc.register(), Browser()
        browser.force_login(krc.people["counter"])
        address = f"/desk/appeals/{appeal.pk}/"
        shown = browser.get(address)
        assert shown.context["owners"] == [client]
        seen = shown.context["seen"]
        browser.post(address, {"verb": "name_client", "client": client.pk, "seen": seen})
        appeal.refresh_from_db()
        assert appeal.client == client
        assert browser.get(address).context["owners"] == []
        assert browser.get(address, {"who": "5500123458"}).context["owners"] == [other]
        assert "No client fits" in browser.get(address, {"who": "9" * 12}).content.decode()


class TestCard:
    @pytest.mark.clause("krc-5.8-12", "krc-6.1-45")
    def test_who_is_on_nobody_s_card_gets_one_and_his_address_is_remembered(self, krc: Registry) -> None:
        appeal = krc.register()
        browser = Browser()
        browser.force_login(krc.people["counter"])
        assert "make_card" in browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()
        for _ in range(2):
            answer = browser.post(f"/desk/appeals/{appeal.pk}/", {"verb": "make_card"})
            assert answer.status_code == 302
        client = Client.objects.get()
        appeal.refresh_from_db()
        assert appeal.client == client
        assert (str(client), client.kind, client.residence) == ("Коваль Ольга Петровна", "person", "ул. Лесная, 1")
        assert set(client.points.values_list("value", flat=True)) == {PHONE, EMAIL}
        client = clients.set_address(
            client=client, address_as="Ольга Петрівна", dative_as="Ковалю", employee_id=None, actor="system", now=NOW
        )
        later = _named(krc, krc.register(), client)
        assert letters.called(krc.profile, later) == "Ольга Петрівна"
        assert "make_card" not in browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()

    def test_what_is_no_address_is_left_out_and_nobody_is_no_card(self, krc: Registry) -> None:
        appeal, nobody = krc.register(), krc.register()
        Appeal.objects.filter(pk=appeal.pk).update(phone="нет", email="nonsense")
        Appeal.objects.filter(pk=nobody.pk).update(surname="", given_name="", patronymic="")
        made = owning.make_card(appeal=appeal, employee=krc.people["counter"], now=NOW)
        assert made.client is not None
        assert not made.client.points.exists()
        with pytest.raises(MissingFieldsError):
            owning.make_card(appeal=nobody, employee=krc.people["counter"], now=NOW)
        with pytest.raises(NotYoursError):
            owning.make_card(appeal=nobody, employee=krc.people["administrator"], now=NOW)
