"""Days moved by order, and another version of the standard: the effect before, the limits computed anew after."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kindline.appeals import calendar_effect, calendar_orders, recomputing, standard_followed
from kindline.appeals.models import Appeal, Recomputation
from kindline.journal.queries import facts_of
from kindline.staff import workdays, workdays_followed
from kindline.staff.models import CalendarEdit, DayKind, FollowedStandard
from kindline.staff.workdays import Order
from kindline.standard import calendars
from kindline.standard.calendars import Override
from tests.appeals.registry import DAY, NOW, Registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause
WEDNESDAY, SATURDAY = dt.date(2026, 3, 4), dt.date(2026, 3, 14)
ORDER = Order("№ 9", "санитарный день")
QUALITY = {"kind": "complaint", "subject": "utility_quality"}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The edits of this process as they were."""
    yield
    calendars.edits_of("krc").take({}, 0)


def _by(krc: Registry, now: dt.datetime = NOW) -> dict[str, Any]:
    return {"profile": krc.profile, "employee": krc.people["administrator"], "now": now}


def _off(krc: Registry, day: dt.date = WEDNESDAY) -> None:
    workdays.draft_day(day=day, kind=DayKind.OFF, order=ORDER, **_by(krc))


def _effect(krc: Registry, now: dt.datetime = NOW) -> calendar_effect.Effect:
    return calendar_orders.effect(krc.profile, list(workdays.drafts("krc")), now)


def _in_force(krc: Registry, now: dt.datetime = NOW) -> Recomputation:
    return calendar_orders.put_in_force(seen=[one.pk for one in workdays.drafts("krc")], **_by(krc, now))


def _limit(krc: Registry, appeal: Appeal) -> dt.date:
    appeal.refresh_from_db()
    assert appeal.limit_at is not None
    return appeal.limit_at.astimezone(krc.profile.zone).date()


@clause("krc-6.1-09")
def test_the_effect_is_shown_and_then_the_limits_follow_by_themselves(krc: Registry) -> None:
    quality, letter = krc.register(**QUALITY), krc.register()
    krc.at("closed", **QUALITY)
    _off(krc)
    found = _effect(krc)
    assert (found.waiting, found.looked_at, found.changed, found.nearer, found.overdue) == (2, 1, 1, 0, 0)
    assert found.is_whole
    before = _limit(krc, quality), _limit(krc, letter)
    _in_force(krc)
    assert recomputing.sweep(now=NOW) == 0, "a moment is left for every process to see it"
    assert recomputing.sweep(now=NOW + recomputing.SETTLED) == 2
    assert (_limit(krc, quality), _limit(krc, letter)) == (before[0] + DAY, before[1])
    assert any("4 марта (санитарный день, № 9)" in step for step in quality.derivation)
    log = facts_of("appeal", quality.pk).get(kind="appeal_recomputed")
    assert log.data["why"] == "санитарный день, № 9"
    assert Recomputation.objects.get().changed == found.changed, "what was shown is what came"
    new = krc.register(**QUALITY)
    assert _limit(krc, new) == _limit(krc, quality)


@clause("krc-6.1-09")
def test_what_comes_nearer_or_becomes_overdue_is_listed_worst_first(krc: Registry) -> None:
    krc.now = NOW + 9 * DAY
    late, near = krc.register(**QUALITY), krc.register(**QUALITY)
    Appeal.objects.filter(pk=near.pk).update(received_at=NOW + 10 * DAY)
    recomputing.recompute(profile=krc.profile, why="проверка", employee=None, now=krc.now)
    workdays.draft_day(day=SATURDAY, kind=DayKind.WORKING, order=ORDER, **_by(krc))
    limits = [_limit(krc, one) for one in (late, near)]
    assert limits == [dt.date(2026, 3, 16), dt.date(2026, 3, 17)]
    moment = dt.datetime(2026, 3, 15, 9, tzinfo=dt.UTC)
    found = _effect(krc, moment)
    assert (found.changed, found.nearer, found.overdue) == (2, 2, 1)
    assert [(one.appeal.pk, one.becomes_overdue) for one in found.worse] == [(late.pk, True), (near.pk, False)]


def test_a_term_that_does_not_look_at_the_calendar_is_not_looked_at(krc: Registry) -> None:
    rules = {rule.id: calendar_effect.looks_at_calendar(rule) for rule in krc.profile.deadlines}
    assert rules["utility_quality"]
    assert rules["phone_question"]
    assert not rules["court_decision"]
    krc.register()
    _off(krc)
    assert _effect(krc).looked_at == 0


def test_more_than_can_be_looked_at_is_said(krc: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        krc.register(**QUALITY)
    _off(krc)
    monkeypatch.setattr(calendar_effect, "LOOKED_MAX", 2)
    found = _effect(krc)
    assert (found.looked_at, found.touched, found.is_whole) == (2, 3, False)


def test_a_draft_that_others_changed_or_that_leaves_no_day_is_refused(krc: Registry) -> None:
    krc.register(**QUALITY)
    _off(krc)
    with pytest.raises(calendar_orders.DraftChangedError):
        calendar_orders.put_in_force(seen=[0], **_by(krc))
    _bury(krc)
    with pytest.raises(calendar_orders.NoDayLeftError):
        _in_force(krc)
    assert not workdays.standing("krc").exists()
    assert not Recomputation.objects.exists()


def _bury(krc: Registry) -> None:
    """Draft every working day of more than a year as off."""
    for distance in range(1, calendars.SEARCH_DAYS + 40):
        day = WEDNESDAY + distance * dt.timedelta(days=1)
        if krc.profile.calendar.is_working_day(day):
            CalendarEdit.objects.create(
                profile="krc", date=day, kind="off", order="1", reason="x", made_by=krc.people["director"], made_at=NOW
            )


@clause("krc-6.1-09")
def test_a_change_while_limits_are_computed_begins_it_again_for_both_reasons(
    krc: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        krc.register(**QUALITY)
    _off(krc)
    _in_force(krc)
    monkeypatch.setattr(recomputing, "ROUNDS_MAX", 1)
    assert recomputing.sweep(now=NOW + DAY, batch=2) == 2
    workdays.draft_day(day=dt.date(2026, 3, 5), kind=DayKind.OFF, order=Order("№ 10", "авария"), **_by(krc))
    _in_force(krc, NOW + DAY)
    monkeypatch.undo()
    assert recomputing.sweep(now=NOW + 2 * DAY) == 3
    row = Recomputation.objects.get()
    assert (row.done, row.why) == (3, "санитарный день, № 9; авария, № 10")
    assert {_limit(krc, one) for one in Appeal.objects.all()} == {dt.date(2026, 3, 10)}


def test_registering_asks_the_database_nothing_of_the_calendar(krc: Registry) -> None:
    krc.register(**QUALITY)
    with CaptureQueriesContext(connection) as before:
        krc.register(**QUALITY)
    _off(krc)
    _in_force(krc)
    workdays_followed.read("krc")
    with CaptureQueriesContext(connection) as after:
        krc.register(**QUALITY)
    assert len(after) == len(before)
    assert not [one for one in after if "calendaredit" in one["sql"]]


class TestStandard:
    @clause("krc-6.1-09")
    def test_another_version_has_the_limits_computed_anew(self, krc: Registry) -> None:
        krc.register()
        assert not standard_followed.sweep(profile=krc.profile, now=NOW), "the first one is only noted"
        assert not standard_followed.sweep(profile=krc.profile, now=NOW)
        rules = tuple(replace(one, limit=None) if one.id == "court_decision" else one for one in krc.profile.deadlines)
        amended = replace(krc.profile, version="2", deadlines=rules)
        assert standard_followed.sweep(profile=amended, now=NOW + DAY)
        asked = Recomputation.objects.get()
        assert (asked.asked_by, asked.total) == (None, 1)
        assert "редакция 2" in asked.why
        row = standard_followed.followed(krc.profile)
        assert row is not None
        assert (row.version, row.since) == ("2", NOW + DAY)
        assert facts_of("standard", "krc").get(kind="standard_activated").data["version"] == "2"
        assert not standard_followed.sweep(profile=amended, now=NOW + DAY)

    def test_a_version_that_touches_no_limit_computes_none(self, krc: Registry) -> None:
        standard_followed.sweep(profile=krc.profile, now=NOW)
        assert not standard_followed.sweep(profile=replace(krc.profile, version="2"), now=NOW)
        assert FollowedStandard.objects.get().version == "2"
        assert not Recomputation.objects.exists()

    def test_a_day_moved_in_the_file_counts_as_another_standard(self, krc: Registry) -> None:
        moved = {WEDNESDAY: Override(WEDNESDAY, False, "перенос")}
        other = replace(krc.profile, calendar=replace(krc.profile.calendar, overrides=moved))
        assert standard_followed.fingerprint(other) != standard_followed.fingerprint(krc.profile)
        edited = replace(krc.profile, calendar=krc.profile.calendar.with_edits(moved))
        assert standard_followed.fingerprint(edited) == standard_followed.fingerprint(krc.profile)
