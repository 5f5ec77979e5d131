"""Why a demonstration call cannot be made, or was not what it should have been."""

from __future__ import annotations


class DemoError(RuntimeError):
    """The call cannot go on as the scenario says; the message says why."""


class HungUpError(DemoError):
    """The call ended while somebody still wanted to do something in it."""
