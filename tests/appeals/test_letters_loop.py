"""All together with real servers: a letter comes, becomes an appeal, is answered, and the answer is in the mailbox."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from kindline.appeals import loop
from kindline.appeals.models import Answer, Appeal, JoinedLetter
from kindline.connectors.mail.imap import Imap
from kindline.correspondence import loop as mail
from kindline.correspondence.models import Incoming
from kindline.runtime import settings as runtime_settings
from tests.appeals.registry import Registry
from tests.appeals.test_dispatching import answered_to, last
from tests.appeals.test_joining import raw
from tests.correspondence.conftest import OWN, MailServer
from tests.correspondence.dovecot import ImapServer
from tests.plugins.rude import Rude, until


@pytest.mark.clause("krc-5.8-03", "krc-5.8-06", "krc-5.8-08", "krc-6.1-46")
@pytest.mark.db(transaction=True)
def test_a_letter_becomes_an_appeal_and_its_answer_arrives(
    krc: Registry, imap: ImapServer, smtp: MailServer, mailbox: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:  # fmt: skip
    user = mailbox.user  # type: ignore[attr-defined]
    for name, value in {"IMAP_URL": imap.url(user), "SMTP_URL": smtp.url, "MAIL_FROM": OWN}.items():
        monkeypatch.setenv(f"KINDLINE_{name}", value)
    settings.MAIL = runtime_settings.mail()
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
    rounds, stop = mail.Round(threading.Event()), threading.Event()
    imap.put(raw(subject="Счёт", more="Message-ID: <first@example.org>\r\n"), user=user)

    rounds.work()
    loop.work(stop)
    appeal = Appeal.objects.get()
    assert (appeal.number, appeal.state) == (f"krc-{appeal.registered_at.year}/00001", "sorting")
    assert appeal.limit_at is not None
    assert Incoming.objects.get().outcome == appeal.number

    answered_to(krc, appeal)
    loop.work(stop)
    rounds.work()
    loop.work(stop)
    appeal.refresh_from_db()
    assert appeal.state == "sent"
    message = last(smtp)
    assert (message["In-Reply-To"], message["To"].addresses[0].addr_spec) == ("<first@example.org>", "ivan@example.org")
    assert appeal.number in message["Subject"]

    reply = f"In-Reply-To: {message['Message-ID']}\r\n"
    imap.put(raw("Спасибо, но не всё ясно", "Re: ответ", more=reply), user=user)
    rounds.mailbox_at = 0.0
    rounds.work()
    loop.work(stop)
    assert Appeal.objects.count() == 1
    assert JoinedLetter.objects.filter(appeal=appeal, outgoing=None).count() == 2
    assert Answer.objects.get().proof == message["Message-ID"]


@pytest.mark.db(transaction=True)
def test_the_process_works_and_stops_when_told(rude: Rude) -> None:
    process = rude.start("-m", "kindline.runtime.lasting", "kindline.appeals.loop")
    followed = "SELECT 1 FROM journal_cursor WHERE name = 'appeals_letters'"
    until(lambda: rude.ask(followed), 60, "it never looked at the journal")
    process.terminate()
    assert process.wait(20) == 0
