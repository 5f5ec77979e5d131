"""What was signed or prepared is taken back while it has not gone; what has gone stays gone."""

import pytest

from kindline.appeals import (
    answering,
    declining,
    dispatching,
    moves,
    notices,
    notifying,
    outcomes,
    own_work,
    recalling,
    unsent,
)
from kindline.appeals.models import Answer, AnswerVersion, Appeal, ClientNotice, JoinedLetter, LetterState
from kindline.correspondence import actions as mail
from kindline.correspondence import papers, print_queue
from kindline.correspondence.errors import WrongStateError
from kindline.correspondence.models import Paper
from kindline.journal.queries import facts_of
from tests.appeals.registry import DAY, NOW, SUBSTANCE, Registry, registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause
WHY = "не тот адрес"


def _recall(here: Registry, appeal: Appeal, who: str = "unit_head", reason: str = WHY) -> Appeal:
    return recalling.recall(appeal=appeal, reason=reason, employee=here.people[who], now=NOW)


def _kinds(appeal: Appeal) -> list[str]:
    return [fact.kind for fact in facts_of("appeal", appeal.pk)]


def _give(here: Registry, appeal: Appeal, end: str, **more: object) -> ClientNotice:
    return declining.give_notice(
        appeal=appeal, end=end, text="Разъясняем", employee=here.people["unit_head"], now=NOW, **more,  # type: ignore[arg-type]
    )  # fmt: skip


class TestAnswer:
    @clause("krc-5.8-10", "krc-6.1-44")
    @pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
    def test_is_a_draft_again_and_what_was_signed_stays_with_its_version(self, profile: str) -> None:
        here = registry(profile)
        appeal = here.at("signed", kind="proposal")
        frozen, sha256 = (signed := Answer.objects.get(appeal=appeal)).frozen, signed.sha256
        assert _recall(here, appeal).state == "draft"
        answer = Answer.objects.get(appeal=appeal)
        assert (answer.signed_by, answer.signed_at, answer.frozen, answer.sha256) == (None, None, "", "")
        assert (answer.checked_by, answer.text) == (None, signed.text)
        kept = AnswerVersion.objects.get(answer=answer, version=answer.version)
        assert (kept.frozen, kept.signed_by, kept.signed_at) == (frozen, here.people["unit_head"], NOW)
        fact = facts_of("appeal", appeal.pk).get(kind="answer_recalled")
        assert (fact.data["sha256"], fact.data["reason"]) == (sha256, WHY)
        assert notices.told(here.people["executor"]).filter(appeal=appeal, reason__startswith="recalled:").exists()
        with pytest.raises(dispatching.NotSignedError):
            dispatching.send_answer(appeal=appeal, employee=here.people["supervisor"], now=NOW)

    def test_is_signed_anew_and_goes(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal")
        Answer.objects.filter(appeal=appeal).update(text="…")
        with pytest.raises(answering.BrokenSealError):
            krc.perform("mark_sent", appeal, krc.people["supervisor"])
        _recall(krc, appeal)
        text = f"Уважаемая Ольга Петровна!\n{SUBSTANCE}\n" + "\n".join(
            filter(None, (str(krc.people["executor"]), krc.people["executor"].phone, krc.people["executor"].email))
        )
        answering.draft_answer(
            appeal=appeal,
            subject=f"Ответ на обращение. {appeal.number}",
            text=text,
            employee=krc.people["executor"],
            now=NOW,
        )
        Appeal.objects.filter(pk=appeal.pk).update(state="sign")
        assert Answer.objects.get(appeal=appeal).version == 2
        answer = Answer.objects.get(appeal=appeal)
        answer.subject = AnswerVersion.objects.get(answer=answer, version=1).subject
        answer.save()
        krc.perform("sign", appeal, krc.people["director"])
        krc.perform("mark_sent", appeal, krc.people["supervisor"])
        appeal.refresh_from_db()
        assert appeal.state == "sent"

    @clause("krc-5.8-10", "krc-6.1-44")
    def test_signed_again_unchanged_and_taken_back_again_both_signatures_stay(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal")
        _recall(krc, appeal)
        krc.perform("submit", appeal, krc.people["executor"])
        Appeal.objects.filter(pk=appeal.pk).update(state="sign")
        krc.perform("sign", appeal, krc.people["director"])
        answer = Answer.objects.get(appeal=appeal)
        frozen = answer.frozen
        assert [one.signed_by for one in answer.versions.order_by("version")] == [krc.people["unit_head"], None]
        _recall(krc, appeal)
        kept = list(AnswerVersion.objects.filter(answer=answer).order_by("version"))
        assert [(one.version, one.signed_by, one.frozen) for one in kept] == [
            (1, krc.people["unit_head"], frozen), (2, krc.people["director"], frozen),
        ]  # fmt: skip
        assert kept[0].sha256 == kept[1].sha256 == answer.sha256
        signed = [one.data["version"] for one in facts_of("appeal", appeal.pk).filter(kind="answer_recalled")]
        assert signed == [1, 2]

    def test_signed_anew_the_sender_is_told_anew(self, krc: Registry) -> None:
        appeal, sender = krc.at("signed", kind="proposal", channel="web"), krc.people["site_administrator"]
        dispatching.send_by_itself(appeal=appeal, now=NOW)
        told = notices.told(sender).filter(appeal=appeal, reason=dispatching.TO_SEND)
        assert told.count() == 1
        _recall(krc, appeal)
        assert told.count() == 0, "it is not signed any more"
        dispatching.send_by_itself(appeal=appeal, now=NOW)
        assert told.count() == 1

    def test_stands_among_what_was_given_back_to_its_executor(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal")
        _recall(krc, appeal)
        made = own_work.waiting(own_work.of_employee(krc.people["executor"]), krc.profile, NOW)
        assert [(one.appeal, one.reason) for one in made.sent_back] == [(appeal, WHY)]

    def test_who_signed_may_take_it_back_whatever_his_role(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal")
        with pytest.raises(moves.NotYoursError):
            _recall(krc, appeal, "specialist")
        Answer.objects.filter(appeal=appeal).update(signed_by=krc.people["specialist"])
        assert "recall" in moves.possible(appeal, krc.people["specialist"])
        assert _recall(krc, appeal, "specialist").state == "draft"

    def test_a_reason_is_asked_for(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal")
        with pytest.raises(answering.EmptyTextError):
            _recall(krc, appeal, reason=" ")

    def test_its_letter_leaves_the_print_queue(self, krc: Registry) -> None:
        appeal, head = krc.at("signed", kind="proposal"), krc.people["supervisor"]
        letter = dispatching.send_answer(appeal=appeal, employee=head, now=NOW)
        assert print_queue.waiting_count() == 1
        _recall(krc, appeal)
        letter.refresh_from_db()
        assert letter.paper is not None
        assert (letter.state, letter.reason, print_queue.waiting_count()) == (LetterState.RECALLED, WHY, 0)
        paper = Paper.objects.get(pk=letter.paper.pk)
        assert (paper.state, paper.posted_at, paper.outcome) == ("returned", None, WHY)
        with pytest.raises(WrongStateError):
            papers.mark_posted(paper=paper, tracking_number="", employee=head, now=NOW)
        Appeal.objects.filter(pk=appeal.pk).update(state="sign")
        krc.perform("sign", appeal, krc.people["director"])
        again = dispatching.send_answer(appeal=appeal, employee=head, now=NOW)
        assert again.paper_id != letter.paper_id, "a letter of its own, under a number of its own"

    def test_printed_it_is_refused_and_nothing_has_changed(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal")
        letter = dispatching.send_answer(appeal=appeal, employee=krc.people["supervisor"], now=NOW)
        assert letter.paper is not None
        Paper.objects.filter(pk=letter.paper.pk).update(state="printed")
        with pytest.raises(recalling.PrintedError):
            _recall(krc, appeal)
        letter.refresh_from_db()
        assert (letter.state, Answer.objects.get(appeal=appeal).signed_at) == (LetterState.ON_ITS_WAY, NOW)

    def test_in_the_queue_of_mail_it_is_on_its_way(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal", channel="email")
        letter = dispatching.send_answer(appeal=appeal, employee=krc.people["supervisor"], now=NOW)
        with pytest.raises(recalling.GoneError):
            _recall(krc, appeal)
        assert letter.outgoing is not None
        mail.mark_failed(outgoing=letter.outgoing, reason="550", now=NOW)
        outcomes.note_lost(letter=letter, state=LetterState.FAILED, reason="550", now=NOW)
        assert _recall(krc, appeal).state == "draft"
        assert recalling.is_recalled(letter.outgoing)

    def test_sent_nevertheless_it_is_known_and_told(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal", channel="email")
        letter = dispatching.send_answer(appeal=appeal, employee=krc.people["supervisor"], now=NOW)
        outcomes.note_lost(letter=letter, state=LetterState.FAILED, reason="550", now=NOW)
        _recall(krc, appeal)
        outcomes.note_gone(letter=letter, proof="<id>", at=NOW, now=NOW)
        gone = JoinedLetter.objects.get(pk=letter.pk)
        assert (gone.state, gone.is_gone_recalled) == (LetterState.SENT, True)
        assert notices.told(krc.people["executor"]).filter(appeal=appeal, reason=f"gone:{letter.pk}").exists()
        assert "recalled_letter_gone" in _kinds(appeal)

    @pytest.mark.parametrize("arrives", [True, False])
    def test_what_had_gone_stays_marked_when_it_arrives_and_nobody_misses_it_when_it_does_not(
        self, krc: Registry, arrives: bool
    ) -> None:
        appeal = krc.at("signed", kind="proposal", channel="email")
        letter = dispatching.send_answer(appeal=appeal, employee=krc.people["supervisor"], now=NOW)
        outcomes.note_lost(letter=letter, state=LetterState.FAILED, reason="550", now=NOW)
        _recall(krc, appeal)
        outcomes.note_gone(letter=letter, proof="<id>", at=NOW, now=NOW)
        if arrives:
            gone = outcomes.note_delivered(letter=letter, now=NOW)
            assert (gone.state, gone.is_gone_recalled, dispatching.lives(gone)) == (LetterState.DELIVERED, True, False)
            return
        came = outcomes.note_lost(letter=letter, state=LetterState.CAME_BACK, reason="нет такого", now=NOW)
        assert (came.state, came.is_gone_recalled) == (LetterState.RECALLED, False)
        assert _kinds(appeal).count("letter_came_back") == 1, "of the first failure alone"

    @clause("krc-5.8-06", "krc-6.1-44")
    def test_the_proof_of_what_was_taken_back_is_none_of_the_second_answer_which_goes(self, krc: Registry) -> None:
        appeal, head = krc.at("signed", kind="proposal", channel="email"), krc.people["supervisor"]
        letter = dispatching.send_answer(appeal=appeal, employee=head, now=NOW)
        outcomes.note_lost(letter=letter, state=LetterState.FAILED, reason="550", now=NOW)
        _recall(krc, appeal)
        Appeal.objects.filter(pk=appeal.pk).update(state="sign")
        krc.perform("sign", appeal, krc.people["director"])
        outcomes.note_gone(letter=letter, proof="<id>", at=NOW, now=NOW)
        assert Answer.objects.get(appeal=appeal).sent_at is None, "another one has gone"
        again = dispatching.send_answer(appeal=appeal, employee=head, now=NOW)
        outcomes.note_gone(letter=again, proof="<other>", at=NOW, now=NOW)
        assert Answer.objects.get(appeal=appeal).proof == "<other>"

    def test_before_the_program_sends_it_nobody_is_told_of_a_failure(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal")
        _recall(krc, appeal)
        assert dispatching.send_by_itself(appeal=appeal, now=NOW) is None
        assert "letter_not_handed" not in _kinds(appeal)

    def test_sent_it_is_not_taken_back(self, krc: Registry) -> None:
        appeal = krc.at("sent", kind="proposal")
        with pytest.raises(moves.WrongStateError):
            _recall(krc, appeal)


class TestNotice:
    @pytest.mark.parametrize("state", ["registered", "assigned", "draft", "sorting"])
    def test_the_appeal_stands_where_it_stood_with_the_term_that_it_had(self, krc: Registry, state: str) -> None:
        appeal = krc.at(state, kind="application")
        appeal.refresh_from_db()
        before = (appeal.subject, appeal.target_at, appeal.limit_at, appeal.derivation, appeal.earlier)
        notice = _give(krc, appeal, "outside_competence", bodies=[krc.body()])
        appeal.refresh_from_db()
        assert appeal.subject == "outside_competence"
        back = _recall(krc, appeal)
        back.refresh_from_db()
        assert (back.state, back.end, back.closed_at) == (state, "", None)
        if state != "sorting":
            assert (back.subject, back.target_at, back.limit_at, back.derivation, back.earlier) == before
        notice.refresh_from_db()
        assert notice.recalled_at == NOW
        assert facts_of("appeal", appeal.pk).get(kind="notice_recalled").data["end"] == "outside_competence"

    def test_a_subject_that_was_corrected_meanwhile_stays(self, krc: Registry) -> None:
        appeal = krc.at("assigned", kind="application")
        _give(krc, appeal, "outside_competence", bodies=[krc.body()])
        Appeal.objects.filter(pk=appeal.pk).update(subject="contract")
        assert _recall(krc, appeal).subject == "contract"

    def test_it_is_not_sent_any_more_in_no_way(self, krc: Registry) -> None:
        appeal, head = krc.at("assigned", kind="proposal"), krc.people["supervisor"]
        notice = _give(krc, appeal, "no_substance")
        _recall(krc, appeal)
        with pytest.raises(notifying.RecalledError):
            notifying.mark_notice_sent(notice=notice, channel="paper", proof="", employee=head, now=NOW)
        with pytest.raises(notifying.RecalledError):
            dispatching.send_notice(notice=notice, employee=head, now=NOW)
        assert dispatching.send_by_itself(appeal=appeal, notice=notice, now=NOW) is None
        assert notice not in unsent.unsent(krc.profile, head)
        assert "letter_not_handed" not in _kinds(appeal)

    def test_another_ground_is_chosen_and_the_appeal_leaves_on_it(self, krc: Registry) -> None:
        appeal = krc.at("assigned", kind="proposal")
        _give(krc, appeal, "no_substance")
        _recall(krc, appeal)
        notice = _give(krc, appeal, "secret")
        notifying.mark_notice_sent(
            notice=notice, channel="paper", proof="RA", employee=krc.people["supervisor"], now=NOW + DAY
        )
        appeal.refresh_from_db()
        assert (appeal.end, appeal.closed_at) == ("secret", NOW + DAY)

    def test_its_letter_leaves_the_print_queue_printed_it_is_refused(self, krc: Registry) -> None:
        first, second = (krc.at("assigned", kind="proposal") for _ in range(2))
        for appeal in (first, second):
            notice = _give(krc, appeal, "no_substance")
            dispatching.send_notice(notice=notice, employee=krc.people["supervisor"], now=NOW)
        _recall(krc, first)
        assert print_queue.waiting_count() == 1
        Paper.objects.filter(state="to_print").update(state="printed")
        with pytest.raises(recalling.PrintedError):
            _recall(krc, second)
        second.refresh_from_db()
        assert (second.state, second.end) == ("notice", "no_substance")

    def test_under_the_courts_too(self, court: Registry) -> None:
        appeal = court.at("registered", kind="proposal")
        court.perform("give_notice", appeal, court.people["operator"], "not_judicial")
        assert _recall(court, appeal, "operator").state == "registered"
