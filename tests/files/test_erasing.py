"""Files are erased by rule; what belongs to nothing is swept, and nothing else."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kindline.files import erasing, queries, taking
from kindline.files.models import Attachment, FileState, Owner, SealedContent, StoredFile
from kindline.files.stores import Disk, put_bytes, store
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from tests.files.conftest import APPEAL, NOW

pytestmark = pytest.mark.db
Take = Callable[..., Attachment]
MAIL = Owner("mail", "3")


def erase(clerk: Employee, commit: Any, owner: Owner = APPEAL, reason: str = "строк зберігання минув") -> int:
    """Erase, and what is done once that is committed."""
    with commit(execute=True):
        return erasing.erase_files(owner=owner, reason=reason, employee=clerk, now=NOW)


@pytest.mark.clause("krc-5.3-10")
def test_erased_is_gone_and_proved(
    taken: Take, clerk: Employee, place: Path, django_capture_on_commit_callbacks: Any
) -> None:
    row = taken("Петренко.pdf")
    assert erase(clerk, django_capture_on_commit_callbacks) == 1
    file = StoredFile.objects.get()
    assert (file.state, file.name, file.erased_at, file.sha256) == (FileState.ERASED, "", NOW, row.file.sha256)
    assert not [path for path in place.rglob("*") if path.is_file()]
    fact = Fact.objects.get(kind="file_erased")
    assert (fact.data["reason"], fact.actor) == ("строк зберігання минув", f"employee:{clerk.pk}")
    assert erase(clerk, django_capture_on_commit_callbacks) == 0


def test_needs_a_reason(taken: Take, clerk: Employee) -> None:
    taken()
    with pytest.raises(erasing.NoReasonError):
        erasing.erase_files(owner=APPEAL, reason=" ", employee=clerk, now=NOW)


def test_what_belongs_to_others_too_is_only_let_go(
    taken: Take, clerk: Employee, place: Path, django_capture_on_commit_callbacks: Any
) -> None:
    row = taken(owner=MAIL)
    taking.attach(file=row.file, owner=APPEAL, employee=clerk, now=NOW)
    same_content = taken("copy.pdf", owner=Owner("appeal", "13"))
    erase(clerk, django_capture_on_commit_callbacks)
    assert StoredFile.objects.get(pk=row.file_id).state == FileState.CLEAN
    erase(clerk, django_capture_on_commit_callbacks, MAIL)
    assert StoredFile.objects.get(pk=row.file_id).state == FileState.ERASED
    assert store().holds(row.file.sha256)  # the same content of another appeal
    erase(clerk, django_capture_on_commit_callbacks, same_content.owner)
    assert not store().holds(row.file.sha256)


def test_sweeps_only_old_contents_without_a_row(taken: Take, place: Path) -> None:
    row, disk = taken(), Disk(place)
    young, old = put_bytes(disk, b"young orphan").sha256, put_bytes(disk, b"old orphan").sha256
    kept = SealedContent.objects.get(sha256=row.file.sha256).sealed_sha256
    for sha256 in (old, kept):
        os.utime(disk.path(sha256), (0, 0))
    assert erasing.sweep_orphans(now=dt.datetime.now(dt.UTC)) == 1
    assert [disk.holds(one) for one in (kept, young, old)] == [True, True, False]


def test_uploads_of_a_form_never_sent_are_forgotten(taken: Take) -> None:
    draft = Owner("draft", "1-x")
    taken(owner=draft)
    assert erasing.sweep_drafts(now=NOW + dt.timedelta(days=2)) == 0
    assert erasing.sweep_drafts(now=NOW + dt.timedelta(days=4)) == 1
    assert not queries.of(draft).exists()
    assert StoredFile.objects.get().state == FileState.ERASED
