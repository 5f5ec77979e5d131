"""What is done to letters on paper: registered with a scan, written and printed, posted, delivered or come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from django.db import transaction

from kindline.clients.models import Client
from kindline.correspondence import facts, norms, numbers, printing
from kindline.correspondence.addressing import NOBODY, Person
from kindline.correspondence.errors import UnfitLetterError, WrongStateError
from kindline.correspondence.models import Paper, PaperState, PrintBatch
from kindline.correspondence.norms import Draft
from kindline.files import limits, taking
from kindline.files.erasing import DRAFT
from kindline.files.models import Attachment, Owner, StoredFile
from kindline.files.stores import Stored, put_bytes, store
from kindline.files.taking import Upload
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

IN, OUT = "in", "out"


@dataclass(frozen=True, slots=True)
class Received:
    """What stands on a letter that came on paper."""

    subject: str
    person: Person = NOBODY
    address: str = ""
    written_on: dt.date | None = None
    received_on: dt.date | None = None
    client: Client | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """Who wrote a letter of ours, who signs it, and what it belongs to."""

    executor: Employee
    signer: Employee
    answers: Paper | None = None
    about: str = ""
    client: Client | None = None


def register_incoming(
    *,
    profile: Profile,
    key: str,
    received: Received,
    scans: Sequence[Upload] = (),
    draft: str = "",
    employee: Employee,
    now: dt.datetime,
) -> Paper:
    """Register a letter that came on paper, with its scans; the same key is the same letter.

    `draft`: the key under which scans were uploaded before. The number is printed as a label and stuck on the letter.
    Clause: voe-7-01.
    """
    found = [taking.look_at(upload) for upload in scans]
    with transaction.atomic():
        known = Paper.objects.filter(key=key).first()
        if known is not None:
            return known
        row = Paper.objects.create(
            direction=IN, number=numbers.take_next(profile, IN, now), key=key, state=PaperState.RECEIVED,
            registered_at=now, written_on=received.written_on, received_on=received.received_on,
            subject=storable(received.subject), language=profile.language, client=received.client, employee=employee,
            address=storable(received.address), **_named(received.person),
        )  # fmt: skip
        kept = taking.keep_files(files=found, owner=row.owner, role=taking.SCAN, employee=employee, now=now)
        kept += taking.hand_over(draft=Owner(DRAFT, draft), owner=row.owner, employee=employee, now=now)
        _registered(row, len(kept), employee, now)
        return row


def write_letter(
    *,
    profile: Profile,
    key: str,
    draft: Draft,
    address: str,
    signed: Signed,
    files: Sequence[StoredFile] = (),
    employee: Employee,
    now: dt.datetime,
) -> Paper:
    """Give a letter of ours its number and put it into the print queue; the same key is the same letter.

    `files` are printed and enclosed: the letter names them.
    Clause: krc-5.8-12, krc-6.1-45.
    Raises: UnfitLetterError when it misses what the standard demands; NotCheckedError for a file not found clean.
    """
    told = replace(draft, origin=draft.origin or ("paper" if signed.answers else ""))
    if found := norms.breaches(profile, told):
        raise UnfitLetterError(found)
    with transaction.atomic():
        known = Paper.objects.filter(key=key).first()
        if known is not None:
            return known
        row = Paper.objects.create(
            direction=OUT, number=numbers.take_next(profile, OUT, now), key=key, state=PaperState.TO_PRINT,
            registered_at=now, address=storable(address), subject=storable(draft.subject), text=storable(draft.text),
            language=draft.language, answers=signed.answers, about=signed.about, client=signed.client,
            employee=employee, executor=signed.executor, signer=signed.signer, **_named(draft.person),
        )  # fmt: skip
        taking.send_along(files=files, owner=row.owner, employee=employee, now=now)
        _registered(row, len(files), employee, now)
        return row


def print_letter(*, paper: Paper, profile: Profile, employee: Employee, now: dt.datetime) -> BinaryIO:
    """The letter as PDF on the letterhead; printed once, it stays as it was printed.

    Clause: krc-5.8-09, krc-6.1-39.
    Raises: WrongStateError for a letter that came in; PrintingUnavailableError; StoreError.
    """
    if paper.direction != OUT:
        raise WrongStateError("a letter that came in is not printed: look at its scans")
    if paper.pdf_sha256:
        return store().opened(paper.pdf_sha256)
    kept = put_bytes(store(), printing.pdf(paper, profile))
    with transaction.atomic():
        row = _held(paper, OUT, PaperState.TO_PRINT, PaperState.PRINTED)
        if not row.pdf_sha256:
            mark_printed(row=row, kept=kept, employee=employee, now=now)
    return store().opened(row.pdf_sha256)


def mark_printed(
    *, row: Paper, kept: Stored, batch: PrintBatch | None = None, employee: Employee, now: dt.datetime
) -> None:
    """A letter that the caller holds locked was printed as the content that is kept; alone, or in a batch."""
    row.state, row.pdf_sha256, row.batch = PaperState.PRINTED, kept.sha256, batch
    row.save(update_fields=["state", "pdf_sha256", "batch"])
    name = f"{row.number.replace('/', '-')}.pdf"
    taking.keep_ours(stored=kept, name=name, owner=row.owner, employee=employee, now=now)
    data = {"sha256": kept.sha256, "employee": employee.pk}
    facts.keep("paper_printed", (facts.PAPER, row.pk), data, now=now, employee=employee)


@transaction.atomic
def withdraw(*, paper: Paper, reason: str, employee: Employee, now: dt.datetime) -> Paper:
    """Take a letter out of the print queue before it is printed; the register keeps its number, and why it never went.

    Such a letter is `returned` without a day of posting. Raises: WrongStateError once it is printed.
    """
    row = _held(paper, OUT, PaperState.TO_PRINT)
    row.state, row.outcome, row.ended_at = PaperState.RETURNED, storable(reason.strip())[:500], now
    row.save(update_fields=["state", "outcome", "ended_at"])
    data = {"outcome": row.outcome, "employee": employee.pk}
    facts.keep("paper_withdrawn", (facts.PAPER, row.pk), data, now=now, employee=employee)
    return row


@transaction.atomic
def mark_posted(*, paper: Paper, tracking_number: str, employee: Employee, now: dt.datetime) -> Paper:
    """The letter was given to the post; with its tracking number where it has one. Raises: WrongStateError."""
    row = _held(paper, OUT, PaperState.PRINTED)
    row.state, row.tracking_number, row.posted_at = PaperState.POSTED, storable(tracking_number.strip())[:64], now
    row.save(update_fields=["state", "tracking_number", "posted_at"])
    data = {"tracking_number": row.tracking_number, "employee": employee.pk}
    facts.keep("paper_posted", (facts.PAPER, row.pk), data, now=now, employee=employee)
    return row


def mark_delivered(
    *, paper: Paper, outcome: str, proof: Upload | None = None, employee: Employee, now: dt.datetime
) -> Paper:
    """The letter was handed over: to whom, with the post's notice where there is one.

    Raises: WrongStateError; RefusedFileError; StoreError.
    """
    return _end(paper, PaperState.DELIVERED, outcome, proof, employee, now)


def mark_returned(*, paper: Paper, outcome: str, employee: Employee, now: dt.datetime) -> Paper:
    """The letter came back undelivered, and why. Raises: WrongStateError."""
    return _end(paper, PaperState.RETURNED, outcome, None, employee, now)


def _end(
    paper: Paper, state: PaperState, outcome: str, proof: Upload | None, employee: Employee, now: dt.datetime
) -> Paper:
    found = [taking.looked_at(proof, allowed=limits.types())] if proof else []
    with transaction.atomic():
        row = _held(paper, OUT, PaperState.POSTED)
        row.state, row.outcome, row.ended_at = state, storable(outcome.strip())[:500], now
        row.save(update_fields=["state", "outcome", "ended_at"])
        taking.keep_files(files=found, owner=row.owner, role=taking.PROOF, employee=employee, now=now)
        data: dict[str, object] = {"outcome": row.outcome, "employee": employee.pk}
        data |= {"proof": bool(found)} if state == PaperState.DELIVERED else {}
        facts.keep(f"paper_{state}", (facts.PAPER, row.pk), data, now=now, employee=employee)
        return row


def add_file(
    *, paper: Paper, upload: Upload, role: str = taking.SCAN, employee: Employee, now: dt.datetime
) -> Attachment:
    """Add a scan or a proof to a letter; it waits in quarantine like any other file.

    Raises: RefusedFileError; TooManyFilesError; StoreError.
    """
    row = taking.take_file(upload=upload, owner=paper.owner, role=role, employee=employee, now=now)
    data = {"role": role, "sha256": row.file.sha256, "employee": employee.pk}
    facts.keep("paper_file_added", (facts.PAPER, paper.pk), data, now=now, employee=employee)
    return row


def _named(person: Person) -> dict[str, str]:
    return {
        "surname": person.surname,
        "given_name": person.given_name,
        "patronymic": person.patronymic,
        "firm_name": person.firm_name,
    }


def _registered(row: Paper, attachments: int, employee: Employee, now: dt.datetime) -> None:
    data = {"direction": row.direction, "number": row.number, "about": row.about, "employee": employee.pk}
    data |= {"client": row.client_id, "attachments": attachments}
    facts.keep("paper_registered", (facts.PAPER, row.pk), data, now=now, employee=employee)


def _held(paper: Paper, direction: str, *states: PaperState) -> Paper:
    row = Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    if row.direction != direction or row.state not in states:
        raise WrongStateError(f"{row.number} is {row.get_state_display().lower()}: it cannot be done now")
    return row
