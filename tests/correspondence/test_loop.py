"""All together, through the settings: a letter comes, is acknowledged and answered; trouble outside is survived."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kindline.connectors.mail.imap import Imap
from kindline.correspondence import loop, queries, reading, receiving, sending, wires
from kindline.correspondence.errors import UnreachableError
from kindline.correspondence.models import Incoming, Outgoing
from kindline.runtime import parts
from kindline.runtime import settings as runtime_settings
from kindline.standard import loader
from tests.correspondence.conftest import NOW, OWN, MailServer
from tests.correspondence.dovecot import ImapServer
from tests.correspondence.letters import TEXT, file
from tests.correspondence.letters import parts as several
from tests.plugins.rude import Rude, until

Boxes = Callable[..., Imap]


def described(monkeypatch: pytest.MonkeyPatch, read: str, sent: str, **more: str) -> dict[str, Any]:
    """The settings as an administrator's environment makes them."""
    for name, value in {"IMAP_URL": read, "SMTP_URL": sent, "MAIL_FROM": OWN, **more}.items():
        monkeypatch.setenv(f"KINDLINE_{name}", value)
    return runtime_settings.mail()


def test_off_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    for name in ("KINDLINE_IMAP_URL", "KINDLINE_SMTP_URL", "KINDLINE_MAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    settings.MAIL = runtime_settings.mail()
    assert (wires.mailbox(), wires.relay()) == (None, None)
    assert not parts.has_mail()


def test_a_name_before_our_address_fails_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = described(monkeypatch, "", "smtp://127.0.0.1", MAIL_FROM=f"Поліссяобленерго <{OWN}>")
    assert (mail["relay"]["sender"], mail["own"]) == (OWN, [OWN])


@pytest.mark.clause("krc-5.5.1-06")
@pytest.mark.db(transaction=True)
def test_a_letter_comes_and_is_acknowledged(
    imap: ImapServer, smtp: MailServer, mailbox: Boxes, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    user = mailbox.user  # type: ignore[attr-defined]
    settings.MAIL = described(monkeypatch, imap.url(user), smtp.url, MAIL_ACKNOWLEDGE="1")
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
    krc = loader.load("krc")
    assert krc.workflow is not None
    by_clerks = replace(krc, workflow=replace(krc.workflow, intake=None))
    monkeypatch.setattr(loader, "load", lambda _name: by_clerks)
    imap.put(several(TEXT, file("filename=a.txt", b"x")), user=user)
    rounds = loop.Round(threading.Event())
    rounds.work()
    row = Incoming.objects.get()
    assert (row.kind, queries.files_of(row).get().file.state) == ("message", "clean")
    assert smtp.taken[0].rcpt_tos == ["ivan@example.org"]
    assert Outgoing.objects.get().answers == row
    rounds.work()
    assert len(smtp.taken) == 1


@pytest.mark.db(transaction=True)
def test_all_that_waits_is_read_in_one_round(
    imap: ImapServer, smtp: MailServer, mailbox: Boxes, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    user = mailbox.user  # type: ignore[attr-defined]
    settings.MAIL = described(monkeypatch, imap.url(user), smtp.url)
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
    several_rounds = reading.BATCH + 3
    imap.put(*(several(TEXT + f" {number}".encode()) for number in range(several_rounds)), user=user)
    loop.Round(threading.Event()).work()
    assert list(Incoming.objects.values_list("state", flat=True)) == ["read"] * several_rounds


@pytest.mark.db(transaction=True)
def test_servers_that_are_not_there_stop_nothing(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.MAIL = described(monkeypatch, "imap://a:b@127.0.0.1:1", "smtp://127.0.0.1:1", CLAMAV="/nothing")
    clock = [0.0]
    rounds = loop.Round(threading.Event(), lambda: clock[0])
    rounds.work()
    assert rounds.mailbox_at == loop.TROUBLE_PAUSE_S


@pytest.mark.db
class TestOrder:
    def test_a_message_that_cannot_be_fetched_stops_no_other(
        self, imap: ImapServer, mailbox: Boxes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        imap.put(*(several(TEXT, boundary=f"b{n}") for n in range(3)), user=mailbox.user)  # type: ignore[attr-defined]
        from kindline.connectors.mail import imap as connector

        usual = connector.Opened.fetch

        def failing(self: Any, mark: Any, into: Any) -> int:
            if mark.uid == 1:
                raise UnreachableError("broken on the server")
            return usual(self, mark, into)

        monkeypatch.setattr(connector.Opened, "fetch", failing)
        assert receiving.receive(mailbox=mailbox(), now=NOW) == 2
        monkeypatch.undo()
        assert receiving.receive(mailbox=mailbox(), now=NOW) == 1

    def test_a_few_at_a_time(self, imap: ImapServer, mailbox: Boxes) -> None:
        imap.put(*(several(TEXT, boundary=f"b{n}") for n in range(3)), user=mailbox.user)  # type: ignore[attr-defined]
        assert receiving.receive(mailbox=mailbox(), now=NOW, limit=2) == 2
        assert receiving.receive(mailbox=mailbox(), now=NOW, limit=2) == 1

    def test_a_batch_ends_long_before_a_letter_counts_as_lost(self) -> None:
        from kindline.connectors.mail import smtp
        from kindline.correspondence import actions

        assert actions.LOST_AFTER.total_seconds() > sending.BATCH * 3 * smtp.TIMEOUT_S


@pytest.mark.db(transaction=True)
def test_the_process_works_and_stops_when_told(
    rude: Rude, imap: ImapServer, smtp: MailServer, mailbox: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = mailbox.user  # type: ignore[attr-defined]
    described(monkeypatch, imap.url(user), smtp.url)
    imap.put(several(TEXT), user=user)
    process = rude.start("-m", "kindline.runtime.lasting", "kindline.correspondence.loop")
    until(lambda: rude.ask("SELECT 1 FROM correspondence_incoming WHERE state = 'read'"), 60, "nothing was read")
    began = time.monotonic()
    process.terminate()
    assert process.wait(20) == 0
    assert time.monotonic() - began < 20
