"""The IMAP server of this run of tests."""

from collections.abc import Iterator

import pytest

from kindline.runtime.benches import dovecot
from kindline.runtime.benches.dovecot import PASSWORD, USER, ImapServer

__all__ = ["PASSWORD", "USER", "ImapServer", "imap"]


@pytest.fixture(scope="session")
def imap() -> Iterator[ImapServer]:
    """A running Dovecot; each test has a mailbox of its own."""
    with dovecot.running() as server:
        yield server
