"""Documents and forms of the sections: put there by who answers for the item, found by title."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from kindline.files import erasing, taking
from kindline.files.models import Owner
from kindline.journal import actions as journal
from kindline.site import here
from kindline.site.document_models import TYPES, PublishedDocument
from kindline.site.models import ItemPage
from kindline.site.searching import wanted
from kindline.site.searching.wanted import Word
from kindline.staff.models import Employee

TITLE_MAX = 200
REASON = "withdrawn from the site"


class NoTitleError(Exception):
    """A document without a title is found by nobody."""


def owner_of(page: ItemPage) -> Owner:
    """As whose the files of a page are kept."""
    return Owner("page", str(page.pk))


@transaction.atomic
def publish(
    *, page: ItemPage, title: str, upload: taking.Upload, employee: Employee, now: dt.datetime
) -> PublishedDocument:
    """Put a document on a page; the same file again gets the new title. It is given once it was found clean.

    Clause: krc-5.7.1-27. Raises: NoTitleError; FilesError, nothing is kept then.
    """
    said = " ".join(title.replace("\x00", "").split())[:TITLE_MAX]
    if not said:
        raise NoTitleError
    row = taking.take_file(upload=upload, owner=owner_of(page), types=list(TYPES), employee=employee, now=now)
    words = sorted(wanted.indexed(said, "", here.profile().language))
    told = {"page": page, "title": said, "words": words, "made_at": now}
    made, _new = PublishedDocument.objects.update_or_create(attachment=row, defaults=told)
    _fact("document_published", made, employee, now)
    return made


@transaction.atomic
def withdraw(*, document: PublishedDocument, employee: Employee, now: dt.datetime) -> None:
    """Take a document from its page; its file is erased."""
    _fact("document_withdrawn", document, employee, now)
    erasing.detach(attachment=document.attachment, reason=REASON, employee=employee, now=now)


def of(page: ItemPage) -> QuerySet[PublishedDocument]:
    """All documents of a page, also those that wait to be checked, in their order."""
    return PublishedDocument.objects.filter(page=page).select_related("attachment__file").order_by("pk")


def found(asked: Sequence[Word], least: int) -> list[PublishedDocument]:
    """Documents in whose titles at least so many of the words stand, the best first."""
    if not asked:
        return []
    counted = [(sum(word.fits(one.words) for word in asked), one) for one in PublishedDocument.objects.given()]
    fits = [(count, one) for count, one in counted if count >= least]
    return [one for _count, one in sorted(fits, key=lambda pair: -pair[0])]


def _fact(kind: str, document: PublishedDocument, employee: Employee, now: dt.datetime) -> None:
    data = {"employee": employee.pk, "title": document.title, "file": document.attachment.file_id}
    journal.record(
        kind=kind, subject_type="slot", subject_id=document.page.slot or str(document.page_id),
        actor=f"employee:{employee.pk}", data=data, at=now,
    )  # fmt: skip
