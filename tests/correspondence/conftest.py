"""Mail servers, a place for files, and the standard that letters follow."""

import datetime as dt
import itertools
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from kindline.connectors.mail.imap import Imap
from kindline.correspondence import reading, receiving, storing
from kindline.correspondence.models import Incoming
from kindline.files.stores import put_bytes
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.correspondence.dovecot import ImapServer, imap

__all__ = ["imap"]
NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
OWN = "info@center.example"
counter = itertools.count()


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Path:
    """Files below a folder of this test; no server is set."""
    paths = {**settings.KINDLINE["paths"], "correspondence": str(tmp_path / "correspondence")}
    paths["files"] = str(tmp_path / "files")
    settings.KINDLINE = {**settings.KINDLINE, "id": "test-loop-key", "paths": paths}
    settings.MAIL = {"mailbox": {}, "relay": {}, "own": [OWN], "acknowledge": False}
    return tmp_path / "correspondence"


@pytest.fixture
def krc() -> Profile:
    """The standard with norms about letters."""
    return loader.load("krc")


@pytest.fixture
def taken(db: None) -> Callable[[bytes], Incoming]:
    """A raw message stored and read, as if it had come by itself."""

    def take(raw: bytes, now: dt.datetime = NOW) -> Incoming:
        from kindline.correspondence.wires import Mark

        kept = put_bytes(storing.raw(), raw)
        receiving.store_message(mailbox="m", mark=Mark("INBOX", 1, next(counter)), kept=kept, now=now)
        row = Incoming.objects.get(mailbox="m", sha256=kept.sha256)
        return reading.read_one(incoming=row, now=now)

    return take


@pytest.fixture
def mailbox(imap: ImapServer) -> Callable[..., Imap]:
    """A mailbox of this test's own on the real server."""
    user = f"box{next(counter)}@example.org"

    def make(**more: Any) -> Imap:
        return Imap(imap.url(user), **more)

    make.user = user  # type: ignore[attr-defined]
    return make


@dataclass
class MailServer:
    """A real SMTP server that notes what it is given, and can be told to be rude."""

    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    greylist: int = 0
    refuse: set[str] = field(default_factory=set)
    refused_with: str = "550 5.1.1 no such user"
    no_senders: str = ""  # what it says to whoever names a sender
    no_content: str = ""
    cut: int = 0
    reached: int = 0

    @property
    def url(self) -> str:
        """How it is named in the settings."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        """Take a sender, or nobody at all."""
        if self.no_senders:
            return self.no_senders
        envelope.mail_from = address or "<>"
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        """Take a recipient, refuse it for good, or for now."""
        self.reached += 1
        if address in self.refuse:
            return self.refused_with
        if self.greylist:
            self.greylist -= 1
            return "421 4.7.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a letter; cut the line before saying so, where told to."""
        if self.no_content:
            return self.no_content
        self.taken.append(envelope)
        if self.cut:
            self.cut -= 1
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 OK taken"


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """An SMTP server of this test's own."""
    made = MailServer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made.port = probe.getsockname()[1]
    controller = Controller(made, hostname="127.0.0.1", port=made.port)
    controller.start()
    yield made
    controller.stop()
