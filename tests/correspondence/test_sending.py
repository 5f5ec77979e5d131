"""Letters out over a real SMTP server: intended first, one name however often sent, put off or given up (M8)."""

import contextlib
import datetime as dt
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from kindline.connectors.mail.smtp import Smtp
from kindline.correspondence import actions, automatic, composing, queries, sending
from kindline.correspondence.errors import BadAddressError, UnfitLetterError, WrongStateError
from kindline.correspondence.models import Outgoing, OutgoingState
from kindline.correspondence.norms import Draft
from kindline.files import taking
from kindline.files.errors import NotCheckedError
from kindline.files.models import Owner, StoredFile
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.correspondence.conftest import NOW, OWN, MailServer

pytestmark = pytest.mark.db
DRAFT = Draft("Вопрос о счёте", "Здравствуйте!\n\nСчёт <b>&</b> ответ.", "ru")


def queue(krc: Profile, key: str = "k", recipient: str = "ivan@example.org", draft: Draft = DRAFT) -> Outgoing:
    """A letter in the queue."""
    return actions.queue_message(profile=krc, key=key, recipient=recipient, draft=draft, employee=None, now=NOW)


def send(krc: Profile, smtp: MailServer, now: dt.datetime = NOW) -> int:
    """Everything that is due."""
    return sending.send_due(relay=Smtp(smtp.url, OWN), profile=krc, now=now)


def read(content: object) -> EmailMessage:
    """What the server was given."""
    assert isinstance(content, bytes)
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.clause("krc-5.7.1-39")
def test_a_notice_carries_the_click_by_which_a_mail_program_leaves(krc: Profile, smtp: MailServer) -> None:
    queue(krc, draft=replace(DRAFT, leave_at="https://site.example/notices/leave/x/"))
    queue(krc, key="plain", draft=replace(DRAFT, leave_at="http://site.example/notices/leave/x/"))
    assert send(krc, smtp) == 2
    notice, plain = (read(one.content) for one in smtp.taken)
    assert notice["List-Unsubscribe"] == "<https://site.example/notices/leave/x/>"
    assert notice["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert plain["List-Unsubscribe"] == "<http://site.example/notices/leave/x/>"
    assert plain["List-Unsubscribe-Post"] is None


def test_goes_out_as_text_and_html(krc: Profile, smtp: MailServer) -> None:
    row = queue(krc)
    assert send(krc, smtp) == 1
    row.refresh_from_db()
    assert (row.state, row.tries, row.uncertain) == (OutgoingState.SENT, 1, 0)
    (taken,) = smtp.taken
    message = read(taken.content)
    assert (taken.mail_from, taken.rcpt_tos) == (OWN, ["ivan@example.org"])
    assert message["Subject"] == f"Вопрос о счёте [{row.thread.number}]"
    assert message["Message-ID"] == f"<{row.message_id}>"
    assert message[automatic.LOOP_HEADER] == "test-loop-key"
    assert message["Auto-Submitted"] is None
    assert message["Content-Language"] == "ru"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "<b>&</b>" in plain.get_content()
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in html.get_content()
    kinds = list(Fact.objects.filter(subject_type="outgoing").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["message_queued", "message_sending", "message_sent"]
    assert send(krc, smtp) == 0


def test_the_same_key_is_the_same_letter(krc: Profile, smtp: MailServer) -> None:
    assert queue(krc) == queue(krc)
    assert send(krc, smtp) == 1
    assert len(smtp.taken) == 1


def test_an_automatic_letter_has_no_way_back(krc: Profile, smtp: MailServer) -> None:
    queue(krc, draft=Draft("x", "y", "ru", is_automatic=True))
    send(krc, smtp)
    message = read(smtp.taken[0].content)
    assert smtp.taken[0].mail_from == "<>"
    assert (message["Auto-Submitted"], message["Precedence"]) == ("auto-generated", "bulk")


def test_answers_name_the_letters_before(krc: Profile, smtp: MailServer) -> None:
    first = queue(krc)
    second = Outgoing.objects.get(pk=queue(krc, "k2").pk)
    second.thread = first.thread
    second.save()
    send(krc, smtp)
    assert read(smtp.taken[1].content)["References"] == f"<{first.message_id}>"


@pytest.mark.fault("M8")
class TestM8:
    def test_greylisted_for_an_hour_is_sent_once_in_the_end(self, krc: Profile, smtp: MailServer) -> None:
        row, now, tries = queue(krc), NOW, 0
        smtp.greylist = 6
        while row.state != OutgoingState.SENT:
            tries += 1
            assert tries < 10
            send(krc, smtp, now)
            row.refresh_from_db()
            if row.next_at:
                assert row.next_at > now
                assert send(krc, smtp, now) == 0
                now = row.next_at
        assert (len(smtp.taken), row.tries, row.uncertain) == (1, 7, 0)
        assert now - NOW >= dt.timedelta(hours=1)

    def test_cut_after_the_last_line_is_sent_again_under_the_same_name(self, krc: Profile, smtp: MailServer) -> None:
        row = queue(krc)
        smtp.cut = 1
        assert send(krc, smtp) == 0
        row.refresh_from_db()
        assert (row.state, row.uncertain) == (OutgoingState.QUEUED, 1)
        assert row.next_at is not None
        assert send(krc, smtp, row.next_at) == 1
        first, second = smtp.taken
        assert first.content == second.content
        assert Fact.objects.get(kind="message_sent").data == {"tries": 2, "uncertain": 1}

    def test_a_dead_sender_is_noticed(self, krc: Profile, smtp: MailServer) -> None:
        row = queue(krc)
        actions.claim_next(now=NOW)
        assert send(krc, smtp) == 0
        later = NOW + actions.LOST_AFTER + dt.timedelta(minutes=3)
        assert send(krc, smtp, later) == 0
        assert send(krc, smtp, later + dt.timedelta(minutes=5)) == 1
        row.refresh_from_db()
        assert (row.tries, row.uncertain) == (2, 1)

    def test_refused_for_good_is_given_up_and_may_be_sent_again(self, krc: Profile, smtp: MailServer) -> None:
        row = queue(krc, recipient="nobody@example.org")
        queue(krc, "other")
        smtp.refuse = {"nobody@example.org"}
        assert send(krc, smtp) == 1
        row.refresh_from_db()
        assert row.state == OutgoingState.FAILED
        assert row.reason.startswith("550")
        smtp.refuse = set()
        me = Employee.objects.create(username="me")
        actions.send_again(outgoing=row, employee=me, now=NOW)
        assert send(krc, smtp) == 1
        with pytest.raises(WrongStateError):
            actions.send_again(outgoing=row, employee=me, now=NOW)

    def test_a_server_that_is_not_there_for_days(self, krc: Profile) -> None:
        row = queue(krc)
        gone = Smtp("smtp://127.0.0.1:1", OWN)
        for days in (0, 1, 2, 3):
            sending.send_due(relay=gone, profile=krc, now=NOW + dt.timedelta(days=days))
        row.refresh_from_db()
        assert (row.state, row.tries) == (OutgoingState.FAILED, 4)


@contextlib.contextmanager
def says_only(*lines: bytes) -> Iterator[str]:
    """The address of a server that says one thing after the other, whatever it is told."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = server.accept()
                    with line:
                        for said in lines:
                            line.sendall(said + b"\r\n")
                            line.recv(1000)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.fault("M8")
class TestRelaysTrouble:
    """A relay that lets nobody in fails no letter: each waits, those in charge are told, and all go in the end."""

    @pytest.mark.parametrize("lines", [
        (b"554 5.7.1 no SMTP service here",), (b"220 here", b"550 5.7.1 not you", b"550 5.7.1 not you either"),
    ])  # fmt: skip
    def test_a_greeting_that_refuses_fails_no_letter(self, krc: Profile, lines: tuple[bytes, ...]) -> None:
        row = queue(krc)
        with says_only(*lines) as url:
            assert sending.send_due(relay=Smtp(url, OWN), profile=krc, now=NOW) == 0
        row.refresh_from_db()
        assert (row.state, row.tries, row.uncertain) == (OutgoingState.QUEUED, 1, 0)

    @pytest.mark.parametrize("said", ["530 5.7.0 log in first", "550 5.7.1 sender blocked", "554 5.7.1 not today"])
    def test_all_wait_while_no_sender_is_taken_and_go_afterwards(
        self, krc: Profile, smtp: MailServer, said: str
    ) -> None:
        rows = [queue(krc, f"k{n}") for n in range(3)]
        smtp.no_senders, now = said, NOW
        for _ in range(3 * queries.HELD_TRIES):
            send(krc, smtp, now)
            now += dt.timedelta(minutes=5)
        assert set(Outgoing.objects.values_list("state", flat=True)) == {OutgoingState.QUEUED}
        held = queries.held_up(now)
        assert held is not None
        assert (held.letters, held.since) == (3, rows[0].queued_at)
        assert said[4:] in held.reason
        smtp.no_senders = ""
        assert send(krc, smtp, now + actions.LONGEST_PAUSE) == 3
        assert queries.held_up(now + actions.LONGEST_PAUSE) is None

    @pytest.mark.parametrize("said", [
        "554 5.7.1 <a@b>: Relay access denied", "550 relaying denied", "530 5.7.0 log in", "550 5.4.5 quota exceeded",
    ])  # fmt: skip
    def test_that_we_may_not_relay_is_not_about_the_recipient(self, krc: Profile, smtp: MailServer, said: str) -> None:
        row = queue(krc)
        smtp.refuse, smtp.refused_with = {row.recipient}, said
        send(krc, smtp)
        row.refresh_from_db()
        assert row.state == OutgoingState.QUEUED

    def test_a_recipient_that_is_unknown_to_a_relay_is_about_the_recipient(
        self, krc: Profile, smtp: MailServer
    ) -> None:
        row = queue(krc)
        said = "550 5.1.1 <a@b>: Recipient address rejected: User unknown in relay recipient table"
        smtp.refuse, smtp.refused_with = {row.recipient}, said
        send(krc, smtp)
        row.refresh_from_db()
        assert row.state == OutgoingState.FAILED

    def test_a_letter_that_is_refused_itself_fails_alone(self, krc: Profile, smtp: MailServer) -> None:
        row, later = queue(krc), NOW + dt.timedelta(minutes=1)
        smtp.no_content = "554 5.6.0 not such a letter"
        send(krc, smtp)
        row.refresh_from_db()
        assert (row.state, row.reason) == (OutgoingState.FAILED, "554 5.6.0 not such a letter")
        assert queries.held_up(later) is None

    def test_one_that_waits_while_others_go_is_no_alarm(self, krc: Profile, smtp: MailServer) -> None:
        slow = queue(krc)
        Outgoing.objects.filter(pk=slow.pk).update(tries=5, next_at=NOW + dt.timedelta(days=1), reason="relay: no line")
        assert queries.held_up(NOW) is not None
        queue(krc, "other")
        assert send(krc, smtp) == 1
        assert queries.held_up(NOW + dt.timedelta(minutes=1)) is None

    @pytest.mark.parametrize(
        ("reason", "is_held"), [("451 4.7.1 greylisted", False), ("450 later", False), ("421 closing", True),
                                ("relay: timed out", True), ("550 5.7.1 sender blocked", True)],
    )  # fmt: skip
    def test_one_recipient_to_whom_it_goes_later_is_no_trouble_of_the_relay(
        self, krc: Profile, reason: str, is_held: bool
    ) -> None:
        for key in ("first", "second"):
            queue(krc, key)
        Outgoing.objects.update(tries=5, next_at=NOW + dt.timedelta(days=1), reason=reason)
        assert (queries.held_up(NOW) is not None) is is_held
        Outgoing.objects.filter(key="second").update(recipient="other@example.net")
        assert queries.held_up(NOW) is not None, "nobody is reached"


@pytest.mark.parametrize(
    "address", ["", "x", "a@b", "a@example.org\r\nBcc: c@example.org", "a b@example.org", "имя@example.org"]
)
def test_what_is_no_address_is_refused(address: str, krc: Profile) -> None:
    with pytest.raises(BadAddressError):
        queue(krc, recipient=address)


def test_nothing_begins_another_header(krc: Profile, smtp: MailServer) -> None:
    queue(krc, draft=Draft("a\r\nBcc: c@example.org\r\n\r\nx", "y", "ru"))
    queue(krc, "idn", recipient="a@пошта.укр")
    assert send(krc, smtp) == 2
    assert read(smtp.taken[0].content)["Bcc"] is None
    assert smtp.taken[1].rcpt_tos == ["a@xn--80a1acn3a.xn--j1amh"]


def test_an_unfit_answer_is_not_queued(krc: Profile) -> None:
    with pytest.raises(UnfitLetterError, match=r"krc-5\.8-13"):
        queue(krc, draft=Draft("Вопрос", "Текст", "ru", origin="email"))
    assert not Outgoing.objects.exists()


class TestFiles:
    @pytest.fixture
    def files(self, tmp_path: Path) -> list[StoredFile]:
        """Two files that were found clean."""
        found = []
        for name, content in (("акт.pdf", b"%PDF-1.7 act"), ("лист.txt", "їжак".encode("cp1251"))):
            path = tmp_path / name
            path.write_bytes(content)
            looked = taking.look_at(taking.Upload(name, path))
            found += taking.keep_files(files=[looked], owner=Owner("appeal", "1"), now=NOW)
        return [one.file for one in found]

    def test_go_along_and_the_same_letter_is_the_same_bytes(
        self, krc: Profile, smtp: MailServer, files: list[StoredFile]
    ) -> None:
        row = actions.queue_message(
            profile=krc, key="k", recipient="ivan@example.org", draft=DRAFT, files=files, employee=None, now=NOW
        )  # fmt: skip
        assert composing.composed(row, krc, OWN) == composing.composed(row, krc, OWN)
        assert send(krc, smtp) == 1
        message = read(smtp.taken[0].content)
        sent = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
        assert sent == {"акт.pdf": b"%PDF-1.7 act", "лист.txt": "їжак".encode("cp1251")}
        plain = message.get_body(("plain",))
        assert plain is not None
        assert "Счёт" in plain.get_content()

    def test_only_clean_ones(self, krc: Profile, files: list[StoredFile]) -> None:
        files[1].state = "waiting"
        with pytest.raises(NotCheckedError):
            actions.queue_message(
                profile=krc, key="k", recipient="ivan@example.org", draft=DRAFT, files=files, employee=None, now=NOW
            )  # fmt: skip
        assert not Outgoing.objects.exists()

    def test_a_store_that_gives_nothing_now_puts_the_letter_off(
        self, krc: Profile, smtp: MailServer, files: list[StoredFile], place: Path
    ) -> None:
        row = actions.queue_message(
            profile=krc, key="k", recipient="ivan@example.org", draft=DRAFT, files=files, employee=None, now=NOW
        )  # fmt: skip
        (place.parent / "files").rename(place.parent / "away")
        assert send(krc, smtp) == 0
        row.refresh_from_db()
        assert (row.state, row.uncertain, smtp.taken) == (OutgoingState.QUEUED, 0, [])
