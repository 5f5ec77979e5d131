"""What must be done once the database is there: tried until it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.db import DatabaseError, InterfaceError

log = logging.getLogger(__name__)
PAUSE_S = 0.5


async def patiently(work: Callable[[], Awaitable[object]]) -> None:
    """Do something that has to be done; a database that is away is waited for, any other error is raised."""
    while True:
        try:
            await work()
        except (DatabaseError, InterfaceError) as error:
            log.warning("waiting for the database: %s", error)
        else:
            return
        await asyncio.sleep(PAUSE_S)
