"""To whom a call can be passed on: who is kept, who stands in for whom, which numbers outside may be called."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from kindline.clients import wishes
from kindline.staff import standing_in
from kindline.staff.models import Deputy, Employee, Role, Unit
from kindline.standard import loader, transfers
from kindline.switchboard import passing_on
from kindline.switchboard.choosing import Caller
from kindline.switchboard.dialling_models import Extension, Mobile, OutsideCall
from kindline.switchboard.machine import destinations
from kindline.switchboard.models import Call, Operator
from kindline.switchboard.passing_on import Chosen
from kindline.switchboard.returning import Returning, Window
from kindline.switchboard.wanted import AskedError
from tests.switchboard.people import at, employee, operator, waiting

pytestmark = pytest.mark.db
KRC = loader.load("krc")
OPEN = destinations.of(KRC)
NUMBER, CALL = "+74951234567", "00000000-0000-4000-8000-000000000007"
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=KRC.zone)


def office(*people: Operator, number: str = "77") -> None:
    unit = Unit.objects.get_or_create(code="office", defaults={"name": "Office"})[0]
    Extension.objects.create(number=number, unit=unit)
    Employee.objects.filter(pk__in=[one.pk for one in people]).update(unit=unit)


def state_of(who: Operator) -> str:
    return Operator.objects.get(pk=who.pk).state


def outside(who: Employee, number: str = NUMBER, now: dt.datetime = NOON) -> Chosen | str:
    """What is chosen, or the code of why not."""
    try:
        return passing_on.outside(KRC, OPEN, who.pk, number, now)
    except AskedError as error:
        return str(error.said["error"])


# --- a department ---
def test_of_a_department_the_first_who_can_is_kept() -> None:
    busy, free, anna = operator("busy", state="talking"), operator("free"), operator("anna")
    office(busy, free)
    assert passing_on.department("77", anna.pk, CALL, at(0)) == Chosen("department", "Office", free.pk, "77")
    assert (state_of(free), state_of(busy)) == ("ringing", "talking")


@pytest.mark.parametrize(("state", "registered", "why_not"), [("talking", True, "busy"), ("ready", False, "absent")])
def test_a_department_where_nobody_can_is_busy_or_absent(state: str, registered: bool, why_not: str) -> None:
    only, anna = operator("only", state=state, registered=registered), operator("anna")
    office(only)
    assert passing_on.department("77", anna.pk, CALL, at(0)).why_not == why_not


def test_a_department_without_people_is_absent_and_one_that_is_not_there_is_said() -> None:
    office()
    anna = operator("anna")
    assert passing_on.department("77", anna.pk, CALL, at(0)).why_not == "absent"
    with pytest.raises(AskedError, match="no department"):
        passing_on.department("1", anna.pk, CALL, at(0))


# --- a deputy ---
def deputising(absent: Employee, deputy: Employee, **fields: Any) -> Deputy:
    given = {"valid_from": NOON.date(), "order": "12", "made_by": absent, "made_at": NOON, "profile": "krc"} | fields
    return Deputy.objects.create(absent=absent, deputy=deputy, **given)


@pytest.mark.clause("krc-5.6.4-20", "krc-5.6.4-21")
def test_a_deputy_is_called_in_his_absence_by_his_card_or_by_an_order() -> None:
    chief, boris = employee("chief", Role.UNIT_HEAD), operator("boris")
    ask_for = (boris.pk, chief.pk, waiting(), KRC, NOON)
    with pytest.raises(AskedError, match="does not deputise"):
        passing_on.colleague(*ask_for)
    chief.deputy = boris.employee
    chief.save()
    assert passing_on.colleague(*ask_for) == Chosen("deputy", "Boris (Chief)", boris.pk)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, True),
        ({"valid_from": NOON.date() + dt.timedelta(days=1)}, False),
        ({"valid_from": dt.date(2026, 2, 1), "valid_to": dt.date(2026, 3, 1)}, False),
        ({"valid_to": NOON.date()}, True),
        ({"profile": "voe"}, False),
        ({"struck_at": NOON, "struck_why": "w"}, False),
    ],
)
def test_an_order_counts_on_its_days_alone(fields: dict[str, Any], found: bool) -> None:
    chief, boris = employee("chief"), employee("boris")
    deputising(chief, boris, **fields)
    assert standing_in.pairs([chief.pk], KRC, NOON) == ([(chief.pk, boris.pk)] if found else [])


def test_the_card_comes_before_orders_and_who_has_left_stands_in_for_nobody() -> None:
    chief, boris, vera = employee("chief"), employee("boris"), employee("vera")
    deputising(chief, boris)
    chief.deputy = vera
    chief.save()
    assert standing_in.pairs([chief.pk], KRC, NOON) == [(chief.pk, vera.pk), (chief.pk, boris.pk)]
    Employee.objects.filter(pk=vera.pk).update(is_active=False)
    assert standing_in.pairs([chief.pk], KRC, NOON) == [(chief.pk, boris.pk)]


def test_a_colleague_whose_telephones_are_away_is_reached_on_his_mobile() -> None:
    away = operator("away", state="offline", registered=False)
    Mobile.objects.create(employee=away.employee, number="+79161112233")
    assert passing_on.colleague(away.pk, 0, CALL, KRC, NOON).endpoint == "tel:+79161112233"


# --- a number outside ---
def test_a_number_outside_is_held_by_the_rules_of_every_call_there() -> None:
    anna = operator("anna").employee
    assert outside(anna, "8 (495) 123-45-67") == Chosen("outside", NUMBER, number=NUMBER, endpoint=f"tel:{NUMBER}")
    assert outside(anna, "112") == Chosen("outside", "112", number="112", endpoint="tel:112")
    assert outside(anna, "+380441234567") == "abroad"
    assert outside(anna, "+78091234567") == "premium"
    assert outside(anna, "sing") == "no_number"
    assert outside(anna, now=NOON.replace(hour=23)) == "off_hours"
    wishes.bar_number(phone=NUMBER, country="RU", via="desk", employee_id=None, actor="client", now=NOON)
    assert outside(anna) == "do_not_call"


NIGHT = NOON.replace(hour=23)


@pytest.mark.clause("krc-5.6.4-15", "court-3-09")
@pytest.mark.parametrize("written", ["8 (495) 123-45-67", "+7 495 123 45 67", "8-800-000-00-01; 8 495 1234567"])
def test_a_duty_number_of_a_department_is_called_at_any_hour(written: str) -> None:
    anna = operator("anna").employee
    assert outside(anna, now=NIGHT) == "off_hours", "whoever it is, he may sleep"
    Unit.objects.create(code="duty", name="Duty", phone=written)
    assert outside(anna, now=NIGHT) == Chosen("outside", NUMBER, number=NUMBER, endpoint=f"tel:{NUMBER}")
    assert outside(anna, "+74951234568", now=NIGHT) == "off_hours"


@pytest.mark.parametrize(("active", "expected"), [(True, NUMBER), (False, "off_hours")])
@pytest.mark.parametrize("where", ["staff", "mobile"])
def test_so_is_a_colleague_as_long_as_he_is_one(active: bool, expected: str, where: str) -> None:
    anna, boris = operator("anna").employee, employee("boris", phone=NUMBER if where == "staff" else "")
    if where == "mobile":
        Mobile.objects.create(employee=boris, number=NUMBER)
    Employee.objects.filter(pk=boris.pk).update(is_active=active)
    found = outside(anna, now=NIGHT)
    assert (found.number if isinstance(found, Chosen) else found) == expected


def test_a_number_of_ours_is_held_by_all_other_rules() -> None:
    anna = operator("anna").employee
    Unit.objects.create(code="duty", name="Duty", phone="+380441234567")
    assert outside(anna, "+380441234567", now=NIGHT) == "abroad"
    OutsideCall.objects.bulk_create(OutsideCall(employee=anna, at=NIGHT) for _ in range(40))
    Unit.objects.create(code="other", name="Other", phone=NUMBER)
    assert outside(anna, now=NIGHT) == "too_many"


def test_who_calls_outside_too_often_may_not_pass_on_there_either() -> None:
    anna = operator("anna").employee
    OutsideCall.objects.bulk_create(OutsideCall(employee=anna, at=NOON) for _ in range(40))
    assert outside(anna) == "too_many"


def test_only_by_right() -> None:
    assert outside(employee("window", Role.COUNTER)) == "no_right"
    assert not OutsideCall.objects.exists(), "what he may not ask for is not counted"


# --- the standards ---
@pytest.mark.parametrize(
    ("profile", "blind", "clause"),
    [("krc", False, "krc-5.6.4-16"), ("yumek", False, "yumek-9.4-20"), ("voe", True, ""), ("court", True, "")],
)
@pytest.mark.clause("krc-5.6.4-16", "krc-5.5.3-05", "yumek-9.4-20", "court-3-09")
def test_what_each_standard_lets_an_operator_do(profile: str, blind: bool, clause: str) -> None:
    found = transfers.of(loader.load(profile))
    assert (found.blind, found.clause) == (blind, clause)
    assert Role.OPERATOR in found.outside
    assert Role.COUNTER not in found.outside


def test_a_standard_that_says_nothing_lets_nobody_leave_before_and_send_nothing_outside() -> None:
    silent = dataclasses.replace(loader.load("voe"), variables={})
    assert transfers.of(silent) == transfers.Transfers()


def test_a_clause_outweighs_the_variable() -> None:
    both = dataclasses.replace(KRC, variables={**KRC.variables, "transfers": {"blind": True}})
    assert not transfers.of(both).blind


# --- back to the same operator ---
@pytest.mark.parametrize(("windows", "kept"), [({"general": Window(0, 30)}, True), ({}, False)])
def test_whom_nobody_took_comes_back_to_who_passed_him_on_where_the_queue_is_set_so(
    windows: dict[str, Window], kept: bool
) -> None:
    anna, caller = operator("anna"), waiting("general")
    operator("boris", idle_s=-500)
    row = Call.objects.get(pk=caller)
    row.data["waiting"]["back_to"] = anna.pk
    row.save()
    [found] = Returning(windows).kept([Caller(caller, "general", since=at(0).timestamp())], at(0))
    assert found.returns_to == (anna.pk if kept else 0)
