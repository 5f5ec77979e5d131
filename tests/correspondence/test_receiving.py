"""Mail in over a real IMAP server: stored first, told afterwards, the same bytes once (M1)."""

import hashlib
import imaplib
from collections.abc import Callable
from pathlib import Path

import pytest

from kindline.connectors.mail import imap as connector
from kindline.connectors.mail.imap import KEYWORD, Imap
from kindline.correspondence import receiving, storing
from kindline.correspondence.errors import UnreachableError
from kindline.correspondence.models import Incoming
from kindline.correspondence.wires import Mark
from kindline.journal.models import Fact
from tests.correspondence.conftest import NOW
from tests.correspondence.dovecot import ImapServer

pytestmark = pytest.mark.db
Boxes = Callable[..., Imap]


def letter(number: int = 1, message_id: str = "<same@example.org>", body: str = "hello") -> bytes:
    """A plain letter."""
    return f"From: a@example.org\r\nMessage-ID: {message_id}\r\nSubject: {number}\r\n\r\n{body}\r\n".encode()


def test_stores_marks_and_deletes_nothing(imap: ImapServer, mailbox: Boxes) -> None:
    user = mailbox.user  # type: ignore[attr-defined]
    imap.put(letter(1), letter(2), user=user)
    assert receiving.receive(mailbox=mailbox(), now=NOW) == 2
    assert imap.count("KEYWORD", KEYWORD, user=user) == imap.count("ALL", user=user) == 2
    assert imap.count("UNSEEN", user=user) == 2
    row = Incoming.objects.order_by("pk")[0]
    assert row.sha256 == hashlib.sha256(letter(1)).hexdigest()
    assert storing.raw().opened(row.sha256).read() == letter(1)
    assert Fact.objects.filter(kind="mail_stored", subject_id=str(row.pk)).count() == 1
    assert receiving.receive(mailbox=mailbox(), now=NOW) == 0


def test_is_moved_where_the_settings_say_so(imap: ImapServer, mailbox: Boxes) -> None:
    user = mailbox.user  # type: ignore[attr-defined]
    imap.put(letter(1), user=user)
    assert receiving.receive(mailbox=mailbox(done_folder="Done"), now=NOW) == 1
    assert (imap.count("ALL", user=user), imap.count("ALL", user=user, folder="Done")) == (0, 1)


def test_a_server_that_cannot_move_keeps_it_marked(
    imap: ImapServer, mailbox: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = mailbox.user  # type: ignore[attr-defined]
    imap.put(letter(1), user=user)
    monkeypatch.setattr(imaplib.IMAP4, "capability", lambda _self: ("OK", [b"IMAP4rev1"]))
    assert receiving.receive(mailbox=mailbox(done_folder="Done"), now=NOW) == 1
    assert imap.count("KEYWORD", KEYWORD, user=user) == 1


def test_several_folders_and_a_large_message(imap: ImapServer, mailbox: Boxes) -> None:
    user = mailbox.user  # type: ignore[attr-defined]
    large = letter(3, body="x" * 3_000_000)
    with imap.client(user) as client:
        client.create("Other")
    imap.put(large, user=user, folder="Other")
    imap.put(letter(1), user=user)
    assert receiving.receive(mailbox=mailbox(folders=("INBOX", "Other")), now=NOW) == 2
    row = Incoming.objects.get(sha256=hashlib.sha256(large).hexdigest())
    assert storing.raw().opened(row.sha256).read() == large


def test_what_others_have_marked_as_deleted_stays(imap: ImapServer, mailbox: Boxes) -> None:
    user = mailbox.user  # type: ignore[attr-defined]
    imap.put(letter(1), letter(2), user=user)
    with imap.client(user) as client:
        client.select("INBOX")
        client.uid("STORE", "2", "+FLAGS", "(\\Deleted)")
        assert receiving.receive(mailbox=mailbox(), now=NOW, limit=1) == 1
    assert imap.count("ALL", user=user) == 2


@pytest.mark.fault("M1")
class TestM1:
    @pytest.mark.parametrize("says_so", [True, False])
    def test_a_server_that_keeps_no_marks_hides_no_later_message(
        self, imap: ImapServer, mailbox: Boxes, monkeypatch: pytest.MonkeyPatch, *, says_so: bool
    ) -> None:
        usual = imaplib.IMAP4.uid

        def keeping_nothing(self: imaplib.IMAP4, command: str, *args: str) -> object:
            if command == "STORE":
                return ("NO", [b"no keywords here"]) if says_so else ("OK", [None])
            return usual(self, command, *args)

        monkeypatch.setattr(imaplib.IMAP4, "uid", keeping_nothing)
        imap.put(*(letter(n) for n in range(5)), user=mailbox.user)  # type: ignore[attr-defined]
        monkeypatch.setattr(receiving, "ASKED_AT_ONCE", 2)
        assert [receiving.receive(mailbox=mailbox(), now=NOW, limit=2) for _ in range(4)] == [2, 2, 1, 0]
        assert Incoming.objects.count() == 5

    def test_messages_that_cannot_be_fetched_hide_none_behind_them(
        self, imap: ImapServer, mailbox: Boxes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usual = connector.Opened.fetch

        def failing(self: connector.Opened, mark: Mark, into: Path) -> int:
            if mark.uid <= 3:
                raise UnreachableError("broken on the server")
            return usual(self, mark, into)

        monkeypatch.setattr(connector.Opened, "fetch", failing)
        imap.put(*(letter(n) for n in range(5)), user=mailbox.user)  # type: ignore[attr-defined]
        assert receiving.receive(mailbox=mailbox(), now=NOW, limit=2) == 2

    def test_a_fetch_interrupted_before_the_mark_stores_once(self, imap: ImapServer, mailbox: Boxes) -> None:
        user = mailbox.user  # type: ignore[attr-defined]
        imap.put(letter(1), user=user)
        box = mailbox()
        with box.open() as inbox:
            mark = next(inbox.waiting())
            inbox.tell_stored = lambda _mark: (_ for _ in ()).throw(OSError("cut"))  # type: ignore[method-assign, assignment]
            with pytest.raises(OSError, match="cut"):
                receiving.receive_one(mailbox=box.name, inbox=inbox, mark=mark, now=NOW)
        assert imap.count("KEYWORD", KEYWORD, user=user) == 0
        assert receiving.receive(mailbox=mailbox(), now=NOW) == 0
        assert Incoming.objects.count() == 1
        assert imap.count("KEYWORD", KEYWORD, user=user) == 1

    def test_the_same_id_with_another_body_is_another_message(self, imap: ImapServer, mailbox: Boxes) -> None:
        user = mailbox.user  # type: ignore[attr-defined]
        folded = b"From: a@example.org\nMessage-ID: <a\n b>\n\none", b"From: b@example.org\nMessage-ID: <a\n c>\n\ntwo"
        imap.put(letter(1, body="one"), letter(1, body="two"), *folded, b"From: c@example.org\n\nno id", user=user)
        assert receiving.receive(mailbox=mailbox(), now=NOW) == 5
        assert Incoming.objects.count() == 5

    def test_the_same_bytes_twice_are_one_message(self, imap: ImapServer, mailbox: Boxes) -> None:
        imap.put(letter(1), letter(1), user=mailbox.user)  # type: ignore[attr-defined]
        assert receiving.receive(mailbox=mailbox(), now=NOW) == 1
        assert Incoming.objects.get().sightings.count() == 2

    def test_another_uidvalidity_stores_nothing_twice(self, imap: ImapServer, mailbox: Boxes) -> None:
        user = mailbox.user  # type: ignore[attr-defined]
        with imap.client(user) as client:
            client.create("Box")
        imap.put(letter(1), letter(2), user=user, folder="Box")
        assert receiving.receive(mailbox=mailbox(folders=("Box",)), now=NOW) == 2
        before = set(Incoming.objects.get(sightings__uid=1).sightings.values_list("validity", flat=True))
        with imap.client(user) as client:
            client.delete("Box")
            client.create("Box")
        imap.put(letter(1), letter(2), letter(3), user=user, folder="Box")
        assert receiving.receive(mailbox=mailbox(folders=("Box",)), now=NOW) == 1
        assert Incoming.objects.count() == 3
        row = Incoming.objects.get(sha256=hashlib.sha256(letter(1)).hexdigest())
        assert set(row.sightings.values_list("validity", flat=True)) > before


def test_a_server_that_is_not_there_is_said(mailbox: Boxes) -> None:
    with pytest.raises(UnreachableError):
        receiving.receive(mailbox=Imap("imap://a:b@127.0.0.1:1"), now=NOW)


def test_a_wrong_password_is_said(imap: ImapServer) -> None:
    with pytest.raises(UnreachableError):
        receiving.receive(mailbox=Imap(f"imap://a:wrong@127.0.0.1:{imap.port}"), now=NOW)
