"""Answers and notices really go out: the demanded way, with In-Reply-To and number; what comes back is known."""

import datetime as dt
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kindline.appeals import (
    actions,
    answering,
    declining,
    dispatching,
    extending,
    filing,
    following,
    joining,
    linking,
    moves,
    notice_signing,
    sorting,
)
from kindline.appeals.models import Answer, Appeal, ClientNotice, JoinedLetter, LetterState, ManagementNotice, Unjoined
from kindline.appeals.notifying import AlreadySentError
from kindline.connectors.mail.smtp import Smtp
from kindline.correspondence import papers, sending
from kindline.correspondence.models import Incoming, Outgoing, Paper
from kindline.files.taking import ANSWER, Upload
from kindline.journal.queries import facts_of
from tests.appeals.registry import APPLICANT, DAY, NOW, SUBSTANCE, Registry, registry
from tests.appeals.test_joining import joined, raw
from tests.correspondence.conftest import OWN, MailServer

Take = Callable[..., Incoming]
clause = pytest.mark.clause
SOON = NOW + dt.timedelta(hours=1)
OTHER = {"surname": "Ковальчук", "given_name": "Пётр", "patronymic": "Ильич", "phone": "+79995550000",
         "email": "p@example.org"}  # fmt: skip


def send(krc: Registry, smtp: MailServer, now: dt.datetime = SOON) -> int:
    """Everything of the outbox that is due."""
    return sending.send_due(relay=Smtp(smtp.url, OWN), profile=krc.profile, now=now)


def last(smtp: MailServer) -> EmailMessage:
    """The last letter that the server was given."""
    content = smtp.taken[-1].content
    assert isinstance(content, bytes)
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def answered_to(krc: Registry, appeal: Appeal) -> Appeal:
    """Sorted, given to somebody, written, checked, signed."""
    people = krc.people
    sorting.sort_appeal(
        appeal=appeal, kind="application", substance="Счёт", fields=APPLICANT | {"email": "ivan@example.org"},
        employee=people["specialist"], now=NOW,
    )  # fmt: skip
    actions.assign_appeal(
        appeal=appeal, unit=None, executor=people["executor"], employee=people["unit_head"], now=NOW
    )  # fmt: skip
    appeal.refresh_from_db()
    krc.write(appeal)
    Appeal.objects.filter(pk=appeal.pk).update(state="sign")
    answering.sign_answer(appeal=appeal, employee=people["director"], now=NOW)
    appeal.refresh_from_db()
    return appeal


@pytest.fixture
def signed(krc: Registry, taken: Take) -> Appeal:
    """An appeal by e-mail whose answer is signed."""
    return answered_to(krc, joined(krc, taken, raw(subject="Счёт", more="Message-ID: <first@example.org>\r\n")).appeal)


def note(letter: JoinedLetter, profile: Any, now: dt.datetime = SOON) -> None:
    """The registry looks at what the journal says of the letter."""
    kind = "outgoing" if letter.outgoing_id else "paper"
    for fact in facts_of(kind, letter.outgoing_id or letter.paper_id):
        if fact.kind in following.TAKEN and fact.kind != "paper_registered":
            following.TAKEN[fact.kind](fact, profile, now)
    letter.refresh_from_db()


@pytest.mark.db
class TestByMail:
    @clause("krc-5.8-08", "krc-5.8-06", "krc-5.8-13", "krc-6.1-46", "krc-5.8-12", "krc-6.1-45")
    def test_goes_into_the_applicants_thread_with_number_and_salutation(
        self, krc: Registry, signed: Appeal, smtp: MailServer
    ) -> None:
        letter = dispatching.send_by_itself(appeal=signed, now=NOW)
        assert letter is not None
        assert (letter.state, letter.channel) == (LetterState.ON_ITS_WAY, "email")
        signed.refresh_from_db()
        assert signed.state == "signed", "answered only once it has gone"
        assert send(krc, smtp) == 1
        message = last(smtp)
        assert message["In-Reply-To"] == "<first@example.org>"
        assert signed.number in message["Subject"]
        assert "Ответ на обращение" in message["Subject"]
        assert str(krc.profile.variable("company")) in message["Subject"]
        body = message.get_body(("plain",))
        assert body is not None
        assert body.get_content().startswith("Ольга Петровна!")
        note(letter, krc.profile)
        signed.refresh_from_db()
        assert (letter.state, signed.state, signed.answered_at) == (LetterState.SENT, "sent", SOON)
        answer = Answer.objects.get(appeal=signed)
        assert (answer.sent_at, answer.sent_channel) == (SOON, "email")
        assert answer.proof == message["Message-ID"]
        assert facts_of("appeal", signed.pk).get(kind="answer_sent").data["in_time"] is True

    def test_what_is_sealed_with_the_answer_goes_with_it(
        self, krc: Registry, taken: Take, smtp: MailServer, tmp_path: Path
    ) -> None:
        appeal = joined(krc, taken, raw(subject="Счёт")).appeal
        path = tmp_path / "act"
        path.write_bytes(b"%PDF-1.7 act")
        Appeal.objects.filter(pk=appeal.pk).update(state="draft", executor=krc.people["executor"])
        appeal.refresh_from_db()
        upload = Upload("акт.pdf", path)
        filing.add_file(appeal=appeal, upload=upload, role=ANSWER, employee=krc.people["executor"], now=NOW)
        Appeal.objects.filter(pk=appeal.pk).update(state="sorting", executor=None)
        dispatching.send_answer(appeal=answered_to(krc, appeal), employee=None, now=NOW)
        assert send(krc, smtp) == 1
        assert [part.get_filename() for part in last(smtp).iter_attachments()] == ["акт.pdf"]

    def test_whoever_answers_our_letter_takes_part_from_whatever_address(
        self, krc: Registry, signed: Appeal, taken: Take
    ) -> None:
        letter = dispatching.send_answer(appeal=signed, employee=None, now=NOW)
        assert letter.outgoing is not None
        reply = raw("Спасибо", sender="work@example.org", more=f"In-Reply-To: <{letter.outgoing.message_id}>\r\n")
        assert joined(krc, taken, reply).appeal == signed

    def test_handed_over_once(self, krc: Registry, signed: Appeal) -> None:
        letter = dispatching.send_by_itself(appeal=signed, now=NOW)
        assert dispatching.send_by_itself(appeal=signed, now=NOW) is None
        with pytest.raises(AlreadySentError):
            dispatching.send_answer(appeal=signed, employee=krc.people["unit_head"], now=NOW)
        assert Outgoing.objects.count() == 1
        assert letter is not None
        with pytest.raises(IntegrityError), transaction.atomic():
            JoinedLetter.objects.create(
                appeal=signed, answer=letter.answer, channel="email", state="on_its_way", joined_at=NOW,
                changed_at=NOW, outgoing=None, paper=TestOnPaper.paper(),
            )  # fmt: skip

    def test_not_before_it_is_signed_and_not_after_it_was_changed(self, krc: Registry) -> None:
        with pytest.raises(dispatching.NotSignedError):
            dispatching.send_answer(appeal=krc.at("sign", channel="email"), employee=None, now=NOW)
        appeal = krc.at("signed", channel="email")
        Answer.objects.filter(appeal=appeal).update(text="Совсем другое")
        with pytest.raises(answering.BrokenSealError):
            dispatching.send_answer(appeal=appeal, employee=None, now=NOW)

    def test_only_by_those_who_may_say_that_it_was_sent(self, krc: Registry, signed: Appeal) -> None:
        with pytest.raises(moves.NotYoursError):
            dispatching.send_answer(appeal=signed, employee=krc.people["counter"], now=NOW)

    def test_what_the_server_refuses_is_told_and_may_go_another_way(
        self, krc: Registry, signed: Appeal, smtp: MailServer
    ) -> None:
        letter = dispatching.send_answer(appeal=signed, employee=None, now=NOW)
        smtp.refuse = {"ivan@example.org"}
        send(krc, smtp)
        note(letter, krc.profile)
        assert letter.state == LetterState.FAILED
        assert letter.reason.startswith("550")
        signed.refresh_from_db()
        assert (signed.state, signed.answered_at) == ("signed", None)
        assert ManagementNotice.objects.filter(employee=signed.executor, reason=f"back:{letter.pk}").exists()
        head = krc.people["unit_head"]
        again = dispatching.send_answer(appeal=signed, way="paper", address="ул. Лесная, 1", employee=head, now=NOW)
        assert again.paper is not None
        TestOnPaper.post(krc, again)
        note(again, krc.profile)
        signed.refresh_from_db()
        assert (signed.state, again.state) == ("sent", LetterState.SENT)

    @clause("krc-5.8-08")
    def test_not_another_way_before_it_failed(self, krc: Registry, signed: Appeal) -> None:
        with pytest.raises(answering.WrongChannelError):
            dispatching.send_answer(appeal=signed, way="paper", employee=krc.people["unit_head"], now=NOW)

    @clause("krc-5.7.2-23")
    def test_a_bounce_comes_back_to_the_appeal(
        self, krc: Registry, signed: Appeal, smtp: MailServer, taken: Take
    ) -> None:
        letter = dispatching.send_answer(appeal=signed, employee=None, now=NOW)
        send(krc, smtp)
        note(letter, krc.profile)
        assert letter.outgoing is not None
        report = (
            "From: MAILER-DAEMON@example.org\r\nTo: info@center.example\r\nSubject: Undelivered Mail\r\n"
            f"Return-Path: <>\r\n\r\n5.1.1 no such user\r\n\r\nMessage-ID: <{letter.outgoing.message_id}>\r\n"
        )
        bounce = taken(report.encode(), SOON + DAY)
        assert joining.join_mail(incoming=bounce, profile=krc.profile, now=SOON) is None
        note(letter, krc.profile, SOON + DAY)
        assert (letter.state, letter.reason) == (LetterState.CAME_BACK, "5.1.1")
        assert facts_of("appeal", signed.pk).get(kind="letter_came_back").data["reason"] == "5.1.1"
        assert ManagementNotice.objects.filter(employee=signed.executor, reason=f"back:{letter.pk}").count() == 1
        signed.refresh_from_db()
        assert signed.state == "sent", "it was sent; that it did not arrive is shown"
        again = dispatching.send_answer(
            appeal=signed, address="right@example.org", employee=krc.people["unit_head"], now=SOON + DAY
        )
        send(krc, smtp, SOON + DAY)
        note(again, krc.profile, SOON + DAY)
        assert (again.state, smtp.taken[-1].rcpt_tos) == (LetterState.SENT, ["right@example.org"])
        assert Answer.objects.get(appeal=signed).sent_at == SOON


@pytest.mark.db
class TestOnPaper:
    @staticmethod
    def paper() -> Paper:
        """Any letter on paper."""
        return Paper.objects.create(
            direction="in", number="x", key="x", state="received", registered_at=NOW, subject="x", language="ru"
        )

    @staticmethod
    def post(krc: Registry, letter: JoinedLetter, now: dt.datetime = SOON) -> None:
        """Printed and given to the post."""
        assert letter.paper is not None
        paper, clerk = letter.paper, krc.people["counter"]
        papers.print_letter(paper=paper, profile=krc.profile, employee=clerk, now=now).close()
        papers.mark_posted(paper=paper, tracking_number="RA123", employee=clerk, now=now)

    @clause("krc-5.8-07", "krc-5.8-09", "krc-6.1-39")
    def test_waits_in_the_print_queue_and_is_sent_by_being_posted(self, krc: Registry) -> None:
        appeal = krc.at("signed", channel="paper")
        letter = dispatching.send_by_itself(appeal=appeal, now=NOW)
        assert letter is not None
        paper = letter.paper
        assert paper is not None
        assert (paper.direction, paper.state, paper.address) == ("out", "to_print", "ул. Лесная, 1")
        assert (paper.signer, paper.executor) == (krc.people["unit_head"], krc.people["executor"])
        self.post(krc, letter)
        note(letter, krc.profile)
        appeal.refresh_from_db()
        assert (appeal.state, letter.state) == ("sent", LetterState.SENT)
        assert Answer.objects.get(appeal=appeal).proof == f"{paper.number} RA123"
        papers.mark_delivered(paper=paper, outcome="Коваль", employee=krc.people["counter"], now=SOON)
        note(letter, krc.profile)
        assert letter.state == LetterState.DELIVERED

    def test_what_the_post_brings_back_is_told(self, krc: Registry) -> None:
        letter = dispatching.send_by_itself(appeal=krc.at("signed", channel="paper"), now=NOW)
        assert letter is not None
        assert letter.paper is not None
        self.post(krc, letter)
        papers.mark_returned(paper=letter.paper, outcome="адресат выбыл", employee=krc.people["counter"], now=SOON)
        note(letter, krc.profile)
        assert (letter.state, letter.reason) == (LetterState.CAME_BACK, "адресат выбыл")

    @clause("krc-5.8-07")
    def test_the_client_may_have_chosen_mail(self, krc: Registry) -> None:
        appeal = krc.at("signed", channel="paper", receipt=actions.Receipt(answer_by="email"))
        letter = dispatching.send_by_itself(appeal=appeal, now=NOW)
        assert letter is not None
        assert letter.channel == "email"

    def test_without_an_address_a_person_is_told(self, krc: Registry) -> None:
        appeal = krc.at("signed", channel="paper")
        Appeal.objects.filter(pk=appeal.pk).update(residence="")
        assert dispatching.send_by_itself(appeal=appeal, now=NOW) is None
        told = facts_of("appeal", appeal.pk).get(kind="letter_not_handed").data
        assert told == {"about": "answer", "way": "paper", "reason": "no_address"}
        assert ManagementNotice.objects.filter(reason="not_sent:answer").exists()
        letter = dispatching.send_answer(appeal=appeal, address="там", employee=krc.people["unit_head"], now=NOW)
        assert letter.paper is not None
        assert letter.paper.address == "там"

    def test_an_answer_that_goes_by_no_letter_waits_for_a_person(self, krc: Registry) -> None:
        here = krc.at("signed", channel="phone", receipt=actions.Receipt(answer_by="phone"))
        assert dispatching.send_by_itself(appeal=here, now=NOW) is None
        assert not facts_of("appeal", here.pk).filter(kind="letter_not_handed").exists()

    @clause("krc-5.7.2-16")
    def test_what_came_by_the_website_is_sent_by_the_site_administrator(self, krc: Registry) -> None:
        appeal, sender = krc.at("signed", channel="web"), krc.people["site_administrator"]
        assert dispatching.send_by_itself(appeal=appeal, now=NOW) is None
        assert ManagementNotice.objects.get(employee=sender).reason == "to_send"
        letter = dispatching.send_answer(appeal=appeal, employee=sender, now=NOW)
        assert letter.outgoing is not None
        assert "Ответ на обращение на сайт" in letter.outgoing.subject
        assert letter.by == sender

    def test_where_the_standard_gives_sending_to_persons_the_program_does_not(self, krc: Registry) -> None:
        from dataclasses import replace

        appeal, flow = krc.at("signed", channel="paper"), krc.flow
        byhand = [replace(one, by=tuple(name for name in one.by if name != "system")) for one in flow.transitions]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moves, "flow_of", lambda _appeal: replace(flow, transitions=tuple(byhand)))
            assert dispatching.send_by_itself(appeal=appeal, now=NOW) is None
            assert dispatching.send_answer(appeal=appeal, employee=krc.people["unit_head"], now=NOW).paper


@pytest.mark.db
class TestNotices:
    def notice(self, krc: Registry, channel: str = "email") -> ClientNotice:
        """An extension that the applicant is to be told of."""
        appeal = krc.at("draft", channel=channel)
        krc.perform("extend", appeal, krc.people["unit_head"])
        return ClientNotice.objects.get()

    @clause("krc-6.1-15", "krc-6.1-14")
    def test_an_extension_holds_once_the_notice_has_gone(self, krc: Registry, smtp: MailServer) -> None:
        notice = self.notice(krc)
        old = notice.appeal.limit_at
        letter = dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=NOW)
        assert letter is not None
        notice.appeal.refresh_from_db()
        assert notice.appeal.limit_at == old
        send(krc, smtp)
        body = last(smtp).get_body(("plain",))
        assert body is not None
        said = body.get_content()
        assert said.startswith("Ольга Петровна!")
        assert f"обращение № {notice.appeal.number} продлён до" in said
        assert "Причина: нужна экспертиза." in said
        assert notice.appeal.number in last(smtp)["Subject"]
        note(letter, krc.profile)
        notice.appeal.refresh_from_db()
        assert notice.appeal.limit_at is not None
        assert old is not None
        assert notice.appeal.limit_at > old

    @clause("krc-6.1-15")
    def test_gone_too_late_it_does_not_hold_and_that_is_told(self, krc: Registry, smtp: MailServer) -> None:
        notice = self.notice(krc)
        late = NOW + 60 * DAY
        letter = dispatching.send_notice(notice=notice, employee=None, now=NOW)
        send(krc, smtp, late)
        note(letter, krc.profile, late)
        assert (letter.state, letter.reason) == (LetterState.SENT, extending.TooLateError.code)
        assert ManagementNotice.objects.filter(reason=f"late:{letter.pk}").exists()
        notice.appeal.refresh_from_db()
        assert notice.appeal.limit_at is not None
        assert notice.appeal.limit_at < late

    @clause("krc-6.1-54", "krc-6.1-16")
    def test_an_end_is_reached_once_the_notice_was_posted(self, krc: Registry) -> None:
        appeal = krc.at("assigned", channel="paper")
        notice = declining.give_notice(
            appeal=appeal, end="outside_competence", text="Не к нам", bodies=[krc.body()],
            employee=krc.people["executor"], now=NOW,
        )  # fmt: skip
        notice_signing.sign(notice=notice, employee=krc.people["director"], now=NOW)
        letter = dispatching.send_by_itself(appeal=appeal, notice=notice, now=NOW)
        assert letter is not None
        TestOnPaper.post(krc, letter)
        note(letter, krc.profile)
        appeal.refresh_from_db()
        assert (appeal.state, appeal.end) == ("closed", "outside_competence")
        assert letter.paper is not None
        assert "+7 800 000-00-00" in letter.paper.text

    @clause("krc-5.7.2-25")
    def test_a_request_for_data_goes_too(self, krc: Registry, smtp: MailServer) -> None:
        appeal = krc.at("assigned", channel="email")
        notice = declining.request_data(
            appeal=appeal, text="Пришлите показания прибора", employee=krc.people["executor"], now=NOW
        )
        letter = dispatching.send_by_itself(appeal=appeal, notice=notice, now=NOW)
        send(krc, smtp)
        assert letter is not None
        note(letter, krc.profile)
        notice.refresh_from_db()
        assert (notice.sent_at, notice.channel) == (SOON, "email")


@pytest.mark.db
class TestForwarding:
    @clause("court-1-36", "court-1-35")
    def test_the_applicant_is_told_by_the_letter_that_has_gone(self, court: Registry, smtp: MailServer) -> None:
        appeal, head = court.register(channel="email"), court.people["unit_head"]
        appeal = actions.forward_appeal(appeal=appeal, body=court.body(), employee=head, now=NOW)
        notice = declining.tell_in_writing(appeal=appeal, employee=head, now=NOW)
        assert "Інспекція" in notice.text or "Инспекция" in notice.text
        assert "переслано за належністю" in notice.text
        letter = dispatching.send_by_itself(appeal=appeal, notice=notice, now=NOW)
        assert letter is not None
        appeal.refresh_from_db()
        assert appeal.forwarding_told_at is None
        send(court, smtp)
        note(letter, court.profile)
        appeal.refresh_from_db()
        assert appeal.forwarding_told_at == SOON
        assert "відповідь на звернення" in last(smtp)["Subject"]
        told = facts_of("contact", appeal.contact_id).get(kind="forwarding_told")
        assert told.data["how"] == "email"

    def test_not_before_it_was_forwarded(self, court: Registry) -> None:
        with pytest.raises(moves.WrongStateError):
            declining.tell_in_writing(appeal=court.register(), employee=court.people["unit_head"], now=NOW)


@pytest.mark.db
@pytest.mark.clause("court-1-31")
@pytest.mark.parametrize("name", ["court", "yumek", "voe"])
@pytest.mark.parametrize(("came", "goes"), [("email", "email"), ("paper", "paper"), ("web", "email")])
def test_every_standard_sends_its_answers(name: str, came: str, goes: str) -> None:
    here = registry(name)
    letter = dispatching.send_by_itself(appeal=here.at("signed", channel=came), now=NOW)
    assert letter is not None
    assert letter.channel == goes


@pytest.mark.db(transaction=True)
class TestFollowing:
    def test_from_the_journal_to_the_end_and_never_twice(self, krc: Registry, signed: Appeal, smtp: MailServer) -> None:
        for _ in range(2):
            following.follow(profile=krc.profile, now=NOW)
        assert Outgoing.objects.count() == 1
        send(krc, smtp)
        for _ in range(3):
            following.follow(profile=krc.profile, now=SOON)
        signed.refresh_from_db()
        assert signed.state == "sent"
        assert JoinedLetter.objects.filter(appeal=signed).count() == 2
        assert len(smtp.taken) == 1

    @clause("krc-5.7.2-20", "krc-5.8-12")
    def test_the_answer_to_a_first_appeal_goes_to_the_same_applicant_by_itself(
        self, krc: Registry, smtp: MailServer
    ) -> None:
        given = {"channel": "email", "kind": "proposal"}
        original, twin = krc.at("signed", **given), krc.register(**given)
        stranger = krc.register(fields=APPLICANT | OTHER, **given)
        head = krc.people["supervisor"]
        for one in (twin, stranger):
            linking.join(appeal=one, original=original, employee=head, now=NOW)
        krc.perform("mark_sent", original, head)
        following.follow(profile=krc.profile, now=NOW)
        send(krc, smtp)
        body = last(smtp).get_body(("plain",))
        assert body is not None
        said = body.get_content()
        assert said.count("Ольга Петровна!") == 1
        assert SUBSTANCE in said
        following.follow(profile=krc.profile, now=SOON)
        twin.refresh_from_db()
        assert twin.answered_at is not None
        assert not JoinedLetter.objects.filter(notice__appeal=stranger).exists(), "a person reads it first"
        waits = ClientNotice.objects.get(appeal=stranger)
        told = ManagementNotice.objects.filter(appeal=stranger, reason=f"copy:{waits.pk}")
        assert told.filter(employee=krc.people["unit_head"]).exists()
        assert "Ольга" not in waits.text

    def test_news_that_cannot_be_taken_stops_no_other(
        self, krc: Registry, signed: Appeal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stumble(*_: object) -> None:
            raise LookupError("the disk is full of cats")

        monkeypatch.setitem(following.TAKEN, "mail_read", stumble)
        following.follow(profile=krc.profile, now=NOW)
        row = Unjoined.objects.get()
        assert (row.kind, row.tries) == ("mail_read", 1)
        assert "cats" in row.error
        assert Outgoing.objects.count() == 1, "the signed answer was sent all the same"
        following.retry(profile=krc.profile, now=NOW + following.AGAIN_AFTER)
        assert Unjoined.objects.get().tries == 2
        monkeypatch.undo()
        assert following.retry(profile=krc.profile, now=NOW + DAY) == 1
        assert not Unjoined.objects.exists()
