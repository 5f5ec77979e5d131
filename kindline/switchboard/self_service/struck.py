"""Incidents at a client's place, told by the menu and before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from kindline.clients.models import Premise
from kindline.standard.profile import Profile
from kindline.switchboard.self_service.told import Reply, Told

At = Callable[[Profile, Sequence[Premise], dt.datetime], list[str]]
"""Profile, places, the moment -> what is said of the incidents that cover them."""


def account(told: Told) -> Reply | None:
    """The account, where the number that calls does not name the place already."""
    if told.account is None and "account" in told.answers:
        return told.wrong(told.words("no_account"), "account")
    return told.asks("account") if told.account is None and not told.callers_accounts else None


def tell(told: Told) -> Reply:
    """The incidents at the place of the account, else at all places of the caller."""
    accounts = [told.account] if told.account else told.callers_accounts
    found = at(told.profile, [one.premise for one in accounts], told.now)
    return Reply(" ".join(found) or told.words("no_outages"), done=True)


def news(told: Told) -> Reply:
    """What a caller is told before the menu: nothing when no incident covers his places."""
    return Reply(" ".join(at(told.profile, [one.premise for one in told.callers_accounts], told.now)[:1]))


def at(profile: Profile, places: Sequence[Premise], now: dt.datetime) -> list[str]:
    """What is said of the incidents that cover one of the places, by the package that keeps them (OUTAGES)."""
    if not settings.OUTAGES or not places:
        return []
    found: At = import_string(settings.OUTAGES["at"])
    return found(profile, places, now)


def streets(profile: Profile, now: dt.datetime) -> list[str]:
    """The streets that incidents name, whether or not anybody is supplied there."""
    named: list[str] = import_string(settings.OUTAGES["streets"])(profile, now) if settings.OUTAGES else []
    return named


def any_open(profile: Profile, now: dt.datetime) -> bool:
    """Whether there is any incident now."""
    return bool(settings.OUTAGES) and bool(import_string(settings.OUTAGES["any"])(profile, now))
