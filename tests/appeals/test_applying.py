"""Who applies: told, or taken from the client's card; what it changes in letters, terms, search and what is hidden."""

import dataclasses
from typing import Any

import pytest

from kindline.appeals import actions, applying, extending, letters, limits, linking, lookup, masking, owning, sorting
from kindline.appeals.models import Appeal
from kindline.clients import actions as clients
from kindline.clients.models import Client, ClientKind
from kindline.conversations import actions as conversations
from kindline.conversations.errors import MissingFieldsError
from kindline.correspondence import norms
from kindline.correspondence.addressing import Person, addressee, dative, salutation
from kindline.journal.queries import facts_of
from kindline.standard import deadlines
from kindline.standard.deadlines import DeadlineRule
from kindline.standard.terms import Term
from tests.appeals.registry import APPLICANT, NOW, Registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause
FIRM = {"applicant_kind": "firm", "firm_name": "ООО «Берёзка»"}


def _firm(**more: str) -> Client:
    fields = {"kind": "firm", "firm_name": "ООО «Берёзка»"} | more
    points = [("email", "office@example.org")]
    return clients.create_client(fields=fields, points=points, country="RU", via="phone", actor="system", now=NOW)


def _of_client(here: Registry, client: Client, **said: str) -> Appeal:
    contact = conversations.open_contact(profile=here.profile, channel="phone", now=NOW)
    contact.client = client
    contact.save()
    return actions.register_appeal(
        contact=contact, kind="application", substance="Пересчитайте", fields=said, employee=None, now=NOW
    )


def test_every_kind_of_the_card_may_be_asked_for_where_a_term_depends_on_it() -> None:
    assert set(applying.KINDS) == {*ClientKind.values, applying.NO_CONTACT}
    assert {"authority", *applying.KINDS} == set(deadlines.REQUESTERS)


@clause("krc-2-14")
@pytest.mark.parametrize("kind", ["firm", "sole_trader", "executor", "supplier"])
def test_an_organisation_applies_under_its_name(krc: Registry, kind: str) -> None:
    made = krc.register(fields=APPLICANT | FIRM | {"applicant_kind": kind})
    assert (made.applicant_kind, made.firm_name, made.surname) == (kind, "ООО «Берёзка»", "Коваль")
    assert (made.applicant, made.person_name) == ("ООО «Берёзка»", "Коваль Ольга Петровна")
    [fact] = facts_of("appeal", made.pk)
    assert fact.data["applicant"] == kind
    assert "firm_name" in fact.data["fields"]
    assert "applicant_kind" not in fact.data["fields"]


def test_a_person_stays_the_default_and_has_no_firm(krc: Registry) -> None:
    assert (krc.register().applicant_kind, krc.register(fields=FIRM | {"applicant_kind": "person"}).firm_name) == (
        "person", "",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["firm", "executor", "supplier"])
def test_an_organisation_without_a_name_is_not_registered(krc: Registry, kind: str) -> None:
    with pytest.raises(MissingFieldsError) as refused:
        krc.register(fields=APPLICANT | {"applicant_kind": kind})
    assert "firm_name" in refused.value.missing


def test_a_sole_trader_may_go_by_his_own_name(krc: Registry) -> None:
    assert krc.register(fields=APPLICANT | {"applicant_kind": "sole_trader"}).applicant == "Коваль Ольга Петровна"
    with pytest.raises(MissingFieldsError):
        krc.register(fields={"applicant_kind": "sole_trader"})


@clause("krc-6.1-60")
def test_whoever_left_no_contact_data_is_registered_and_cannot_have_left_any(krc: Registry) -> None:
    made = krc.register(fields={"applicant_kind": "no_contact", "surname": "Коваль"})
    assert (made.applicant_kind, made.number) == ("no_contact", "krc-2026/00001")
    with pytest.raises(applying.ReachableError):
        krc.register(fields={"applicant_kind": "no_contact", "email": "a@example.org"})


def test_the_standards_own_demands_hold_for_firms_too(court: Registry) -> None:
    with pytest.raises(MissingFieldsError) as refused:
        court.register(channel="phone", fields=FIRM)
    assert refused.value.missing["surname"] == ("court-1-21",)


def test_the_card_says_who_applies_unless_it_is_said_otherwise(krc: Registry) -> None:
    made = _of_client(krc, _firm(), surname="Коваль")
    assert (made.applicant_kind, made.firm_name, made.surname) == ("firm", "ООО «Берёзка»", "Коваль")
    own = _of_client(krc, _firm(), applicant_kind="person", surname="Коваль")
    assert (own.applicant_kind, own.firm_name) == ("person", "")
    nameless = clients.create_client(
        fields={"kind": "firm", "surname": "Коваль"}, country="RU", via="phone", actor="system", now=NOW
    )
    assert _of_client(krc, nameless).applicant_kind == "person", "a card without a firm's name hinders nobody"


def test_sorting_says_who_applies(krc: Registry) -> None:
    waiting = krc.at("sorting")
    done = sorting.sort_appeal(
        appeal=waiting, kind="application", substance="Пересчитайте", fields=FIRM, employee=krc.people["specialist"],
        now=NOW,
    )  # fmt: skip
    assert (done.applicant_kind, done.firm_name) == ("firm", "ООО «Берёзка»")


class TestTerms:
    def test_a_term_that_depends_on_the_requester_follows_from_who_applies(self, krc: Registry) -> None:
        term = Term(3, "working_days")
        rule = DeadlineRule("firms", {"requester": ("firm",)}, "received", None, term, None, None, ("krc-2-14",))
        profile = dataclasses.replace(krc.profile, deadlines=(rule, *krc.profile.deadlines))
        ours, theirs = krc.register(), krc.register(fields=FIRM)
        assert limits.limit_of(profile, theirs).rule == "firms"
        theirs.limit_rule = limits.limit_of(profile, theirs).rule or ""
        assert extending.rule_of(profile, theirs) == rule
        assert limits.limit_of(profile, ours).rule != "firms"

    def test_what_is_said_of_the_request_goes_before_who_applies(self, krc: Registry) -> None:
        made = krc.register(fields=FIRM, receipt=actions.Receipt(requester="authority"))
        assert made.asks_as == "authority"
        assert krc.register(fields=FIRM).asks_as == "firm"


class TestFound:
    def test_by_the_firms_name_in_any_form(self, krc: Registry) -> None:
        made = krc.register(fields=FIRM)
        krc.register()
        rows = Appeal.objects.order_by("pk")
        assert list(lookup.find(rows, "берёзку", "krc")) == list(lookup.find(rows, "Березка", "krc")) == [made]

    def test_others_of_the_same_firm_and_those_on_nobodys_card(self, krc: Registry) -> None:
        said = FIRM | {"email": "office@example.org"}
        one, two = krc.register(fields=said), krc.register(fields=said | {"surname": "Петров"})
        assert list(linking.of_applicant(one)) == [two]
        assert set(owning.unclaimed(_firm())) == {one, two}


class TestLetters:
    def test_a_firm_is_written_to_and_who_speaks_for_it_addressed(self, krc: Registry) -> None:
        person = letters.person_of(krc.register(fields=APPLICANT | FIRM))
        assert str(person) == "ООО «Берёзка»"
        assert salutation("ru", person) == "Ольга Петровна"
        assert addressee("ru", person) == "ООО «Берёзка»\nКоваль Ольге Петровне"
        assert dative("ru", person) == "ООО «Берёзка», Коваль Ольге Петровне"

    def test_nobody_known_to_speak_for_it_the_firm_is_addressed(self, krc: Registry) -> None:
        person = letters.person_of(krc.register(fields=FIRM))
        assert salutation("ru", person) == addressee("ru", person) == "ООО «Берёзка»"

    @clause("krc-5.8-12", "krc-6.1-45")
    def test_the_salutation_is_demanded_where_somebody_speaks_for_the_firm(self, krc: Registry) -> None:
        subject = letters.subject(krc.profile, krc.register(), "email")

        def parts(person: Person) -> set[str]:
            draft = norms.Draft(subject, "Здравствуйте!", "ru", origin="email", person=person)
            return {one.part for one in norms.breaches(krc.profile, draft)}

        assert parts(Person("Коваль", "Ольга", "Петровна", firm_name="ООО «Берёзка»")) == {norms.SALUTATION}
        assert parts(Person(firm_name="ООО «Берёзка»")) == set()

    @clause("krc-5.8-12")
    def test_what_the_client_wishes_goes_before_all_in_the_dative_too(self, krc: Registry) -> None:
        client = _firm()
        made = krc.register(fields=APPLICANT | FIRM)
        made.client = clients.set_address(
            client=client, address_as="Ольга Петровна, голубушка", dative_as="Ольге Коваль,\nлично в руки",
            employee_id=None, actor="system", now=NOW,
        )  # fmt: skip
        person = letters.person_of(made)
        assert salutation("ru", person) == "Ольга Петровна, голубушка"
        assert dative("ru", person) == addressee("ru", person) == "Ольге Коваль,\nлично в руки"


@clause("krc-2-34")
def test_a_firms_name_is_hidden_as_a_persons_is(krc: Registry) -> None:
    made = krc.register(fields=FIRM, substance="Мы, ООО «Берёзка», просим перерасчёта")
    masks: Any = dict.fromkeys(("name", "phone", "email", "address", "account", "number"), "[…]")
    told = masking.struck(made.substance, masking.own(made.substance, masking.person_of(made)), masks)
    assert "Берёзка" not in told
    assert "перерасчёта" in told
