"""To whom the operator's screen offers to pass a call, and what happens then."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.journal import actions as journal
from kindline.staff.models import Employee, Role, Unit
from kindline.switchboard import dispatcher, extensions
from kindline.switchboard.dialling_models import Extension, Mobile
from kindline.switchboard.models import Operator
from tests.desk.conftest import Switchboard, Talk, employee, tell

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
    return [(one["state"], bool(one["mobile"])) for one in browser.get("/desk/passing.json").json()["colleagues"]]


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


def shown(browser: Browser) -> dict[str, Any]:
    """All that is offered."""
    said: dict[str, Any] = browser.get("/desk/passing.json").json()
    return said


def deputy_of(absent: Employee, *, registered: bool = True) -> Employee:
    made = employee("deputy", Role.SPECIALIST, surname="Яшина")
    Operator.objects.create(employee=made, state="ready", since=timezone.now(), registered=registered)
    Employee.objects.filter(pk=absent.pk).update(deputy=made)
    return made


@pytest.mark.clause("krc-5.6.4-20", "krc-5.6.4-21")
def test_who_is_away_is_shown_as_away_and_those_who_stand_in_for_him_are_offered(
    as_operator: Browser, krc: Any, talk: Talk
) -> None:
    talk()
    absent = colleague("offline", registered=False)
    [away] = shown(as_operator)["away"]
    assert (away["id"], away["deputies"]) == (absent.pk, [])
    deputy = deputy_of(absent)
    [away] = shown(as_operator)["away"]
    assert [(one["id"], one["state"]) for one in away["deputies"]] == [(deputy.pk, "ready")]
    Operator.objects.filter(pk=deputy.pk).update(registered=False)
    assert [one["deputies"] for one in shown(as_operator)["away"]] == [[], []], "who is away himself is not offered"


def test_who_is_reached_on_his_mobile_or_talks_is_not_away_and_absent_operators_are_left_out(
    as_operator: Browser, krc: Any, talk: Talk
) -> None:
    talk()
    colleague("offline", registered=False, mobile=True)
    off_shift = employee("night", Role.OPERATOR)
    Operator.objects.create(employee=off_shift, state="offline", since=timezone.now(), registered=False)
    assert shown(as_operator)["away"] == []
    deputy_of(off_shift)
    assert [one["id"] for one in shown(as_operator)["away"]] == [off_shift.pk]


@pytest.mark.clause("krc-5.6.4-15")
def test_departments_are_offered_by_their_extensions_with_who_is_free(
    as_operator: Browser, krc: Any, talk: Talk
) -> None:
    talk()
    unit = Unit.objects.create(code="office", name="Расчётный отдел")
    Extension.objects.create(number="77", unit=unit)
    assert shown(as_operator)["departments"] == [{"number": "77", "name": "Расчётный отдел", "free": 0}]
    colleague("ready", registered=True, unit=unit)
    assert shown(as_operator)["departments"][0]["free"] == 1


@pytest.mark.parametrize(
    ("profile", "blind", "clause"),
    [("krc", False, "krc-5.6.4-16"), ("yumek", False, "yumek-9.4-20"), ("voe", True, ""), ("court", True, "")],
)
@pytest.mark.clause("krc-5.6.4-16", "yumek-9.4-20")
def test_the_blind_way_is_offered_where_the_standard_lets_it_else_the_clause_is_named(
    as_operator: Browser, house: Any, talk: Talk, profile: str, blind: bool, clause: str
) -> None:
    house(profile)
    talk(profile)
    ways = shown(as_operator)["ways"]
    assert (ways["blind"], ways["clause"], ways["outside"]) == (blind, clause, True)
    assert bool(ways["reading"]) == bool(clause)


@pytest.mark.parametrize(
    ("chosen", "rung", "said"),
    [
        ({"target": "Петрова Алла"}, True, "Расчётный отдел, Петрова Алла."),
        ({"target": "Петрова Алла (Начальник Иван)", "target_kind": "deputy"}, True, "Расчётный отдел, Петрова Алла."),
        ({"target": "Расчётный отдел", "target_kind": "department"}, True, "Расчётный отдел, Петрова Алла."),
        ({"target": "Расчётный отдел", "target_kind": "department"}, False, "…, Расчётный отдел."),
        ({"target": "+79161112233", "target_kind": "outside"}, False, "…, +79161112233."),
        ({}, False, "…, …."),
    ],
)
@pytest.mark.clause("krc-5.6.4-18")
def test_the_client_is_told_the_colleague_s_own_department_and_who_answers_there(
    as_operator: Browser, krc: Any, talk: Talk, chosen: dict[str, Any], rung: bool, said: str
) -> None:
    contact = talk()
    colleague_ = colleague("ready", registered=True, unit=Unit.objects.create(code="office", name="Расчётный отдел"))
    facts = {"transfer_started": chosen} if chosen else {}
    facts |= {"transfer_offered": {**chosen, "target_employee": colleague_.pk}} if rung else {}
    for kind, data in facts.items():
        journal.record(kind=kind, subject_type="contact", subject_id=contact.pk, data=data)
    branches = as_operator.get("/desk/state.json").json()["guide"]["branches"]
    phrases = {step["id"]: step["phrases"] for branch in branches for step in branch["steps"]}
    assert phrases["transfer_where"] == [f"Соединяю Вас со специалистом: {said}"]


def test_a_number_outside_is_offered_by_right_alone(
    as_operator: Browser, krc: Any, talk: Talk, operator: Employee
) -> None:
    talk()
    Employee.objects.filter(pk=operator.pk).update(roles=[Role.COUNTER])
    assert shown(as_operator)["ways"]["outside"] is False


def test_the_list_is_not_part_of_what_is_asked_again_and_again(as_operator: Browser, krc: Any, talk: Talk) -> None:
    talk()
    assert not {"colleagues", "departments", "away", "ways"} & set(as_operator.get("/desk/state.json").json())
    first = as_operator.get("/desk/passing.json")
    same = as_operator.get("/desk/passing.json", headers={"if-none-match": first["ETag"]})
    assert (first.status_code, same.status_code) == (200, 304)


def test_nobody_is_offered_when_the_talk_is_over(as_operator: Browser, krc: Any, talk: Talk) -> None:
    talk(ended=True)
    colleague("ready", registered=True)
    said = shown(as_operator)
    assert (said["colleagues"], said["departments"], said["away"]) == ([], [], [])


def test_who_takes_a_call_without_an_introduction_reads_who_it_is_and_why(
    as_operator: Browser, house: Any, talk: Talk, switchboard: Switchboard
) -> None:
    house("voe")
    contact, colleague_ = talk("voe"), colleague("ready", registered=True)
    said = {"target_employee": colleague_.pk, "mode": "blind", "client_name": "Роман", "matter": "Немає світла"}
    assert tell(as_operator, contact, "transfer", **said).status_code == 200
    kept = as_operator.get("/desk/state.json").json()["guide"]["fields"]
    assert (kept["client_name"], kept["matter"]) == ("Роман", "Немає світла")
    path, asked = switchboard.last
    assert (path, asked["mode"]) == (f"/calls/{contact.pk}/transfer", "blind")
