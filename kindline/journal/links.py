"""A connection of one's own to the database, beside Django's: for listening and for ringing."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection

OURS = {"context", "cursor_factory", "prepare_threshold"}


def parameters() -> dict[str, Any]:
    """How Django reaches its database, as psycopg takes it."""
    return {key: value for key, value in connection.get_connection_params().items() if key not in OURS}


def connect() -> psycopg.Connection[Any]:
    """A new connection that commits each statement."""
    return psycopg.connect(**parameters(), autocommit=True)


async def connect_async() -> psycopg.AsyncConnection[Any]:
    """A new asynchronous connection that commits each statement."""
    return await psycopg.AsyncConnection.connect(**parameters(), autocommit=True)
