"""What was signed or prepared and has not gone is taken back: an answer to its draft, an appeal to where it stood."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from kindline.appeals import dispatching, moves, notices, renewing
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Answer, AnswerVersion, Appeal, ClientNotice, JoinedLetter, LetterState
from kindline.conversations.errors import RefusedError
from kindline.correspondence import papers
from kindline.correspondence.errors import WrongStateError
from kindline.correspondence.models import Outgoing
from kindline.journal.checking import storable
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee

ACT = "recall"
UNSIGNED = {"signed_by": None, "signed_at": None, "signed_for": None, "signed_as": "", "frozen": "", "sha256": "",
            "checked_by": None, "checked_at": None}  # fmt: skip
"""Of an answer whose signature was taken back."""


class GoneError(RefusedError):
    """It has gone, or was handed to the mail server's queue: what was sent is put right by another letter."""

    code = "already_gone"


class PrintedError(RefusedError):
    """The letter lies printed: it counts as on its way."""

    code = "already_printed"


def recall(*, appeal: Appeal, reason: str, employee: Employee, now: dt.datetime) -> Appeal:
    """Take back a signed answer, or the notice of an end, before it has gone; a letter leaves the print queue.

    The answer is a draft again, without checker and signature, and what was signed stays with its version. An appeal
    that was to leave on an end stands where it stood before, with the subject and the term that it had.
    Clause: krc-5.8-10, krc-6.1-44, krc-5.7.2-20.
    Raises: WrongStateError; NotYoursError; EmptyTextError without a reason; GoneError; PrintedError.
    """
    said = storable(reason).strip()
    if not said:
        raise EmptyTextError("say why it is taken back")
    with transaction.atomic():
        move = moves.begin(appeal, ACT, employee, now)
        row = _notice(move, said, employee) if move.appeal.end else _answer(move, said, employee)
        if row.executor_id != employee.pk:
            notices.tell_executor(row, f"recalled:{row.revision}", now)
        return row


def is_recalled(outgoing: Outgoing) -> bool:
    """Whether what an e-mail carries was taken back: it is not tried again."""
    return JoinedLetter.objects.filter(outgoing=outgoing, state=LetterState.RECALLED).exists()


def _answer(move: moves.Move, reason: str, employee: Employee) -> Appeal:
    answer = Answer.objects.select_for_update().get(appeal=move.appeal)
    if answer.sent_at is not None:
        raise GoneError("the answer was sent")
    take_letters_back(JoinedLetter.objects.filter(answer=answer), reason, employee, move.now)
    data = {"version": answer.version, "sha256": answer.sha256, "signed_by": answer.signed_by_id, "reason": reason}
    move.keep("answer_recalled", data)
    _keep_signed(answer)
    for name, value in UNSIGNED.items():
        setattr(answer, name, value)
    answer.save(update_fields=list(UNSIGNED))
    notices.forget(move.appeal, dispatching.TO_SEND, dispatching.NOT_SENT)
    return move.finish()


def _keep_signed(answer: Answer) -> None:
    """What was signed, by whom and when, stays with the version of which it was made."""
    made = {"subject": answer.subject, "text": answer.text, "author": answer.author, "made_at": answer.signed_at}
    version, _ = AnswerVersion.objects.get_or_create(answer=answer, version=answer.version, defaults=made)
    version.frozen, version.signed_by, version.signed_at = answer.frozen, answer.signed_by, answer.signed_at
    version.save(update_fields=["frozen", "signed_by", "signed_at"])


def _notice(move: moves.Move, reason: str, employee: Employee) -> Appeal:
    row, stood = move.appeal, _Stood(move)
    found = row.client_notices.filter(about=row.end, recalled_at=None)
    rows = list(found.select_for_update(of=("self",)).order_by("pk"))
    if any(one.sent_at is not None for one in rows):
        raise GoneError("the notice was sent")
    take_letters_back(JoinedLetter.objects.filter(notice__in=rows), reason, employee, move.now)
    ClientNotice.objects.filter(pk__in=[one.pk for one in rows]).update(recalled_at=move.now)
    last = rows[-1].pk if rows else None
    move.keep("notice_recalled", {"notice": last, "about": row.end, "end": row.end, "reason": reason})
    return _stand_again(move, stood, reason)


class _Stood:
    """State, subject and earlier appeal until the notice was prepared; of older ones what the standard says."""

    def __init__(self, move: moves.Move) -> None:
        made = facts_of("appeal", move.appeal.pk).filter(kind="notice_prepared", data__about=move.appeal.end)
        fact = made.filter(data__has_key="stood").last()
        data = fact.data if fact else {}
        known = move.flow.find("give_notice", str(data.get("stood", ""))) is not None
        self.state = str(data["stood"]) if known else str(move.transition.target)
        self.subject = str(data.get("stood_subject", move.appeal.subject) or "")
        self.earlier = data.get("stood_earlier", move.appeal.earlier_id)


def _stand_again(move: moves.Move, stood: _Stood, reason: str) -> Appeal:
    row, end = move.appeal, move.flow.ends[move.appeal.end]
    changed = bool(end.subject) and row.subject == end.subject != stood.subject  # else it was corrected meanwhile
    row.subject = stood.subject if changed else row.subject
    row.end, row.state, row.earlier_id = "", stood.state, stood.earlier
    renewed = renewing.renew(row, reason, employee=move.employee, now=move.now) if changed else ()
    return move.finish("subject", "earlier", *renewed, to=stood.state)


def take_letters_back(letters: QuerySet[JoinedLetter], reason: str, employee: Employee, now: dt.datetime) -> None:
    """Out of the print queue, or not to be tried again. Raises: GoneError; PrintedError."""
    for one in letters.select_for_update(of=("self",)).select_related("paper").order_by("pk"):
        if one.state not in (LetterState.FAILED, LetterState.RECALLED):
            _withdraw(one, reason, employee, now)
        _mark(one, reason, now)


def take_what_is_ours(letters: QuerySet[JoinedLetter], reason: str, employee: Employee, now: dt.datetime) -> None:
    """The same of those that can still be taken back; what may have gone already is left alone."""
    for one in letters.select_for_update(of=("self",)).select_related("paper").order_by("pk"):
        try:
            with transaction.atomic():
                if one.state != LetterState.FAILED:
                    _withdraw(one, reason, employee, now)
                _mark(one, reason, now)
        except RefusedError:
            continue


def _mark(letter: JoinedLetter, reason: str, now: dt.datetime) -> None:
    letter.state, letter.reason, letter.changed_at = LetterState.RECALLED, reason[:500], now
    letter.save(update_fields=["state", "reason", "changed_at"])


def _withdraw(letter: JoinedLetter, reason: str, employee: Employee, now: dt.datetime) -> None:
    if letter.state != LetterState.ON_ITS_WAY or letter.paper is None:
        raise GoneError("the letter is on its way, or has gone")
    try:
        papers.withdraw(paper=letter.paper, reason=reason, employee=employee, now=now)
    except WrongStateError as error:
        raise PrintedError(f"{letter.paper.number} is printed") from error
