"""The running instance as a demonstration leaves it."""

import uuid

import pytest
from django.utils import timezone

from kindline.conversations import actions as conversations
from kindline.conversations import places
from kindline.conversations.models import Callback
from kindline.runtime.demo_calls.office import Office
from kindline.standard import loader


@pytest.mark.db
def test_nobody_is_called_because_of_a_demonstration() -> None:
    krc, now = loader.load("krc"), timezone.now()
    numbers = {"+79001112233": uuid.uuid4(), "+79001112244": uuid.uuid4()}
    for phone, contact in numbers.items():
        conversations.open_contact(profile=krc, channel="phone", contact_id=contact, now=now)
        places.keep_place(profile=krc, contact=contact, phone=phone, queue="general", priority=0, since=now, now=now)
    Office(None, krc).give_up_place(numbers["+79001112233"])  # type: ignore[arg-type]
    assert dict(Callback.objects.values_list("phone", "state")) == {"+79001112233": "cancelled", "+79001112244": "open"}
