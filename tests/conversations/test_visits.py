"""A visit: led step by step, nothing told without identification, documents checked, contact data kept."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from kindline.clients.models import Account
from kindline.conversations import actions, documents, errors, guides
from kindline.conversations.models import Contact, DocumentSet, Topic
from kindline.journal.queries import facts_of
from kindline.quality import judging
from kindline.quality.models import Measurement
from kindline.staff.models import Employee
from kindline.standard import loader, vocabulary

pytestmark = pytest.mark.db
ALL_THERE = {"application": "there", "identity": "there", "receipt": "there"}
LATER = dt.date(2026, 3, 10)


@pytest.fixture
def visit(employee: Employee, now: dt.datetime) -> Callable[..., Contact]:
    """A visitor at the counter, under a profile."""

    def begin(profile: str = "voe") -> Contact:
        return actions.open_visit(profile=loader.load(profile), employee=employee, now=now)

    return begin


@pytest.fixture
def topic(db: None) -> Topic:
    """What the visitor came for."""
    return Topic.objects.create(profile="voe", code="meter", title="Лічильник")


def _by(contact: Contact, employee: Employee, now: dt.datetime, after_s: float = 0) -> dict[str, Any]:
    return {"contact": contact, "employee": employee, "now": now + dt.timedelta(seconds=after_s)}


def _kinds(contact: Contact) -> list[str]:
    return [fact.kind for fact in facts_of("contact", contact.pk)]


def _verdict(contact: Contact, clause: str) -> str:
    return Measurement.objects.get(subject_id=str(contact.pk), clause=clause).verdict


@pytest.mark.clause("voe-3-01", "voe-3-06", "voe-3-10", "voe-3-26", "voe-3-27", "voe-3-28")
@pytest.mark.parametrize("profile", ["voe", "krc", "court", "yumek"])
def test_a_visit_begins_with_the_guide_of_the_office(visit: Callable[..., Contact], profile: str) -> None:
    contact = visit(profile)
    assert (contact.channel, contact.answered_at) == ("office", contact.started_at)
    assert facts_of("contact", contact.pk).get(kind="guide_started").data["script"] == "office"
    assert loader.load(profile).scripts["office"].steps[0].id == "greet"


def test_no_phrase_shows_how_numbers_are_made(visit: Callable[..., Contact], now: dt.datetime) -> None:
    state = guides.state(visit("krc"), loader.load("krc"), now)
    steps = [*state.steps, *(step for branch in state.branches for step in branch.steps)]
    assert [phrase for step in steps for phrase in step.phrases if "{" in phrase] == []


@pytest.mark.clause("voe-3-06")
def test_service_does_not_begin_before_the_purpose_is_recorded(
    visit: Callable[..., Contact], employee: Employee, topic: Topic, now: dt.datetime
) -> None:
    contact = visit()
    with pytest.raises(errors.OutOfOrderError):
        actions.mark_step(**_by(contact, employee, now), step="explain")
    with pytest.raises(errors.FirmStepError):
        actions.skip_step(**_by(contact, employee, now), step="purpose", reason="поспішає")
    actions.mark_step(**_by(contact, employee, now), step="greet")
    actions.set_topic(**_by(contact, employee, now), topic=topic)
    actions.mark_step(**_by(contact, employee, now), step="explain")
    assert "action_refused" in _kinds(contact)


class TestDocuments:
    @pytest.mark.clause("voe-3-12")
    def test_every_document_must_be_marked(
        self, visit: Callable[..., Contact], employee: Employee, now: dt.datetime
    ) -> None:
        contact = visit()
        with pytest.raises(errors.MissingFieldsError) as refused:
            actions.check_documents(
                **_by(contact, employee, now), service="meter_check", marks={"application": "there", "receipt": "new"}
            )
        assert refused.value.missing == dict.fromkeys(("identity", "receipt"), ("voe-3-12", "voe-3-23"))
        assert not DocumentSet.objects.exists()

    @pytest.mark.clause("voe-3-12", "voe-3-13")
    def test_nothing_is_accepted_before_the_check(
        self, visit: Callable[..., Contact], employee: Employee, now: dt.datetime
    ) -> None:
        contact = visit()
        with pytest.raises(errors.OutOfOrderError):
            actions.accept_documents(**_by(contact, employee, now))
        actions.check_documents(**_by(contact, employee, now), service="meter_check", marks=ALL_THERE)
        row = actions.accept_documents(**_by(contact, employee, now))
        assert row.number == f"voe-doc-2026/{row.pk:05}"
        data = facts_of("contact", contact.pk).get(kind="documents_accepted").data
        assert (data["number"], sorted(data["documents"])) == (row.number, sorted(ALL_THERE))

    @pytest.mark.clause("voe-3-21", "voe-3-23")
    @pytest.mark.parametrize("mark", ["missing", "faulty"])
    def test_an_incomplete_set_needs_a_day_that_lies_ahead(
        self, visit: Callable[..., Contact], employee: Employee, now: dt.datetime, mark: str
    ) -> None:
        contact, marks = visit(), {**ALL_THERE, "receipt": mark}
        with pytest.raises(errors.MissingFieldsError) as refused:
            actions.check_documents(**_by(contact, employee, now), service="meter_check", marks=marks)
        assert refused.value.missing == {"due_on": ("voe-3-23",)}
        with pytest.raises(errors.PastDayError):
            actions.check_documents(
                **_by(contact, employee, now), service="meter_check", marks=marks, due_on=dt.date(2026, 3, 1)
            )
        actions.check_documents(**_by(contact, employee, now), service="meter_check", marks=marks, due_on=LATER)
        assert [row.due_on for row in documents.awaited("voe")] == [LATER]

    @pytest.mark.clause("voe-3-23")
    def test_a_later_visit_completes_the_set(
        self, visit: Callable[..., Contact], employee: Employee, account: Account, now: dt.datetime
    ) -> None:
        first = visit()
        actions.set_client(**_by(first, employee, now), client=account.client, via="name")
        marks = {**ALL_THERE, "receipt": "missing"}
        actions.check_documents(**_by(first, employee, now), service="meter_check", marks=marks, due_on=LATER)
        second = visit()
        actions.set_client(**_by(second, employee, now, 60), client=account.client, via="name")
        actions.check_documents(**_by(second, employee, now, 70), service="meter_check", marks=ALL_THERE)
        assert documents.awaited("voe").count() == 1
        actions.accept_documents(**_by(second, employee, now, 80))
        assert not documents.awaited("voe").exists()

    def test_a_service_that_the_standard_does_not_have_is_refused(
        self, visit: Callable[..., Contact], employee: Employee, now: dt.datetime
    ) -> None:
        with pytest.raises(errors.UnknownPartError):
            actions.check_documents(**_by(visit(), employee, now), service="haircut", marks={})


@pytest.mark.clause("voe-3-14")
def test_a_result_is_handed_over_to_somebody(
    visit: Callable[..., Contact], employee: Employee, now: dt.datetime
) -> None:
    contact = visit()
    with pytest.raises(errors.MissingFieldsError) as refused:
        actions.hand_over_result(**_by(contact, employee, now), what="протокол", to=" ")
    assert list(refused.value.missing) == ["result_to"]
    actions.hand_over_result(**_by(contact, employee, now), what="протокол", to="Ёлкин")
    assert facts_of("contact", contact.pk).get(kind="result_handed_over").data["to"] == "Ёлкин"


class TestAccountData:
    @pytest.mark.clause("voe-3-24")
    def test_stay_closed_until_the_client_is_identified(
        self, visit: Callable[..., Contact], employee: Employee, account: Account, now: dt.datetime
    ) -> None:
        contact = visit()
        actions.set_client(**_by(contact, employee, now), client=account.client, via="name")
        with pytest.raises(errors.NotIdentifiedError) as refused:
            actions.show_account(**_by(contact, employee, now), account=account)
        assert refused.value.clauses == ("voe-3-24",)

    @pytest.mark.clause("voe-3-25")
    def test_once_told_demand_the_contact_data_whatever_the_reason(
        self, visit: Callable[..., Contact], employee: Employee, account: Account, topic: Topic, now: dt.datetime
    ) -> None:
        contact = visit()
        step = next(one for one in _state(contact, now).steps if one.id == "contact_data")
        assert (step.required, step.waits) == (False, True)
        said = {"account_number": account.number, "address": "Лесная 12а кв 4"}
        actions.identify(**_by(contact, employee, now), account=account, given=said)
        actions.show_account(**_by(contact, employee, now), account=account)
        closing_: dict[str, Any] = {"outcome": "answered", "topic": topic, "skip_reason": "visitor_left"}
        with pytest.raises(errors.StillRequiredError) as refused:
            actions.close_contact(**_by(contact, employee, now, 300), **closing_)
        assert [one.id for one in refused.value.missing] == ["contact_data"]
        with pytest.raises(errors.FirmStepError):
            actions.skip_step(**_by(contact, employee, now), step="contact_data", reason="поспішає")
        with pytest.raises(errors.MissingFieldsError):
            actions.confirm_contact_data(**_by(contact, employee, now))
        with pytest.raises(ValidationError):
            actions.confirm_contact_data(**_by(contact, employee, now), email="not an address")
        actions.confirm_contact_data(**_by(contact, employee, now), phone="+380671112233", residence="Житомир")
        data = facts_of("contact", contact.pk).get(kind="contact_data_confirmed").data
        assert (data["fields"], data["changed"]) == (["phone", "residence"], ["phone", "residence"])
        assert account.client.points.filter(value="+380671112233").exists()
        assert actions.close_contact(**_by(contact, employee, now, 310), **closing_).closed_at

    @pytest.mark.clause("voe-3-25")
    def test_are_not_asked_for_when_none_were_told(
        self, visit: Callable[..., Contact], employee: Employee, topic: Topic, now: dt.datetime
    ) -> None:
        contact = visit()
        actions.close_contact(
            **_by(contact, employee, now, 60), outcome="answered", topic=topic, skip_reason="visitor_left"
        )
        assert Contact.objects.get(pk=contact.pk).outcome == "answered"


@pytest.mark.clause("voe-3-13", "voe-3-14", "voe-3-19")
@pytest.mark.parametrize(
    ("outcome", "lacks"),
    [
        ("documents_accepted", ["documents_checked", "documents_accepted"]),
        ("request", ["appeal_registered"]),
        ("result_given", ["result_handed_over"]),
    ],
)
def test_an_outcome_needs_its_recorded_fact(
    visit: Callable[..., Contact], outcome: str, lacks: list[str], now: dt.datetime
) -> None:
    [found] = [one for one in _state(visit(), now).outcomes if one.id == outcome]
    assert [name for name in found.lacks if name in vocabulary.kinds()] == lacks


def _state(contact: Contact, now: dt.datetime) -> guides.GuideState:
    return guides.state(Contact.objects.get(pk=contact.pk), loader.load(contact.profile), now)


@pytest.mark.clause("voe-3-16", "voe-3-17", "voe-3-18")
def test_the_terms_of_the_chosen_service_stand_in_the_phrases(
    visit: Callable[..., Contact], employee: Employee, now: dt.datetime
) -> None:
    contact = visit()
    actions.record_field(**_by(contact, employee, now), field="service", value="meter_check")
    branch = next(one for one in _state(contact, now).branches if one.id == "documents")
    said = {step.id: step.phrases[0] for step in branch.steps if step.phrases}
    passport = loader.load("voe").services["meter_check"]
    assert passport.title["uk"] in said["passport"]
    assert passport.documents_term in said["documents_term"]
    assert passport.payment_term in said["payment_term"]


def test_a_whole_visit_is_judged_by_the_facts_of_its_steps(
    visit: Callable[..., Contact], employee: Employee, topic: Topic, now: dt.datetime
) -> None:
    contact = visit()
    actions.mark_step(**_by(contact, employee, now, 5), step="greet")
    actions.set_topic(**_by(contact, employee, now, 60), topic=topic)
    actions.mark_step(**_by(contact, employee, now, 90), step="explain")
    actions.mark_step(**_by(contact, employee, now, 200), step="summary")
    actions.skip_step(**_by(contact, employee, now, 210), step="next_steps", reason="not_applicable")
    actions.mark_step(**_by(contact, employee, now, 220), step="farewell")
    actions.close_contact(**_by(contact, employee, now, 230), outcome="answered")
    judging.judge_subjects(subjects={("contact", str(contact.pk))}, now=now + dt.timedelta(seconds=300))
    assert [_verdict(contact, f"voe-3-{n:02}") for n in (1, 6, 10, 26, 27)] == [*["met"] * 4, "not_met"]
    assert _verdict(contact, "voe-3-03") == "not_measurable"
    assert not Measurement.objects.filter(subject_id=str(contact.pk), clause="voe-3-12").exists()
    of_the_phone = Measurement.objects.filter(subject_id=str(contact.pk)).exclude(clause__startswith="voe-3-")
    assert not of_the_phone.filter(verdict="not_met").exists(), list(of_the_phone.values_list("clause", "verdict"))
