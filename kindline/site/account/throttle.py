"""Holding back who guesses, so that nobody can lock the owner out.

A browser is counted, since a mobile operator's whole town may be behind one address; and since a browser is what
anybody says it is, so are the address, with a bound that a town does not come to, and the account or mailbox tried.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q
from django.http import HttpRequest

from kindline.clients.login_models import Entry, Login, Ticket
from kindline.journal import locking
from kindline.site import pace, senders
from kindline.site.account.errors import HeldBackError
from kindline.site.errors import FloodError
from kindline.staff import known_browsers
from kindline.staff.known_browsers import Bounds

WINDOW, HOUR, DAY = known_browsers.WINDOW, known_browsers.HOUR, known_browsers.DAY
FAILED_FROM_ONE_ADDRESS = 100
"""Within the hour."""
FAILED_INTO_ONE_LOGIN = 10
FAILED_SECONDS = known_browsers.FAILED_SECONDS
LETTERS_TO_ONE_ADDRESS = 3
FORMS_FROM_ONE_BROWSER, FORMS_FROM_ONE_ADDRESS = 10, 300
"""Letters asked for within the hour."""
GUESSES_OF_ONE_ACCOUNT = 10
"""So often within a day the surname or the address of one account is looked at, from wherever it is asked."""


def check_entry(login: Login | None, sender: str, *, known_device: bool, now: dt.datetime) -> None:
    """Failures from elsewhere never count against a device on which the owner has entered before.

    Raises: HeldBackError.
    """
    if known_browsers.is_held(
        Entry.objects.filter(entered=False), Bounds(FAILED_FROM_ONE_ADDRESS, FAILED_INTO_ONE_LOGIN),
        address=Q(sender=sender, known_device=False), is_known=known_device, now=now,
        own=Q(login=login, known_device=True) if login else None,
        elsewhere=Q(login=login, way="password", known_device=False) if login else None,
    ):  # fmt: skip
        raise HeldBackError


def check_code(sender: str, now: dt.datetime) -> None:
    """Codes are guessed from one address only so often. Raises: HeldBackError."""
    failed = Entry.objects.filter(entered=False, way="code", sender=sender, at__gt=now - HOUR)
    _hold(failed.count(), FAILED_FROM_ONE_ADDRESS)


def count_form(request: HttpRequest, now: dt.datetime) -> None:
    """Letters are asked for from one browser, and from one address, only so often. Raises: HeldBackError."""
    whose = senders.of(request)
    most = {f"letter {whose.browser}": FORMS_FROM_ONE_BROWSER, f"letter {whose.address}": FORMS_FROM_ONE_ADDRESS}
    try:
        pace.bound(most, now)
    except FloodError as error:
        raise HeldBackError from error


def may_guess(about: str, now: dt.datetime) -> bool:
    """Whether what can be guessed of an account (`about`: a mark of its number) is still looked at today.

    Within the transaction that keeps the try: nobody else is counted meanwhile.
    Its owner gets in by the code of a bill all the same: that cannot be guessed.
    """
    locking.in_turn(f"guesses {about}")
    return Ticket.objects.filter(about=about, made_at__gt=now - DAY).count() < GUESSES_OF_ONE_ACCOUNT


def check_second(login: Login, sender: str, *, short: bool, known_device: bool, now: dt.datetime) -> None:
    """Six figures can be guessed, so few are taken; a code on paper cannot, so the owner gets in by one all the same.

    A device on which the owner has entered before is counted apart, neither held by its address nor against it.
    Raises: HeldBackError.
    """
    if known_browsers.is_second_held(
        Entry.objects.filter(entered=False, way="second", known_device=known_device), FAILED_FROM_ONE_ADDRESS,
        address=Q(sender=sender), person=Q(login=login), is_known=known_device, is_short=short, now=now,
    ):  # fmt: skip
        raise HeldBackError


def may_write_to(email: str, now: dt.datetime) -> bool:
    """Nobody's mailbox is filled with our codes; a form by which none went there is not counted against its owner."""
    locking.in_turn(f"letters {email}")
    sent = Ticket.objects.filter(email=email, made_at__gt=now - WINDOW, ends_at__gt=F("made_at"))
    return sent.count() < LETTERS_TO_ONE_ADDRESS


def _hold(many: int, most: int) -> None:
    if many >= most:
        raise HeldBackError
