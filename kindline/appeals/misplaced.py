"""A letter that was joined to the wrong appeal is moved to another one, or back to what waits to be sorted."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.appeals import filing, joining, linking, moves, notices
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, JoinedLetter
from kindline.conversations.errors import RefusedError
from kindline.correspondence import queries as mail
from kindline.files import erasing, taking
from kindline.files.models import Attachment
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.workflows import Right

RIGHT = "move_letter"


class OwnLetterError(RefusedError):
    """Only letters that came are moved: ours say what was said about this appeal."""

    code = "own_letter"


class FirstLetterError(RefusedError):
    """The appeal was made of this letter and is worked on: it is closed as a duplicate, not emptied."""

    code = "first_letter"


def may_move(appeal: Appeal, employee: Employee | None) -> bool:
    """Whether this person may move letters of the appeal: whoever sorts letters may."""
    sorts = loader.load(appeal.profile).workflow
    return sorts is not None and any(moves.may(employee, appeal, one) for one in sorts.named("sort"))


def move_letter(
    *, letter: JoinedLetter, to: Appeal | None, reason: str, employee: Employee, now: dt.datetime
) -> JoinedLetter:
    """Move a letter with its files to another appeal; `to` None: it becomes an appeal that waits to be sorted.

    The appeal that was made of the letter, and that nobody has sorted yet, is closed as a duplicate of the other.

    Clause: krc-5.7.2-14, krc-5.8-03, krc-6.1-02, yumek-9.1-06, voe-8-03 (one registry: no letter without its appeal).
    Raises: NotYoursError; OwnLetterError; FirstLetterError; NotAnotherError; WrongStateError; EmptyTextError.
    """
    said = storable(reason).strip()
    if not said:
        raise EmptyTextError("say why the letter belongs elsewhere")
    with transaction.atomic():
        row, old, new = _held(letter, to)
        _check(row, old, new, employee)
        new = new or joining.register_letter(letter=row, now=now)
        _move(row, old, new, said, employee, now)
        if row.is_first and to is not None:
            linking.join(appeal=old, original=new, employee=employee, now=now)
        row.is_first = to is None
        row.save(update_fields=["appeal", "is_first", "changed_at"])
        if to is not None:
            notices.tell_executor(new, f"letter:{row.pk}", now)
        return row


def _held(letter: JoinedLetter, to: Appeal | None) -> tuple[JoinedLetter, Appeal, Appeal | None]:
    """The letter and both appeals, held in the order of their keys, so that two movers never wait for each other."""
    keys = {letter.appeal_id, to.pk} if to is not None else {letter.appeal_id}
    held = {one.pk: one for one in Appeal.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    row = JoinedLetter.objects.select_for_update(of=("self",)).select_related("incoming", "paper").get(pk=letter.pk)
    if row.appeal_id not in held:
        raise moves.StaleError(Appeal.objects.get(pk=row.appeal_id).revision)
    return row, held[row.appeal_id], held[to.pk] if to is not None else None


def _check(row: JoinedLetter, old: Appeal, new: Appeal | None, employee: Employee) -> None:
    if not may_move(old, employee):
        raise moves.NotYoursError(_right(old))
    if row.incoming is None and (row.paper is None or row.paper.direction != "in"):
        raise OwnLetterError(f"letter {row.pk} is ours")
    if row.is_first and (new is None or moves.flow_of(old).find("sort", old.state) is None):
        raise FirstLetterError(f"{old.number} was made of this letter")
    if new is not None and (new.pk == old.pk or new.profile != old.profile):
        raise linking.NotAnotherError("name another appeal")
    if new is not None and new.closed_at is not None:
        raise moves.WrongStateError(f"{new.number} has left the registry: it takes nothing")


def _right(appeal: Appeal) -> Right:
    found = moves.flow_of(appeal).named("sort")
    return Right(RIGHT, tuple(found[0].by) if found else (), tuple(found[0].clauses) if found else ())


def _move(row: JoinedLetter, old: Appeal, new: Appeal, reason: str, employee: Employee, now: dt.datetime) -> None:
    row.appeal, row.changed_at = new, now
    row.save(update_fields=["appeal", "changed_at"])
    _move_files(row, old, new, reason, employee, now)
    told = {"letter": row.pk, "way": row.channel, "reason": reason}
    moves.keep(old, "letter_moved_away", told | {"other": new.pk, "number": new.number}, employee=employee, now=now)
    moves.keep(new, "letter_moved_here", told | {"other": old.pk, "number": old.number}, employee=employee, now=now)
    for one in (old, new):
        one.revision += 1
        one.save(update_fields=["revision"])


def _move_files(row: JoinedLetter, old: Appeal, new: Appeal, reason: str, employee: Employee, now: dt.datetime) -> None:
    """What came with the letter goes with it; what another letter of the old appeal brought too stays there as well."""
    came = {one.file_id: one.file for one in _files(row)}
    filing.attach_files(appeal=new, files=came.values(), employee=employee, now=now)
    stays = {one.file_id for other in old.letters.select_related("incoming", "paper") for one in _files(other)}
    left = filing.files_of(old).filter(file__in=came.keys() - stays, role=taking.FILE)
    for one in left:
        data = {"file": one.file_id, "reason": reason}
        moves.keep(old, "appeal_file_removed", data, employee=employee, now=now)
        erasing.detach(attachment=one, reason=reason, employee=employee, now=now)


def _files(letter: JoinedLetter) -> list[Attachment]:
    came = letter.incoming or letter.paper
    return list(mail.files_of(came)) if came is not None else []
