"""Which units the standard binds: those marked as working with clients."""

from __future__ import annotations

import pytest

from kindline.staff import responsibility
from kindline.staff.models import Employee, Role, Unit

pytestmark = pytest.mark.db


@pytest.mark.clause("krc-1-01")
def test_everybody_of_a_unit_that_works_with_clients_is_bound_and_nobody_else(db: None) -> None:
    clients = Unit.objects.create(code="subscribers", name="Отдел по работе с потребителями")
    inside = Unit.objects.create(code="directorate", name="Дирекция", interacts_with_clients=False)
    bound = Employee.objects.create(username="specialist", unit=clients, roles=[Role.SPECIALIST])
    Employee.objects.create(username="director", unit=inside, roles=[Role.DIRECTOR])
    Employee.objects.create(username="nobody", roles=[Role.ADMINISTRATOR])
    assert list(responsibility.responsible()) == [bound]
    inside.interacts_with_clients = True
    inside.save()
    assert responsibility.responsible().count() == 2
