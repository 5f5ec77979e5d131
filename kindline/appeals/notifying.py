"""A notice to the applicant has gone out, and what follows: an extension holds, an appeal leaves the registry."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.appeals import actions, declining, extending, linking, moves, notice_signing
from kindline.appeals.models import Appeal, ClientNotice
from kindline.conversations.errors import RefusedError
from kindline.journal.checking import storable
from kindline.staff.models import Employee


class AlreadySentError(RefusedError):
    """The notice was sent already."""

    code = "already_sent"


class RecalledError(RefusedError):
    """The notice was taken back: it is not sent any more."""

    code = "recalled"


def mark_notice_sent(
    *, notice: ClientNotice, channel: str, proof: str, employee: Employee | None = None, now: dt.datetime
) -> ClientNotice:
    """The notice has gone out: an extension holds, on an end the appeal leaves (krc-6.1-15..19, krc-6.1-54..58).

    Raises: AlreadySentError; RecalledError; NoticeNotSignedError where the standard has it signed first; TooLateError
    for an extension told after the old limit; WrongStateError; NotYoursError.
    """
    with transaction.atomic():
        appeal = Appeal.objects.select_for_update().get(pk=notice.appeal_id)
        held = ClientNotice.objects.select_for_update().get(pk=notice.pk)
        _check_right(appeal, employee)
        if held.sent_at is not None:
            raise AlreadySentError("this notice was sent already")
        if held.recalled_at is not None:
            raise RecalledError("this notice was taken back")
        if notice_signing.is_needed(held, appeal, channel) and not notice_signing.signed([held]):
            raise notice_signing.NoticeNotSignedError("have the notice signed first")
        held.sent_at, held.channel, held.proof = now, channel, storable(proof)
        held.save(update_fields=["sent_at", "channel", "proof"])
        in_time = appeal.limit_at is None or now <= appeal.limit_at
        data = {"notice": held.pk, "about": held.about, "channel": channel, "proof": held.proof, "in_time": in_time}
        moves.keep(appeal, "notice_sent", data, employee=employee, now=now)
        _follow(held, appeal, employee, now)
        return held


def _check_right(appeal: Appeal, employee: Employee | None) -> None:
    """Who may mark an answer or a notice of an end as sent may mark any notice."""
    flow = moves.flow_of(appeal)
    found = [*flow.named("mark_notified"), *flow.named("mark_sent")]
    if found and not any(moves.may(employee, appeal, one) for one in found):
        raise moves.NotYoursError(found[0])


def _follow(notice: ClientNotice, appeal: Appeal, employee: Employee | None, now: dt.datetime) -> None:
    if notice.about == extending.ABOUT:
        extending.take_effect(notice, employee, now)
    elif notice.about == declining.FORWARDED:
        actions.tell_forwarding(appeal=appeal, how=notice.channel, employee=employee, now=now)
    elif notice.about == appeal.end and appeal.closed_at is None:
        move = moves.begin(appeal, "mark_notified", employee, now)
        move.appeal.answered_at = now
        move.finish("answered_at")
        actions.keep_answered(move.appeal, notice.channel, employee, now)
        linking.share(move.appeal, notice.text, notice.author, employee=employee, now=now)
    elif notice.about == linking.ABOUT and appeal.answered_at is None:
        Appeal.objects.filter(pk=appeal.pk).update(answered_at=now)
        actions.keep_answered(appeal, notice.channel, employee, now)
