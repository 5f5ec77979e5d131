"""Answers and notices handed to `correspondence`: by the way that the clause demands, as e-mail or on paper."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from kindline.appeals import answering, filing, letters, moves, notice_signing, notices, queries
from kindline.appeals.letter_models import GONE_RECALLED
from kindline.appeals.models import Answer, Appeal, ClientNotice, JoinedLetter, LetterState
from kindline.appeals.notice_signing import NoticeNotSignedError
from kindline.appeals.notifying import AlreadySentError, RecalledError
from kindline.conversations.errors import RefusedError
from kindline.correspondence import actions as correspondence
from kindline.correspondence import papers
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.norms import Draft
from kindline.files.models import StoredFile
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard import loader

WAYS = ("email", "paper")
ANSWER, TO_SEND, ASKED, NOT_SENT = "answer", "to_send", "to_pass_on", "not_sent:answer"
LIVING_STATES = (LetterState.ON_ITS_WAY, LetterState.SENT, LetterState.DELIVERED)
LIVING = Q(state__in=LIVING_STATES) & ~Q(reason=GONE_RECALLED)
"""Letters that go, or went, for what they carry; one that had gone though it was taken back stands in nobody's way."""


class NoAddressError(RefusedError):
    """There is no address to which the letter could go: write it."""

    code = "no_address"


class UnfitError(RefusedError):
    """`correspondence` does not take the letter; `said` says why."""

    code = "unfit_letter"

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


class NotByLetterError(RefusedError):
    """The answer to this appeal goes by no letter: it is given, and marked by a person."""

    code = "not_by_letter"


class NotSignedError(RefusedError):
    """Only what was signed is sent."""

    code = "not_signed"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter about an appeal, and where it goes."""

    appeal: Appeal
    draft: Draft
    way: str
    address: str
    key: str
    signer: Employee
    employee: Employee | None
    answer: Answer | None = None
    notice: ClientNotice | None = None

    @property
    def about(self) -> str:
        """The answer, or what the notice is about."""
        return self.notice.about if self.notice else ANSWER

    @property
    def files(self) -> list[StoredFile]:
        """What goes with an answer: found clean when it was signed, and sealed with it."""
        return filing.answer_files(self.appeal) if self.answer else []


@transaction.atomic
def send_answer(
    *, appeal: Appeal, way: str = "", address: str = "", employee: Employee | None, now: dt.datetime
) -> JoinedLetter:
    """Hand the signed answer over to be sent; the appeal is answered once it has really gone (krc-5.8-06..08).

    Without `way` it goes as the clause demands, without `address` to the applicant's. It may go again, another way too,
    after it did not arrive. Clause: krc-5.7.2-16, krc-5.8-07, krc-5.8-08, krc-5.8-09, krc-6.1-39.
    Raises: NotYoursError; NotSignedError; AlreadySentError while it is on its way or arrived; WrongChannelError;
    BrokenSealError; NotByLetterError; NoAddressError; UnfitError.
    """
    held = _held(appeal)
    answer = Answer.objects.select_for_update().filter(appeal=held).exclude(signed_at=None).first()
    if answer is None or answer.signed_by is None:
        raise NotSignedError("have the answer signed first")
    _check_right(held, employee)
    tries = _tries(JoinedLetter.objects.filter(answer=answer), sent=answer.sent_at)
    profile = loader.load(held.profile)
    demanded = letters.channel_of(profile, held)
    chosen = way or demanded
    answering.check_channel(profile, held, chosen)
    answering.check_seal(answer)
    signed_subject = answer.subject if chosen == demanded else ""  # another way has its own prescribed subject line
    subject = signed_subject or letters.subject(profile, held, chosen)
    draft = letters.draft(profile, held, subject, letters.sent_text(answer), chosen)
    key = f"answer:{answer.pk}:{tries}"
    return _hand_over(Parcel(held, draft, chosen, address, key, answer.signed_by, employee, answer=answer), now)


@transaction.atomic
def send_notice(
    *, notice: ClientNotice, way: str = "", address: str = "", employee: Employee | None, now: dt.datetime
) -> JoinedLetter:
    """Hand a notice to the applicant over to be sent, with salutation and the executor's data around its text.

    What follows from it (an extension, an end) follows once it has gone. Clause: krc-6.1-15..19, krc-6.1-54..58,
    krc-5.7.2-25. What the standard has signed stands under the name of who signed it, the rest under its author's.
    Raises: as `send_answer`; NoticeNotSignedError; RecalledError.
    """
    held = _held(notice.appeal)
    fresh = ClientNotice.objects.select_for_update(of=("self",)).select_related("author", "appeal").get(pk=notice.pk)
    _check_right(held, employee)
    if fresh.recalled_at is not None:
        raise RecalledError("this notice was taken back")
    signature = _signature(fresh, held, way)
    tries = _tries(JoinedLetter.objects.filter(notice=fresh), sent=fresh.sent_at)
    profile = loader.load(held.profile)
    chosen = way or letters.channel_of(profile, held)
    subject = letters.subject(profile, held, chosen)
    text = "\n\n".join(filter(None, [fresh.text, signature.signed_as]))
    draft = letters.draft(profile, held, subject, letters.composed(profile, held, text), chosen)
    key = f"notice:{fresh.pk}:{tries}"
    return _hand_over(Parcel(held, draft, chosen, address, key, signature.employee, employee, notice=fresh), now)


def _signature(notice: ClientNotice, appeal: Appeal, way: str) -> notice_signing.Signature:
    """Who stands under a notice. Raises: NoticeNotSignedError where it waits for somebody's signature."""
    found = notice_signing.of(notice)
    if found is None and notice_signing.is_needed(notice, appeal, way):
        raise NoticeNotSignedError("have the notice signed first")
    return found or notice_signing.Signature(notice.author)


def _held(appeal: Appeal) -> Appeal:
    rows = Appeal.objects.select_for_update(of=("self",)).select_related("client", "executor")
    return rows.get(pk=appeal.pk)


def _check_right(appeal: Appeal, employee: Employee | None) -> None:
    """Who may mark an answer or a notice as sent may send it; the program itself where the standard lets it."""
    flow = moves.flow_of(appeal)
    found = [*flow.named("mark_sent"), *flow.named("mark_notified")]
    if found and not any(moves.may(employee, appeal, one) for one in found):
        raise moves.NotYoursError(found[0])


def lives(letter: JoinedLetter) -> bool:
    """Whether it goes, or went, for what it carries: the same is not sent again."""
    return letter.state in LIVING_STATES and not letter.is_gone_recalled


def _tries(rows: queries.Letters, sent: dt.datetime | None) -> int:
    """How often it was handed over before. Raises: AlreadySentError while one of them lives."""
    before = list(rows)
    if any(lives(one) for one in before) or (sent is not None and not before):
        raise AlreadySentError("it is on its way, or was sent already")
    return len(before)


def _hand_over(parcel: Parcel, now: dt.datetime) -> JoinedLetter:
    if parcel.way not in WAYS:
        raise NotByLetterError(f"{parcel.way} is no way of a letter")
    try:
        letter = _as_mail(parcel, now) if parcel.way == "email" else _on_paper(parcel, now)
    except CorrespondenceError as error:
        raise UnfitError(str(error)) from error
    letter.appeal, letter.answer, letter.notice = parcel.appeal, parcel.answer, parcel.notice
    letter.channel, letter.state, letter.by = parcel.way, LetterState.ON_ITS_WAY, parcel.employee
    letter.joined_at = letter.changed_at = now
    letter.save()
    data = {"letter": letter.pk, "about": parcel.about, "way": parcel.way}
    moves.keep(parcel.appeal, "letter_handed", data, employee=parcel.employee, now=now)
    return letter


def _as_mail(parcel: Parcel, now: dt.datetime) -> JoinedLetter:
    """As an answer to the applicant's last e-mail, where there is one: so it comes into his own thread."""
    appeal = parcel.appeal
    address = parcel.address or appeal.email
    if not address:
        raise NoAddressError("write the e-mail address")
    last = appeal.letters.exclude(incoming=None).select_related("incoming__thread").order_by("-pk").first()
    row = correspondence.queue_message(
        profile=loader.load(appeal.profile), key=parcel.key, recipient=address, draft=parcel.draft,
        answers=last.incoming if last else None, about=f"appeal:{appeal.pk}", files=parcel.files,
        employee=parcel.employee, now=now,
    )  # fmt: skip
    return JoinedLetter(outgoing=row)


def _on_paper(parcel: Parcel, now: dt.datetime) -> JoinedLetter:
    """Into the print queue, on the letterhead, under the name of who signed it (krc-5.8-09, krc-6.1-39)."""
    appeal = parcel.appeal
    address = parcel.address or appeal.residence
    if not address:
        raise NoAddressError("write the postal address")
    came = appeal.letters.exclude(paper=None).filter(paper__direction="in").select_related("paper")
    last = came.order_by("-pk").first()
    signed = papers.Signed(
        executor=appeal.executor or parcel.signer, signer=parcel.signer, answers=last.paper if last else None,
        about=f"appeal:{appeal.pk}", client=appeal.client,
    )  # fmt: skip
    row = papers.write_letter(
        profile=loader.load(appeal.profile), key=parcel.key, draft=parcel.draft, address=address, signed=signed,
        files=parcel.files, employee=parcel.employee or parcel.signer, now=now,
    )  # fmt: skip
    return JoinedLetter(paper=row)


def send_by_itself(*, appeal: Appeal, notice: ClientNotice | None = None, now: dt.datetime) -> JoinedLetter | None:
    """Send what was signed or prepared, where the standard lets the program do so; else a person is told.

    None where it goes by no letter, was sent or taken back meanwhile, or waits for a person.
    Clause: krc-5.7.2-16, krc-5.7.2-25 (answers to what came by the website, and requests for data, are sent by the
    site administrator).
    """
    if senders := senders_of(appeal, notice.about if notice else ANSWER):
        reason = f"{ASKED}:{notice.pk}" if notice else TO_SEND
        notices.tell(appeal, staff.with_role(*senders), reason, now)
        return None
    try:
        with transaction.atomic():
            if notice is not None:
                return send_notice(notice=notice, employee=None, now=now)
            return send_answer(appeal=appeal, employee=None, now=now)
    except (
        AlreadySentError, NotByLetterError, NotSignedError, NoticeNotSignedError, RecalledError, moves.NotYoursError,
    ):  # fmt: skip
        return None
    except RefusedError as error:
        _wait_for_person(appeal, notice, error, now)
        return None


def senders_of(appeal: Appeal, about: str = ANSWER) -> tuple[str, ...]:
    """The roles to which the standard gives the sending of the answer or of a notice; none: the program does it."""
    way = moves.flow_of(appeal).way(appeal.channel)
    return way.sent_by if way and about in way.sends else ()


@transaction.atomic
def _wait_for_person(appeal: Appeal, notice: ClientNotice | None, error: RefusedError, now: dt.datetime) -> None:
    way = letters.channel_of(loader.load(appeal.profile), appeal)
    data = {"about": notice.about if notice else ANSWER, "way": way, "reason": getattr(error, "said", error.code)}
    moves.keep(appeal, "letter_not_handed", data, employee=None, now=now)
    notices.tell_executor(appeal, f"not_sent:{notice.pk}" if notice else NOT_SENT, now)
