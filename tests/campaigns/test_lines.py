"""What campaigns take of the telephone: never the lines left to callers, never an operator twice, nothing at night."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from kindline.campaigns import calling, lines, placing
from kindline.campaigns.models import Campaign, Target
from kindline.journal import strain
from kindline.journal.models import Fact
from kindline.staff.models import Employee, EmployeeSkill, Role, Skill
from kindline.standard.profile import Profile
from kindline.switchboard import spending
from kindline.switchboard.dialling_models import DialAlarm
from kindline.switchboard.models import Call, Operator
from tests.campaigns.conftest import NOW
from tests.plugins.faults import seed

pytestmark = pytest.mark.db
Made = Callable[..., Campaign]
SOON = dt.timedelta(seconds=1)
NUMBERS = tuple(f"+7927000{n:04}" for n in range(20))


def call(**fields: Any) -> Call:
    """A call that goes on."""
    row = {"state": "talking", "owner": "sb", "started_at": NOW, "changed_at": NOW, **fields}
    made: Call = Call.objects.create(id=uuid.uuid4(), **row)
    return made


def ready(number: int, *skills: str) -> Operator:
    """An operator who waits for a call, with these skills."""
    employee = Employee.objects.create(username=f"ready{number}", number=50 + number, roles=[Role.OPERATOR])
    for code in skills:
        skill, _ = Skill.objects.get_or_create(code=code, defaults={"title": code})
        EmployeeSkill.objects.create(employee=employee, skill=skill, level=1)
    made: Operator = Operator.objects.create(employee=employee, state="ready", since=NOW, registered=True)
    return made


def skilled(krc: Profile) -> tuple[Profile, str]:
    """The standard with a first line that asks for a skill, and its queue."""
    assert krc.menu is not None
    queue = krc.menu.queues[krc.menu.lines["hotline"].queue or ""]
    able = dataclasses.replace(queue, skills=("billing",))
    menu = dataclasses.replace(krc.menu, queues={**krc.menu.queues, queue.id: able})
    return dataclasses.replace(krc, menu=menu), queue.id


@pytest.fixture(autouse=True)
def trunk(settings: Any) -> dict[str, int]:
    """A trunk of ten lines, two of them for who calls us."""
    settings.LINES = {"an_engine": 200, "trunk": 10, "reserve_percent": 20, "an_hour": 1000}
    found: dict[str, int] = settings.LINES
    return found


def test_all_campaigns_together_leave_lines_to_who_calls_us(message: Made, krc: Profile, now: dt.datetime) -> None:
    first, second = message(*NUMBERS[:10], at_once=6), message(*NUMBERS[:10], at_once=6)
    call()
    taken = [len(calling.claim(campaign=one, profile=krc, now=now)) for one in (first, second)]
    assert taken == [6, 1], "ten lines, two for callers, one is busy"
    assert lines.free(now) == 0


def test_a_call_that_came_about_is_one_line_not_two(message: Made, krc: Profile, now: dt.datetime) -> None:
    campaign = message(*NUMBERS, at_once=3)
    for target in calling.claim(campaign=campaign, profile=krc, now=now):
        row = {"state": "announcing", "owner": "sb", "started_at": now, "changed_at": now}
        Call.objects.create(id=str(target.contact_id), **row)
    assert lines.free(now) == 5
    Call.objects.update(ended_at=now)
    assert lines.free(now) == 8


def test_without_a_number_of_lines_each_engine_gives_its_own(trunk: dict[str, int], now: dt.datetime) -> None:
    trunk.update(trunk=0, an_engine=5, reserve_percent=0)
    assert lines.free(now) == 5


@pytest.mark.parametrize(
    ("there", "percent", "free"), [(1, 25, 1), (1, 100, 1), (2, 25, 1), (4, 25, 3), (4, 100, 1)]
)  # fmt: skip
def test_the_last_line_is_never_set_aside(
    trunk: dict[str, int], now: dt.datetime, there: int, percent: int, free: int
) -> None:
    trunk.update(trunk=there, reserve_percent=percent)
    assert lines.free(now) == free
    call()
    assert lines.free(now) == free - 1


def test_an_operator_is_counted_once_for_all_campaigns_and_only_if_he_can(
    message: Made, krc: Profile, now: dt.datetime
) -> None:
    profile, queue = skilled(krc)
    for number, skills in enumerate((["billing"], ["billing"], [])):
        ready(number, *skills)
    first, second = (message(*NUMBERS, at_once=5, per_operator=1) for _ in range(2))
    assert lines.operators_free(profile, now) == 2
    taken = [len(calling.claim(campaign=one, profile=profile, now=now)) for one in (first, second)]
    assert taken == [2, 0], "two can take who asks for an operator, and both are spoken for"
    call(state="queued", queue=queue, enqueued_at=now)
    assert lines.operators_free(profile, now) == 1, "somebody waits for one of them"


def test_calls_that_come_to_no_operator_hold_back_none_that_do(message: Made, krc: Profile, now: dt.datetime) -> None:
    profile, _queue = skilled(krc)
    for number in range(2):
        ready(number, "billing")
    told, paced = message(*NUMBERS, at_once=3, operator_key=""), message(*NUMBERS, at_once=5, per_operator=1)
    taken = [len(calling.claim(campaign=one, profile=profile, now=now)) for one in (told, paced)]
    assert taken == [3, 2]


def test_the_campaign_that_calls_fewest_comes_first(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    monkeypatch.setattr("kindline.switchboard.asking.post", lambda *_args, **_named: {})
    first, second = message(*NUMBERS[:10], at_once=8), message(*NUMBERS[:10], at_once=8)
    placing.place_due(profile=krc, now=now)
    assert first.targets.filter(state="calling").count() == 8
    Target.objects.filter(pk__in=first.targets.filter(state="calling").values("pk")[:4]).update(state="reached")
    placing.place_due(profile=krc, now=now)
    assert second.targets.filter(state="calling").count() == 4


@pytest.mark.fault("O1")
def test_nobody_is_called_while_requests_wait(
    message: Made, krc: Profile, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any, now: dt.datetime
) -> None:
    monkeypatch.setattr("kindline.switchboard.asking.post", lambda *_args, **_named: {})
    settings.STRAIN_FOLDER = tmp_path
    message(NUMBERS[0])
    here = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # the machine's own clock is far behind that of the database
    monkeypatch.setattr(strain, "clock", lambda: here)
    strain.tell(strain.WAITED_S[strain.BULK] + 1)
    assert placing.place_due(profile=krc, now=now) == 0
    monkeypatch.setattr(strain, "clock", lambda: here + dt.timedelta(seconds=strain.HOLDS_S + 1))
    assert placing.place_due(profile=krc, now=now) == 1


def test_the_hours_of_the_standard_hold_whatever_a_campaign_says(
    message: Made, krc: Profile, now: dt.datetime
) -> None:  # fmt: skip
    campaign = message(NUMBERS[0])
    Campaign.objects.update(hours_from=dt.time(0), hours_until=dt.time(23, 59))
    campaign.refresh_from_db()
    window = calling.window_of(campaign, krc)
    assert (window.begins, window.ends) == (dt.time(9), dt.time(20))
    late = now.replace(hour=20)
    assert calling.claim(campaign=campaign, profile=krc, now=late) == []
    assert Target.objects.get().next_at == dt.datetime(2026, 3, 3, 6, 0, tzinfo=dt.UTC), "in the morning, in Moscow"


@pytest.mark.fault("X6")
@pytest.mark.parametrize("number", [seed(6), seed(6) + 1, seed(6) + 2])
def test_the_house_calls_so_often_an_hour_at_most_and_what_waits_is_not_lost(
    message: Made, krc: Profile, trunk: dict[str, int], number: int, now: dt.datetime
) -> None:
    dice = Random(number)
    trunk["an_hour"] = dice.randrange(3, 12)
    most = trunk["an_hour"] - trunk["an_hour"] // spending.FOR_PLACES
    trunk["trunk"] = 0
    campaigns = [message(*NUMBERS, at_once=dice.randrange(2, 9), pause_s=1) for _ in range(3)]
    begun: list[dt.datetime] = []
    for minute in range(0, 190, 5):
        at = now + dt.timedelta(minutes=minute)
        for campaign in campaigns:
            for target in calling.claim(campaign=campaign, profile=krc, now=at):
                begun.append(at)
                calling.note_outcome(contact=str(target.contact_id), outcome="heard", profile=krc, now=at)
        assert sum(at - one < dt.timedelta(hours=1) for one in begun) <= most
    assert len(begun) == min(60, 4 * most), "each hour so many, and the others in the next"
    assert spending.left(begun[-1]) >= trunk["an_hour"] - most, "who keeps a place is called all the same"


@pytest.mark.fault("X6")
def test_an_ordinary_campaign_raises_no_alarm(
    message: Made, krc: Profile, trunk: dict[str, int], monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    monkeypatch.setattr("kindline.switchboard.asking.post", lambda *_args, **_named: {})
    trunk["an_hour"] = 5
    message(*NUMBERS, at_once=8)
    assert [placing.place_due(profile=krc, now=now + dt.timedelta(seconds=n)) for n in range(3)] == [4, 0, 0]
    assert not DialAlarm.objects.exists()
    assert not Fact.objects.filter(kind="trunk_alarm").exists()


def test_what_was_not_dialled_is_not_spent(
    message: Made, krc: Profile, trunk: dict[str, int], now: dt.datetime
) -> None:
    trunk["an_hour"] = 10
    campaign = message(*NUMBERS, at_once=3)
    first, second, _third = calling.claim(campaign=campaign, profile=krc, now=now)
    assert spending.left(now + SOON) == 7
    calling.release(target=first, now=now + SOON)
    assert calling.still_claimed(target=second, now=now + 10 * SOON)
    calling.release(target=second, now=now + 20 * SOON)
    calling.release(target=second, now=now + 20 * SOON)
    assert spending.left(now + 20 * SOON) == 9
    assert calling.sweep(profile=krc, now=now + 2 * calling.UNPLACED_S * SOON) == 1
    assert spending.left(now + 2 * calling.UNPLACED_S * SOON) == 10
