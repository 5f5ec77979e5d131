"""Tries at the doors of the account are counted in turn: nobody passes a bound by trying at one moment (X1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from kindline.clients.login_models import Entry, Login
from kindline.journal import locking
from kindline.site.account import actions, session, throttle
from kindline.site.account.errors import DisabledError, ElsewhereError, NotEnteredError


def note(request: HttpRequest, login: Login | None, way: str, *, entered: bool) -> Entry:
    """Keep an attempt to enter, of this browser."""
    return actions.note(
        login=login, way=way, entered=entered, known_device=session.is_known_device(request, login),
        sender=session.sender(request), browser=session.browser_of(request), now=timezone.now(),
    )  # fmt: skip


@transaction.atomic
def begin(request: HttpRequest, login: Login | None) -> Entry:
    """A password is about to be looked at: it counts as wrong until it is found right.

    That takes long, so nobody waits for others of his address: by an address nobody nears what is nobody's log-in.
    Raises: HeldBackError.
    """
    sender, is_known = session.sender(request), session.is_known_device(request, login)
    if login is not None:
        locking.in_turn(_of(login))
    throttle.check_entry(login, sender, known_device=is_known, now=timezone.now())
    return note(request, login, "password", entered=False)


@contextmanager
def in_turn(request: HttpRequest, login: Login | None, way: str) -> Iterator[None]:
    """What is checked and looked at here is counted when it fails, before the next one of its kind is.

    One who is shut out, held back, or right in another browser is not counted.
    """
    failed = None
    with transaction.atomic():
        locking.in_turn(_of(login) if login else f"account from {session.sender(request)}")
        try:
            with transaction.atomic():
                yield
        except (DisabledError, ElsewhereError):
            raise
        except NotEnteredError as error:
            failed = error
            note(request, login, getattr(error, "way", way), entered=False)
    if failed is not None:
        raise failed


def _of(login: Login) -> str:
    return f"account of {login.pk}"
