"""The list of those who may sign: powers with dates and bounds, ended, struck out."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kindline.journal.queries import facts_of
from kindline.staff import signers
from kindline.staff.by_order import UnfitPowerError
from kindline.staff.models import Employee, Role, Signer, Unit

pytestmark = pytest.mark.db
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.fixture
def people(db: None) -> list[Employee]:
    """An administrator and two signers."""
    return [Employee.objects.create(username=f"p{n}", roles=[Role.ADMINISTRATOR], surname=f"Ш{n}") for n in range(3)]


def _name(people: list[Employee], **more: Any) -> Signer:
    given: dict[str, Any] = {"profile_id": "krc", "person": people[1], "valid_from": TODAY, "valid_to": None}
    return signers.name_signer(**given | {"order": "17-к", "employee": people[0], "now": NOW} | more)


def test_nobody_named_is_no_list(people: list[Employee]) -> None:
    assert not signers.powers("krc", TODAY).is_kept
    power = _name(people)
    assert signers.powers("krc", TODAY).is_kept
    assert not signers.powers("voe", TODAY).is_kept
    signers.strike(power=power, why="внесено помилково", employee=people[0], now=NOW)
    assert not signers.powers("krc", TODAY).is_kept, "all struck out: by role again"
    kinds = [one.kind for one in facts_of("employee", people[1].pk)]
    assert kinds == ["signer_named", "signer_struck"]


def test_powers_hold_on_their_days_and_a_list_that_ran_out_stays_a_list(people: list[Employee]) -> None:
    power = _name(people, valid_from=TODAY, valid_to=TODAY + dt.timedelta(days=2))
    held = [bool(signers.powers("krc", TODAY + dt.timedelta(days=n)).rows) for n in (-1, 0, 2, 3)]
    assert held == [False, True, True, False]
    assert signers.powers("krc", TODAY + dt.timedelta(days=3)).is_kept
    signers.end_power(power=power, valid_to=TODAY, employee=people[0], now=NOW)
    assert not signers.powers("krc", TODAY + dt.timedelta(days=1)).rows
    signers.end_power(power=power, valid_to=None, employee=people[0], now=NOW)
    assert signers.powers("krc", dt.date(2036, 1, 1)).rows
    Employee.objects.filter(pk=people[1].pk).update(is_active=False)
    assert not signers.powers("krc", TODAY).rows, "who is gone has no power"


def test_powers_reach_the_kinds_and_units_that_they_name(people: list[Employee]) -> None:
    meters, bills = (Unit.objects.create(code=code, name=code) for code in ("meters", "bills"))
    _name(people, kinds=["complaint"])
    _name(people, person=people[2], units=[meters])
    found = signers.powers("krc", TODAY)
    assert found.who("complaint", meters.pk) == [people[1], people[2]]
    assert found.who("complaint", bills.pk) == [people[1]]
    assert found.who("proposal", meters.pk) == [people[2]]
    assert found.who("proposal", None) == []
    assert not found.may(people[0], "complaint", meters.pk)


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("person", {"person": None}),
        ("order", {"order": "  "}),
        ("valid_from", {"valid_from": None}),
        ("valid_to", {"valid_to": TODAY - dt.timedelta(days=1)}),
    ],
)
def test_a_power_that_cannot_stand_is_refused(people: list[Employee], field: str, more: dict[str, Any]) -> None:
    with pytest.raises(UnfitPowerError, match=field):
        _name(people, **more)
    assert not Signer.objects.exists()


def test_an_end_before_the_beginning_and_striking_without_a_reason_are_refused(people: list[Employee]) -> None:
    power = _name(people)
    with pytest.raises(UnfitPowerError, match="valid_to"):
        signers.end_power(power=power, valid_to=TODAY - dt.timedelta(days=1), employee=people[0], now=NOW)
    with pytest.raises(UnfitPowerError, match="why"):
        signers.strike(power=power, why=" ", employee=people[0], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Signer.objects.filter(pk=power.pk).update(valid_to=TODAY - dt.timedelta(days=1))
