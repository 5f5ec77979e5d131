"""A client with an account, and how he gets in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client, ContactPoint, Premise
from kindline.site.account import session, sessions


def seat(browser: Browser, login: Login) -> None:
    """Let somebody be in his account in a browser."""
    kept = browser.session
    kept[session.STAY] = sessions.SESSIONS.open(login, browser="", now=timezone.now()).token
    kept[session.STAMP] = session._stamp(login)
    kept.save()


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


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Passwords are not what is tested: they are kept in a way that costs nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
