"""C1: a zone has a new name, or another rule from tomorrow on: what was promised stands. Seeded."""

import datetime as dt
from dataclasses import replace
from random import Random
from zoneinfo import ZoneInfo

import pytest

from kindline.appeals import escalation
from kindline.appeals.models import Appeal, ManagementNotice
from kindline.standard import deadlines, loader
from kindline.standard.terms import Term
from tests.appeals.registry import registry
from tests.plugins import faults

pytestmark = pytest.mark.fault("C1")
SEED = faults.seed(20271031)
OLD, NEW = ZoneInfo("Europe/Kiev"), ZoneInfo("Europe/Kyiv")
SUMMER_FOR_EVER = dt.timezone(dt.timedelta(hours=3))
CHANGES = [dt.datetime(2027, 3, 28, 1, tzinfo=dt.UTC), dt.datetime(2027, 10, 31, 1, tzinfo=dt.UTC)]


def moments(many: int) -> list[dt.datetime]:
    """Moments of the years about both changes of the clock, half of them within hours of one."""
    chance = Random(SEED)
    far = [CHANGES[0] + dt.timedelta(minutes=chance.randrange(365 * 24 * 60)) for _ in range(many // 2)]
    near = [chance.choice(CHANGES) + dt.timedelta(minutes=chance.randrange(-300, 300)) for _ in range(many // 2)]
    return far + near


def test_a_renamed_zone_changes_no_limit() -> None:
    profile = loader.load("voe")
    before, after = replace(profile, zone=OLD), replace(profile, zone=NEW)
    assert after.zone.key != before.zone.key
    for at in moments(60):
        told = {"kind": "complaint", "channel": "email", "sent": at, "received": at, "registered": at}
        one, other = deadlines.derive(before, **told), deadlines.derive(after, **told)  # type: ignore[arg-type]
        assert (one.limit, one.target, one.rule) == (other.limit, other.target, other.rule), at


def test_hours_do_not_ask_for_the_zone_s_rule_and_days_follow_it() -> None:
    calendar = loader.load("voe").calendar
    for at in moments(200):
        for unit, n in (("hours", 72), ("calendar_days", 30), ("working_days", 5)):
            here = Term(n, unit).end(at, calendar, NEW)
            there = Term(n, unit).end(at, calendar, SUMMER_FOR_EVER)  # type: ignore[arg-type]
            if unit == "hours":
                assert here == there == at + dt.timedelta(hours=n)
            elif at.astimezone(NEW).date() == at.astimezone(SUMMER_FOR_EVER).date():
                assert there - here in (dt.timedelta(0), dt.timedelta(hours=-1)), "the end of the same day"
                assert here.astimezone(NEW).date() == there.date()


@pytest.mark.db
@pytest.mark.parametrize("change", CHANGES, ids=["missing", "doubled"])
def test_a_promise_stands_when_the_zone_has_another_rule(change: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The result was kept in UTC: the sweep, by the new rule, tells each once and not before that moment."""
    here = registry("voe")
    limit = change + dt.timedelta(minutes=30)
    appeal = here.at("assigned")
    Appeal.objects.filter(pk=appeal.pk).update(limit_at=limit, target_at=None)
    changed = replace(here.profile, zone=ZoneInfo("Etc/GMT-3"))
    monkeypatch.setattr(loader, "load", lambda *_: changed)
    ledger: list[dt.datetime] = []
    for number in range(-6, 12):
        moment, before = change + dt.timedelta(minutes=10 * number), _told(appeal)
        escalation.sweep(now=moment)
        ledger += [moment] * (_told(appeal) - before)
    assert len(ledger) > 1
    assert {*ledger} == {limit}


def _told(appeal: Appeal) -> int:
    return ManagementNotice.objects.filter(appeal=appeal, reason="head_after").count()
