"""Who answers for the standard and has read it; who controls it by order."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from kindline.journal.queries import facts_of
from kindline.staff import responsibility
from kindline.staff.models import Acknowledgement, ControlOrder, Employee, Role, Unit
from kindline.standard import loader

clause = pytest.mark.clause
pytestmark = pytest.mark.db
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
KRC = loader.load("krc")


def _employee(username: str, *roles: str, serves: bool | None = None, **fields: object) -> Employee:
    unit = None if serves is None else Unit.objects.get_or_create(
        code=f"u{serves}", defaults={"name": f"u{serves}", "interacts_with_clients": serves}
    )[0]  # fmt: skip
    return Employee.objects.create(username=username, roles=list(roles), unit=unit, **fields)


@clause("krc-7-01", "krc-7-02", "voe-1-04")
def test_units_that_interact_and_everybody_who_serves_answer_for_it() -> None:
    clerk = _employee("clerk", Role.SPECIALIST, serves=True)
    operator, counter = _employee("operator", Role.OPERATOR), _employee("counter", Role.COUNTER, serves=False)
    _employee("director", Role.DIRECTOR, serves=False)
    _employee("gone", Role.OPERATOR, serves=True, is_active=False)
    assert set(responsibility.responsible()) == {clerk, operator, counter}


@clause("krc-7-01")
def test_reading_a_version_is_kept_once_and_a_new_version_is_to_be_read_anew() -> None:
    clerk = _employee("clerk", Role.SPECIALIST, serves=True)
    for days in (0, 1):
        responsibility.acknowledge(profile=KRC, employee=clerk, now=NOW + dt.timedelta(days=days))
    assert responsibility.readers(KRC) == {clerk.pk: NOW}
    assert facts_of("employee", clerk.pk).filter(kind="standard_acknowledged").count() == 1
    Acknowledgement.objects.update(version="0")
    assert responsibility.readers(KRC) == {}
    with pytest.raises(IntegrityError), transaction.atomic():
        Acknowledgement.objects.create(employee=clerk, profile="krc", version="0", made_at=NOW)


class TestOrders:
    @clause("krc-7-03")
    def test_the_latest_order_in_force_says_who_controls(self) -> None:
        old, new = _employee("old", Role.DIRECTOR), _employee("new", Role.DIRECTOR)
        self._order("1-п", [old], from_day=1)
        second = self._order("2-п", [old, new], from_day=10)
        assert responsibility.controllers("krc", dt.date(2026, 2, 28)) == []
        assert responsibility.controllers("krc", dt.date(2026, 3, 9)) == [old]
        assert set(responsibility.controllers("krc", dt.date(2026, 3, 10))) == {old, new}
        Employee.objects.filter(pk=old.pk).update(is_active=False)
        assert responsibility.controllers("krc", dt.date(2026, 3, 10)) == [new]
        assert responsibility.order_in_force("krc", dt.date(2026, 3, 10)) == second
        assert responsibility.controllers("court", dt.date(2026, 3, 10)) == []
        facts = facts_of("standard", "krc").filter(kind="controllers_named")
        assert [(fact.data["order"], fact.clauses) for fact in facts] == [("1-п", ["krc-7-03"]), ("2-п", ["krc-7-03"])]

    @clause("krc-7-03")
    @pytest.mark.parametrize("wrong", ["number", "persons", "valid_from", "twice"])
    def test_an_order_that_cannot_stand_is_refused(self, wrong: str) -> None:
        who = _employee("who", Role.DIRECTOR)
        if wrong == "twice":
            self._order("1-п", [who], from_day=1)
        with pytest.raises(ValidationError) as refused:
            self._order(
                " " if wrong == "number" else "1-п", [] if wrong == "persons" else [who],
                from_day=1, signed=dt.date(2026, 4, 1) if wrong == "valid_from" else dt.date(2026, 2, 27),
            )  # fmt: skip
        assert set(refused.value.message_dict) == {"number" if wrong == "twice" else wrong}
        assert ControlOrder.objects.count() == (wrong == "twice")

    @staticmethod
    def _order(
        number: str, persons: list[Employee], *, from_day: int, signed: dt.date = dt.date(2026, 2, 27)
    ) -> ControlOrder:
        clerk, _ = Employee.objects.get_or_create(username="administrator", roles=[Role.ADMINISTRATOR])
        return responsibility.name_controllers(
            profile=KRC, number=number, signed_on=signed, valid_from=dt.date(2026, 3, from_day), persons=persons,
            employee=clerk, now=NOW,
        )  # fmt: skip
