"""Notices on the way to the answer are taken back: of a longer term, which falls with it; a request for data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from kindline.appeals import declining, dispatching, extending, moves, notice_signing, notices, recalling
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, ClientNotice, JoinedLetter, LetterState
from kindline.appeals.notifying import RecalledError
from kindline.journal.checking import storable
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee

PREPARED_BY = {extending.ABOUT: "extend", declining.REQUEST: "request_data"}
"""By which act of the workflow a notice that can be taken back by itself was prepared."""
SETTLED = ("data_received", "unanswered_decided")
"""Facts after which data that were asked for are awaited no more."""
GONE = (LetterState.SENT, LetterState.DELIVERED, LetterState.CAME_BACK)


def may(notice: ClientNotice, appeal: Appeal, employee: Employee) -> bool:
    """Whether this person may take the notice back: its author, who may prepare such a one, who takes others back."""
    if notice.about not in PREPARED_BY or appeal.closed_at is not None:
        return False
    flow = moves.flow_of(appeal)
    found = [*flow.named(PREPARED_BY[notice.about]), *flow.named(recalling.ACT)]
    return notice.author_id == employee.pk or any(moves.may(employee, appeal, one) for one in found)


def recallable(rows: Iterable[ClientNotice], appeal: Appeal, employee: Employee) -> set[int]:
    """Which of the notices about an appeal have not gone, and may be taken back by this person."""
    return {one.pk for one in rows if not notice_signing.is_over(one, appeal) and may(one, appeal, employee)}


def recall_notice(*, notice: ClientNotice, reason: str, employee: Employee, now: dt.datetime) -> ClientNotice:
    """Take back the notice of an extension, or a request for data, before it has gone; a letter leaves the print queue.

    The extension is called off, and another one may be asked for; data that was asked for is awaited no more.
    Clause: krc-6.1-14, krc-6.1-15, krc-5.7.2-25.
    Raises: WrongStateError once the appeal has left, and for the notice of an end; NotYoursError; EmptyTextError
    without a reason; RecalledError; GoneError; PrintedError.
    """
    said = storable(reason).strip()
    if not said:
        raise EmptyTextError("say why it is taken back")
    with transaction.atomic():
        appeal = moves.held_open(notice.appeal)
        held = ClientNotice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        _check(held, appeal, employee)
        recalling.take_letters_back(JoinedLetter.objects.filter(notice=held), said, employee, now)
        _call_off(held, appeal, said, employee, now)
        return held


def reconsider(appeal: Appeal, *, why: str, employee: Employee, now: dt.datetime) -> None:
    """An extension that waits to be told, after the term was corrected: it is one of the new term, or is called off.

    What the clause grants of the new term stays, to be told before that ends. A letter that lies printed, or is in the
    mail server's queue, is not stopped: gone, it extends nothing, and the executor is told. Clause: krc-6.1-14,
    krc-6.1-15, court-1-31.
    """
    if appeal.answered_at is not None:
        return
    waiting = appeal.extensions.filter(effective_at=None, notice__sent_at=None, notice__recalled_at=None)
    for made in waiting.exclude(notice__letters__state__in=GONE).select_related("notice"):
        if appeal.limit_at is not None and extending.is_granted(appeal, made, now):
            made.old_limit_at = appeal.limit_at
            made.save(update_fields=["old_limit_at"])
        else:
            recalling.take_what_is_ours(JoinedLetter.objects.filter(notice=made.notice), why, employee, now)
            _call_off(made.notice, appeal, why, employee, now)


def _check(notice: ClientNotice, appeal: Appeal, employee: Employee) -> None:
    if notice.about not in PREPARED_BY:
        raise moves.WrongStateError(f"{notice.about} is taken back with the state of the appeal")
    if not may(notice, appeal, employee):
        raise moves.NotYoursError(moves.flow_of(appeal).named(PREPARED_BY[notice.about])[0])
    if notice.recalled_at is not None:
        raise RecalledError("this notice was taken back")
    if notice.sent_at is not None:
        raise recalling.GoneError("the notice was sent")


def _call_off(notice: ClientNotice, appeal: Appeal, reason: str, employee: Employee, now: dt.datetime) -> None:
    notice.recalled_at = now
    notice.save(update_fields=["recalled_at"])
    notices.forget(appeal, f"{dispatching.ASKED}:{notice.pk}", f"not_sent:{notice.pk}")
    if notice.about == declining.REQUEST:
        appeal.data_due_at = _still_awaited(appeal)
    appeal.revision += 1
    appeal.save(update_fields=["data_due_at", "revision"])
    data = {"notice": notice.pk, "about": notice.about, "end": "", "reason": reason}
    moves.keep(appeal, "notice_recalled", data, employee=employee, now=now)
    if appeal.executor_id != employee.pk:
        notices.tell_executor(appeal, f"recalled:{appeal.revision}", now)


def _still_awaited(appeal: Appeal) -> dt.datetime | None:
    """By when the data of an earlier request is awaited that stands; None without such a one."""
    if appeal.data_due_at is None:
        return None
    standing = appeal.client_notices.filter(about=declining.REQUEST, recalled_at=None).values_list("pk", flat=True)
    facts = facts_of("appeal", appeal.pk)
    settled = facts.filter(kind__in=SETTLED).values_list("id", flat=True).last() or 0
    asked = facts.filter(kind="data_requested", data__notice__in=list(standing), id__gt=settled).last()
    return dt.datetime.fromisoformat(asked.data["due_at"]) if asked and asked.data.get("due_at") else None
