"""A whole transaction again, when the database gave it up because of others (deadlock, serialization)."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, transaction

log = logging.getLogger(__name__)
GIVEN_UP = {"40001": "serialization failure", "40P01": "deadlock"}
TRIES = 6
PAUSE_S = 0.01
Made = TypeVar("Made")


def whole(work: Callable[[], Made]) -> Made:
    """Do the work in a transaction of its own, again when the database gives it up; `work` starts from nothing.

    Raises: what the work raises; the database's own error after six tries.
    """

    def attempt() -> Made:
        with transaction.atomic(durable=False):
            return work()

    return again(attempt)


def again(work: Callable[[], Made]) -> Made:
    """Do the work again when the database gives it up; it is a transaction, or one statement, and starts from nothing.

    Raises: what the work raises; the database's own error after six tries.
    """
    for attempt in range(1, TRIES):
        try:
            return work()
        except DatabaseError as error:
            reason = GIVEN_UP.get(sqlstate(error))
            if reason is None or transaction.get_connection().in_atomic_block:
                raise
            log.info("%s: the transaction is tried again (%d)", reason, attempt)
            time.sleep(random.uniform(0, PAUSE_S * 2**attempt))  # noqa: S311 - only so that two do not meet again
    return work()


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of an error, as far as there is one."""
    return str(getattr(error.__cause__, "sqlstate", None) or getattr(error, "sqlstate", None) or "")
