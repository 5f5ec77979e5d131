"""A request for a service follows its passport: documents, stages in order, the ladder, what the client learns."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kindline.appeals import moves, own_work, presence, queries, stage_ladder, stages
from kindline.appeals.models import Appeal, ManagementNotice
from kindline.appeals.stage_models import ServiceRequest, Stage
from kindline.clients.models import Client
from kindline.conversations import errors
from kindline.conversations.models import DocumentSet
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.notifications.models import Sms
from kindline.standard import documents, loader, passports
from tests.appeals.registry import DAY, NOW, Registry

clause = pytest.mark.clause
pytestmark = pytest.mark.db
WHOLE = {"identity": "there", "ownership": "there"}
"""Monday, 2 March 2026 is the present; 9 March is a day off in Russia that year."""


def followed(krc: Registry, marks: dict[str, str] | None = None, **more: Any) -> ServiceRequest:
    """A request for a change of account, led by its passport."""
    appeal = krc.at("assigned", kind="service_request", **more)
    return stages.follow_passport(
        appeal=appeal, service="account_change", marks=WHOLE if marks is None else marks,
        employee=krc.people["executor"], now=NOW,
    )  # fmt: skip


def present(request: ServiceRequest) -> Stage:
    """The stage that goes on."""
    return request.stages.get(begun_at__isnull=False, done_at=None)


def end(krc: Registry, stage: Stage, now: dt.datetime = NOW, who: str = "executor") -> Stage:
    """The stage is done."""
    return stages.end_stage(stage=stage, employee=krc.people[who], now=now)


class TestSet:
    @clause("krc-2-11")
    def test_what_is_not_given_is_awaited_until_the_day_of_the_passport(self, krc: Registry) -> None:
        request = followed(krc, {"identity": "there"})
        assert request.marks == {"application": "there", "identity": "there", "ownership": "missing"}
        passport = krc.profile.services["account_change"]
        assert stages.lacking(request, passport, "ru") == ["Документ о праве на жильё"]
        assert request.due_on == krc.profile.calendar.add_working_days(dt.date(2026, 3, 2), 10)
        fact = facts_of("appeal", request.appeal_id).get(kind="passport_followed")
        assert (fact.data["complete"], fact.data["awaited"]) == (False, ["Документ о праве на жильё"])

    @clause("krc-2-11")
    def test_the_stage_of_the_intake_does_not_end_before_the_set_is_complete(self, krc: Registry) -> None:
        request = followed(krc, {})
        with pytest.raises(stages.IncompleteSetError) as refused:
            end(krc, present(request))
        assert refused.value.lacking == ["Паспорт", "Документ о праве на жильё"]
        assert "krc-2-11" in refused.value.clauses
        executor = krc.people["executor"]
        stages.check_set(
            request=request, marks={"identity": "there", "ownership": "not_needed"}, employee=executor, now=NOW + DAY
        )
        request.refresh_from_db()
        assert (request.completed_at, request.due_on) == (NOW + DAY, None)
        assert end(krc, present(request)).done_by == executor

    @clause("krc-2-11")
    def test_the_executor_may_agree_on_another_day_that_lies_ahead(self, krc: Registry) -> None:
        request, executor = followed(krc, {}), krc.people["executor"]
        stages.check_set(request=request, marks={}, due_on=dt.date(2026, 4, 1), employee=executor, now=NOW)
        request.refresh_from_db()
        assert request.due_on == dt.date(2026, 4, 1)
        with pytest.raises(errors.PastDayError):
            stages.check_set(request=request, marks={}, due_on=dt.date(2026, 3, 1), employee=executor, now=NOW)

    def test_what_was_brought_to_the_counter_in_the_same_visit_is_there(self, krc: Registry) -> None:
        appeal = krc.at("assigned", kind="service_request", channel="office")
        assert appeal.contact is not None
        DocumentSet.objects.create(contact=appeal.contact, service="account_change", marks=WHOLE, checked_at=NOW)
        made = stages.follow_passport(
            appeal=appeal, service="account_change", marks={}, employee=krc.people["executor"], now=NOW
        )
        assert made.completed_at == NOW


class TestStages:
    @clause("krc-2-28", "krc-2-29")
    def test_they_go_in_the_order_of_the_passport_each_with_its_own_term(self, krc: Registry) -> None:
        request = followed(krc)
        first, second, third = request.stages.order_by("position")
        assert [one.stage for one in (first, second, third)] == ["documents", "check", "account"]
        assert (first.begun_at, first.due_on) == (NOW, dt.date(2026, 3, 3))
        assert (second.begun_at, third.begun_at) == (None, None)
        end(krc, first, NOW + 4 * DAY)
        second.refresh_from_db()
        assert second.begun_at == NOW + 4 * DAY
        assert second.due_on == krc.profile.calendar.add_working_days(dt.date(2026, 3, 6), 2)
        assert second.due_on > dt.date(2026, 3, 9), "neither the weekend nor the holiday counts"
        end(krc, second, NOW + 5 * DAY)
        end(krc, present(request), NOW + 6 * DAY)
        assert not request.stages.filter(done_at=None)
        told = facts_of("appeal", request.appeal_id).filter(kind="stage_ended")
        assert [(one.data["stage"], one.data["in_time"]) for one in told] == [
            ("documents", False), ("check", True), ("account", True),
        ]  # fmt: skip

    @clause("krc-2-28")
    def test_none_is_skipped_or_ended_twice_by_whom_it_may_be(self, krc: Registry) -> None:
        request = followed(krc)
        first, second, _ = request.stages.order_by("position")
        with pytest.raises(stages.StageStateError):
            end(krc, second)
        with pytest.raises(moves.NotYoursError):
            end(krc, first, who="administrator")
        end(krc, first)
        with pytest.raises(stages.StageStateError):
            end(krc, first)
        with pytest.raises(IntegrityError), transaction.atomic():
            Stage.objects.filter(request=request, position=3).update(begun_at=NOW)

    def test_only_a_request_for_a_service_follows_a_passport_and_once(self, krc: Registry) -> None:
        request, executor = followed(krc), krc.people["executor"]
        for appeal in (request.appeal, krc.at("assigned", kind="application")):
            with pytest.raises(stages.NotAServiceError):
                stages.follow_passport(appeal=appeal, service="account_change", marks={}, employee=executor, now=NOW)
        other = krc.at("assigned", kind="service_request")
        with pytest.raises(errors.UnknownPartError):
            stages.follow_passport(appeal=other, service="nothing", marks={}, employee=executor, now=NOW)

    def test_what_has_left_the_registry_goes_no_further(self, krc: Registry) -> None:
        request = followed(krc)
        Appeal.objects.filter(pk=request.appeal_id).update(closed_at=NOW, end="answered", state="closed")
        with pytest.raises(moves.WrongStateError):
            end(krc, present(request))

    def test_a_passport_that_the_standard_no_longer_has_hinders_no_request(self, krc: Registry) -> None:
        request = followed(krc)
        ServiceRequest.objects.update(service="gone")
        end(krc, present(request))
        assert present(request).due_on is None


class TestClient:
    def test_he_is_told_by_e_mail_what_is_done(self, krc: Registry) -> None:
        request = followed(krc)
        end(krc, present(request))
        letter = Outgoing.objects.get(key__startswith="stage ")
        assert letter.recipient == "koval@example.org"
        assert "завершён этап: Заявление и документы" in letter.text
        assert request.appeal.number in letter.subject
        assert facts_of("appeal", request.appeal_id).get(kind="stage_ended").data["way"] == "email"

    def test_or_by_sms_where_he_prefers_that_and_there_is_a_gateway(self, krc: Registry, settings: Any) -> None:
        request = followed(krc)
        owner = Client.objects.create(surname="Коваль", ways=["sms"], created_at=NOW, changed_at=NOW)
        Appeal.objects.filter(pk=request.appeal_id).update(client=owner)
        settings.SMS = {**settings.SMS, "gateway": "kindline.connectors.sms.kannel.Kannel"}
        end(krc, present(request))
        assert Sms.objects.get().text.endswith("завершён этап «Заявление и документы».")
        settings.SMS = {**settings.SMS, "gateway": ""}
        end(krc, present(request), NOW + DAY)
        assert Outgoing.objects.filter(key__startswith="stage ").count() == 1, "no gateway: by e-mail"


class TestLate:
    @clause("krc-2-29", "krc-6.2-02", "krc-6.2-04")
    def test_the_executor_and_the_heads_are_told_each_rung_once(self, krc: Registry) -> None:
        request = followed(krc)
        assert _told(NOW + dt.timedelta(hours=1)) == {"specialist"}, "a working day before"
        assert _told(NOW + 2 * DAY) == {"specialist", "unit_head"}, "its day is over"
        assert _told(NOW + 2 * DAY) == set()
        assert _told(NOW + 5 * DAY) == {"unit_head"}
        told = facts_of("appeal", request.appeal_id).filter(kind="stage_escalated")
        assert [fact.data["rung"] for fact in told] == ["stage_before", "stage_late", "stage_late_head"]
        end(krc, present(request), NOW + 5 * DAY)
        assert _told(NOW + 5 * DAY) == set(), "the next one has its own term"

    def test_it_is_found_in_the_list_and_on_the_executors_own_desk(self, krc: Registry) -> None:
        request = followed(krc)
        rows, profile = Appeal.objects.all(), krc.profile
        assert not queries.due_ones(rows, "late_stage", NOW, profile)
        assert list(queries.due_ones(rows, "late_stage", NOW + 2 * DAY, profile)) == [request.appeal]
        whose = own_work.of_employee(krc.people["executor"])
        assert own_work.waiting(whose, profile, NOW).stages == [present(request)]
        Appeal.objects.update(closed_at=NOW, end="answered")
        assert not queries.due_ones(rows, "late_stage", NOW + 2 * DAY, profile)
        assert not own_work.waiting(whose, profile, NOW).stages

    def test_the_card_learns_of_a_service_by_its_one_statement(self, krc: Registry) -> None:
        assert "service" in presence.of(followed(krc).appeal)
        assert "service" not in presence.of(krc.at("assigned"))


def _told(now: dt.datetime) -> set[str]:
    before = set(ManagementNotice.objects.values_list("pk", flat=True))
    stage_ladder.sweep(now=now)
    return set(ManagementNotice.objects.exclude(pk__in=before).values_list("employee__username", flat=True))


@pytest.mark.parametrize("name", ["krc", "voe"])
def test_every_passport_of_a_standard_says_all_that_a_passport_says(name: str) -> None:
    for one in loader.load(name).services.values():
        assert one.stages, one.id
        assert all(stage.term is not None for stage in one.stages), one.id
        assert one.cost, one.id
        assert one.result, one.id
        assert one.acts, one.id
        assert one.documents_within is not None, one.id


def test_a_standards_author_learns_what_is_wrong_with_a_passport(tmp_path: Path) -> None:
    stage = {"id": "a", "title": {"uk": "а", "ru": "а", "en": "a"}, "term": "2 hours"}
    raw = {"stages": [stage, {**stage, "term": "some day"}], "documents_within": "5 working_days"}
    file = tmp_path / "services.yaml"
    file.write_text("services: []")
    place = documents.Place(documents.read(file, "services.yaml"), ())
    found = [one.message for one in passports._stages(raw, place)]
    assert found == ["'a' is there twice", "a term in hours", "not a term: 'some day'"]
