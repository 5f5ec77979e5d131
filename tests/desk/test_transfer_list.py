"""To whom the operator's screen offers to pass a call, and what happens then."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.staff.models import Employee, Role
from kindline.switchboard import dispatcher, extensions
from kindline.switchboard.dialling_models import Mobile
from kindline.switchboard.models import Operator
from tests.desk.conftest import Talk, employee

pytestmark = pytest.mark.db
NUMBER = "+79161112233"


def colleague(state: str, *, registered: bool, mobile: bool = False, rings: bool = True, **fields: Any) -> Employee:
    made = employee("specialist", Role.SPECIALIST, surname="Петрова", given_name="Алла", **fields)
    Operator.objects.create(employee=made, state=state, since=timezone.now(), registered=registered)
    if mobile:
        Mobile.objects.create(employee=made, number=NUMBER, rings=rings)
    return made


def offered(browser: Browser) -> list[tuple[str, bool]]:
    """Who is offered: state, and whether it is said that his mobile rings."""
    return [(one["state"], bool(one["mobile"])) for one in browser.get("/desk/state.json").json()["colleagues"]]


@pytest.mark.parametrize(
    ("state", "registered", "mobile", "there"),
    [
        ("ready", True, False, [("ready", False)]),
        ("paused", True, True, [("paused", False)]),
        ("talking", True, True, [("talking", False)]),
        ("offline", True, True, [("offline", True)]),
        ("ready", False, True, [("ready", True)]),
        ("offline", False, True, [("offline", True)]),
        ("talking", False, True, []),
        ("offline", False, False, []),
        ("offline", True, False, []),
    ],
)
@pytest.mark.clause("krc-5.6.4-20")
def test_who_is_away_is_offered_where_his_mobile_rings_for_him(
    as_operator: Browser,
    krc: Any,
    talk: Talk,
    state: str,
    registered: bool,
    mobile: bool,
    there: list[tuple[str, bool]],
) -> None:
    talk()
    colleague(state, registered=registered, mobile=mobile)
    assert offered(as_operator) == there


def test_a_mobile_that_does_not_ring_and_who_has_left_are_not_offered(
    as_operator: Browser, krc: Any, talk: Talk
) -> None:
    talk()
    gone = colleague("offline", registered=False, mobile=True, rings=False)
    assert offered(as_operator) == []
    Mobile.objects.update(rings=True)
    Employee.objects.filter(pk=gone.pk).update(is_active=False)
    assert offered(as_operator) == []


def test_who_is_at_a_telephone_comes_before_who_is_away(as_operator: Browser, krc: Any, talk: Talk) -> None:
    talk()
    colleague("offline", registered=False, mobile=True)
    here = employee("here", Role.SPECIALIST, surname="Яшина")
    Operator.objects.create(employee=here, state="paused", since=timezone.now(), registered=True)
    assert offered(as_operator) == [("paused", False), ("offline", True)]


@pytest.mark.parametrize("registered", [True, False])
@pytest.mark.parametrize("state", ["ready", "paused", "offline"])
@pytest.mark.parametrize("mobile", [True, False])
def test_the_list_says_what_the_switchboard_does(
    krc: Any, talk: Talk, operator: Employee, state: str, registered: bool, mobile: bool
) -> None:
    contact, asked = talk(), colleague(state, registered=registered, mobile=mobile)
    shown = {row.pk: rings for row, rings in extensions.askable(operator.pk)}
    why_not = dispatcher.keep_colleague(employee=asked.pk, contact=str(contact.pk), now=timezone.now())
    kept = extensions.keep_mobile(employee=asked.pk, contact=str(contact.pk), now=timezone.now()) if why_not else None
    reached = {} if kept and kept.why_not else {asked.pk: bool(kept and kept.mobile)}
    assert shown == reached
