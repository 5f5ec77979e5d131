"""Terms of appeals: extension once and told in time, target beside limit, recomputation with a log, the ladder."""

import datetime as dt
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from kindline.appeals import actions, escalation, extending, limits, notices, notifying, queries, recomputing
from kindline.appeals.models import Appeal, Extension, ManagementNotice
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role, Unit
from kindline.standard import loader
from kindline.standard.calendars import Override
from kindline.standard.terms import END_OF_DAY
from tests.appeals.registry import DAY, NOW, Registry, registry

clause = pytest.mark.clause


def _day(krc: Registry, moment: dt.datetime | None) -> dt.date:
    assert moment is not None
    return moment.astimezone(krc.profile.zone).date()


def _ask(krc: Registry, appeal: Appeal, until: dt.date, now: dt.datetime = NOW) -> Extension:
    return extending.extend(
        appeal=appeal, until=until, ground="экспертиза", text="", employee=krc.people["unit_head"], now=now
    )


@pytest.mark.db
class TestLimits:
    @clause("krc-6.1-09", "krc-6.1-12", "krc-6.1-13")
    def test_a_letter_has_a_target_beside_the_limit(self, krc: Registry) -> None:
        appeal = krc.register()
        assert (_day(krc, appeal.target_at), _day(krc, appeal.limit_at)) == (dt.date(2026, 3, 9), dt.date(2026, 4, 1))

    @clause("krc-6.1-20", "krc-6.1-24", "krc-6.1-36", "krc-5.7.3-05", "krc-5.7.2-19")
    @pytest.mark.parametrize("channel", ["paper", "web", "email", "phone", "office", "account"])
    def test_the_quality_of_a_utility_beats_the_channel(self, krc: Registry, channel: str) -> None:
        quality = krc.register(channel=channel, kind="complaint", subject="utility_quality")
        plain = krc.register(channel=channel, kind="complaint")
        other = krc.register(channel="web", kind="proposal")
        assert _day(krc, quality.limit_at) == dt.date(2026, 3, 5), "three working days from receipt"
        assert _day(krc, plain.limit_at) == _day(krc, other.limit_at) == dt.date(2026, 4, 1)

    @clause("court-1-26", "krc-5.7.3-04")
    @pytest.mark.parametrize("kinds", [["complaint", "consultation"], ["consultation", "complaint"]])
    def test_of_several_kinds_voiced_at_once_the_shortest_term_holds(self, krc: Registry, kinds: list[str]) -> None:
        appeal = krc.register(channel="web", kind=kinds)
        assert _day(krc, appeal.limit_at) == dt.date(2026, 3, 12)
        assert recomputing.recompute(profile=krc.profile, why="проверка", employee=None, now=NOW) == 0

    @clause("krc-5.7.3-02", "krc-5.7.3-03", "krc-5.7.3-04")
    @pytest.mark.parametrize(
        ("kind", "subject"), [("info_request", "contract"), ("info_request", "debt"), ("consultation", "")]
    )
    def test_questions_on_the_site_have_ten_days(self, krc: Registry, kind: str, subject: str) -> None:
        assert _day(krc, krc.register(channel="web", kind=kind, subject=subject).limit_at) == dt.date(2026, 3, 12)

    @clause("krc-6.1-37")
    def test_the_earlier_of_the_authoritys_day_and_ours(self, krc: Registry) -> None:
        for days, limit in ((10, dt.date(2026, 3, 12)), (60, dt.date(2026, 4, 1))):
            receipt = actions.Receipt(requester="authority", named_at=NOW + days * DAY)
            appeal = krc.register(kind="authority_request", receipt=receipt)
            assert _day(krc, appeal.limit_at) == limit


@pytest.mark.db
class TestExtension:
    @clause("krc-6.1-14", "krc-6.1-15")
    def test_it_holds_once_the_client_was_told_before_the_old_limit(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = _ask(krc, appeal, dt.date(2026, 5, 1))
        appeal.refresh_from_db()
        assert _day(krc, appeal.limit_at) == dt.date(2026, 4, 1), "asked for is not granted yet"
        notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="RA4", now=NOW + DAY)
        appeal.refresh_from_db()
        assert _day(krc, appeal.limit_at) == dt.date(2026, 5, 1)
        extended = facts_of("appeal", appeal.pk).get(kind="appeal_extended")
        assert extended.data["ground"] == "экспертиза"
        with pytest.raises(extending.NoExtensionError):
            _ask(krc, appeal, dt.date(2026, 5, 20))

    def test_told_too_late_it_does_not_hold_and_nothing_is_kept(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = _ask(krc, appeal, dt.date(2026, 5, 1))
        assert appeal.limit_at is not None
        with pytest.raises(extending.TooLateError):
            notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="", now=appeal.limit_at + DAY)
        made.notice.refresh_from_db()
        appeal.refresh_from_db()
        assert (made.notice.sent_at, _day(krc, appeal.limit_at)) == (None, dt.date(2026, 4, 1))
        with pytest.raises(extending.NoExtensionError):
            _ask(krc, appeal, dt.date(2026, 4, 20), now=appeal.limit_at + DAY)

    @pytest.mark.parametrize("until", [dt.date(2026, 5, 2), dt.date(2026, 4, 1), dt.date(2026, 3, 20)])
    def test_not_farther_than_the_clause_lets_and_not_backwards(self, krc: Registry, until: dt.date) -> None:
        with pytest.raises(extending.TooLongError) as refused:
            _ask(krc, krc.at("assigned"), until)
        assert "krc-6.1-14" in refused.value.clauses

    @pytest.mark.parametrize(
        "more",
        [{"kind": "complaint", "subject": "utility_quality"}, {"subject": "court_decision"},
         {"channel": "web", "kind": "consultation"}],
    )  # fmt: skip
    def test_short_terms_are_never_put_off(self, krc: Registry, more: dict[str, Any]) -> None:
        appeal = krc.at("assigned", **more)
        assert extending.latest(krc.profile, appeal) is None
        with pytest.raises(extending.NoExtensionError):
            _ask(krc, appeal, dt.date(2026, 3, 30))

    @clause("court-1-26", "krc-6.1-14")
    @pytest.mark.parametrize(
        ("profile", "channel", "kinds"),
        [("krc", "phone", ["complaint", "info_request"]), ("krc", "phone", ["info_request", "complaint"]),
         ("court", "paper", ["complaint", "info_request"])],
    )  # fmt: skip
    def test_a_short_term_of_several_kinds_is_not_put_off_by_the_clause_of_another(
        self, db: None, profile: str, channel: str, kinds: list[str]
    ) -> None:
        here = registry(profile)
        both = here.at("assigned", channel=channel, kind=kinds)
        assert extending.latest(here.profile, both) is None

    @clause("krc-6.1-14", "krc-6.1-37")
    @pytest.mark.parametrize(
        ("named", "until"),
        [(10, None), (30, None), (45, dt.date(2026, 4, 16)), (90, dt.date(2026, 5, 1))],
    )
    def test_no_limit_is_put_off_past_the_day_that_an_authority_named(
        self, krc: Registry, named: int, until: dt.date | None
    ) -> None:
        """What the derivation says, the act does."""
        end = dt.datetime.combine(NOW.date() + named * DAY, END_OF_DAY, krc.profile.zone)
        receipt = actions.Receipt(requester="authority", named_at=end)
        appeal = krc.at("assigned", receipt=receipt)
        farthest = extending.latest(krc.profile, appeal)
        assert farthest == limits.limit_of(krc.profile, appeal).extended_to
        assert (_day(krc, farthest) if farthest else None) == until
        if until is None:
            with pytest.raises(extending.NoExtensionError):
                _ask(krc, appeal, dt.date(2026, 4, 20))
        else:
            with pytest.raises(extending.TooLongError):
                _ask(krc, appeal, until + DAY)
            assert _ask(krc, appeal, until).until_at == farthest

    def test_a_limit_that_passed_is_not_put_off(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        with pytest.raises(extending.TooLateError):
            _ask(krc, appeal, dt.date(2026, 5, 1), now=NOW + 31 * DAY)


@pytest.mark.db
class TestRecomputation:
    def _moved(self, krc: Registry) -> Any:
        day = dt.date(2026, 3, 4)
        calendar = replace(krc.profile.calendar, overrides={day: Override(day, False, "перенос")})
        return replace(krc.profile, calendar=calendar)

    @clause("krc-6.1-09")
    def test_a_moved_day_moves_the_limits_and_each_change_is_logged(self, krc: Registry) -> None:
        quality = [krc.register(kind="complaint", subject="utility_quality") for _ in range(5)]
        letter = krc.register()
        closed = krc.at("closed", kind="complaint", subject="utility_quality")
        told: list[tuple[int, int]] = []
        moved = self._moved(krc)
        changed = recomputing.recompute(
            profile=moved, why="приказ № 9", employee=None, now=NOW + DAY, batch=2,
            progress=lambda done, of: told.append((done, of)),
        )  # fmt: skip
        assert (changed, told) == (5, [(2, 6), (4, 6), (6, 6)])
        for appeal in quality:
            appeal.refresh_from_db()
            assert _day(krc, appeal.limit_at) == dt.date(2026, 3, 6)
            log = facts_of("appeal", appeal.pk).get(kind="appeal_recomputed")
            assert log.data["why"] == "приказ № 9"
        for same in (letter, closed):
            assert not facts_of("appeal", same.pk).filter(kind="appeal_recomputed").exists()
        again = recomputing.recompute(profile=moved, why="ещё раз", employee=None, now=NOW + DAY)
        assert again == 0, "what is right stays as it is"

    def test_an_extension_stays_granted(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = _ask(krc, appeal, dt.date(2026, 5, 1))
        notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="", now=NOW)
        recomputing.recompute(profile=krc.profile, why="проверка", employee=None, now=NOW)
        appeal.refresh_from_db()
        assert _day(krc, appeal.limit_at) == dt.date(2026, 5, 1)

    def test_the_command_tells_how_far_it_is(self, krc: Registry) -> None:
        Appeal.objects.filter(pk=krc.register().pk).update(limit_at=NOW)
        out, err = StringIO(), StringIO()
        call_command("recompute_limits", profile="krc", why="приказ", stdout=out, stderr=err)
        assert "1 limits changed" in out.getvalue()
        assert "1 of 1" in err.getvalue()


@pytest.mark.db
class TestLadder:
    def _heads(self, krc: Registry) -> tuple[Employee, Employee]:
        """The head of the receiving unit, and the head of the profile unit that executes."""
        profile_unit = Unit.objects.create(code="meters", name="Служба учёта")
        head = Employee.objects.create(username="profile_head", roles=[Role.UNIT_HEAD], unit=profile_unit)
        return krc.people["unit_head"], head

    @clause("krc-6.2-02", "krc-6.2-03", "krc-6.2-04", "krc-6.2-05", "krc-6.1-09")
    def test_executor_unit_head_profile_head_director_in_their_time(self, krc: Registry) -> None:
        unit_head, profile_head = self._heads(krc)
        appeal = krc.at("assigned")
        Appeal.objects.filter(pk=appeal.pk).update(unit=profile_head.unit, target_at=None)
        limit = appeal.limit_at
        assert limit is not None

        def told(moment: dt.datetime) -> set[str]:
            before = set(ManagementNotice.objects.filter(appeal=appeal).values_list("pk", flat=True))
            escalation.sweep(now=moment)
            rows = ManagementNotice.objects.filter(appeal=appeal).exclude(pk__in=before)
            return set(rows.values_list("employee__username", flat=True))

        assert told(limit - 5 * DAY) == set()
        assert told(dt.datetime(2026, 3, 30, 9, tzinfo=dt.UTC)) == {"specialist"}, "two working days before 1 April"
        assert told(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC)) == {unit_head.username}
        assert told(limit + dt.timedelta(minutes=1)) == {"specialist", unit_head.username}
        assert told(limit + dt.timedelta(days=2, minutes=1)) == {profile_head.username}
        assert told(limit + 8 * DAY) == {"director"}
        assert told(limit + 9 * DAY) == set(), "each rung once"
        rungs = [fact.data["rung"] for fact in facts_of("appeal", appeal.pk).filter(kind="appeal_escalated")]
        assert rungs == ["executor_before", "head_before", "head_after", "profile_head_after", "director_after"]

    @clause("krc-6.1-12")
    def test_a_passed_target_warns(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        assert appeal.target_at is not None
        escalation.sweep(now=appeal.target_at + dt.timedelta(minutes=1))
        assert [one.reason for one in notices.unseen(krc.people["specialist"])] == ["target_passed"]

    def test_what_was_answered_or_closed_is_left_alone(self, krc: Registry) -> None:
        krc.at("closed")
        answered = krc.at("sent")
        Appeal.objects.filter(pk=answered.pk).update(answered_at=NOW)
        assert escalation.sweep(now=NOW + 60 * DAY) == 0

    @pytest.mark.parametrize("profile", loader.profile_ids())
    def test_every_profile_has_a_ladder_that_tells_somebody(self, db: None, profile: str) -> None:
        here = registry(profile)
        appeal = here.at("assigned")
        assert escalation.sweep(now=NOW + 90 * DAY) > 0
        assert ManagementNotice.objects.filter(appeal=appeal, employee=here.people["director"]).exists()

    def test_a_new_executor_is_told_of_what_has_come(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        escalation.sweep(now=NOW + 90 * DAY)
        Appeal.objects.filter(pk=appeal.pk).update(executor=krc.people["counter"])
        assert escalation.sweep(now=NOW + 90 * DAY) > 0
        assert notices.unseen(krc.people["counter"]).exists()
        assert escalation.sweep(now=NOW + 90 * DAY) == 0

    @clause("krc-6.1-09", "krc-6.1-14", "krc-6.2-03")
    def test_before_a_limit_that_was_put_off_everybody_is_warned_again(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        Appeal.objects.filter(pk=appeal.pk).update(target_at=None)
        old = appeal.limit_at
        assert old is not None
        made = _ask(krc, appeal, dt.date(2026, 5, 1))
        escalation.sweep(now=old - dt.timedelta(hours=12))
        told = set(ManagementNotice.objects.filter(appeal=appeal).values_list("reason", flat=True))
        assert {"executor_before", "head_before"} <= told
        gone = old - dt.timedelta(hours=1)
        notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="RA4", now=gone)
        assert escalation.sweep(now=gone + dt.timedelta(days=9)) == 0
        assert not notices.unseen(krc.people["specialist"]).exists(), "what was told of the old limit is past"
        new = dt.datetime(2026, 5, 1, 20, 59, tzinfo=dt.UTC)
        escalation.sweep(now=new - dt.timedelta(hours=12))
        assert "executor_before" in {one.reason for one in notices.unseen(krc.people["specialist"])}
        rungs = [fact.data["rung"] for fact in facts_of("appeal", appeal.pk).filter(kind="appeal_escalated")]
        assert rungs.count("executor_before") == rungs.count("head_before") == 2

    def test_many_old_ones_do_not_hide_a_new_one(self, krc: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(escalation, "BATCH", 2)
        appeals = [krc.at("assigned") for _ in range(5)]
        escalation.sweep(now=NOW + 90 * DAY)
        assert ManagementNotice.objects.values("appeal").distinct().count() == len(appeals)

    def test_missed_sweeps_lose_nothing(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        escalation.sweep(now=NOW + 90 * DAY)
        told = set(ManagementNotice.objects.filter(appeal=appeal).values_list("reason", flat=True))
        assert told == {rung.id for rung in krc.flow.ladder if rung.of != "data"}, "he was asked for nothing"

    def test_due_lists_leave_out_what_was_answered(self, krc: Registry) -> None:
        appeal = krc.at("sent")
        overdue = queries.due_ones(queries.open_appeals(), "overdue", NOW + 60 * DAY, krc.profile)
        assert list(overdue) == [appeal]
        Appeal.objects.filter(pk=appeal.pk).update(answered_at=NOW)
        assert not overdue.all().exists()
