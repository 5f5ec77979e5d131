"""A call asked for on the site stands in the list of all callbacks, with where it comes from and from when."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.conversations import actions as conversations
from kindline.conversations.asked_calls import Wish

pytestmark = pytest.mark.db


def test_it_is_listed_with_its_source_and_its_contact_tells_how_it_came(krc: Any, as_supervisor: Browser) -> None:
    key, now = uuid.uuid4(), timezone.now()
    from_at = now + dt.timedelta(hours=2)
    wish = Wish("+79001112233", "Пётр Ёлкин", None, from_at, from_at + dt.timedelta(hours=2))
    conversations.ask_for_call(profile=krc, key=key, wish=wish, queue="general", now=now)
    page = as_supervisor.get("/desk/callbacks/").content.decode()
    assert "asked for on the site: General questions" in page
    assert "not before" in page
    assert "Пётр Ёлкин" in page
    contact = as_supervisor.get(f"/desk/contacts/{key}/")
    assert contact.status_code == 200
    assert "A call was asked for on the site" in contact.content.decode()
