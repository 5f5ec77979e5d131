"""Who signs while a signer is away: with the powers of the absent, on his days, by an order; ended and struck out."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kindline.journal.queries import facts_of
from kindline.staff import deputies, signers
from kindline.staff.by_order import UnfitPowerError
from kindline.staff.models import Deputy, Employee, Role

pytestmark = [pytest.mark.db, pytest.mark.clause("krc-6.1-44")]
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def people(db: None) -> list[Employee]:
    """An administrator, a signer of complaints, and two who sign nothing."""
    found = [Employee.objects.create(username=f"p{n}", roles=[Role.ADMINISTRATOR], surname=f"Ш{n}") for n in range(4)]
    signers.name_signer(
        profile_id="krc", person=found[1], valid_from=TODAY, valid_to=None, order="17-к", kinds=["complaint"],
        employee=found[0], now=NOW,
    )  # fmt: skip
    return found


def _deputy(people: list[Employee], **more: Any) -> Deputy:
    given: dict[str, Any] = {"absent": people[1], "deputy": people[2], "valid_from": TODAY, "valid_to": TODAY + DAY}
    given |= {"profile_id": "krc", "order": "21-к", "employee": people[0], "now": NOW}
    return deputies.name_deputy(**given | more)


def test_a_deputy_has_the_powers_of_the_absent_on_these_days(people: list[Employee]) -> None:
    _deputy(people)
    held = [signers.powers("krc", TODAY + n * DAY).may(people[2], "complaint", None) for n in range(-1, 3)]
    assert held == [False, True, True, False]
    today = signers.powers("krc", TODAY)
    assert not today.may(people[2], "proposal", None), "the powers of the absent bound it"
    assert today.who("complaint", None) == [people[1], people[2]]
    ground = today.ground(people[2], "complaint", None)
    assert ground is not None
    assert (ground.power.order, ground.deputy and ground.deputy.order) == ("17-к", "21-к")


def test_ones_own_power_goes_first(people: list[Employee]) -> None:
    _deputy(people)
    signers.name_signer(
        profile_id="krc", person=people[2], valid_from=TODAY, valid_to=None, order="5-к", employee=people[0], now=NOW
    )
    ground = signers.powers("krc", TODAY).ground(people[2], "complaint", None)
    assert ground is not None
    assert (ground.power.order, ground.deputy) == ("5-к", None)


def test_a_deputy_has_no_deputy(people: list[Employee]) -> None:
    _deputy(people)
    with pytest.raises(UnfitPowerError, match="absent"):
        _deputy(people, absent=people[2], deputy=people[3])


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("absent", {"absent": None}),
        ("deputy", {"deputy": None}),
        ("order", {"order": " "}),
        ("valid_from", {"valid_from": None}),
        ("valid_to", {"valid_to": TODAY - DAY}),
    ],
)
def test_what_cannot_stand_is_refused(people: list[Employee], field: str, more: dict[str, Any]) -> None:
    with pytest.raises(UnfitPowerError, match=field):
        _deputy(people, **more)
    with pytest.raises(UnfitPowerError, match="deputy"):
        _deputy(people, deputy=people[1])
    assert not Deputy.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Deputy.objects.create(
            profile="krc", absent=people[1], deputy=people[1], valid_from=TODAY, order="1", made_by=people[0],
            made_at=NOW,
        )  # fmt: skip


def test_it_is_ended_and_struck_out_with_a_reason(people: list[Employee]) -> None:
    row = _deputy(people)
    deputies.end_deputy(deputy=row, valid_to=TODAY, employee=people[0], now=NOW)
    assert not signers.powers("krc", TODAY + DAY).may(people[2], "complaint", None)
    with pytest.raises(UnfitPowerError, match="valid_to"):
        deputies.end_deputy(deputy=row, valid_to=TODAY - DAY, employee=people[0], now=NOW)
    with pytest.raises(UnfitPowerError, match="why"):
        deputies.strike_deputy(deputy=row, why=" ", employee=people[0], now=NOW)
    deputies.strike_deputy(deputy=row, why="вышел раньше", employee=people[0], now=NOW)
    assert not signers.powers("krc", TODAY).may(people[2], "complaint", None)
    kinds = [one.kind for one in facts_of("employee", people[2].pk)]
    assert kinds == ["deputy_named", "deputy_changed", "deputy_struck"]


def test_who_is_gone_has_no_deputy_and_is_none(people: list[Employee]) -> None:
    _deputy(people)
    Employee.objects.filter(pk=people[2].pk).update(is_active=False)
    assert not signers.powers("krc", TODAY).deputies
    Employee.objects.filter(pk=people[2].pk).update(is_active=True)
    Employee.objects.filter(pk=people[1].pk).update(is_active=False)
    assert not signers.powers("krc", TODAY).may(people[2], "complaint", None), "the power went with its holder"
