"""What waits for an employee or a unit: each thing under what is to be done with it, and nothing of others."""

import datetime as dt
import uuid
from typing import Any

import pytest

from kindline.appeals import answering, enquiries, notices, own_work, talking
from kindline.appeals.models import Answer, Appeal, JoinedLetter, LetterState, Measure
from kindline.conversations.models import Callback, Contact
from kindline.correspondence.models import Outgoing, Thread
from kindline.staff.models import Employee, Role, Unit
from tests.appeals.registry import DAY, NOW, Registry

clause = pytest.mark.clause
pytestmark = pytest.mark.db


def waiting(krc: Registry, who: str = "executor") -> own_work.Work:
    """What waits for one of them."""
    return own_work.waiting(own_work.of_employee(krc.people[who]), krc.profile, krc.now)


def limited(krc: Registry, at: dt.datetime, state: str = "assigned", **more: Any) -> Appeal:
    """An appeal of the executor whose term ends then."""
    appeal = krc.at(state)
    Answer.objects.filter(appeal=appeal).delete()
    Appeal.objects.filter(pk=appeal.pk).update(limit_at=at, **more)
    return appeal


class TestAppeals:
    @clause("krc-6.1-09")
    def test_by_their_day(self, krc: Registry) -> None:
        made = {
            "overdue": limited(krc, NOW - DAY),
            "today": limited(krc, NOW + dt.timedelta(hours=3)),
            "soon": limited(krc, NOW + 2 * DAY),
            "later": limited(krc, NOW + 20 * DAY),
        }
        limited(krc, NOW - DAY, executor=krc.people["counter"])
        limited(krc, NOW - DAY, closed_at=NOW, end="answered")
        work = waiting(krc)
        assert {name: getattr(work, name) for name in made} == {name: [one] for name, one in made.items()}
        assert work.overdue[0].derivation == made["overdue"].derivation != []

    def test_what_others_are_at_and_what_is_only_to_be_closed_stands_apart(self, krc: Registry) -> None:
        checked = limited(krc, NOW - DAY, "check")
        sent = limited(krc, NOW - DAY, "sent", answered_at=NOW)
        work = waiting(krc)
        assert (work.with_others, work.to_close, work.overdue) == ([checked], [sent], [])

    def test_nothing_is_nothing(self, krc: Registry) -> None:
        limited(krc, NOW + DAY, "sign")
        assert waiting(krc).is_empty
        limited(krc, NOW + DAY)
        assert not waiting(krc).is_empty

    def test_more_than_are_shown_is_said(self, krc: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(own_work, "MOST", 1)
        limited(krc, NOW + 20 * DAY)
        assert not waiting(krc).more
        limited(krc, NOW + 20 * DAY)
        assert waiting(krc).more


class TestAnswers:
    def test_one_sent_back_says_who_and_why_until_it_is_handed_over_again(self, krc: Registry) -> None:
        appeal, executor, head = krc.at("draft"), krc.people["executor"], krc.people["unit_head"]
        assert waiting(krc).drafts == [appeal]
        answering.submit_answer(appeal=appeal, employee=executor, now=NOW)
        answering.send_back(appeal=appeal, reason="нет суммы", employee=head, now=NOW + DAY)
        work = waiting(krc)
        assert (work.drafts, [one.appeal for one in work.sent_back]) == ([], [appeal])
        assert (work.sent_back[0].reason, work.sent_back[0].by) == ("нет суммы", str(head))
        answering.submit_answer(appeal=appeal, employee=executor, now=NOW + 2 * DAY)
        work = waiting(krc)
        assert (work.sent_back, work.with_others) == ([], [appeal])

    def test_a_letter_that_did_not_arrive_until_another_is_on_its_way(self, krc: Registry) -> None:
        appeal = krc.at("sent")
        lost = _letter(appeal, LetterState.CAME_BACK, "нет такого ящика")
        assert waiting(krc).failed == [lost]
        again = _letter(appeal, LetterState.ON_ITS_WAY)
        assert waiting(krc).failed == []
        again.state = LetterState.FAILED
        again.save()
        assert waiting(krc).failed == [lost, again]
        assert waiting(krc, "counter").failed == []

    def test_an_e_mail_written_beside_appeals_that_failed(self, krc: Registry) -> None:
        mine = _outgoing(krc.people["executor"], "failed")
        _outgoing(krc.people["counter"], "failed")
        _outgoing(krc.people["executor"], "queued")
        assert waiting(krc).failed_mails == [mine]


class TestBeside:
    def test_what_the_applicant_added_until_it_is_read(self, krc: Registry) -> None:
        appeal = krc.at("assigned", channel="web")
        talking.receive_message(
            appeal=appeal, text="Счёт пришёл снова", key=uuid.uuid4(), draft="", is_reply=False, now=NOW
        )
        [added] = waiting(krc).added
        assert (added.appeal, added.text, added.by_letter) == (appeal, "Счёт пришёл снова", False)
        letter = _letter(appeal, LetterState.CAME)
        notices.tell_executor(appeal, f"letter:{letter.pk}", NOW)
        assert [one.by_letter for one in waiting(krc).added] == [False, True]
        notices.mark_seen(employee=krc.people["executor"], appeal=appeal, now=NOW)
        assert waiting(krc).added == []

    @clause("krc-6.2-04")
    def test_measures_enquiries_and_calls(self, krc: Registry) -> None:
        appeal, executor = krc.at("assigned", kind="complaint"), krc.people["executor"]
        for who, finished in ((executor, None), (executor, NOW), (krc.people["counter"], None)):
            Measure.objects.create(
                appeal=appeal, title="x", responsible=who, due_on=NOW.date(), planned_at=NOW, finished_at=finished
            )
        asked = enquiries.enquire(
            appeal=appeal, to=krc.people["security"], text="Акт", due_on=NOW.date(), employee=executor, now=NOW
        )
        contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=NOW)
        for caller, state in ((executor, "missed"), (executor, "kept"), (None, "open")):
            closed = NOW if state == "kept" else None
            Callback.objects.create(
                contact=contact, employee=caller, phone="+79271112240", promised_at=NOW, due_at=NOW, state=state,
                closed_at=closed,
            )  # fmt: skip
        work = waiting(krc)
        assert [one.responsible for one in work.measures] == [executor]
        assert (work.enquiries, [one.state for one in work.callbacks]) == ([asked], ["missed"])
        assert waiting(krc, "security").enquiries == [asked], "who was asked sees it too"


class TestUnits:
    def test_a_unit_is_everybody_in_it_and_below_it(self, krc: Registry) -> None:
        top = Unit.objects.get(code="clients")
        below = Unit.objects.create(code="below", name="Группа", parent=top)
        other = Unit.objects.create(code="other", name="Другой отдел")
        low = Employee.objects.create(username="low", roles=[Role.SPECIALIST], unit=below)
        far = Employee.objects.create(username="far", roles=[Role.SPECIALIST], unit=other)
        mine, lower = limited(krc, NOW - DAY), limited(krc, NOW - DAY, executor=low)
        limited(krc, NOW - DAY, executor=far)
        whose = own_work.of_unit(top)
        assert set(own_work.waiting(whose, krc.profile, NOW).overdue) == {mine, lower}
        assert set(whose.units) == {top.pk, below.pk}

    def test_what_anybody_may_do_is_counted_by_his_roles(self, krc: Registry) -> None:
        krc.at("sorting")
        free = krc.register()
        Appeal.objects.filter(pk=free.pk).update(unit=krc.people["specialist"].unit, executor=None)
        for state in ("check", "sign", "sign"):
            krc.at(state)
        assert own_work.for_anybody(krc.people["specialist"], krc.profile) == {"sort": 1, "take": 1}
        head = own_work.for_anybody(krc.people["unit_head"], krc.profile)
        assert head == {"sort": 1, "take": 1, "approve": 1, "sign": 2}
        Answer.objects.filter(appeal__state="check").update(author=krc.people["unit_head"])
        assert "approve" not in own_work.for_anybody(krc.people["unit_head"], krc.profile), "not one's own"
        assert own_work.for_anybody(krc.people["administrator"], krc.profile) == {}


def _outgoing(who: Employee, state: str) -> Outgoing:
    number = Outgoing.objects.count()
    return Outgoing.objects.create(
        key=f"k{number}", message_id=f"m{number}", thread=Thread.objects.create(number=f"t{number}", started_at=NOW),
        recipient="a@example.org",
        subject="Ответ", text="x", language="ru", state=state, queued_at=NOW, employee=who,
    )  # fmt: skip


def _letter(appeal: Appeal, state: LetterState, reason: str = "") -> JoinedLetter:
    assert appeal.executor is not None
    answer = Answer.objects.filter(appeal=appeal).first() if state != LetterState.CAME else None
    return JoinedLetter.objects.create(
        appeal=appeal, outgoing=_outgoing(appeal.executor, "queued"), answer=answer, channel="email", state=state,
        reason=reason, joined_at=NOW, changed_at=NOW,
    )  # fmt: skip
