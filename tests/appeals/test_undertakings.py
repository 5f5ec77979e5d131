"""The ladder of measures and enquiries: who is told when by a moved clock, once; nothing of what is done."""

import datetime as dt
from typing import Any

import pytest

from kindline.appeals import complaints, enquiries, notices, reasons, telling_staff, undertakings
from kindline.appeals.models import Appeal, Enquiry, ManagementNotice, Measure, Reason
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role, Unit
from kindline.standard import loader
from tests.appeals.registry import DAY, NOW, Registry, registry

clause = pytest.mark.clause
pytestmark = pytest.mark.db
DUE = dt.date(2026, 3, 5)
"""A Thursday; the present of these tests is the Monday before."""


def at(day: int, hour: int = 12) -> dt.datetime:
    """A moment of that March; Moscow is three hours ahead."""
    return dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC)


def told(now: dt.datetime) -> set[str]:
    """Whom a sweep told anew."""
    before = set(ManagementNotice.objects.values_list("pk", flat=True))
    undertakings.sweep(now=now)
    return set(ManagementNotice.objects.exclude(pk__in=before).values_list("employee__username", flat=True))


@pytest.fixture
def performer(krc: Registry) -> Employee:
    """Who does it, in a unit with a head of its own."""
    unit = Unit.objects.create(code="meters", name="Служба учёта")
    Employee.objects.create(username="profile_head", roles=[Role.UNIT_HEAD], unit=unit, email="ph@example.org")
    return Employee.objects.create(username="performer", roles=[Role.SUPERVISOR], unit=unit, email="p@example.org")


def measure(krc: Registry, who: Employee, appeal: Appeal | None = None, **more: Any) -> Measure:
    """A measure that is due on Thursday."""
    whose = {"appeal": appeal or krc.at("assigned", kind="complaint")} if "reason" not in more else {}
    given: dict[str, Any] = {"title": "Поверить прибор", "responsible": who, "due_on": DUE, "planned_at": NOW}
    return Measure.objects.create(**given | whose | more)


class TestMeasures:
    @clause("krc-6.2-04", "krc-6.2-05")
    def test_who_does_it_the_head_of_his_unit_and_the_directors_in_their_time(
        self, krc: Registry, performer: Employee
    ) -> None:
        made = measure(krc, performer)
        assert told(at(2)) == set()
        assert told(at(3)) == {"performer"}, "two working days before"
        assert told(at(5, 20)) == set(), "its day is not over yet"
        assert told(at(5, 22)) == {"performer", "profile_head"}
        assert told(at(6, 20)) == set()
        assert told(at(7)) == {"director"}, "a working day later"
        assert told(at(7)) == told(at(30)) == set(), "each rung once"
        facts = facts_of("appeal", made.appeal_id).filter(kind="measure_escalated")
        assert [fact.data["rung"] for fact in facts] == ["before", "passed", "director"]
        assert [fact.clauses for fact in facts] == [["krc-6.2-04"], ["krc-6.2-04"], ["krc-6.2-05"]]
        assert facts[0].data["due_on"] == "2026-03-05"

    @clause("krc-6.2-04", "krc-6.1-49")
    def test_of_a_closed_appeal_too_and_missed_sweeps_lose_nothing(self, krc: Registry, performer: Employee) -> None:
        measure(krc, performer, krc.at("closed", kind="complaint"))
        assert told(at(30)) == {"performer", "profile_head", "director"}

    @clause("krc-6.2-05")
    def test_nothing_more_of_one_that_is_finished_not_even_the_letter(
        self, krc: Registry, performer: Employee, place: Any, settings: Any
    ) -> None:
        _mail(settings)
        made = measure(krc, performer)
        assert told(at(5, 22)) == {"performer", "profile_head"}
        complaints.finish_measure(measure=made, result="поверен", employee=krc.people["unit_head"], now=at(5, 22))
        assert told(at(30)) == set()
        assert telling_staff.sweep(now=at(5, 22)) == 0
        assert not notices.unseen(performer).exists()

    def test_done_while_the_sweep_goes_by_it_is_told_to_nobody(
        self, krc: Registry, performer: Employee, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = measure(krc, performer)
        stale = [Measure.objects.select_related("appeal", "responsible__unit").get(pk=made.pk)]
        Measure.objects.filter(pk=made.pk).update(finished_at=NOW)
        monkeypatch.setattr(undertakings, "_several", lambda _: stale)
        assert told(at(30)) == set()

    @clause("krc-6.2-05")
    def test_one_that_control_gives_back_is_told_at_once(self, krc: Registry, performer: Employee) -> None:
        made = measure(krc, performer)
        complaints.finish_measure(measure=made, result="поверен", employee=krc.people["unit_head"], now=NOW)
        complaints.check_measure(measure=made, good=False, employee=krc.people["director"], now=NOW)
        assert [one.reason.partition(":")[0] for one in notices.unseen(performer)] == ["again"]

    def test_of_somebody_who_has_left_his_head_is_told(self, krc: Registry, performer: Employee) -> None:
        Employee.objects.filter(pk=performer.pk).update(is_active=False)
        measure(krc, performer)
        assert told(at(3)) == {"profile_head"}

    @clause("krc-6.2-04", "krc-6.2-05", "krc-6.2-07")
    def test_against_a_reason_without_an_appeal(
        self, krc: Registry, performer: Employee, place: Any, settings: Any
    ) -> None:
        _mail(settings)
        reason = reasons.add_reason(profile=krc.profile, title="Долго", employee=krc.people["director"], now=NOW)
        made = measure(krc, performer, reason=reason)
        assert told(at(7)) == {"performer", "profile_head", "director"}
        assert told(at(7)) == set()
        kinds = {fact.kind for fact in facts_of("reason", reason.pk)}
        assert "reason_measure_escalated" in kinds
        telling_staff.sweep(now=at(7))
        letter = Outgoing.objects.filter(recipient="ph@example.org").latest("pk")
        assert "«Долго»" in letter.subject
        assert made.title not in letter.text
        notices.mark_reason_seen(employee=performer, reason=reason, now=at(7))
        assert not notices.unseen(performer).exists()

    @pytest.mark.parametrize("profile", loader.profile_ids())
    def test_every_profile_tells_somebody(self, db: None, profile: str) -> None:
        here = registry(profile)
        measure(here, here.people["unit_head"], here.at("assigned", kind="complaint"))
        assert {"unit_head", "director"} <= told(at(30))

    def test_many_old_ones_do_not_hide_a_new_one(
        self, krc: Registry, performer: Employee, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(undertakings, "BATCH", 2)
        made = [measure(krc, performer) for _ in range(5)]
        told(at(7))
        assert ManagementNotice.objects.values("measure").distinct().count() == len(made)


class TestEnquiries:
    @clause("krc-6.1-11")
    def test_without_an_answer_the_executor_and_then_the_head_are_told(self, krc: Registry) -> None:
        made = _enquire(krc)
        assert told(at(5)) == set()
        assert told(at(5, 22)) == {"specialist"}, "he asked, and he is the executor: once"
        assert told(at(10)) == set(), "the Monday is a day off"
        assert told(at(11)) == {"unit_head"}, "two working days later"
        assert told(at(30)) == set()
        facts = facts_of("appeal", made.appeal_id).filter(kind="enquiry_escalated")
        assert [fact.data["rung"] for fact in facts] == ["unanswered", "unanswered_head"]

    @clause("krc-6.1-11")
    def test_a_colleague_who_was_asked_is_told_and_an_answer_stops_it(self, krc: Registry) -> None:
        made = _enquire(krc, krc.people["security"])
        assert told(at(5, 22)) == {"security", "specialist"}
        enquiries.close_enquiry(enquiry=made, outcome="акт", employee=krc.people["security"], now=at(6))
        assert told(at(30)) == set()
        assert not notices.unseen(krc.people["specialist"]).exists()

    def test_of_an_appeal_that_has_left_nobody_is_reminded(self, krc: Registry) -> None:
        made = _enquire(krc)
        Appeal.objects.filter(pk=made.appeal_id).update(closed_at=NOW, end="answered")
        assert told(at(30)) == set()


def _enquire(krc: Registry, to: Employee | str = "Жилищная инспекция") -> Enquiry:
    return enquiries.enquire(
        appeal=krc.at("assigned"), to=to, text="Пришлите акт", due_on=DUE, employee=krc.people["executor"], now=NOW
    )


def _mail(settings: Any) -> None:
    described = {"class": "kindline.connectors.mail.smtp.Smtp", "url": "smtp://127.0.0.1:1", "sender": "a@b.example"}
    settings.MAIL = {**settings.MAIL, "relay": described}


def test_a_measure_belongs_to_an_appeal_or_to_a_reason(krc: Registry) -> None:
    reason = Reason.objects.create(profile="krc", title="Долго", made_at=NOW)
    made = measure(krc, krc.people["director"], reason=reason, due_on=(NOW - DAY).date())
    assert undertakings.addressees(made, krc.flow.undertakings[-1]) == [krc.people["unit_head"]]
