"""What the journal says of letters and of what is to be sent, followed with a cursor of its own."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.db import Error, transaction
from django.db.models import F

from kindline.appeals import dispatching, joining, linking, notice_signing, notices, outcomes
from kindline.appeals.models import Appeal, ClientNotice, JoinedLetter, LetterState, Unjoined
from kindline.correspondence import answering
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.models import Incoming, Paper
from kindline.journal import cursor
from kindline.journal.models import Fact
from kindline.standard.profile import Profile

log = logging.getLogger(__name__)
CURSOR = "appeals_letters"
BATCH = 500
AGAIN_AFTER = dt.timedelta(minutes=5)


def follow(*, profile: Profile, now: dt.datetime, limit: int = BATCH) -> int:
    """Take note of letters and of what was signed; how many facts were read. 0 while another follower is at work.

    Killed at any moment it begins again at the same fact; what was done is known by its rows.
    """
    try:
        with cursor.reading(CURSOR, limit) as facts:
            for fact in facts:
                if fact.kind in TAKEN:
                    _take(fact, profile, now)
            return len(facts)
    except cursor.CursorBusyError:
        return 0


def _take(fact: Fact, profile: Profile, now: dt.datetime) -> None:
    """One piece of news; that it cannot be taken stops no other: it is kept and tried again."""
    try:
        with transaction.atomic():
            TAKEN[fact.kind](fact, profile, now)
    except Error:
        raise
    except Exception as error:
        log.exception("fact %s of %s/%s is tried again", fact.kind, fact.subject_type, fact.subject_id)
        _keep(fact, error, now)


def _keep(fact: Fact, error: Exception, now: dt.datetime) -> None:
    told = {"error": f"{type(error).__name__}: {error}"[:2000], "next_at": now + AGAIN_AFTER}
    first = {"kind": fact.kind, "subject_type": fact.subject_type, "subject_id": fact.subject_id, "at": fact.at}
    Unjoined.objects.get_or_create(fact_id=fact.id, defaults={**first, **told, "data": fact.data})


def retry(*, profile: Profile, now: dt.datetime) -> int:
    """Try again what could not be taken; how many succeeded."""
    done = 0
    for row in Unjoined.objects.filter(next_at__lte=now).order_by("pk")[:BATCH]:
        told = {"kind": row.kind, "subject_type": row.subject_type, "subject_id": row.subject_id, "data": row.data}
        try:
            with transaction.atomic():
                TAKEN[row.kind](Fact(id=row.fact_id, at=row.at, **told), profile, now)
                row.delete()
                done += 1
        except Error:
            raise
        except Exception:
            log.exception("fact %s of %s/%s is tried again", row.kind, row.subject_type, row.subject_id)
            Unjoined.objects.filter(pk=row.pk).update(tries=F("tries") + 1, next_at=now + AGAIN_AFTER * row.tries)
    return done


def _mail(fact: Fact, profile: Profile, now: dt.datetime) -> None:
    row = Incoming.objects.select_related("thread", "client").get(pk=fact.subject_id)
    letter = joining.join_mail(incoming=row, profile=profile, now=now)
    if answering.waits_for_registry(profile):
        _acknowledge(row, letter.appeal.number if letter else "", profile, now)


def _acknowledge(row: Incoming, number: str, profile: Profile, now: dt.datetime) -> None:
    """The sender learns the number in the transaction in which it is given; what hinders that hinders no number."""
    try:
        with transaction.atomic():
            answering.acknowledge(incoming=row, profile=profile, appeal=number, now=now)
    except CorrespondenceError as error:
        log.warning("message %s is not acknowledged: %s", row.pk, error)


def _paper(fact: Fact, profile: Profile, now: dt.datetime) -> None:
    joining.join_paper(paper=Paper.objects.get(pk=fact.subject_id), profile=profile, now=now)


def _signed(fact: Fact, _profile: Profile, now: dt.datetime) -> None:
    dispatching.send_by_itself(appeal=Appeal.objects.get(pk=fact.subject_id), now=now)


def _prepared(fact: Fact, _profile: Profile, now: dt.datetime) -> None:
    """A notice goes when nothing more is to be done to it: one that is signed at once, by the second of its facts."""
    notice = ClientNotice.objects.select_related("appeal").get(pk=fact.data["notice"])
    if fact.kind == notice_signing.SIGNED or not notice_signing.is_needed(notice, notice.appeal):
        dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=now)


def _shared(fact: Fact, _profile: Profile, now: dt.datetime) -> None:
    """The answer to a first appeal goes by itself to the same applicant; for another one a person reads it first.

    What was given by word of mouth has reached him already.
    """
    if "notice" not in fact.data:
        return
    notice = ClientNotice.objects.select_related("appeal__original").get(pk=fact.data["notice"])
    if linking.is_of_same_applicant(notice.appeal):
        dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=now)
    elif notice.sent_at is None:
        notices.tell_executor(notice.appeal, f"copy:{notice.pk}", now)


def _sent(fact: Fact, _profile: Profile, now: dt.datetime) -> None:
    if (letter := _mail_of(fact)) is not None and letter.outgoing is not None:
        proof = f"<{letter.outgoing.message_id}>"
        outcomes.note_gone(letter=letter, proof=proof, at=letter.outgoing.sent_at or fact.at, now=now)


def _failed(fact: Fact, _profile: Profile, now: dt.datetime) -> None:
    if (letter := _mail_of(fact)) is not None:
        reason = str(fact.data.get("reason") or fact.data.get("status") or "")
        state = LetterState.FAILED if fact.kind == "message_failed" else LetterState.CAME_BACK
        outcomes.note_lost(letter=letter, state=state, reason=reason, now=now)


def _posted(fact: Fact, _profile: Profile, now: dt.datetime) -> None:
    if (letter := _paper_of(fact)) is not None and letter.paper is not None:
        proof = " ".join(filter(None, [letter.paper.number, letter.paper.tracking_number]))
        outcomes.note_gone(letter=letter, proof=proof, at=letter.paper.posted_at or fact.at, now=now)


def _ended(fact: Fact, _profile: Profile, now: dt.datetime) -> None:
    letter = _paper_of(fact)
    if letter is None:
        return
    if fact.kind == "paper_delivered":
        outcomes.note_delivered(letter=letter, now=now)
    else:
        reason = str(fact.data.get("outcome") or "")
        outcomes.note_lost(letter=letter, state=LetterState.CAME_BACK, reason=reason, now=now)


def _mail_of(fact: Fact) -> JoinedLetter | None:
    return JoinedLetter.objects.filter(outgoing=int(fact.subject_id)).select_related("outgoing").first()


def _paper_of(fact: Fact) -> JoinedLetter | None:
    return JoinedLetter.objects.filter(paper=int(fact.subject_id)).select_related("paper").first()


TAKEN: dict[str, Callable[[Fact, Profile, dt.datetime], None]] = {
    "mail_read": _mail,
    "mail_unreadable": _mail,
    "paper_registered": _paper,
    "answer_signed": _signed,
    "notice_prepared": _prepared,
    "notice_signed": _prepared,
    "answer_shared": _shared,
    "message_sent": _sent,
    "message_failed": _failed,
    "message_bounced": _failed,
    "paper_posted": _posted,
    "paper_delivered": _ended,
    "paper_returned": _ended,
}
