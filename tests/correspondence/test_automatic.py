"""Robots, loops and reports of delivery: known, bound, never answered (M3, M4)."""

import base64
import datetime as dt
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

import pytest

from kindline.correspondence import actions, answering, automatic, composing, queries, threads
from kindline.correspondence.models import Incoming, Outgoing, OutgoingState
from kindline.correspondence.norms import Draft
from kindline.journal.models import Fact
from kindline.standard.profile import Profile
from tests.correspondence.conftest import NOW, OWN
from tests.correspondence.letters import plain

pytestmark = pytest.mark.db
Take = Callable[..., Incoming]
DRAFT = Draft("Вопрос", "Текст", "ru")


@pytest.fixture
def sent(krc: Profile) -> Outgoing:
    """A letter of ours that the server has taken."""
    row = actions.queue_message(profile=krc, key="k", recipient="ivan@example.org", draft=DRAFT, employee=None, now=NOW)
    claimed = actions.claim_next(now=NOW)
    assert claimed == row
    return actions.mark_sent(outgoing=row, now=NOW)


def headed(*lines: str, body: str = "Я в отпуске.", sender: str = "bot@example.org") -> bytes:
    """A letter with headers."""
    return "\r\n".join([f"From: {sender}", *lines, "", body]).encode()


@pytest.mark.parametrize("line", [
    "Auto-Submitted: auto-replied", "Auto-Submitted: Auto-Replied (vacation)", "Precedence: auto_reply",
    "X-Autoreply: yes",
    "Return-Path: <>\r\nIn-Reply-To: <a@b>", "Subject: Автоответ: меня нет\r\nAuto-Submitted: auto-replied",
])  # fmt: skip
def test_an_automatic_reply_is_nobodys_work(line: str, taken: Take, krc: Profile, settings: Any) -> None:
    settings.MAIL = {**settings.MAIL, "acknowledge": True}
    row = taken(headed(line))
    assert row.kind == "auto_reply"
    assert row.handled_at is not None
    assert answering.acknowledge(incoming=row, profile=krc, now=NOW) is None


@pytest.mark.parametrize("line", [
    "Auto-Submitted: auto-generated; x=y", "Precedence: bulk", "List-Id: <news.example.org>", "Return-Path: <>",
    "X-Auto-Response-Suppress: All", "Sender: MAILER-DAEMON@x", "Sender: no-reply@x", "Sender: noreply+1@x",
    "Subject: Автоответ: меня нет", "Subject: Автоматична відповідь: відпустка", "Subject: Auto: счёт",
    "Subject: Out of office hours nobody picks up",
])  # fmt: skip
def test_a_letter_by_a_program_waits_for_a_person_but_is_never_answered_by_itself(
    line: str, taken: Take, krc: Profile, settings: Any
) -> None:
    settings.MAIL = {**settings.MAIL, "acknowledge": True}
    name, _, value = line.partition(": ")
    row = taken(headed("Subject: Уведомление", sender=f"{value}.example") if name == "Sender" else headed(line))
    assert (row.kind, row.handled_at) == ("automatic", None)
    assert row in queries.box("waiting")
    assert answering.acknowledge(incoming=row, profile=krc, now=NOW) is None


@pytest.mark.parametrize("subject", [
    "Автоответчик не переключает на оператора", "Автовідповідач мовчить", "Автоответы вашей системы", "Autos: счёт",
])  # fmt: skip
def test_a_subject_that_only_begins_like_a_machine_is_a_persons(subject: str, taken: Take) -> None:
    row = taken(headed(f"Subject: {subject}", body="Прошу разобраться.", sender="ivan@example.org"))
    assert (row.kind, row.handled_at) == ("message", None)


def test_a_person_is_a_person(taken: Take) -> None:
    row = taken(headed("Auto-Submitted: no", "Subject: Прошу ответить", sender="norepliev@example.org"))
    assert (row.kind, row.handled_at) == ("message", None)


@pytest.mark.fault("M3")
class TestLoops:
    def test_our_own_letter_come_back_is_known(self, sent: Outgoing, taken: Take, krc: Profile) -> None:
        content = composing.composed(sent, krc, OWN)
        assert taken(content).kind == "loop"
        unmarked = content.replace(automatic.LOOP_HEADER.encode(), b"X-Other")
        assert taken(unmarked).kind == "loop"

    def test_a_thousand_turns_stop_at_two(self, taken: Take, krc: Profile, settings: Any) -> None:
        """A machine that answers everything, and says nothing of being one."""
        settings.MAIL = {**settings.MAIL, "acknowledge": True}
        ours = 0
        for turn in range(1000):
            now = NOW + dt.timedelta(seconds=turn * 60)
            row = Incoming(pk=turn + 1, kind="message", sender="vacation@example.org", stored_at=now)
            if turn < 3:
                row = taken(headed(f"Subject: Re: {turn}", sender="vacation@example.org"), now)
            elif not actions.may_answer_by_itself(incoming=row, now=now):
                continue
            ours += answering.acknowledge(incoming=row, profile=krc, now=now) is not None
        assert 1 <= ours <= 2
        assert Outgoing.objects.filter(is_automatic=True).count() <= 2

    def test_a_machine_known_by_its_subject_alone_gets_no_word_from_us(
        self, taken: Take, krc: Profile, settings: Any
    ) -> None:
        settings.MAIL = {**settings.MAIL, "acknowledge": True}
        rows = [taken(headed(f"Subject: Автоответ: {n}", sender=f"m{n}@example.org")) for n in range(3)]
        assert [answering.acknowledge(incoming=row, profile=krc, now=NOW) for row in rows] == [None] * 3
        assert queries.box("waiting").count() == 3

    def test_two_of_us_answer_each_other_once(self, taken: Take, krc: Profile, settings: Any) -> None:
        settings.MAIL = {**settings.MAIL, "acknowledge": True}
        first = answering.acknowledge(incoming=taken(headed(sender="a@b.example")), profile=krc, now=NOW)
        assert first is not None
        content = composing.composed(first, krc, OWN)
        said = message_from_bytes(content)
        assert said["Auto-Submitted"] == "auto-replied"
        settings.KINDLINE = {**settings.KINDLINE, "id": "another"}
        settings.MAIL = {**settings.MAIL, "own": ["help@other.example"]}
        other = taken(content)
        assert other.kind == "auto_reply"
        assert answering.acknowledge(incoming=other, profile=krc, now=NOW) is None

    def test_once_a_day_an_address(self, taken: Take, krc: Profile, settings: Any) -> None:
        settings.MAIL = {**settings.MAIL, "acknowledge": True}
        several = [taken(headed(f"Subject: {n}", sender="p@example.org")) for n in range(4)]
        at = [NOW, NOW + dt.timedelta(hours=23), NOW + dt.timedelta(hours=25), NOW + dt.timedelta(hours=26)]
        answers = [
            answering.acknowledge(incoming=row, profile=krc, now=now) for row, now in zip(several, at, strict=True)
        ]
        assert [one is not None for one in answers] == [True, False, True, False]


def report(ours: Outgoing, *, status: str = "5.1.1", action: str = "failed", words: str = "user unknown") -> bytes:
    """A report as RFC 3464 has it."""
    head = "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
    kind = "Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n"
    said = f"--r\r\nContent-Type: text/plain\r\n\r\n{words}\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n"
    one = f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {ours.recipient}\r\n"
    one += f"Action: {action}\r\nStatus: {status}\r\n"
    back = f"\r\n--r\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{ours.message_id}>\r\n\r\nx\r\n--r--\r\n"
    return f"{head}{kind}{said}{one}{back}".encode()


@pytest.mark.fault("M4")
class TestBounces:
    def test_is_bound_to_the_letter_and_makes_no_work(self, sent: Outgoing, taken: Take) -> None:
        row = taken(report(sent))
        sent.refresh_from_db()
        assert (row.kind, row.outgoing, row.status, row.thread) == ("bounce", sent, "5.1.1", sent.thread)
        assert row.handled_at is not None
        assert (sent.state, sent.reason) == (OutgoingState.BOUNCED, "5.1.1")
        assert Fact.objects.get(kind="message_bounced").data == {"status": "5.1.1", "mail": row.pk}

    def test_a_delay_is_no_failure(self, sent: Outgoing, taken: Take) -> None:
        row = taken(report(sent, status="4.4.1", action="delayed"))
        sent.refresh_from_db()
        assert (row.kind, row.status, sent.state) == ("delay", "4.4.1", OutgoingState.SENT)

    @pytest.mark.parametrize(("charset", "words"), [
        ("windows-1251", "Ваше сообщение не доставлено. Ошибка 550 5.1.1: нет такого ящика"),
        ("koi8-r", "Не удалось доставить письмо: 5.2.2 ящик переполнен"),
        ("utf-8", "Не вдалося доставити ваш лист: 5.1.10 адресата немає"),
    ])  # fmt: skip
    def test_a_cyrillic_report_without_form_is_known(
        self, charset: str, words: str, sent: Outgoing, taken: Take
    ) -> None:
        body = f"{words}\r\n\r\nMessage-ID: <{sent.message_id}>\r\n".encode(charset)
        raw = plain(body, charset, more="Subject: =?utf-8?B?0J3QtdC00L7RgdGC0LDQstC60LA=?=\r\nReturn-Path: <>\r\n")
        row = taken(raw.replace(b"ivan@example.org", b"postmaster@example.org"))
        sent.refresh_from_db()
        assert (row.kind, row.outgoing, sent.state) == ("bounce", sent, OutgoingState.BOUNCED)
        assert row.status.startswith("5.")

    def test_a_report_in_base64_is_bound(self, sent: Outgoing, taken: Take) -> None:
        body = base64.encodebytes(f"Письмо не доставлено: 5.1.1\r\nMessage-ID: <{sent.message_id}>".encode())
        raw = plain(body, "utf-8", more="Return-Path: <>\r\n", how="base64")
        assert taken(raw).outgoing == sent

    def test_a_report_on_a_strangers_letter_changes_nothing(self, sent: Outgoing, taken: Take) -> None:
        other = Outgoing(recipient="x@example.org", message_id=f"kl.{'0' * 32}@center.example")
        row = taken(report(other))
        sent.refresh_from_db()
        assert (row.kind, row.outgoing, sent.state) == ("bounce", None, OutgoingState.SENT)

    def test_twice_is_once(self, sent: Outgoing, taken: Take) -> None:
        taken(report(sent))
        taken(report(sent, words="again"))
        assert Fact.objects.filter(kind="message_bounced").count() == 1

    def test_a_challenge_is_no_work(self, sent: Outgoing, taken: Take) -> None:
        row = taken(
            headed(f"In-Reply-To: <{sent.message_id}>", "Auto-Submitted: auto-replied", "Subject: Подтвердите адрес")
        )
        assert (row.kind, row.outgoing, row.thread) == ("auto_reply", sent, sent.thread)


class TestThreads:
    def test_an_answer_is_in_the_thread_of_our_letter(self, sent: Outgoing, taken: Take) -> None:
        assert taken(headed(f"In-Reply-To: <{sent.message_id}>", sender="wife@example.org")).thread == sent.thread

    def test_by_our_number_only_who_takes_part(self, sent: Outgoing, taken: Take) -> None:
        line = f"Subject: Re: Vopros [{sent.thread.number}]"
        assert taken(headed(line, sender="ivan@example.org")).thread == sent.thread
        assert taken(headed(line, sender="stranger@example.org")).thread != sent.thread

    def test_a_second_letter_of_the_same_person(self, taken: Take) -> None:
        first = taken(headed("Message-ID: <1@x>", sender="p@example.org"))
        assert taken(headed("References: <0@x> <1@x>", sender="p@example.org")).thread == first.thread
        assert taken(headed("References: <1@x>", sender="q@example.org")).thread != first.thread

    def test_the_number_stands_once_in_the_subject(self, sent: Outgoing) -> None:
        assert sent.subject == f"Вопрос [{sent.thread.number}]"
        assert threads.marked(sent.subject, sent.thread) == sent.subject
