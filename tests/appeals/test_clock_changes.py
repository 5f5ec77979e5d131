"""C1: the hour that is missing (28 March 2027) and the hour that comes twice (31 October 2027) in Ukraine.

A limit is a rule and its result in UTC: nobody is told too early, too late or twice, whatever the wall clock says.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from kindline.appeals import escalation, recomputing
from kindline.appeals.models import Appeal, ManagementNotice
from kindline.standard import deadlines, loader
from kindline.standard.rungs import Rung
from kindline.standard.terms import Term
from tests.appeals.registry import NOW, Registry, registry

KYIV = ZoneInfo("Europe/Kyiv")
SPRING = dt.datetime(2027, 3, 28, 1, 0, tzinfo=dt.UTC)  # 03:00 becomes 04:00
AUTUMN = dt.datetime(2027, 10, 31, 1, 0, tzinfo=dt.UTC)  # 04:00 becomes 03:00
AROUND = [dt.timedelta(minutes=n) for n in (-61, -30, -1, 0, 1, 30, 61)]
STEP, REACH = dt.timedelta(minutes=10), dt.timedelta(hours=2)


def test_the_zone_changes_where_the_tests_think_it_does() -> None:
    for change, hours in ((SPRING, 1), (AUTUMN, -1)):
        before, after = (change + dt.timedelta(seconds=n) for n in (-1, 0))
        moved = after.astimezone(KYIV).utcoffset() - before.astimezone(KYIV).utcoffset()  # type: ignore[operator]
        assert moved == dt.timedelta(hours=hours)


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
@pytest.mark.parametrize("hours", [1, 2, 24, 72])
def test_hours_are_those_that_pass(change: dt.datetime, hours: int) -> None:
    profile = loader.load("voe")
    for shift in AROUND:
        start = (change - dt.timedelta(hours=hours) + shift).astimezone(KYIV)
        end = Term(hours, "hours").end(start, profile.calendar, KYIV)
        assert end.timestamp() - start.timestamp() == hours * 3600
        assert end.tzinfo == KYIV


@pytest.mark.parametrize(("change", "length"), [(SPRING, 23), (AUTUMN, 25)])
def test_a_day_is_the_whole_day_of_the_wall_clock(change: dt.datetime, length: int) -> None:
    profile = loader.load("voe")
    day = change.astimezone(KYIV).date()
    first = dt.datetime.combine(day - dt.timedelta(days=2), dt.time(12), KYIV)
    ends = [Term(n, "calendar_days").end(first, profile.calendar, KYIV) for n in (1, 2)]
    assert [end.date() for end in ends] == [day - dt.timedelta(days=1), day]
    assert {end.time() for end in ends} == {dt.time(23, 59, 59)}
    assert ends[1].timestamp() - ends[0].timestamp() == length * 3600


@pytest.mark.db
class TestEscalation:
    """The sweep runs every ten minutes for hours around the change."""

    @pytest.fixture
    def voe(self, db: None) -> Registry:
        """The distributor, in Ukraine."""
        return registry("voe")

    @pytest.mark.parametrize("shift", AROUND, ids=str)
    @pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["missing", "doubled"])
    def test_nobody_is_told_early_late_or_twice(self, voe: Registry, change: dt.datetime, shift: dt.timedelta) -> None:
        appeal, limit = voe.at("assigned"), change + shift
        Appeal.objects.filter(pk=appeal.pk).update(limit_at=limit, target_at=None)
        told: list[dt.datetime] = []
        moment = change - REACH
        while moment <= change + REACH:
            before = self._told(appeal)
            escalation.sweep(now=moment)
            told += [moment] * (self._told(appeal) - before)
            moment += STEP
        people = len(escalation.addressees(self._fresh(appeal), self._rung(voe)))
        assert people > 1
        assert len(told) == people, "each once"
        assert len(set(told)) == 1
        assert dt.timedelta(0) <= told[0] - limit < STEP

    @pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["missing", "doubled"])
    def test_a_warning_comes_at_the_beginning_of_its_day(self, voe: Registry, change: dt.datetime) -> None:
        appeal = voe.at("assigned")
        monday = change.astimezone(KYIV).date() + dt.timedelta(days=1)
        limit = dt.datetime.combine(monday, dt.time(23, 59, 59), KYIV)
        Appeal.objects.filter(pk=appeal.pk).update(limit_at=limit)
        rung = next(one for one in voe.flow.ladder if one.id == "head_before")
        found = escalation.moment_of(rung, self._fresh(appeal), voe.profile)
        assert found is not None
        assert found.astimezone(KYIV) == dt.datetime.combine(monday - dt.timedelta(days=3), dt.time(0), KYIV)

    @pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["missing", "doubled"])
    def test_the_limit_is_kept_as_a_rule_and_its_result(self, voe: Registry, change: dt.datetime) -> None:
        at = change - dt.timedelta(days=20)
        appeal = voe.register(kind="complaint")
        Appeal.objects.filter(pk=appeal.pk).update(sent_at=at, received_at=at, registered_at=at, limit_at=NOW)
        recomputing.recompute(profile=voe.profile, why="перевірка", employee=None, now=at)
        kept = self._fresh(appeal)
        found = deadlines.derive(
            voe.profile, kind="complaint", channel=kept.channel, sent=at, received=at, registered=at
        )  # fmt: skip
        assert kept.limit_rule == found.rule != ""
        assert kept.limit_at == found.limit
        assert kept.limit_at is not None
        assert kept.limit_at.utcoffset() == dt.timedelta(0)
        assert kept.limit_at.astimezone(KYIV).time() == dt.time(23, 59, 59), "after the change as before it"

    def _told(self, appeal: Appeal) -> int:
        return ManagementNotice.objects.filter(appeal=appeal, reason="head_after").count()

    def _fresh(self, appeal: Appeal) -> Appeal:
        return Appeal.objects.get(pk=appeal.pk)

    def _rung(self, here: Registry) -> Rung:
        return next(one for one in here.flow.ladder if one.id == "head_after")
