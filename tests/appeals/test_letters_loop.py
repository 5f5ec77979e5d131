"""All together with real servers: a letter comes, becomes an appeal, is answered, and the answer is in the mailbox."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from kindline.appeals import following, loop
from kindline.appeals.models import Answer, Appeal, JoinedLetter
from kindline.connectors.mail.imap import Imap
from kindline.correspondence import actions as correspondence
from kindline.correspondence import loop as mail
from kindline.correspondence.errors import BadAddressError
from kindline.correspondence.models import Answered, Incoming, Outgoing
from kindline.journal.queries import facts_of
from kindline.runtime import settings as runtime_settings
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.appeals.registry import NOW, Registry
from tests.appeals.test_dispatching import answered_to, last
from tests.appeals.test_joining import Take, raw
from tests.correspondence.conftest import OWN, MailServer
from tests.correspondence.dovecot import ImapServer
from tests.plugins.rude import Rude, until


@pytest.mark.clause("krc-5.5.1-06", "krc-5.8-03", "krc-5.8-06", "krc-5.8-08", "krc-6.1-46")
@pytest.mark.db(transaction=True)
def test_a_letter_becomes_an_appeal_and_its_answer_arrives(
    krc: Registry, imap: ImapServer, smtp: MailServer, mailbox: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:  # fmt: skip
    user = mailbox.user  # type: ignore[attr-defined]
    wanted = {"IMAP_URL": imap.url(user), "SMTP_URL": smtp.url, "MAIL_FROM": OWN, "MAIL_ACKNOWLEDGE": "1"}
    for name, value in wanted.items():
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
    assert smtp.taken == [], "the number is told once it is known"
    rounds.work()
    acknowledged = last(smtp)
    body = acknowledged.get_body(("plain",))
    assert body is not None
    assert appeal.number in body.get_content()
    thread = Incoming.objects.get().thread
    assert thread is not None
    assert thread.number in acknowledged["Subject"], "the answer to it finds its way"

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


def told_of(row: Incoming, profile: Profile) -> None:
    """The registry learns that the message was read."""
    fact = facts_of("mail", row.pk).get(kind="mail_read")
    following.TAKEN["mail_read"](fact, profile, NOW)


@pytest.mark.db
class TestAcknowledgement:
    """What the sender is told, by whom, and what hinders it."""

    @pytest.fixture(autouse=True)
    def wanted(self, settings: Any) -> None:
        settings.MAIL = {**settings.MAIL, "acknowledge": True}

    @pytest.mark.parametrize("name", ["krc", "court", "yumek", "voe"])
    def test_every_standard_names_the_number(self, taken: Take, name: str, db: None) -> None:
        told_of(taken(raw()), loader.load(name))
        told = Outgoing.objects.get()
        assert (told.template, told.is_automatic) == ("mail_registered", True)
        assert Appeal.objects.get().number in told.text
        assert told.thread.number in told.text
        assert told.thread.number in told.subject

    def test_a_robot_is_told_nothing(self, taken: Take, krc: Registry) -> None:
        told_of(taken(raw(more="List-Id: <news.example>\r\n")), krc.profile)
        assert not Outgoing.objects.exists()

    def test_an_address_that_cannot_be_answered_hinders_no_number(
        self, taken: Take, krc: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(**_: Any) -> None:
            raise BadAddressError("nowhere")

        monkeypatch.setattr(correspondence, "queue_message", refuse)
        told_of(taken(raw()), krc.profile)
        assert (Appeal.objects.count(), Answered.objects.count()) == (1, 0)


@pytest.mark.db(transaction=True)
def test_the_process_works_and_stops_when_told(rude: Rude) -> None:
    process = rude.start("-m", "kindline.runtime.lasting", "kindline.appeals.loop")
    followed = "SELECT 1 FROM journal_cursor WHERE name = 'appeals_letters'"
    until(lambda: rude.ask(followed), 60, "it never looked at the journal")
    process.terminate()
    assert process.wait(20) == 0
