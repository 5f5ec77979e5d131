"""The talk about an appeal, between who asked and who works on it: on the page of its state, and on its card."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext, override

from kindline.appeals import declining, filing, moves, notices, rights
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, AppealMessage
from kindline.conversations.errors import RefusedError
from kindline.correspondence import actions as correspondence
from kindline.correspondence.errors import BadAddressError
from kindline.correspondence.norms import Draft
from kindline.files import erasing, taking
from kindline.files import queries as files
from kindline.files.erasing import DRAFT
from kindline.files.models import FileState, Owner
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.models import Employee

RIGHT = "invite_applicant"
"""Who may ask the applicant in may write to him."""
CHANNELS = ("web", "account")
"""Whoever came by these has a page on which messages to him are read."""


def receive_message(
    *, appeal: Appeal, text: str, key: uuid.UUID, draft: str, is_reply: bool, now: dt.datetime
) -> AppealMessage:
    """Keep what the applicant writes on the page of the state, with the files of its form; sent twice it is one.

    Sent again with another text or further files it is a message of its own: what was added is lost to nobody.
    `is_reply`: it is what he was asked for, and the appeal waits for that no longer.
    Clause: krc-5.7.2-25. Raises: EmptyTextError without text and files; WrongStateError once the appeal has left.
    """
    said = storable(text).strip()
    with transaction.atomic():
        held = moves.held_open(appeal)
        known = AppealMessage.objects.filter(appeal=held, key=key).first()
        if known is not None:
            if not (added := _added(known, said, draft, now)):
                return known
            key = uuid.uuid5(key, added)
            if (again := AppealMessage.objects.filter(appeal=held, key=key).first()) is not None:
                return again
        if not said and not files.of(Owner(DRAFT, draft)).exists():
            raise EmptyTextError("write something, or attach a file")
        made = AppealMessage.objects.create(appeal=held, text=said, key=key, made_at=now)
        _take_files(made, draft, now)
        _changed(held)
        _fact(held, "message_added", {"message": made.pk, "token": None}, "client", now)
        if is_reply:
            _receive_data(held, said, now)
        notices.tell_executor(held, f"message:{made.pk}", now)
        return made


def write_message(
    *, appeal: Appeal, text: str, show: Iterable[int] = (), employee: Employee, now: dt.datetime
) -> AppealMessage:
    """Write to the applicant, who is told by e-mail that there is something new, not what; `show`: files for him.

    Raises: NotYoursError; EmptyTextError; WrongStateError once the appeal has left; NotReachedError for who came by
    another way and has no page; UncheckedError for a file that may not be passed on.
    """
    said = storable(text).strip()
    if not said:
        raise EmptyTextError("write the message")
    with transaction.atomic():
        held = moves.held_open(appeal)
        rights.check(moves.profile_of(held), RIGHT, employee, held)
        if held.channel not in CHANNELS:
            raise NotReachedError(held.channel)
        made = AppealMessage.objects.create(appeal=held, text=said, is_ours=True, author=employee, made_at=now)
        _show(made, show, employee, now)
        _changed(held)
        data = {"message": made.pk, "told": _tell(made, now)}
        _fact(held, "message_written", data, f"employee:{employee.pk}", now)
        return made


class NotReachedError(RefusedError):
    """The applicant came by another way: write a letter, or call."""

    code = "not_on_site"


class UncheckedError(RefusedError):
    """A file waits to be checked, or was refused: it is not passed on."""

    code = "unchecked_file"


def may_write(appeal: Appeal, employee: Employee) -> bool:
    """Whether this employee may write to the applicant now."""
    reached = appeal.closed_at is None and appeal.channel in CHANNELS
    return reached and rights.may(moves.profile_of(appeal), RIGHT, employee, appeal)


def _added(known: AppealMessage, said: str, draft: str, now: dt.datetime) -> str:
    """What the same form brings that its message has not, as one text to know it by; empty where it is the same.

    Files that the message has already are let go from the form.
    """
    came, had = files.of(Owner(DRAFT, draft)), files.of(known.owner).values("file__sha256")
    for row in came.filter(file__sha256__in=had):
        erasing.detach(attachment=row, reason="it came with the same message before", employee=None, now=now)
    more = sorted(came.all().values_list("file__sha256", flat=True))
    is_same = " ".join(said.split()) in ("", " ".join(known.text.split()))
    return "\n".join(["" if is_same else said, *more]).strip()


def _take_files(message: AppealMessage, draft: str, now: dt.datetime) -> None:
    for row in filing.take_draft(appeal=message.appeal, draft=draft, employee=None, now=now):
        taking.attach(file=row.file, owner=message.owner, employee=None, now=now)


def _show(message: AppealMessage, keys: Iterable[int], employee: Employee, now: dt.datetime) -> None:
    for row in filing.files_of(message.appeal).filter(pk__in=list(keys)):
        if row.file.state != FileState.CLEAN:
            raise UncheckedError(str(row.file))
        taking.attach(file=row.file, owner=message.owner, employee=employee, now=now)


def _receive_data(appeal: Appeal, said: str, now: dt.datetime) -> None:
    """What was asked for has come; where the appeal has gone on meanwhile, the message is kept all the same."""
    if appeal.data_due_at is None or moves.flow_of(appeal).find("receive_data", appeal.state) is None:
        return
    declining.receive_data(appeal=appeal, what=said or "…", employee=None, now=now)


def _changed(appeal: Appeal) -> None:
    appeal.revision += 1
    appeal.save(update_fields=["revision"])


def _tell(message: AppealMessage, now: dt.datetime) -> bool:
    """Say by e-mail that there is something new; what it is stands only behind number and code."""
    appeal, profile = message.appeal, moves.profile_of(message.appeal)
    if not appeal.email:
        return False
    with override(profile.language):
        subject = gettext("There is news of your question") + f" {appeal.number}"
        text = gettext(
            "We have written to you about your question %(number)s. Read it and answer on our site, on the page "
            "“What became of my question”, by the number and the code that you were given."
        ) % {"number": appeal.number}
    draft = Draft(subject, text, profile.language, is_automatic=True)
    try:
        correspondence.queue_message(
            profile=profile, key=f"message {message.pk}", recipient=appeal.email, draft=draft, employee=None, now=now
        )  # fmt: skip
    except BadAddressError:
        return False
    return True


def _fact(appeal: Appeal, kind: str, data: Mapping[str, object], who: str, now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="appeal", subject_id=appeal.pk, actor=who, data=data, at=now)
