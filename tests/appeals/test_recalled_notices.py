"""A longer term that waits to be told, and a request for data: taken back, and what a correction of the term does."""

import datetime as dt

import pytest

from kindline.appeals import (
    correcting,
    declining,
    dispatching,
    extending,
    moves,
    notices,
    notifying,
    outcomes,
    recalled_notices,
    recalling,
    unsent,
)
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.correcting import Correct
from kindline.appeals.letter_models import GONE_RECALLED
from kindline.appeals.models import Appeal, ClientNotice, Extension, LetterState, ManagementNotice
from kindline.correspondence import print_queue
from kindline.correspondence.models import Paper
from kindline.journal.queries import facts_of
from tests.appeals.registry import APPLICANT, DAY, NOW, Registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause
WHY = "не о том"


def _extend(here: Registry, appeal: Appeal, until: dt.date = dt.date(2026, 5, 1), now: dt.datetime = NOW) -> Extension:
    return extending.extend(
        appeal=appeal, until=until, ground="экспертиза", text="", employee=here.people["unit_head"], now=now
    )


def _recall(here: Registry, notice: ClientNotice, who: str = "unit_head", reason: str = WHY) -> ClientNotice:
    return recalled_notices.recall_notice(notice=notice, reason=reason, employee=here.people[who], now=NOW)


def _correct(here: Registry, appeal: Appeal, **right: object) -> Appeal:
    appeal.refresh_from_db()
    stands = {"kind": appeal.kind, "subject": appeal.subject} | {name: APPLICANT[name] for name in correcting.PERSONAL}
    return correcting.correct_appeal(
        appeal=appeal, right=Correct(**stands | right), reason=WHY, employee=here.people["supervisor"], now=NOW + DAY,  # type: ignore[arg-type]
    )  # fmt: skip


def _told(here: Registry, appeal: Appeal, reason: str = "recalled:") -> bool:
    return notices.told(here.people["executor"]).filter(appeal=appeal, reason__startswith=reason).exists()


class TestCorrected:
    @clause("krc-6.1-14", "krc-6.1-15", "krc-6.1-13")
    def test_a_term_that_the_clause_does_not_let_be_put_off_calls_the_waiting_extension_off(
        self, krc: Registry
    ) -> None:
        appeal = krc.at("assigned")
        made = _extend(krc, appeal)
        _correct(krc, appeal, kind="complaint", subject="utility_quality")
        made.notice.refresh_from_db()
        assert made.notice.recalled_at == NOW + DAY
        fact = facts_of("appeal", appeal.pk).get(kind="notice_recalled")
        assert (fact.data["about"], fact.data["reason"]) == ("extension", WHY)
        assert _told(krc, appeal)
        assert not unsent.unsent(krc.profile, krc.people["supervisor"]).exists()
        with pytest.raises(notifying.RecalledError):
            notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="", now=NOW + DAY)
        appeal.refresh_from_db()
        assert appeal.limit_at is not None
        assert appeal.limit_at < NOW + 10 * DAY

    def test_farther_than_the_new_term_may_be_put_off_it_is_called_off_and_asked_for_anew(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        _extend(krc, appeal)
        _correct(krc, appeal, named_at=NOW + 45 * DAY)
        appeal.refresh_from_db()
        assert ClientNotice.objects.get().recalled_at == NOW + DAY
        farthest = extending.latest(krc.profile, appeal)
        assert farthest == NOW + 45 * DAY
        again = _extend(krc, appeal, dt.date(2026, 4, 10), NOW + DAY)
        assert again.notice.recalled_at is None

    def test_within_the_new_term_it_stays_and_must_be_told_before_that_ends(self, krc: Registry) -> None:
        appeal = krc.at("assigned", channel="web", kind="complaint")
        made = _extend(krc, appeal, dt.date(2026, 4, 20))
        _correct(krc, appeal, kind="proposal", named_at=NOW + 60 * DAY)
        made.refresh_from_db()
        appeal.refresh_from_db()
        assert (made.notice.recalled_at, made.old_limit_at) == (None, appeal.limit_at)
        notifying.mark_notice_sent(notice=made.notice, channel="email", proof="", now=NOW + 2 * DAY)
        appeal.refresh_from_db()
        assert appeal.limit_at == made.until_at

    def test_before_what_it_is_told_is_the_limit_as_it_is_now(self, krc: Registry) -> None:
        """Moved by a calendar as well as by a correction."""
        appeal = krc.at("assigned")
        made = _extend(krc, appeal)
        Appeal.objects.filter(pk=appeal.pk).update(limit_at=NOW + 2 * DAY)
        with pytest.raises(extending.TooLateError):
            notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="", now=NOW + 3 * DAY)

    def test_its_letter_leaves_the_print_queue(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = _extend(krc, appeal)
        dispatching.send_notice(notice=made.notice, employee=krc.people["supervisor"], now=NOW)
        _correct(krc, appeal, subject="court_decision")
        assert print_queue.waiting_count() == 0

    def test_in_the_queue_of_mail_it_is_not_stopped_and_extends_nothing(self, krc: Registry) -> None:
        appeal = krc.at("assigned", channel="email", kind="complaint")
        made = _extend(krc, appeal)
        letter = dispatching.send_notice(notice=made.notice, employee=krc.people["supervisor"], now=NOW)
        _correct(krc, appeal, subject="utility_quality")
        appeal.refresh_from_db()
        limit = appeal.limit_at
        outcomes.note_gone(letter=letter, proof="<id>", at=NOW + DAY, now=NOW + DAY)
        letter.refresh_from_db()
        appeal.refresh_from_db()
        assert (letter.state, letter.reason, appeal.limit_at) == (LetterState.SENT, GONE_RECALLED, limit)
        assert _told(krc, appeal, f"gone:{letter.pk}")

    def test_one_that_holds_stays_granted(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = _extend(krc, appeal)
        notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="", now=NOW)
        _correct(krc, appeal, subject="court_decision")
        made.notice.refresh_from_db()
        appeal.refresh_from_db()
        assert (made.notice.recalled_at, appeal.limit_at) == (None, made.until_at)


class TestTakenBack:
    @clause("krc-6.1-14", "krc-6.1-15")
    def test_an_extension_is_called_off_with_its_notice_and_another_may_be_asked_for(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = _extend(krc, appeal)
        dispatching.send_notice(notice=made.notice, employee=krc.people["supervisor"], now=NOW)
        _recall(krc, made.notice)
        assert print_queue.waiting_count() == 0
        assert facts_of("appeal", appeal.pk).get(kind="notice_recalled").data["reason"] == WHY
        assert _told(krc, appeal)
        assert _extend(krc, appeal, dt.date(2026, 4, 20)).effective_at is None

    @clause("krc-5.7.2-25")
    def test_data_that_were_asked_for_are_awaited_no_more(self, krc: Registry) -> None:
        appeal, me = krc.at("assigned", channel="web"), krc.people["executor"]
        first = declining.request_data(appeal=appeal, text="Показания", employee=me, now=NOW)
        appeal.refresh_from_db()
        due = appeal.data_due_at
        second = declining.request_data(appeal=appeal, text="Акт", employee=me, now=NOW + DAY)
        _recall(krc, second, "executor")
        appeal.refresh_from_db()
        assert appeal.data_due_at == due, "the first request stands"
        _recall(krc, first, "executor")
        appeal.refresh_from_db()
        assert appeal.data_due_at is None

    @pytest.mark.parametrize("silent", [False, True])
    def test_what_was_sent_or_decided_is_not_awaited_again(self, krc: Registry, silent: bool) -> None:
        """A later request that was taken back brought a finished one to life, and its client was called silent."""
        appeal, me = krc.at("assigned", channel="web"), krc.people["executor"]
        declining.request_data(appeal=appeal, text="Показания", employee=me, now=NOW)
        if silent:
            appeal.refresh_from_db()
            head = krc.people["unit_head"]
            late = (appeal.data_due_at or NOW) + DAY
            declining.decide_unanswered(appeal=appeal, decision="go_on", reason="и так ясно", employee=head, now=late)
        else:
            declining.receive_data(appeal=appeal, what="Показания", employee=me, now=NOW)
        _recall(krc, declining.request_data(appeal=appeal, text="Акт", employee=me, now=NOW + DAY), "executor")
        appeal.refresh_from_db()
        assert appeal.data_due_at is None

    def test_nobody_is_to_send_a_request_that_was_taken_back(self, krc: Registry) -> None:
        appeal, me = krc.at("assigned", channel="web"), krc.people["executor"]
        asked = declining.request_data(appeal=appeal, text="Акт", employee=me, now=NOW)
        dispatching.send_by_itself(appeal=appeal, notice=asked, now=NOW)
        told = ManagementNotice.objects.filter(appeal=appeal, reason=f"{dispatching.ASKED}:{asked.pk}")
        assert told.exists()
        _recall(krc, asked, "executor")
        assert not told.exists()

    def test_printed_gone_or_taken_back_it_is_refused(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = _extend(krc, appeal)
        letter = dispatching.send_notice(notice=made.notice, employee=krc.people["supervisor"], now=NOW)
        Paper.objects.filter(pk=letter.paper_id or 0).update(state="printed")
        with pytest.raises(recalling.PrintedError):
            _recall(krc, made.notice)
        notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="", now=NOW)
        with pytest.raises(recalling.GoneError):
            _recall(krc, made.notice)
        other = _extend(krc, krc.at("assigned"))
        _recall(krc, other.notice)
        with pytest.raises(notifying.RecalledError):
            _recall(krc, other.notice)

    def test_with_a_reason_by_whom_it_is_given_and_no_notice_of_an_end(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = _extend(krc, appeal)
        with pytest.raises(EmptyTextError):
            _recall(krc, made.notice, reason=" ")
        with pytest.raises(moves.NotYoursError):
            _recall(krc, made.notice, "operator")
        end = krc.perform("give_notice", krc.at("assigned"), krc.people["unit_head"])
        with pytest.raises(moves.WrongStateError):
            _recall(krc, end)
