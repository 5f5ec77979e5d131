"""Ratings of talks in the hands of the package that keeps them (CALL_RATINGS)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from kindline.switchboard.machine.commands import KeepRating
from kindline.switchboard.self_service.told import Reply, Told


def may_ask(told: Told) -> Reply:
    """Whether the client of a talk that has just ended is asked for a rating."""
    if not settings.CALL_RATINGS:
        return Reply()
    allowed: Callable[..., bool] = import_string(settings.CALL_RATINGS["may_ask"])
    return Reply(done=allowed(told.profile, told.contact, told.now))


def keep(contact: str, given: KeepRating) -> None:
    """Keep what he pressed; inside the transaction of the call's change."""
    kept: Callable[..., Any] = import_string(settings.CALL_RATINGS["keep"])
    kept(contact=contact, score=given.score, of=given.of, now=given.given_at)
