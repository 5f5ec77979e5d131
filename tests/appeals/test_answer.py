"""The written answer: what it lacks is said with clause and place; signed it is frozen; it goes the demanded way."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kindline.appeals import actions, answering, complaints, letters, moves, publications
from kindline.appeals.models import Answer, Appeal
from kindline.conversations.models import Topic
from kindline.journal.queries import facts_of
from kindline.staff.models import Unit
from tests.appeals.registry import DAY, NOW, SUBSTANCE, Registry

clause = pytest.mark.clause


def _assigned(krc: Registry, **more: Any) -> Appeal:
    appeal = krc.register(**more)
    return actions.assign_appeal(
        appeal=appeal, unit=None, executor=krc.people["executor"], employee=krc.people["unit_head"], now=NOW
    )


def _lacks(krc: Registry, appeal: Appeal, subject: str, text: str) -> dict[str, letters.Lack]:
    answer = Answer(appeal=appeal, subject=subject, text=text)
    return {lack.what: lack for lack in letters.lacking(krc.profile, appeal, answer)}


@pytest.mark.db
class TestWhatItMustHave:
    @clause("krc-5.8-11", "krc-5.8-12", "krc-6.1-40", "krc-6.1-41", "krc-6.1-42", "krc-6.1-43", "krc-6.1-45")
    def test_an_empty_letter_lacks_all_and_says_where(self, krc: Registry) -> None:
        found = _lacks(krc, _assigned(krc), "", "Да.")
        places = {what: lack.where for what, lack in found.items()}
        assert places == {
            "salutation": "beginning",
            "substance": "text",
            "executor_name": "end",
            "executor_phone": "end",
            "executor_email": "end",
        }
        assert found["salutation"].expected == "Ольга Петровна"
        assert "krc-5.8-12" in found["salutation"].clauses
        assert "krc-6.1-43" in found["executor_email"].clauses
        refused = moves.IncompleteLetterError(list(found.values())).clauses
        assert refused.count("krc-5.8-11") == 1, "each clause is named once, however much it demands"

    @clause("krc-5.7.2-31")
    def test_the_proposed_draft_with_a_substance_lacks_nothing(self, krc: Registry) -> None:
        appeal = _assigned(krc, channel="web")
        text = letters.proposed(krc.profile, appeal)
        assert text.startswith("Ольга Петровна!")
        assert _lacks(krc, appeal, letters.subject(krc.profile, appeal), f"{text}\n{SUBSTANCE}") == {}
        assert list(_lacks(krc, appeal, letters.subject(krc.profile, appeal), text)) == ["substance"]

    @clause("krc-5.7.2-32")
    def test_only_initials_waive_the_salutation(self, krc: Registry) -> None:
        appeal = _assigned(krc)
        appeal.given_name, appeal.patronymic = "О.", "П."
        assert "salutation" not in _lacks(krc, appeal, "", "Добрый день.")

    @clause("krc-5.7.2-30", "krc-5.8-13", "krc-6.1-46")
    @pytest.mark.parametrize(
        ("channel", "phrase"), [("web", "Ответ на обращение на сайт КРЦ"), ("email", "Ответ на обращение")]
    )
    def test_the_subject_line_of_an_e_mail(self, krc: Registry, channel: str, phrase: str) -> None:
        appeal = _assigned(krc, channel=channel)
        lack = _lacks(krc, appeal, "Ответ", SUBSTANCE)["subject"]
        assert lack.where == "subject"
        assert phrase in lack.expected
        assert krc.profile.variable("company") in lack.expected
        whole = letters.subject(krc.profile, appeal)
        assert appeal.number in whole
        assert "subject" not in _lacks(krc, appeal, whole, SUBSTANCE)

    def test_a_letter_on_paper_needs_no_subject_line(self, krc: Registry) -> None:
        assert "subject" not in _lacks(krc, _assigned(krc), "", SUBSTANCE)

    @clause("krc-6.1-21", "krc-6.1-22", "krc-6.1-50")
    def test_a_refusal_says_so_and_gives_the_reasons(self, krc: Registry) -> None:
        appeal = _assigned(krc, kind="complaint", subject="utility_quality")
        krc.decide(appeal, grounded=False, reasons="Температура в норме")
        found = _lacks(krc, appeal, "", SUBSTANCE)
        assert {"words", "reasons"} <= set(found)
        assert found["words"].clauses == ("krc-6.1-21",)
        assert found["reasons"].expected == "Температура в норме"
        told = f"{SUBSTANCE} В жалобе отказано: температура\nв норме."
        assert not {"words", "reasons"} & set(_lacks(krc, appeal, "", told))

    @clause("krc-6.1-51", "krc-6.1-52", "krc-6.1-53")
    def test_a_grounded_one_names_rights_order_and_days(self, krc: Registry) -> None:
        appeal = _assigned(krc, kind="complaint")
        krc.decide(appeal)
        complaints.plan_measure(
            appeal=appeal, title="Перерасчёт", responsible=krc.people["unit_head"], due_on=dt.date(2026, 3, 20),
            employee=krc.people["unit_head"], now=NOW,
        )  # fmt: skip
        found = _lacks(krc, appeal, "", SUBSTANCE)
        assert {"rights", "order", "planned_dates"} <= set(found)
        assert found["planned_dates"].expected == "20.03.2026"
        told = f"{SUBSTANCE} Право на верное начисление. Перерасчёт в марте, 20.03.2026"
        assert not {"rights", "order", "planned_dates"} & set(_lacks(krc, appeal, "", told))

    @clause("court-2-08")
    def test_a_confirmed_fault_needs_an_apology(self, court: Registry) -> None:
        appeal = court.register(kind="complaint")
        court.decide(appeal, fault_confirmed=True)
        assert _lacks(court, appeal, "", "Ольго Петрівно! Справу розглянуто.")["words"].clauses == ("court-2-08",)
        assert "words" not in _lacks(court, appeal, "", "Ольго Петрівно! Просимо вибачення.")
        assert letters.proposed(court.profile, appeal).startswith("Ольго")


@pytest.mark.db
class TestTheWay:
    @clause(
        "krc-5.7.2-14",
        "krc-5.7.2-15",
        "krc-5.7.2-16",
        "krc-5.8-03",
        "krc-5.8-04",
        "krc-5.8-05",
        "krc-5.8-06",
        "krc-6.1-38",
    )
    @clause("krc-6.1-44", "krc-5.8-10")
    def test_from_registration_to_the_end(self, krc: Registry) -> None:
        appeal = _assigned(krc, channel="web")
        executor, head, director = (krc.people[name] for name in ("executor", "unit_head", "director"))
        text = f"{letters.proposed(krc.profile, appeal)}\n{SUBSTANCE}"
        subject = letters.subject(krc.profile, appeal)
        for body in ("Черновик", text):
            answering.draft_answer(appeal=appeal, subject=subject, text=body, employee=executor, now=NOW)
        answering.submit_answer(appeal=appeal, employee=executor, now=NOW)
        answering.approve_answer(appeal=appeal, employee=head, now=NOW)
        answer = answering.sign_answer(appeal=appeal, employee=director, now=NOW)
        assert answering.sealed(answer)
        assert answer.versions.count() == 2
        later = NOW + DAY
        answering.mark_sent(appeal=appeal, channel="email", proof="<1@krc>", employee=None, now=later)
        publications.decline(appeal=appeal, reason="", employee=krc.people["site_administrator"], now=later)
        closed = actions.close_appeal(appeal=appeal, employee=executor, now=later)
        assert (closed.state, closed.end, closed.answered_at) == ("closed", "answered", later)
        kinds = list(facts_of("appeal", appeal.pk).values_list("kind", flat=True))
        assert kinds == [
            "appeal_created", "appeal_assigned", "answer_drafted", "answer_drafted", "answer_submitted",
            "answer_approved", "answer_signed", "answer_sent", "publication_declined", "appeal_closed",
        ]  # fmt: skip
        sent = facts_of("appeal", appeal.pk).get(kind="answer_sent")
        assert (sent.data["in_time"], sent.data["sha256"]) == (True, answer.sha256)

    def test_an_incomplete_one_is_not_passed_on(self, krc: Registry) -> None:
        appeal = _assigned(krc)
        answering.draft_answer(appeal=appeal, subject="", text="Нет.", employee=krc.people["executor"], now=NOW)
        with pytest.raises(moves.IncompleteLetterError) as refused:
            answering.submit_answer(appeal=appeal, employee=krc.people["executor"], now=NOW)
        assert {lack.what for lack in refused.value.lacking} >= {"salutation", "substance"}
        assert "krc-5.8-12" in refused.value.clauses

    def test_nobody_approves_or_signs_his_own(self, krc: Registry) -> None:
        head = krc.people["unit_head"]
        appeal = krc.at("check")
        Answer.objects.filter(appeal=appeal).update(author=head)
        with pytest.raises(moves.NeedError) as refused:
            answering.approve_answer(appeal=appeal, employee=head, now=NOW)
        assert refused.value.need == "other_person"
        Appeal.objects.filter(pk=appeal.pk).update(state="sign")
        with pytest.raises(moves.NeedError):
            answering.sign_answer(appeal=appeal, employee=head, now=NOW)

    def test_sent_back_it_is_a_draft_again_with_the_reason(self, krc: Registry) -> None:
        appeal = krc.at("check")
        with pytest.raises(answering.EmptyTextError):
            answering.send_back(appeal=appeal, reason=" ", employee=krc.people["unit_head"], now=NOW)
        back = answering.send_back(appeal=appeal, reason="нет срока", employee=krc.people["unit_head"], now=NOW)
        assert back.state == "draft"
        assert facts_of("appeal", appeal.pk).get(kind="answer_sent_back").data["reason"] == "нет срока"

    def test_a_changed_signed_text_is_never_sent(self, krc: Registry) -> None:
        for changed in ({"text": "Совсем другое"}, {"frozen": "Совсем другое"}):
            appeal = krc.at("signed")
            text = Answer.objects.get(appeal=appeal).text
            Answer.objects.filter(appeal=appeal).update(**changed)
            if "text" in changed:
                Answer.objects.filter(appeal=appeal).update(text=f"{text}!")
            with pytest.raises(answering.BrokenSealError):
                answering.mark_sent(appeal=appeal, channel="paper", proof="", now=NOW)

    def test_the_database_knows_no_signature_without_a_seal(self, krc: Registry) -> None:
        appeal = krc.at("sign")
        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.filter(appeal=appeal).update(signed_at=NOW)

    @clause("krc-5.8-07", "krc-5.8-08")
    @pytest.mark.parametrize(
        ("came", "chosen", "goes", "clause_id"),
        [("paper", "", "paper", "krc-5.8-07"), ("paper", "email", "email", "krc-5.8-07"),
         ("email", "", "email", "krc-5.8-08"), ("email", "paper", "email", "krc-5.8-08")],
    )  # fmt: skip
    def test_the_answer_goes_the_way_that_the_clause_demands(
        self, krc: Registry, came: str, chosen: str, goes: str, clause_id: str
    ) -> None:
        appeal = krc.at("signed", channel=came, receipt=actions.Receipt(answer_by=chosen))
        assert letters.channel_of(krc.profile, appeal) == goes
        wrong = "email" if goes == "paper" else "paper"
        with pytest.raises(answering.WrongChannelError) as refused:
            answering.mark_sent(appeal=appeal, channel=wrong, proof="", now=NOW)
        assert refused.value.clauses == (clause_id,)
        assert answering.mark_sent(appeal=appeal, channel=goes, proof="", now=NOW).state == "sent"


@pytest.mark.db
class TestAssignment:
    @clause("krc-6.1-08")
    def test_never_to_the_one_complained_of(self, krc: Registry) -> None:
        executor = krc.people["executor"]
        appeal = krc.register(kind="complaint", receipt=actions.Receipt(against=executor))
        with pytest.raises(moves.NeedError) as refused:
            krc.perform("assign", appeal, krc.people["unit_head"])
        assert refused.value.need == "impartial"
        assert "krc-6.1-08" in refused.value.clauses
        with pytest.raises(moves.NeedError):
            krc.perform("take", appeal, executor)

    def test_to_somebody_competent_where_there_is_one(self, krc: Registry) -> None:
        topic = Topic.objects.create(profile="krc", code="meters", title="Приборы учёта")
        appeal = krc.register(topic=topic)
        krc.people["counter"].competences = ["meters"]
        krc.people["counter"].save()
        with pytest.raises(moves.NeedError) as refused:
            krc.perform("assign", appeal, krc.people["unit_head"])
        assert refused.value.need == "competent"
        given = actions.assign_appeal(
            appeal=appeal, unit=None, executor=krc.people["counter"], employee=krc.people["unit_head"], now=NOW
        )
        assert given.executor == krc.people["counter"]

    @clause("krc-6.2-01")
    def test_the_receiving_unit_controls_the_term_whoever_executes(self, krc: Registry) -> None:
        other = Unit.objects.create(code="other", name="Абонентский отдел")
        appeal = krc.register()
        assert appeal.control_unit == krc.people["operator"].unit
        given = actions.assign_appeal(
            appeal=appeal, unit=other, executor=None, employee=krc.people["unit_head"], now=NOW
        )
        assert (given.unit, given.control_unit) == (other, krc.people["operator"].unit)

    @clause("krc-6.1-62")
    def test_before_a_court_it_is_no_complaint(self, krc: Registry) -> None:
        with pytest.raises(actions.BarredKindError) as refused:
            krc.register(kind="complaint", receipt=actions.Receipt(in_court=True))
        assert refused.value.clauses == ("krc-6.1-62",)
        assert krc.register(kind="application", receipt=actions.Receipt(in_court=True)).in_court
