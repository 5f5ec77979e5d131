"""What the telephone of an operator's page registers with: of one session, for some hours, and told to the engine."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from kindline.staff.models import Employee, EmployeeSession
from kindline.staff.sessions import GRACE, SESSIONS
from kindline.switchboard import agents, browser_phones, phones
from kindline.switchboard.browser_phones import LASTS, RENEWED_AFTER
from kindline.switchboard.models import Operator, OperatorState
from tests.switchboard.people import employee, operator

pytestmark = pytest.mark.db
NOW = timezone.now()
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def anna(db: None) -> Operator:
    """Ready at her phone."""
    return operator("anna")


def session(who: Operator, at: dt.datetime = NOW, **more: Any) -> EmployeeSession:
    return SESSIONS.open(Employee.objects.get(pk=who.pk), browser="", now=at, **more)


def entry(opened: EmployeeSession, at: dt.datetime = NOW) -> browser_phones.Entry:
    found = browser_phones.enter(opened, at)
    assert found is not None
    return found


def page(who: Operator, at: dt.datetime = NOW) -> str:
    """With what the telephone of his page registers; empty: it does not."""
    return phones.passwords(at).get(f"op{who.pk}w", "")


def test_a_page_and_a_telephone_share_no_password(anna: Operator) -> None:
    assert phones.passwords(NOW) == {f"op{anna.pk}s": "of-anna"}
    given = entry(session(anna))
    assert phones.passwords(NOW) == {f"op{anna.pk}s": "of-anna", f"op{anna.pk}w": given.password}
    assert len(given.password) >= 20


def test_within_a_session_it_stays_until_half_its_time_is_over(anna: Operator) -> None:
    opened = session(anna)
    first = entry(opened)
    assert first.renew_s == RENEWED_AFTER.total_seconds()
    late = NOW + RENEWED_AFTER - SECOND
    assert entry(opened, late) == browser_phones.Entry(first.password, 1)
    second = entry(opened, late + SECOND)
    assert second.password != first.password
    assert second.renew_s == RENEWED_AFTER.total_seconds()


def test_nobody_registers_with_it_after_twelve_hours(anna: Operator) -> None:
    assert LASTS.total_seconds() <= 12 * 3600
    opened = session(anna)
    entry(opened)
    EmployeeSession.objects.update(seen_at=NOW + LASTS, opened_at=NOW + LASTS)
    assert page(anna, NOW + LASTS - SECOND)
    assert not page(anna, NOW + LASTS)
    assert phones.passwords(NOW + LASTS)[f"op{anna.pk}s"] == "of-anna"


def test_another_session_s_is_another_and_the_former_is_void(anna: Operator) -> None:
    first = entry(session(anna))
    second = entry(session(anna))
    assert page(anna) == second.password != first.password


def test_it_ends_with_the_session(anna: Operator) -> None:
    opened = session(anna)
    entry(opened)
    other = session(anna)
    SESSIONS.end(opened.employee, key=other.pk, reason="one", now=NOW)
    assert page(anna)
    SESSIONS.end(opened.employee, key=opened.pk, reason="one", now=NOW)
    assert not page(anna)


def test_it_ends_when_nothing_was_done_for_as_long_as_a_session_lasts_so(anna: Operator) -> None:
    idle, _whole = SESSIONS.limits()
    entry(session(anna))
    assert page(anna, NOW + idle - SECOND)
    assert not page(anna, NOW + idle)


@pytest.mark.parametrize("state", sorted(agents.AT_A_CALL))
def test_a_talk_keeps_the_telephone_of_a_session_that_has_lasted_its_time(anna: Operator, state: str) -> None:
    _idle, whole = SESSIONS.limits()
    entry(session(anna))
    EmployeeSession.objects.update(opened_at=NOW - whole)
    assert not page(anna)
    Operator.objects.update(state=state, contact_id="00000000-0000-0000-0000-000000000001")
    assert page(anna)
    EmployeeSession.objects.update(opened_at=NOW - whole - GRACE)
    assert not page(anna)


def test_a_talk_on_another_telephone_brings_no_session_to_life_that_was_left_alone(anna: Operator) -> None:
    """Whoever had its password could register again, and calls went to him first."""
    idle, _whole = SESSIONS.limits()
    entry(session(anna))
    Operator.objects.update(state=OperatorState.TALKING, contact_id="00000000-0000-0000-0000-000000000001")
    assert page(anna, NOW + idle - SECOND)
    assert not page(anna, NOW + idle)


def test_it_ends_with_the_password_that_the_session_began_with(anna: Operator) -> None:
    who = Employee.objects.get(pk=anna.pk)
    entry(session(anna, proof="0123456789abcdef"))
    assert not page(anna), "of another password than his present one"
    EmployeeSession.objects.update(proof="")
    assert page(anna), "from before anything was shown"
    assert who.is_active


def test_who_is_disabled_has_none_and_does_not_get_it_back(anna: Operator) -> None:
    opened = session(anna)
    first = entry(opened)
    Employee.objects.update(is_active=False)
    assert not page(anna)
    agents.bar(NOW)
    assert browser_phones.enter(opened, NOW) is None
    Employee.objects.update(is_active=True)
    agents.enlist(NOW)
    assert not page(anna)
    assert entry(opened).password != first.password


def test_who_has_no_place_has_no_telephone(db: None) -> None:
    who = employee("nobody", "director")
    opened = SESSIONS.open(who, browser="", now=NOW)
    assert browser_phones.enter(opened, NOW) is None
