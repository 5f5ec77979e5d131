"""Answers on time, of the cases that were due: each case is written with what it must count as."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kindline.appeals import punctuality
from kindline.appeals.models import Appeal, ClientNotice, Extension
from kindline.appeals.punctuality import Due
from kindline.conversations.models import Topic
from kindline.staff.models import Employee
from kindline.standard import loader

pytestmark = pytest.mark.db
KRC = loader.load("krc")
NOW = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
MARCH, APRIL, MAY = dt.date(2026, 3, 1), dt.date(2026, 4, 1), dt.date(2026, 5, 1)
LIMIT = dt.datetime(2026, 3, 15, 21, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def case(limit: dt.datetime | None = LIMIT, **more: Any) -> Appeal:
    """An appeal that has been registered long before its limit."""
    known: dict[str, Any] = {
        "profile": "krc", "version": "1", "number": f"P-{Appeal.objects.count()}", "kind": "application",
        "channel": "web", "surname": "Ёлкин", "substance": "Не считают", "received_at": LIMIT - 60 * DAY,
        "registered_at": LIMIT - 60 * DAY, "limit_at": limit,
    }  # fmt: skip
    return Appeal.objects.create(**{**known, **more})


def extend(appeal: Appeal, *, held: bool) -> None:
    """Put its limit off; told to the applicant in time, or not."""
    head, _new = Employee.objects.get_or_create(username="head")
    notice = ClientNotice.objects.create(appeal=appeal, about="extension", text="…", author=head, made_at=LIMIT)
    Extension.objects.create(
        appeal=appeal, ground="проверка", old_limit_at=LIMIT - 9 * DAY, until_at=LIMIT, notice=notice, made_at=LIMIT,
        by=head, effective_at=LIMIT if held else None,
    )  # fmt: skip


def march(**more: Any) -> Due | None:
    return punctuality.by_month(KRC, MARCH, MAY, more.get("now", NOW)).get(MARCH)


def test_no_case_that_was_due_is_no_data() -> None:
    case(LIMIT + 60 * DAY, answered_at=LIMIT)
    case(None)
    assert march() is None
    assert Due().share is None


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"answered_at": LIMIT - HOUR}, "on_time"),
        ({"answered_at": LIMIT}, "on_time"),
        ({"answered_at": LIMIT + HOUR}, "late"),
        ({}, "overdue_open"),
        ({"closed_at": LIMIT - DAY, "end": "referred"}, "on_time"),
        ({"closed_at": LIMIT + DAY, "end": "referred"}, "late"),
        ({"answered_at": LIMIT - DAY, "closed_at": LIMIT + DAY, "end": "answered"}, "on_time"),
        ({"answered_at": LIMIT - 40 * DAY}, "on_time"),
    ],
)
def test_each_case_that_was_due_is_one_of_three(more: dict[str, Any], expected: str) -> None:
    case(**more)
    found = march()
    assert found is not None
    assert punctuality.counts(found) == {**dict.fromkeys(punctuality.NAMES, 0), "due": 1, expected: 1}
    assert found.share == (1.0 if expected == "on_time" else 0.0)


def test_open_late_ones_pull_the_share_down_and_the_month_of_closing_does_not_matter() -> None:
    for _n in range(3):
        case(answered_at=LIMIT - DAY)
    case(answered_at=LIMIT + 25 * DAY)
    for _n in range(2):
        case()
    found = march()
    assert found is not None
    assert (found.due, found.on_time, found.late, found.overdue_open, found.share) == (6, 3, 1, 2, 0.5)
    assert punctuality.by_month(KRC, APRIL, MAY, NOW) == {}


def test_a_limit_that_has_not_passed_yet_is_not_due() -> None:
    case(answered_at=LIMIT - DAY)
    assert march(now=LIMIT) is None
    assert march(now=LIMIT + HOUR) is not None


def test_the_month_is_that_of_the_organisation() -> None:
    case(dt.datetime(2026, 3, 31, 20, 59, tzinfo=dt.UTC))
    case(dt.datetime(2026, 3, 31, 21, 1, tzinfo=dt.UTC))
    found = punctuality.by_month(KRC, MARCH, MAY, NOW)
    assert {month: one.due for month, one in found.items()} == {MARCH: 1, APRIL: 1}


def test_extended_repeated_duplicate_and_others_cases() -> None:
    extend(first := case(answered_at=LIMIT), held=True)
    extend(case(), held=False)
    case(LIMIT + 400 * DAY, earlier=first)
    case(LIMIT + 400 * DAY, earlier=first)
    case(original=first)
    case(profile="court")
    found = march()
    assert found == Due(due=2, on_time=1, late=0, overdue_open=1, extended=1, repeated=1)


def test_topics_are_kept_apart_and_add_up() -> None:
    heat = Topic.objects.create(profile="krc", code="heat", title="Тепло")
    case(topic=heat, answered_at=LIMIT)
    case(topic=heat)
    case()
    found = punctuality.by_month_and_topic(KRC, MARCH, MAY, NOW)
    assert {key: (one.due, one.on_time) for key, one in found.items()} == {
        (MARCH, "Тепло"): (2, 1), (MARCH, ""): (1, 0),
    }  # fmt: skip
    assert punctuality.together(found.values()) == march()
