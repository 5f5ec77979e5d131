"""What has become of a letter of ours: gone, delivered, not accepted, come back; and what follows for the appeal."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.appeals import answering, dispatching, moves, notices, notifying
from kindline.appeals.letter_models import GONE_RECALLED
from kindline.appeals.models import JoinedLetter, LetterState
from kindline.conversations.errors import RefusedError

REASON_MAX = 500


@transaction.atomic
def note_gone(*, letter: JoinedLetter, proof: str, at: dt.datetime, now: dt.datetime) -> JoinedLetter:
    """The server took it, or it was posted: the appeal is answered, the notice given, at that moment.

    What was taken back and had gone is told to the executor, and moves nothing: what is signed since is another answer.
    Clause: krc-5.8-06, krc-5.7.2-16, krc-6.1-15. Again it changes nothing.
    """
    row = _held(letter)
    if row.state not in (LetterState.ON_ITS_WAY, LetterState.FAILED, LetterState.RECALLED):
        return row
    if row.state == LetterState.RECALLED or (row.notice is not None and row.notice.recalled_at is not None):
        return _gone_all_the_same(row, now)
    _change(row, LetterState.SENT, "", now)
    try:
        with transaction.atomic():
            _follow(row, proof, at)
    except RefusedError as error:  # the appeal went another way meanwhile, or it went too late
        _change(row, LetterState.SENT, error.code, now)
        notices.tell_executor(row.appeal, f"late:{row.pk}", now)
    return row


@transaction.atomic
def note_delivered(*, letter: JoinedLetter, now: dt.datetime) -> JoinedLetter:
    """The post handed it over; what was taken back and had gone stays marked so."""
    row = _held(letter)
    if row.state == LetterState.SENT:
        _change(row, LetterState.DELIVERED, row.reason if row.is_gone_recalled else "", now)
    return row


@transaction.atomic
def note_lost(*, letter: JoinedLetter, state: LetterState, reason: str, now: dt.datetime) -> JoinedLetter:
    """It was refused or came back: the executor is told, and it may be sent again another way (krc-5.7.2-23).

    What was taken back and had gone is taken back after all: the applicant does not have it, and nobody misses it.
    """
    row = _held(letter)
    if row.state == state:
        return row
    if row.is_gone_recalled:
        _change(row, LetterState.RECALLED, "", now)
        return row
    _change(row, state, reason, now)
    data = {"letter": row.pk, "about": _about(row), "way": row.channel, "reason": row.reason}
    moves.keep(row.appeal, "letter_came_back", data, employee=None, now=now)
    notices.tell_executor(row.appeal, f"back:{row.pk}", now)
    return row


def _gone_all_the_same(row: JoinedLetter, now: dt.datetime) -> JoinedLetter:
    _change(row, LetterState.SENT, GONE_RECALLED, now)
    data = {"letter": row.pk, "about": _about(row), "way": row.channel}
    moves.keep(row.appeal, "recalled_letter_gone", data, employee=None, now=now)
    notices.tell_executor(row.appeal, f"gone:{row.pk}", now)
    return row


def _about(row: JoinedLetter) -> str:
    return row.notice.about if row.notice else dispatching.ANSWER


def _held(letter: JoinedLetter) -> JoinedLetter:
    rows = JoinedLetter.objects.select_for_update(of=("self",)).select_related("appeal", "answer", "notice", "by")
    return rows.get(pk=letter.pk)


def _change(row: JoinedLetter, state: LetterState, reason: str, now: dt.datetime) -> None:
    row.state, row.reason, row.changed_at = state, reason[:REASON_MAX], now
    row.save(update_fields=["state", "reason", "changed_at"])


def _follow(row: JoinedLetter, proof: str, at: dt.datetime) -> None:
    """By whoever handed it over, else by the program; sent again, nothing more follows."""
    if row.answer is not None and row.answer.sent_at is None:
        answering.mark_sent(appeal=row.appeal, channel=row.channel, proof=proof, employee=row.by, now=at)
    if row.notice is not None and row.notice.sent_at is None:
        notifying.mark_notice_sent(notice=row.notice, channel=row.channel, proof=proof, employee=row.by, now=at)
