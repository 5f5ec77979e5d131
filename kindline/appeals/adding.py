"""What the applicant adds to an appeal after its registration."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.appeals import moves, notices
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, AppealMessage
from kindline.journal.checking import storable
from kindline.staff.models import Employee, Token


def add_message(
    *, appeal: Appeal, text: str, employee: Employee, token: Token | None = None, now: dt.datetime
) -> AppealMessage:
    """Keep what the applicant adds and tell the executor; `employee` or his program passes it on.

    What has left the registry takes nothing.
    Raises: EmptyTextError; WrongStateError.
    """
    text = storable(text).strip()
    if not text:
        raise EmptyTextError("write what is added")
    with transaction.atomic():
        held = moves.held_open(appeal)
        made = AppealMessage.objects.create(appeal=held, text=text, author=employee, token=token, made_at=now)
        held.revision += 1
        held.save(update_fields=["revision"])
        data = {"message": made.pk, "token": token.pk if token else None}
        moves.keep(held, "message_added", data, employee=employee, now=now)
        notices.tell_executor(held, f"message:{made.pk}", now)
        return made
