"""Readings of many meters by one file, from the account of a firm: for its own accounts, and for those given to it."""

from __future__ import annotations

import datetime as dt
from itertools import islice

from django.db.models import QuerySet

from kindline.clients.login_models import Login
from kindline.readings import bulk, filed, sheets
from kindline.readings.errors import ReadingsError
from kindline.readings.lines import Sender
from kindline.readings.models import Sending
from kindline.site.account import people
from kindline.standard.profile import Profile

BYTES_MAX, UNPACKED_MAX, LINES_MAX = 2 * 2**20, 12 * 2**20, 20_000
"""A house of a thousand flats has some thousands of meters."""
FILES_A_DAY = 20


class TooLargeFileError(ReadingsError):
    """More lines, or more bytes, than a client's file may have."""

    code = "file_too_large"


class TooManyFilesError(ReadingsError):
    """So many files came from this log-in within a day that no more are taken."""

    code = "too_many_files"


def send(*, profile: Profile, login: Login, name: str, content: bytes, now: dt.datetime) -> Sending:
    """Judge every line as if it had been sent by itself; the same file again is known, whatever was joined since.

    Raises: TooLargeFileError; TooManyFilesError; UnreadableFileError.
    """
    key = filed.key_of(content, str(login.pk))
    if (known := of(login).filter(key=key).first()) is not None:
        return known
    _check_many(login, now)
    first, lines = sheets.lines_of(content, unpacked_max=UNPACKED_MAX)
    rows = list(islice(lines, LINES_MAX + 1))
    if len(rows) > LINES_MAX or len(content) > BYTES_MAX:
        raise TooLargeFileError
    return bulk.load_readings(
        profile=profile, key=key, rows=filed.own_lines(login.pk, rows), sender=Sender("file", login_id=login.pk),
        title=name[:200], now=now, first=first,
    )  # fmt: skip


def again(*, profile: Profile, login: Login, sending: Sending, now: dt.datetime) -> Sending:
    """Judge the refused lines of a file once more: accounts may have been joined, or meters added, since.

    Raises: TooManyFilesError.
    """
    _check_many(login, now)
    sender = Sender("file", login_id=login.pk)
    return filed.judge_again(profile=profile, sending=sending, sender=sender, now=now)


def _check_many(login: Login, now: dt.datetime) -> None:
    """What an employee has judged again does not count. Raises: TooManyFilesError."""
    if of(login).filter(sent_at__gt=now - dt.timedelta(days=1), employee_id=None).count() >= FILES_A_DAY:
        raise TooManyFilesError


def may_send(login: Login) -> bool:
    """Whether it has an account of a firm, or was let send readings for accounts of others."""
    return bool(people.firm_accounts(login)) or login.reads.exists()


def accounts_of(login: Login) -> set[int]:
    """Those that it has, and those that it sends readings for."""
    return {*login.accounts.values_list("pk", flat=True), *login.reads.values_list("pk", flat=True)}


def of(login: Login) -> QuerySet[Sending]:
    """The files of a log-in, the latest first."""
    return Sending.objects.filter(channel="file", login_id=login.pk).order_by("-sent_at")
