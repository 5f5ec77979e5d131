"""Holding back who guesses, so that nobody can lock the owner out."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from kindline.clients.login_models import Entry, Login, Ticket
from kindline.site.account.errors import HeldBackError
from kindline.staff import known_browsers
from kindline.staff.known_browsers import Bounds

WINDOW = dt.timedelta(minutes=15)
FAILED_FROM_ONE_ADDRESS = 20
FAILED_INTO_ONE_LOGIN = 10
FAILED_SECONDS = known_browsers.FAILED_SECONDS
LETTERS_TO_ONE_ADDRESS = 3
FORMS_FROM_ONE_ADDRESS = 10


def check_entry(login: Login | None, sender: str, *, known_device: bool, now: dt.datetime) -> None:
    """Failures from elsewhere never count against a device on which the owner has entered before.

    Raises: HeldBackError.
    """
    failed = Entry.objects.filter(entered=False, at__gt=now - WINDOW)
    if known_browsers.is_held(
        failed, Bounds(FAILED_FROM_ONE_ADDRESS, FAILED_INTO_ONE_LOGIN), address=Q(sender=sender), is_known=known_device,
        own=Q(login=login, known_device=True) if login else None,
        elsewhere=Q(login=login, way="password", known_device=False) if login else None,
    ):  # fmt: skip
        raise HeldBackError


def check_code(sender: str, now: dt.datetime) -> None:
    """Codes are guessed from one address only so often. Raises: HeldBackError."""
    failed = Entry.objects.filter(entered=False, way="code", sender=sender, at__gt=now - WINDOW)
    _hold(failed.count(), FAILED_FROM_ONE_ADDRESS)


def check_form(sender: str, now: dt.datetime) -> None:
    """Letters are asked for from one address only so often. Raises: HeldBackError."""
    _hold(Ticket.objects.filter(sender=sender, made_at__gt=now - WINDOW).count(), FORMS_FROM_ONE_ADDRESS)


def check_second(login: Login, sender: str, *, short: bool, known_device: bool, now: dt.datetime) -> None:
    """Six figures can be guessed, so few are taken; a code on paper cannot, so the owner gets in by one all the same.

    A device on which the owner has entered before is counted apart. Raises: HeldBackError.
    """
    failed = Entry.objects.filter(entered=False, way="second")
    _hold(failed.filter(sender=sender, at__gt=now - WINDOW).count(), FAILED_FROM_ONE_ADDRESS)
    if short and known_browsers.is_second_held(failed.filter(login=login, known_device=known_device), now):
        raise HeldBackError


def may_write_to(email: str, now: dt.datetime) -> bool:
    """Nobody's mailbox is filled with our codes."""
    return Ticket.objects.filter(email=email, made_at__gt=now - WINDOW).count() < LETTERS_TO_ONE_ADDRESS


def _hold(many: int, most: int) -> None:
    if many >= most:
        raise HeldBackError
