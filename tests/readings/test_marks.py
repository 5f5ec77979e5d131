"""The mark of a telephone tells its number to nobody who has not our key, old marks included."""

from __future__ import annotations

import hashlib
import importlib

import pytest
from django.apps import apps
from django.test import override_settings

from kindline.readings import marks
from kindline.readings.models import Sending
from tests.readings.conftest import NOW

PHONE = "+79271112233"
BARE = hashlib.sha256(f"sms {PHONE}".encode()).hexdigest()


def test_a_mark_is_the_same_for_one_number_and_needs_the_key() -> None:
    assert marks.of_phone(PHONE) == marks.of_phone(PHONE) != marks.of_phone("+79271112234")
    assert marks.of_phone(PHONE) != BARE
    mine = marks.of_phone(PHONE)
    with override_settings(SECRET_KEY="another"):
        assert marks.of_phone(PHONE) != mine


@pytest.mark.db
def test_marks_that_were_kept_bare_become_the_keyed_ones_of_the_same_telephones() -> None:
    for key, channel, network in (("a", "sms", BARE), ("b", "sms", BARE), ("c", "web", "keyed"), ("d", "sms", "")):
        Sending.objects.create(key=key, sha256="", channel=channel, network=network, sent_at=NOW)
    importlib.import_module("kindline.readings.migrations.0006_keyed_phones").key_all(apps, None)
    kept = Sending.objects.order_by("key").values_list("network", flat=True)
    assert list(kept) == [marks.of_phone(PHONE), marks.of_phone(PHONE), "keyed", ""]
