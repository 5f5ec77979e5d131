"""The guide leads: steps, branches, order, locks, and nothing is closed before it is complete."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kindline.clients.models import Account
from kindline.conversations import actions, closing, errors, guides
from kindline.conversations.models import Contact, Topic
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import loader
from tests.conversations.conftest import over

pytestmark = pytest.mark.db
Call = Callable[..., Contact]


def _kinds(contact: Contact) -> list[str]:
    return [fact.kind for fact in facts_of("contact", contact.pk)]


def _last(contact: Contact, kind: str) -> dict[str, object]:
    return dict(facts_of("contact", contact.pk).filter(kind=kind).last().data)  # type: ignore[union-attr]


def _do(contact: Contact, employee: Employee, now: dt.datetime, *steps: str) -> None:
    for step in steps:
        actions.mark_step(contact=contact, step=step, employee=employee, now=now)


def _ended(contact: Contact, by: str, now: dt.datetime) -> None:
    data = {"by": by, "cause": "operator_lost" if by == "system" else "normal"}
    journal.record(kind="call_ended", subject_type="contact", subject_id=contact.pk, data=data, at=now)


def test_a_contact_is_opened_once_and_knows_its_standard(call: Call, now: dt.datetime) -> None:
    contact = call("krc")
    again = actions.open_contact(profile=loader.load("krc"), channel="phone", contact_id=contact.pk, now=now)
    assert again.pk == contact.pk
    assert contact.caller == "+79271112233"
    assert _kinds(contact) == ["contact_opened", "guide_started"]
    assert _last(contact, "contact_opened")["version"] == loader.load("krc").version


@pytest.mark.clause("krc-5.6.4-05")
@pytest.mark.parametrize(("prompt", "named"), [("greeting", True), ("nodes.main", False)])
def test_the_words_to_answer_with_are_the_same_while_it_rings_and_in_the_talk(
    employee: Employee, now: dt.datetime, prompt: str, named: bool
) -> None:
    krc = loader.load("krc")
    contact = actions.open_contact(profile=krc, channel="phone", line="hotline", now=now)
    journal.record(kind="prompt_played", subject_type="contact", subject_id=contact.pk, data={"prompt": prompt}, at=now)
    contact.employee = employee
    ringing = guides.state(contact, krc, now).steps[0].phrases
    assert ("Северный дом" in ringing[0]) != named, "what the menu has said is not said again"
    begun = actions.start_guide(contact=contact, employee=employee, now=now)
    assert guides.state(begun, krc, now).steps[0].phrases == ringing


def test_a_step_is_one_fact_with_its_clauses_however_often_it_is_clicked(
    call: Call, employee: Employee, now: dt.datetime
) -> None:
    contact = call("court")
    _do(contact, employee, now, "greet", "greet")
    done = facts_of("contact", contact.pk).filter(kind="step_done").get()
    assert done.data == {"script": "incoming", "step": "greet", "branch": "", "phrase": "", "by": "click"}
    assert (done.actor, done.clauses) == (f"employee:{employee.pk}", ["court-1-04", "court-1-05", "court-1-06"])


def test_what_the_guide_does_not_have_is_refused(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("court")
    with pytest.raises(errors.UnknownPartError):
        _do(contact, employee, now, "sing")
    with pytest.raises(errors.UnknownPartError):
        actions.take_branch(contact=contact, branch="dance", employee=employee, now=now)
    assert [fact.data["action"] for fact in facts_of("contact", contact.pk).filter(kind="action_refused")] == [
        "step sing",
        "branch dance",
    ]


def test_a_hard_order_is_refused_and_a_soft_one_is_not(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("krc")
    _do(contact, employee, now, "farewell")
    with pytest.raises(errors.OutOfOrderError) as refused:
        _do(contact, employee, now, "repeat_warning")
    assert refused.value.missing == ["repeat_third"]
    assert "step_done" in _kinds(contact)
    assert _last(contact, "action_refused")["action"] == "step repeat_warning"


def test_a_step_done_by_an_action_cannot_be_ticked(call: Call, employee: Employee, now: dt.datetime) -> None:
    with pytest.raises(errors.AwaitsFactError, match="appeal_registered"):
        _do(call("court"), employee, now, "appeal_register")


def test_a_branch_opens_only_in_its_circumstance(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("krc")
    with pytest.raises(errors.BranchClosedError):
        actions.take_branch(contact=contact, branch="transfer_absent", employee=employee, now=now)
    journal.record(kind="transfer_refused", subject_type="contact", subject_id=contact.pk, data={"reason": "absent"})
    actions.take_branch(contact=contact, branch="transfer_absent", employee=employee, now=now)
    assert _last(contact, "branch_taken") == {"branch": "transfer_absent"}


@pytest.mark.clause("court-2-01", "court-3-01")
@pytest.mark.parametrize(
    ("branch", "fact"), [("dissatisfied", "dissatisfaction_flagged"), ("bad_line", "bad_line_flagged")]
)
def test_some_branches_are_facts_of_their_own(
    call: Call, employee: Employee, now: dt.datetime, branch: str, fact: str
) -> None:
    contact = call("court")
    for _ in range(2):
        actions.take_branch(contact=contact, branch=branch, employee=employee, now=now)
    assert _kinds(contact).count(fact) == 1


class TestIdentification:
    """Account data stays closed until the client has proved who he is."""

    GIVEN = {"account_number": "5500 123456", "address": "Лесная 12-А, кв. 4"}

    @pytest.mark.clause("krc-5.6.4-06", "krc-5.6.4-08", "voe-6-19", "voe-6-20")
    @pytest.mark.parametrize(("profile", "line"), [("krc", ""), ("voe", "hotline"), ("voe", "direct")])
    def test_the_account_is_locked_until_then(
        self, call: Call, account: Account, employee: Employee, now: dt.datetime, profile: str, line: str
    ) -> None:
        contact = call(profile, line)
        actions.set_client(contact=contact, client=account.client, via="caller", employee=employee, now=now)
        with pytest.raises(errors.NotIdentifiedError) as refused:
            actions.show_account(contact=contact, account=account, employee=employee, now=now)
        assert refused.value.clauses, "the clauses that close it are named"
        assert "account_shown" not in _kinds(contact)
        assert _last(contact, "action_refused")["action"] == "account_shown"
        actions.identify(contact=contact, account=account, given=self.GIVEN, employee=employee, now=now)
        assert actions.show_account(contact=contact, account=account, employee=employee, now=now) == account
        assert _last(contact, "identified")["fields"] == ["account_number", "address"]
        assert _kinds(contact)[-1] == "account_shown"

    @pytest.mark.parametrize(
        "given",
        [
            {"account_number": "5500123457", "address": "Лесная 12а 4"},
            {"account_number": "5500123456", "address": "Лесная 12а 5"},
            {"account_number": "5500123456", "address": "Лесная 12 4"},
            {"account_number": "5500123456", "address": "Ясная 12а 4"},
            {"account_number": "5500123456", "address": "12а 4"},
        ],
    )
    def test_what_does_not_agree_proves_nothing(
        self, call: Call, account: Account, employee: Employee, now: dt.datetime, given: dict[str, str]
    ) -> None:
        contact = call("krc")
        with pytest.raises(errors.MismatchError):
            actions.identify(contact=contact, account=account, given=given, employee=employee, now=now)
        with pytest.raises(errors.NotIdentifiedError):
            actions.show_account(contact=contact, account=account, employee=employee, now=now)
        assert Contact.objects.get(pk=contact.pk).identified_at is None

    def test_half_a_proof_is_none(self, call: Call, account: Account, employee: Employee, now: dt.datetime) -> None:
        contact = call("krc")
        given = {"account_number": "5500123456", "address": " "}
        with pytest.raises(errors.MissingFieldsError) as refused:
            actions.identify(contact=contact, account=account, given=given, employee=employee, now=now)
        assert refused.value.missing == {"address": ("krc-5.6.4-06",)}

    def test_another_client_must_prove_himself_anew(
        self, call: Call, account: Account, employee: Employee, now: dt.datetime
    ) -> None:
        contact = call("krc")
        actions.identify(contact=contact, account=account, given=self.GIVEN, employee=employee, now=now)
        other = Account.objects.create(
            number="1", client=account.client.__class__.objects.create(surname="Иной", created_at=now, changed_at=now),
            premise=account.premise, service="heat", opened_on=now.date(),
        )  # fmt: skip
        with pytest.raises(errors.NotIdentifiedError):
            actions.show_account(contact=contact, account=other, employee=employee, now=now)
        actions.set_client(contact=contact, client=other.client, via="name", employee=employee, now=now)
        with pytest.raises(errors.NotIdentifiedError):
            actions.show_account(contact=contact, account=account, employee=employee, now=now)

    def test_a_refusal_to_identify_is_kept(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("krc")
        actions.refuse_identification(contact=contact, reason="не помнит", employee=employee, now=now)
        assert _last(contact, "identification_refused") == {"reason": "не помнит"}


class TestFields:
    """What is known is not asked again."""

    @pytest.mark.clause("yumek-9.2-03")
    def test_the_card_fills_what_it_knows_but_no_proof(
        self, call: Call, account: Account, employee: Employee, now: dt.datetime
    ) -> None:
        for profile, proofs_filled in (("krc", False), ("yumek", True)):
            contact = call(profile)
            contact = actions.set_client(
                contact=contact, client=account.client, via="caller", employee=employee, now=now
            )
            known = contact.guide["fields"]
            assert (known["surname"], known["given_name"], known["phone"]) == ("Ёлкин", "Пётр", "+79271112233")
            assert ("account_number" in known) == proofs_filled
            assert set(contact.guide["sources"].values()) == {"known"}

    def test_a_field_is_kept_once_and_its_change_again(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("krc")
        for value in ("счётчик", "счётчик", "счётчик воды"):
            actions.record_field(contact=contact, field="matter", value=value, employee=employee, now=now)
        assert _kinds(contact).count("field_recorded") == 2
        assert Contact.objects.get(pk=contact.pk).guide["fields"]["matter"] == "счётчик воды"

    def test_what_was_mistyped_is_taken_out_again(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("krc")
        for value in ("elkin@exmaple", "", ""):
            contact = actions.record_field(contact=contact, field="email", value=value, employee=employee, now=now)
        assert "email" not in contact.guide["fields"]
        kept = [fact for fact in facts_of("contact", contact.pk) if fact.kind.startswith("field_")]
        assert [(fact.kind, fact.data["field"]) for fact in kept] == [
            ("field_recorded", "email"),
            ("field_cleared", "email"),
        ]
        assert "elkin" not in str(kept[-1].data)

    def test_what_the_card_says_wrongly_does_not_come_back(
        self, call: Call, account: Account, employee: Employee, now: dt.datetime
    ) -> None:
        contact = call("krc")
        by: dict[str, Any] = {"employee": employee, "now": now}
        actions.record_field(contact=contact, field="surname", value="Елка", **by)
        actions.record_field(contact=contact, field="surname", value="", **by)
        contact = actions.set_client(contact=contact, client=account.client, via="caller", **by)
        assert contact.guide["fields"]["surname"] == "Ёлкин", "what was mistyped before the card was found"
        actions.record_field(contact=contact, field="phone", value="", **by)
        contact = actions.set_client(contact=contact, client=account.client, via="caller", **by)
        assert "phone" not in contact.guide["fields"]

    def test_what_a_clause_demands_of_a_deed_that_is_done_stays(
        self, call: Call, employee: Employee, now: dt.datetime
    ) -> None:
        contact = call("krc")
        by: dict[str, Any] = {"contact": contact, "employee": employee, "now": now}
        for field, value in (("phone", "+79271112233"), ("reason", "счёт"), ("language", "ru")):
            actions.record_field(field=field, value=value, **by)
        actions.promise_callback(phone="+79271112233", due_at=now + dt.timedelta(hours=1), **by)
        for field in ("phone", "reason", "language"):
            with pytest.raises(errors.MissingFieldsError) as refused:
                actions.record_field(field=field, value=" ", **by)
            assert list(refused.value.missing) == [field], "who empties it is told"
        fields = Contact.objects.get(pk=contact.pk).guide["fields"]
        assert (fields["phone"], fields["reason"], fields["language"]) == ("+79271112233", "счёт", "ru")
        assert "field_cleared" not in _kinds(contact)

    @pytest.mark.clause("krc-5.6.4-13")
    def test_where_one_of_two_is_needed_the_last_stays(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("krc")
        by: dict[str, Any] = {"contact": contact, "employee": employee, "now": now}
        for field, value in (("email", "elkin@example.org"), ("address", "ул. Лесная, 1")):
            actions.record_field(field=field, value=value, **by)
        actions.note(kind="answer_by_letter_agreed", data={"channel": "email"}, **by)
        actions.record_field(field="email", value="", **by)
        with pytest.raises(errors.MissingFieldsError) as refused:
            actions.record_field(field="address", value="", **by)
        assert refused.value.clauses == ("krc-5.6.4-13",)
        fields = Contact.objects.get(pk=contact.pk).guide["fields"]
        assert (fields.get("email"), fields.get("address")) == (None, "ул. Лесная, 1")

    def test_no_patronymic_is_an_answer(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("court")
        actions.record_field(contact=contact, field="patronymic", value="", none=True, employee=employee, now=now)
        assert Contact.objects.get(pk=contact.pk).guide["none"] == ["patronymic"]
        actions.record_field(contact=contact, field="patronymic", value="Іванович", employee=employee, now=now)
        assert Contact.objects.get(pk=contact.pk).guide["none"] == []

    @pytest.mark.clause("court-1-03", "court-1-16", "court-2-03", "court-2-04", "court-2-06")
    @pytest.mark.parametrize(
        ("branch", "field", "value", "fact", "data"),
        [
            (
                "outside_judiciary",
                "reason",
                "не суд",
                "reason_recorded",
                {"what": "no_consultation", "reason": "не суд"},
            ),
            ("dissatisfied", "reason", "довго", "reason_recorded", {"what": "dissatisfaction", "reason": "довго"}),
            ("dissatisfied", "measure", "пояснив", "measure_taken", {"measure": "пояснив", "escalated": False}),
            (
                "dissatisfied",
                "measure",
                "письмове вибачення",
                "measure_taken",
                {"measure": "письмове вибачення", "escalated": True},
            ),
            ("language", "language", "ru", "language_agreed", {"language": "ru"}),
        ],
    )
    def test_some_fields_are_facts_of_their_own(
        self, call: Call, employee: Employee, now: dt.datetime, branch: str, field: str, value: str, fact: str,
        data: dict[str, object],
    ) -> None:  # fmt: skip
        contact = call("court")
        actions.take_branch(contact=contact, branch=branch, employee=employee, now=now)
        actions.record_field(contact=contact, field=field, value=value, employee=employee, now=now)
        assert _last(contact, fact) == data

    def test_outside_text_cannot_break_a_field(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("krc")
        actions.record_field(contact=contact, field="matter", value="a\x00b" * 30_000, employee=employee, now=now)
        assert len(Contact.objects.get(pk=contact.pk).guide["fields"]["matter"]) == 20_000


class TestClosing:
    """A contact closes only when the standard's requirements are met."""

    MAIN = ("greet", "introduce", "ask_name", "offer_help", "check_questions", "farewell")

    def _topic(self, competence: str = "own") -> Topic:
        return Topic.objects.create(profile="court", code="fees", title="Судовий збір", competence=competence)

    def test_a_whole_consultation(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("court")
        _do(contact, employee, now, *self.MAIN)
        contact = over(contact, now)
        closed = actions.close_contact(
            contact=contact, outcome="answered", topic=self._topic(), summary="збір", employee=employee, now=now
        )
        assert (closed.outcome, closed.closed_at, closed.summary) == ("answered", now, "збір")
        assert _last(contact, "topic_set") == {"topic": "fees", "competence": "own"}
        assert _last(contact, "contact_closed") == {
            "outcome": "answered",
            "topic": "fees",
            "employee": employee.pk,
            "script": "incoming",
            "line": "",
            "direction": "in",
        }
        topic_step = [
            f.data for f in facts_of("contact", contact.pk).filter(kind="step_done") if f.data["step"] == "topic"
        ]
        assert [data["by"] for data in topic_step] == ["auto"], "what a fact completed is written as done"

    def test_what_is_missing_is_named_with_its_clauses(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("court")
        _do(contact, employee, now, *self.MAIN[:-1])
        actions.take_branch(contact=contact, branch="dissatisfied", employee=employee, now=now)
        contact = over(contact, now)
        with pytest.raises(errors.StillRequiredError) as refused:
            actions.close_contact(contact=contact, outcome="answered", employee=employee, now=now)
        missing = {one.id: one.clauses for one in refused.value.missing}
        assert set(missing) == {"topic", "farewell", "hear_out", "find_reason", "take_measure"}
        assert missing["find_reason"] == ("court-2-03",)
        assert missing["farewell"] == ("court-1-39", "court-1-40")
        assert "contact_closed" not in _kinds(contact)
        assert Contact.objects.get(pk=contact.pk).closed_at is None

    @pytest.mark.clause("court-1-16", "court-1-20")
    @pytest.mark.parametrize(
        ("profile", "outcome", "wanted"),
        [
            ("court", "appeal", "appeal_registered"),
            ("court", "outside_judiciary", "reason"),
            ("court", "callback", "callback_promised"),
            ("krc", "refused", "identification_refused"),
            ("yumek", "transferred", "transfer_completed"),
        ],
    )
    def test_what_the_outcome_requires_cannot_be_left_out(
        self, call: Call, employee: Employee, now: dt.datetime, profile: str, outcome: str, wanted: str
    ) -> None:
        contact = over(call(profile), now)
        with pytest.raises(errors.StillRequiredError) as refused:
            actions.close_contact(
                contact=contact, outcome=outcome, skip_reason="клиент спешил", employee=employee, now=now
            )
        assert [one.id for one in refused.value.missing] == [wanted]

    def test_steps_may_be_left_out_with_a_reason_each_a_fact(
        self, call: Call, employee: Employee, now: dt.datetime
    ) -> None:
        contact = call("krc")
        _do(contact, employee, now, "greet")
        contact = over(contact, now)
        actions.close_contact(
            contact=contact, outcome="dropped", skip_reason="клиент положил трубку", employee=employee, now=now
        )
        skipped = facts_of("contact", contact.pk).filter(kind="step_skipped")
        assert [fact.data["step"] for fact in skipped] == ["need", "check_understood", "farewell"]
        assert {fact.data["reason"] for fact in skipped} == {"клиент положил трубку"}

    def test_leaving_a_step_out_needs_a_reason(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("krc")
        with pytest.raises(errors.MissingFieldsError):
            actions.skip_step(contact=contact, step="farewell", reason=" ", employee=employee, now=now)
        actions.skip_step(contact=contact, step="farewell", reason="связь прервалась", employee=employee, now=now)
        assert _last(contact, "step_skipped")["reason"] == "связь прервалась"

    @pytest.mark.parametrize("by", ["operator", "system", ""])
    def test_that_the_client_hung_up_is_said_only_of_a_call_that_he_has_ended(
        self, call: Call, employee: Employee, now: dt.datetime, by: str
    ) -> None:
        contact = call("krc")
        if by:
            _ended(contact, by, now)
        with pytest.raises(errors.UntrueReasonError):
            actions.skip_step(contact=contact, step="farewell", reason="client_hung_up", employee=employee, now=now)
        contact = over(contact, now)
        with pytest.raises(errors.UntrueReasonError):
            actions.close_contact(
                contact=contact, outcome="dropped", skip_reason="client_hung_up", employee=employee, now=now
            )
        _ended(contact, "client", now)
        actions.skip_step(contact=contact, step="farewell", reason="client_hung_up", employee=employee, now=now)
        assert _last(contact, "step_skipped")["reason"] == "client_hung_up"

    def test_a_call_that_goes_on_cannot_be_closed(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        with pytest.raises(errors.StillTalkingError):
            actions.close_contact(contact=call("krc"), outcome="answered", employee=employee, now=now)

    def test_a_closed_contact_takes_nothing_more(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = over(call("krc"), now)
        actions.close_contact(contact=contact, outcome="dropped", skip_reason="x", employee=employee, now=now)
        before = _kinds(contact)
        with pytest.raises(errors.AlreadyClosedError):
            _do(contact, employee, now, "greet")
        with pytest.raises(errors.AlreadyClosedError):
            actions.close_contact(contact=contact, outcome="dropped", skip_reason="x", employee=employee, now=now)
        assert _kinds(contact) == before

    def test_an_unserved_contact_closes_without_a_guide(self, call: Call, now: dt.datetime) -> None:
        contact = actions.open_contact(profile=loader.load("krc"), channel="phone", now=now)
        actions.close_unserved(contact=contact, outcome="abandoned", now=now)
        assert _last(contact, "contact_closed")["outcome"] == "abandoned"

    def test_what_is_missing_can_be_asked_beforehand(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact = call("court")
        _do(contact, employee, now, *self.MAIN)
        state = guides.state(Contact.objects.get(pk=contact.pk), loader.load("court"), now)
        [found] = [one for one in state.outcomes if one.id == "appeal"]
        assert [*found.lacks, *state.unsettled] == ["appeal_registered", "topic"]


class TestEnding:
    """The right to end a talk: only where the standard grants it, after its warning."""

    @pytest.mark.clause("court-2-10", "court-2-11", "court-2-12", "court-2-13", "court-2-14", "court-2-15")
    def test_a_ground_and_the_warning_open_it(self, call: Call, employee: Employee, now: dt.datetime) -> None:
        contact, court = call("court"), loader.load("court")
        with pytest.raises(errors.StillRequiredError) as refused:
            closing.ground_of(contact, court, "obscene_language", now)
        assert [one.id for one in refused.value.missing] == ["warn"]
        _do(contact, employee, now, "warn")
        contact = Contact.objects.get(pk=contact.pk)
        for ground, clause in {
            "obscene_language": "court-2-10",
            "personal_insult": "court-2-11",
            "insult_to_centre": "court-2-12",
            "incitement_racial": "court-2-13",
        }.items():
            assert closing.ground_of(contact, court, ground, now).clause == clause

    @pytest.mark.clause("voe-2-07", "krc-5.6.5-25", "krc-5.6.5-27")
    @pytest.mark.parametrize(
        ("profile", "line", "ground"),
        [("voe", "hotline", "obscene_language"), ("yumek", "", "obscene_language"), ("krc", "", "boredom")],
    )
    def test_without_a_right_there_is_no_end(
        self, call: Call, now: dt.datetime, profile: str, line: str, ground: str
    ) -> None:
        with pytest.raises(errors.NoGroundError):
            closing.ground_of(call(profile, line), loader.load(profile), ground, now)

    @pytest.mark.clause("court-3-01", "court-3-02", "court-3-03")
    def test_a_bad_line_may_be_ended_after_its_seconds_and_words(
        self, call: Call, employee: Employee, now: dt.datetime
    ) -> None:
        contact, court = call("court"), loader.load("court")
        actions.take_branch(contact=contact, branch="bad_line", employee=employee, now=now)
        journal.record(kind="contact_attempted", subject_type="contact", subject_id=contact.pk, at=now)
        _do(contact, employee, now, "say_inaudible")
        contact = Contact.objects.get(pk=contact.pk)
        with pytest.raises(errors.StillRequiredError) as refused:
            closing.ground_of(contact, court, "bad_line", now + dt.timedelta(seconds=9))
        assert [one.id for one in refused.value.missing] == ["bad_line"]
        assert closing.ground_of(contact, court, "bad_line", now + dt.timedelta(seconds=10)).clause == "court-3-02"

    @pytest.mark.clause("court-3-01", "court-3-03")
    def test_a_line_that_is_bad_again_is_tried_and_told_anew(
        self, call: Call, employee: Employee, now: dt.datetime
    ) -> None:
        contact, court = call("court"), loader.load("court")
        by: dict[str, Any] = {"contact": contact, "employee": employee}
        for round_ in range(2):
            at = now + dt.timedelta(minutes=round_)
            actions.take_branch(branch="bad_line", now=at, **by)
            with pytest.raises(errors.StillRequiredError) as refused:
                closing.ground_of(Contact.objects.get(pk=contact.pk), court, "bad_line", at + dt.timedelta(seconds=11))
            assert [one.id for one in refused.value.missing] == ["attempt_contact", "say_inaudible"], round_
            journal.record(kind="contact_attempted", subject_type="contact", subject_id=contact.pk, at=at)
            _do(contact, employee, at, "say_inaudible")
            actions.take_branch(branch="bad_line", now=at, **by)
            fresh = Contact.objects.get(pk=contact.pk)
            assert closing.ground_of(fresh, court, "bad_line", at + dt.timedelta(seconds=11)).clause == "court-3-02"
            actions.leave_branch(now=at, **by)
        assert len(facts_of("contact", contact.pk).filter(kind="branch_taken")) == 2

    def test_after_a_rightful_end_nothing_more_need_be_said(
        self, call: Call, employee: Employee, now: dt.datetime
    ) -> None:
        contact = call("court")
        _do(contact, employee, now, "warn")
        data = {"ground": "personal_insult", "employee": employee.pk}
        journal.record(kind="call_terminated", subject_type="contact", subject_id=contact.pk, data=data, at=now)
        contact = over(contact, now)
        actions.close_contact(contact=contact, outcome="abuse", employee=employee, now=now)
        reasons = {fact.data["reason"] for fact in facts_of("contact", contact.pk).filter(kind="step_skipped")}
        assert reasons == {"call_terminated: personal_insult"}


@pytest.mark.parametrize("kind", ["call_ended", "identified", "contact_closed", "nonsense"])
def test_an_operator_cannot_state_what_is_not_his(call: Call, employee: Employee, now: dt.datetime, kind: str) -> None:
    with pytest.raises(errors.UnknownPartError):
        actions.note(contact=call("krc"), kind=kind, employee=employee, now=now)


def test_an_operator_states_what_he_did(call: Call, employee: Employee, now: dt.datetime) -> None:
    contact = call("krc")
    actions.note(contact=contact, kind="decision_taken", data={"decision": "own_answer"}, employee=employee, now=now)
    assert _last(contact, "decision_taken") == {"decision": "own_answer"}


@pytest.mark.clause("court-3-06", "krc-5.6.3-03", "voe-6-16", "yumek-9.4-34")
@pytest.mark.parametrize(
    ("profile", "line", "step"),
    [
        ("court", "", "agree_wait"),
        ("krc", "", "hold_announce"),
        ("voe", "hotline", "hold_announce"),
        ("yumek", "", "hold_announce"),
    ],
)
def test_what_is_said_of_waiting_is_said_anew_before_the_next_hold(
    call: Call, employee: Employee, now: dt.datetime, profile: str, line: str, step: str
) -> None:
    contact = call(profile, line)

    def told() -> tuple[dt.datetime | None, bool]:
        fresh = Contact.objects.get(pk=contact.pk)
        views = [view for branch in guides.state(fresh, loader.load(profile), now).branches for view in branch.steps]
        view = next(view for view in views if view.id == step)
        assert view.hold
        return view.done_at, view.spent

    def at(seconds: float) -> dt.datetime:
        return now + dt.timedelta(seconds=seconds)

    _do(contact, employee, at(5), step)
    journal.record(kind="hold_started", subject_type="contact", subject_id=contact.pk, at=at(6))
    assert told() == (at(5), False)
    journal.record(kind="hold_ended", subject_type="contact", subject_id=contact.pk, at=at(60))
    assert told() == (None, True)
    assert step not in guides.state(Contact.objects.get(pk=contact.pk), loader.load(profile), now).unsettled
    _do(contact, employee, at(70), step)
    assert told() == (at(70), False)
    _do(contact, employee, at(71), step)
    assert [fact.at for fact in facts_of("contact", contact.pk).filter(kind="step_done")] == [at(5), at(70)]
