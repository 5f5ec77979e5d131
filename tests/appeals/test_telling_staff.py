"""The ladder by e-mail and the daily digest: in the employee's language, to whom it concerns, each once."""

import datetime as dt
from typing import Any

import pytest

from kindline.appeals import digest, escalation, moved_limits, notices, queries, telling_staff, undertakings
from kindline.appeals.models import Appeal, Digest, ManagementNotice, Measure
from kindline.conversations.models import Contact
from kindline.correspondence.models import Outgoing
from kindline.journal import actions as journal
from kindline.staff.models import Employee, MailWish, Unit
from tests.appeals.registry import DAY, NOW, Registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause
MORNING = dt.datetime(2026, 3, 3, 6, 0, tzinfo=dt.UTC)  # Tuesday, nine o'clock in Moscow


@pytest.fixture(autouse=True)
def relay(place: Any, settings: Any) -> None:
    """Mail is set up; nothing is sent in these tests."""
    described = {"class": "kindline.connectors.mail.smtp.Smtp", "url": "smtp://127.0.0.1:1", "sender": "a@b.example"}
    settings.MAIL = {**settings.MAIL, "relay": described}


def due(krc: Registry, at: dt.datetime, **more: Any) -> Appeal:
    """An appeal whose term ends then."""
    appeal = krc.at("assigned")
    Appeal.objects.filter(pk=appeal.pk).update(limit_at=at, target_at=None, **more)
    appeal.refresh_from_db()
    return appeal


def _moved(appeal: Appeal, old: dt.datetime | None, at: dt.datetime) -> dt.datetime | None:
    """The fact that an appeal's limit was computed anew, from what it was."""
    data = {"old_limit_at": old, "limit_at": appeal.limit_at, "why": "санитарный день, № 9"}
    journal.record(kind=moved_limits.FACT, subject_type="appeal", subject_id=appeal.pk, data=data, at=at)
    return old


class TestLadder:
    @clause("krc-6.2-01", "krc-6.2-02", "krc-6.2-03")
    def test_the_last_rung_that_has_come_is_one_letter_in_the_employees_language(self, krc: Registry) -> None:
        executor, head = krc.people["executor"], krc.people["unit_head"]
        Employee.objects.filter(pk=executor.pk).update(language="ru")
        Employee.objects.filter(pk=head.pk).update(language="en")
        appeal = due(krc, NOW - DAY)
        escalation.sweep(now=NOW)
        assert ManagementNotice.objects.count() == 4, "each of the two on a rung before and on one after"
        assert telling_staff.sweep(now=NOW) == 2
        assert telling_staff.sweep(now=NOW) == 0
        mine = Outgoing.objects.filter(recipient="specialist@example.org").first()
        theirs = Outgoing.objects.filter(recipient="unit_head@example.org").first()
        assert mine is not None
        assert theirs is not None
        assert mine.subject.startswith(f"Обращение {appeal.number} просрочено")
        assert theirs.subject.startswith(f"Appeal {appeal.number} is overdue")
        assert (mine.is_automatic, mine.language) == (True, "ru")
        assert appeal.surname not in mine.text

    def test_a_letter_that_did_not_arrive_is_told(self, krc: Registry) -> None:
        appeal = due(krc, NOW + 9 * DAY)
        notices.tell_executor(appeal, "back:7", NOW)
        telling_staff.sweep(now=NOW)
        assert f"Звернення {appeal.number}: лист не дійшов" in Outgoing.objects.get().subject

    def test_not_what_was_seen_is_old_or_cannot_go(self, krc: Registry, settings: Any) -> None:
        appeal = due(krc, NOW + 9 * DAY)
        executor = krc.people["executor"]
        notices.tell(appeal, [executor], "head_after", NOW - 2 * DAY)
        notices.tell(appeal, [krc.people["director"]], "head_after", NOW)
        notices.mark_seen(employee=krc.people["director"], appeal=appeal, now=NOW)
        Employee.objects.filter(pk=krc.people["counter"].pk).update(email="")
        notices.tell(appeal, [krc.people["counter"]], "head_after", NOW)
        assert telling_staff.sweep(now=NOW) == 0
        notices.tell(appeal, [krc.people["supervisor"]], "head_after", NOW)
        settings.MAIL = {**settings.MAIL, "relay": {}}
        assert telling_staff.sweep(now=NOW) == 0

    def test_an_address_that_is_none_stops_no_other(self, krc: Registry) -> None:
        appeal = due(krc, NOW + 9 * DAY)
        Employee.objects.filter(pk=krc.people["director"].pk).update(email="nonsense")
        notices.tell(appeal, [krc.people["director"], krc.people["supervisor"]], "head_after", NOW)
        assert telling_staff.sweep(now=NOW) == 1


@clause("court-1-29")
def test_management_gets_a_letter_of_an_oral_appeal_at_once_or_as_it_wishes(court: Registry) -> None:
    wishes = {"supervisor": MailWish.AT_ONCE, "unit_head": MailWish.DIGEST, "director": MailWish.DEMANDED}
    for role, wish in wishes.items():
        Employee.objects.filter(pk=court.people[role].pk).update(mail_wish=wish)
    appeal = court.register(channel="phone")
    Contact.objects.update(ended_at=NOW)
    assert notices.sweep(now=NOW) == 1
    assert telling_staff.sweep(now=NOW) == 1, "the others have it on the screen"
    letter = Outgoing.objects.get()
    assert (letter.recipient, letter.subject.partition(" [")[0]) == (
        "supervisor@example.org",
        f"Звернення {appeal.number}: зареєстровано усне звернення",
    )
    assert appeal.surname not in letter.text
    assert telling_staff.sweep(now=NOW) == 0
    digest.sweep(profile=court.profile, now=MORNING)
    assert letter.subject.partition(" [")[0] in Outgoing.objects.get(recipient="unit_head@example.org").text
    assert notices.unseen(court.people["director"]).count() == 1


class TestDigest:
    @clause("krc-6.2-02", "krc-6.2-03")
    def test_once_a_working_day_with_what_is_overdue_today_and_soon(self, krc: Registry) -> None:
        overdue, today, soon = due(krc, MORNING - DAY), due(krc, MORNING + DAY / 3), due(krc, MORNING + 2 * DAY)
        far = due(krc, MORNING + 20 * DAY)
        assert digest.sweep(profile=krc.profile, now=MORNING) == 3
        assert digest.sweep(profile=krc.profile, now=MORNING) == 0
        letter = Outgoing.objects.get(recipient="unit_head@example.org")
        assert "прострочено: 1, строк сьогодні: 1" in letter.subject
        assert all(one.number in letter.text for one in (overdue, today, soon))
        assert far.number not in letter.text
        assert digest.sweep(profile=krc.profile, now=MORNING + DAY) == 3

    @pytest.mark.parametrize(
        "moment",
        [MORNING - dt.timedelta(hours=3), dt.datetime(2026, 3, 7, 9, 0, tzinfo=dt.UTC)],
        ids=["before its hour", "on a Saturday"],
    )
    def test_not_then(self, krc: Registry, moment: dt.datetime) -> None:
        due(krc, moment - DAY)
        assert digest.sweep(profile=krc.profile, now=moment) == 0

    def test_nothing_to_say_is_no_letter_and_not_asked_again(self, krc: Registry) -> None:
        assert digest.sweep(profile=krc.profile, now=MORNING) == 0
        assert Digest.objects.count() == 3
        assert not Outgoing.objects.exists()

    def test_a_head_hears_of_his_own_unit_only(self, krc: Registry) -> None:
        other = Unit.objects.create(code="other", name="Другой отдел")
        due(krc, MORNING - DAY, unit=other, control_unit=other)
        assert digest.sweep(profile=krc.profile, now=MORNING) == 2
        assert not Outgoing.objects.filter(recipient="unit_head@example.org").exists()

    @clause("krc-6.2-03", "krc-6.2-04")
    def test_a_head_hears_of_the_units_below_his_too(self, krc: Registry) -> None:
        head = krc.people["unit_head"]
        group = Unit.objects.create(code="group", name="Группа", parent=head.unit)
        appeal = due(krc, MORNING - DAY, unit=group, control_unit=group)
        Measure.objects.create(
            appeal=appeal, title="Поверить прибор", responsible=Employee.objects.create(username="one", unit=group),
            due_on=(MORNING - DAY).date(), planned_at=NOW,
        )  # fmt: skip
        assert queries.of_head(head, Appeal.objects.all()).get() == appeal
        assert undertakings.measures_of(head, krc.profile, leads=True).count() == 1
        digest.sweep(profile=krc.profile, now=MORNING)
        assert appeal.number in Outgoing.objects.get(recipient="unit_head@example.org").text

    def test_a_long_list_is_cut(self, krc: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(digest, "SHOWN", 1)
        due(krc, MORNING - DAY)
        due(krc, MORNING - DAY)
        digest.sweep(profile=krc.profile, now=MORNING)
        assert "і ще 1" in Outgoing.objects.get(recipient="director@example.org").text

    @clause("krc-6.1-09")
    def test_limits_that_were_moved_are_told_once_from_which_day_to_which(self, krc: Registry) -> None:
        moved, stays = due(krc, MORNING + 20 * DAY), due(krc, MORNING + 21 * DAY)
        closed = krc.at("closed")
        before = [_moved(one, MORNING + days * DAY, MORNING - DAY / 2) for one, days in ((moved, 19), (moved, 18))]
        _moved(closed, MORNING, MORNING - DAY / 2)
        _moved(stays, stays.limit_at, MORNING - DAY / 2)  # the target alone was another one
        assert digest.sweep(profile=krc.profile, now=MORNING) == 3
        text = Outgoing.objects.get(recipient="unit_head@example.org").text
        assert "змінено строки: 1" in text
        assert f"{moved.number}, {before[0]:%d.%m.%Y} → {MORNING + 20 * DAY:%d.%m.%Y}" in text
        assert stays.number not in text
        assert closed.number not in text
        assert digest.sweep(profile=krc.profile, now=MORNING + DAY) == 0, "it was told the day before"

    def test_an_executor_who_wishes_for_the_digest_hears_of_his_own(self, krc: Registry) -> None:
        Employee.objects.filter(pk=krc.people["executor"].pk).update(mail_wish=MailWish.DIGEST, language="en")
        mine, other = due(krc, MORNING + 20 * DAY), due(krc, MORNING + 20 * DAY, executor=None)
        for one in (mine, other):
            _moved(one, MORNING + 19 * DAY, MORNING - DAY / 2)
        digest.sweep(profile=krc.profile, now=MORNING)
        text = Outgoing.objects.get(recipient="specialist@example.org").text
        assert "terms that have changed: 1" in text
        assert mine.number in text
        assert other.number not in text

    def test_nothing_without_a_relay(self, krc: Registry, settings: Any) -> None:
        due(krc, MORNING - DAY)
        settings.MAIL = {**settings.MAIL, "relay": {}}
        assert digest.sweep(profile=krc.profile, now=MORNING) == 0
        assert not Digest.objects.exists()
