"""Organisations with a registry, and the mail servers and the place for files that letters need."""

import pytest

from tests.appeals.registry import Registry, registry
from tests.correspondence.conftest import imap, mailbox, place, smtp, taken

__all__ = ["imap", "mailbox", "place", "smtp", "taken"]


@pytest.fixture
def krc(db: None) -> Registry:
    """The settlement centre."""
    return registry("krc")


@pytest.fixture
def court(db: None) -> Registry:
    """The contact centre of the courts."""
    return registry("court")
