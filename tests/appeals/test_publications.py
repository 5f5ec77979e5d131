"""From an answer to the site: the decision, the second pair of eyes, the withdrawal; nobody is named."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kindline.appeals import moves, publications
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Answer, Appeal, Publication
from kindline.appeals.publications import Public
from kindline.clients.models import Account, Client, ContactPoint, Premise
from kindline.conversations.models import Topic
from kindline.journal.queries import facts_of
from tests.appeals.registry import NOW, Registry

clause = pytest.mark.clause
CLEAN = Public("Перерасчёт", "Почему выросла плата?", "Плата пересчитана с учётом показаний прибора.")
pytestmark = pytest.mark.db


@pytest.fixture
def sent(krc: Registry) -> Appeal:
    """A question from the site, answered."""
    appeal = krc.at(
        "sent", channel="web", substance="Я, Коваль О. П., ул. Лесная, 1, тел. 8 921 000-00-01: где перерасчёт?"
    )
    Answer.objects.filter(appeal=appeal).update(sent_at=NOW)
    return appeal


def _propose(krc: Registry, appeal: Appeal, public: Public = CLEAN, who: str = "site_administrator") -> Publication:
    return publications.propose(appeal=appeal, public=public, employee=krc.people[who], now=NOW)


def _approve(krc: Registry, appeal: Appeal, public: Public = CLEAN, who: str = "unit_head", **more: Any) -> Publication:
    return publications.approve(appeal=appeal, public=public, employee=krc.people[who], now=NOW, **more)


@clause("krc-5.7.2-17")
def test_an_appeal_from_the_site_is_not_closed_before_the_decision(krc: Registry, sent: Appeal) -> None:
    with pytest.raises(moves.NeedError) as refused:
        krc.perform("close", sent, krc.people["unit_head"])
    assert refused.value.need == "publication"
    assert "krc-5.7.2-17" in refused.value.clauses
    publications.decline(appeal=sent, reason="частное", employee=krc.people["site_administrator"], now=NOW)
    assert krc.perform("close", sent, krc.people["unit_head"]).closed_at == NOW
    paper = krc.at("sent", channel="paper")
    assert krc.perform("close", paper, krc.people["unit_head"]).closed_at == NOW, "paper is never asked about"


@clause("krc-5.7.2-17")
@pytest.mark.parametrize("who", ["unit_head", "director", "specialist", "operator"])
def test_the_decision_is_the_site_administrator_s(krc: Registry, sent: Appeal, who: str) -> None:
    with pytest.raises(moves.NotYoursError) as refused:
        _propose(krc, sent, who=who)
    assert refused.value.clauses == ("krc-5.7.2-17",)
    with pytest.raises(moves.NotYoursError):
        _decline(krc, sent, who)
    assert not Publication.objects.exists()


def _decline(krc: Registry, appeal: Appeal, who: str) -> Publication:
    return publications.decline(appeal=appeal, reason="", employee=krc.people[who], now=NOW)


@clause("krc-5.7.2-18")
def test_the_proposal_holds_nothing_of_the_applicant(krc: Registry, sent: Appeal) -> None:
    client = Client.objects.create(surname="Ковальская", given_name="Ольга", created_at=NOW, changed_at=NOW)
    premise = Premise.objects.create(city="Светлогорье", street="ул. Садовая", house="3")
    Account.objects.create(number="5500123456", client=client, premise=premise, service="вода", opened_on=NOW.date())
    ContactPoint.objects.create(client=client, kind="phone", value="+79215550002")
    Appeal.objects.filter(pk=sent.pk).update(client=client)
    Answer.objects.filter(appeal=sent).update(
        text="Ольга Петровна! По счёту 5500123456 на Садовой, 3 всё верно. Ковальской О. перезвонят: 555-00-02."
    )
    sent.refresh_from_db()
    found = publications.proposal(sent)
    assert found.question == "Я, [имя], [адрес], тел. [телефон]: где перерасчёт?"
    assert found.answer == "[имя]! По счёту [лицевой счёт] на [адрес] всё верно. [имя]. перезвонят: [телефон]."
    assert publications.hits(sent, Public("т", found.question, found.answer)) == {}


@clause("krc-5.7.2-18")
def test_another_employee_looks_and_what_is_seen_names_nobody(krc: Registry, sent: Appeal) -> None:
    topic = Topic.objects.create(profile="krc", code="bills", title="Начисления")
    public = Public(CLEAN.title, CLEAN.question, CLEAN.answer, topic)
    _propose(krc, sent, public)
    assert not publications.published("krc")
    with pytest.raises(publications.SamePersonError):
        _approve(krc, sent, public, who="site_administrator")
    with pytest.raises(moves.NotYoursError):
        _approve(krc, sent, public, who="specialist")
    row = _approve(krc, sent, Public("Плата", public.question, public.answer, topic))
    assert list(publications.published("krc")) == [row]
    assert (row.title, row.topic, row.appeal, row.approved_by) == ("Плата", topic, sent, krc.people["unit_head"])
    assert publications.published("court").count() == 0
    seen = f"{row.title} {row.question} {row.answer}"
    assert "Коваль" not in seen
    kinds = [fact.kind for fact in facts_of("appeal", sent.pk) if fact.kind.startswith("publication")]
    assert kinds == ["publication_proposed", "publication_approved"]


@clause("krc-5.7.2-18")
def test_a_text_with_a_hit_is_published_only_with_the_second_person_s_reason(krc: Registry, sent: Appeal) -> None:
    leaky = Public("Плата", CLEAN.question, "Плата Коваль пересчитана.")
    _propose(krc, sent, leaky)
    with pytest.raises(publications.UnmaskedError) as refused:
        _approve(krc, sent, leaky)
    assert [leaky.answer[one.start : one.end] for one in refused.value.hits["answer"]] == ["Коваль"]
    assert not publications.published("krc")
    row = _approve(krc, sent, leaky, override="Коваль – название посёлка")
    assert row.override == "Коваль – название посёлка"
    fact = facts_of("appeal", sent.pk).get(kind="publication_approved")
    assert fact.data == {"left": 1, "override": "Коваль – название посёлка"}
    assert "krc-5.7.2-18" in fact.clauses


def test_an_override_without_a_hit_is_not_kept(krc: Registry, sent: Appeal) -> None:
    _propose(krc, sent)
    assert _approve(krc, sent, override="на всякий случай").override == ""


def test_sent_back_proposed_anew_withdrawn(krc: Registry, sent: Appeal) -> None:
    _propose(krc, sent)
    head = krc.people["unit_head"]
    with pytest.raises(EmptyTextError):
        publications.send_back(appeal=sent, reason=" ", employee=head, now=NOW)
    publications.send_back(appeal=sent, reason="короче", employee=head, now=NOW)
    with pytest.raises(publications.PublicationStateError):
        _approve(krc, sent)
    _propose(krc, sent)
    _approve(krc, sent)
    with pytest.raises(publications.PublicationStateError):
        _propose(krc, sent)
    with pytest.raises(publications.PublicationStateError):
        _decline(krc, sent, "site_administrator")
    row = publications.withdraw(appeal=sent, reason="устарело", employee=head, now=NOW)
    assert (row.state, row.reason, row.withdrawn_by) == ("withdrawn", "устарело", head)
    assert not publications.published("krc")
    assert _propose(krc, sent).state == "proposed", "it may come back by the same way"


def test_nothing_is_proposed_before_the_answer_is_sent(krc: Registry) -> None:
    with pytest.raises(publications.NoAnswerError):
        _propose(krc, krc.at("signed", channel="web"))


def test_a_standard_without_publication_knows_none(court: Registry) -> None:
    with pytest.raises(publications.NotPublishedHereError):
        publications.proposal(court.at("sent"))


@clause("krc-5.7.2-18")
def test_the_database_itself_refuses_one_pair_of_eyes(krc: Registry, sent: Appeal) -> None:
    row = _propose(krc, sent)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=row.pk).update(state="published", approved_by=row.decided_by, published_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=row.pk).update(state="published")
