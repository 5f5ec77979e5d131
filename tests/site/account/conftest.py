"""A client with an account, and how he gets in."""

from __future__ import annotations

import pytest
from django.utils import timezone

from kindline.clients.models import Account, Client, ContactPoint, Premise


@pytest.fixture
def account(db: None) -> Account:
    """An account of a person."""
    now = timezone.now()
    owner = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=now, changed_at=now)
    place = Premise.objects.create(city="Самара", street="Садовая", house="5", flat="7")
    ContactPoint.objects.create(client=owner, kind="phone", value="+79271112233")
    return Account.objects.create(
        number="1234567", client=owner, premise=place, service="heat", opened_on="2020-01-01", balance="-152.40"
    )
