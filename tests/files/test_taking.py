"""Files are taken: content first, then the row; by content, not by name; the same twice is one."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from kindline.files import queries, taking
from kindline.files.errors import MissingObjectError, RefusedFileError, StoreError, TooManyFilesError
from kindline.files.models import Attachment, FileState, Owner, StoredFile
from kindline.files.stores import store
from kindline.files.taking import Upload
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from tests.files import makers
from tests.files.conftest import APPEAL, NOW, PDF
from tests.plugins.rude import until

pytestmark = pytest.mark.db
Take = Callable[..., Attachment]


def kinds() -> list[str]:
    """What the journal says of files."""
    return list(Fact.objects.filter(subject_type="file").order_by("id").values_list("kind", flat=True))


def _one_waits() -> bool:
    """Whether somebody waits for a lock over an owner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


class TestTaken:
    def test_has_its_content_its_name_as_given_and_its_facts(self, taken: Take, clerk: Employee) -> None:
        row = taken("../\u202eскарга.pdf")
        assert row.file.name == "../\u202eскарга.pdf"
        assert row.file.shown_name == "скарга.pdf"
        assert (row.file.media_type, row.file.size, row.file.state) == ("application/pdf", len(PDF), FileState.CLEAN)
        assert (row.owner, row.attached_by, row.file.stored_by) == (APPEAL, clerk, clerk)
        with store().opened(row.file.sha256) as content:
            assert content.read() == PDF
        assert kinds() == ["file_stored", "file_attached"]
        assert "скарга" not in str(list(Fact.objects.values_list("data", flat=True)))  # facts cannot be erased

    def test_given_twice_is_one(self, taken: Take) -> None:
        assert taken().pk == taken().pk
        assert taken("other.pdf").pk != taken().pk
        assert StoredFile.objects.count() == 2

    def test_with_a_scanner_it_waits_and_the_check_is_asked_for_once(self, taken: Take, settings: Any) -> None:
        clamav = {"class": "kindline.connectors.scanning.clamav.ClamAV", "address": "/nowhere"}
        settings.FILES = {**settings.FILES, "scanner": clamav}
        assert {taken("a.pdf").file.state, taken("b.pdf").file.state} == {FileState.WAITING}
        assert ProcrastinateJob.objects.filter(task_name="check_files").count() == 1


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("photo.jpg", makers.HTML, "type"),
            ("drawing.svg", makers.SVG, "type"),
            ("bill.pdf.exe", PDF, "program"),
            ("a.zip", makers.bomb(), "bomb"),
            ("a.png", makers.png_flood(), "pixels"),
            ("empty.pdf", b"", "empty"),
        ],
    )
    def test_says_why_and_keeps_nothing(self, taken: Take, place: Path, name: str, content: bytes, reason: str) -> None:
        with pytest.raises(RefusedFileError) as refused:
            taken(name, content)
        assert refused.value.finding.reason == reason
        assert StoredFile.objects.count() == 0
        assert not [path for path in place.rglob("*") if path.is_file()]

    def test_limits_are_settings(self, taken: Take, settings: Any) -> None:
        settings.FILES = {**settings.FILES, "size_max": len(PDF) - 1}
        with pytest.raises(RefusedFileError, match="size"):
            taken()
        settings.FILES = {**settings.FILES, "size_max": 1000, "types": ["image/png"]}
        with pytest.raises(RefusedFileError, match="type"):
            taken()
        settings.FILES = {**settings.FILES, "many_max": 1}
        taken("a.png", makers.picture())
        with pytest.raises(TooManyFilesError):
            taken("b.png", makers.picture())

    def test_what_is_there_already_is_not_one_too_many(self, taken: Take, settings: Any) -> None:
        settings.FILES = {**settings.FILES, "many_max": 1}
        assert taken().pk == taken().pk

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_do_not_pass_the_limit_together(
        self, taken: Take, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.FILES = {**settings.FILES, "many_max": 1}
        counted, go_on = threading.Event(), threading.Event()
        usual, outcomes = taking.keep_files, []

        def slow(**words: Any) -> Any:
            counted.set()
            assert go_on.wait(30)
            return usual(**words)

        def take(name: str) -> None:
            try:
                outcomes.append(taken(name).file.name)
            except TooManyFilesError:
                outcomes.append("too many")
            finally:
                connection.close()

        monkeypatch.setattr(taking, "keep_files", slow)
        first, second = (threading.Thread(target=take, args=(name,)) for name in ("a.pdf", "b.pdf"))
        first.start()
        assert counted.wait(30)
        second.start()
        until(_one_waits, 30, "the second does not wait for the first")
        go_on.set()
        first.join(30)
        second.join(30)
        assert sorted(outcomes) == ["a.pdf", "too many"]

    def test_what_a_letter_brings_is_kept_whatever_it_is(self, upload: Callable[..., Upload]) -> None:
        looked = [taking.look_at(upload("a.svg", makers.SVG)), taking.look_at(upload("a.exe", b"MZ"))]
        rows = taking.keep_files(files=looked, owner=Owner("mail", "1"), now=NOW)
        assert [row.file.state for row in rows] == [FileState.CLEAN, FileState.REFUSED]


class TestOrder:
    def test_no_row_without_its_content(
        self, taken: Take, upload: Callable[..., Upload], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked = taking.look_at(upload())
        store().remove(looked.stored.sha256)
        with pytest.raises(MissingObjectError):
            taking.keep_files(files=[looked], owner=APPEAL, now=NOW)
        assert StoredFile.objects.count() == 0

    def test_a_content_swept_between_the_two_is_put_again(self, taken: Take, monkeypatch: pytest.MonkeyPatch) -> None:
        usual = taking.keep_files
        swept: list[bool] = []

        def after_a_sweep(**words: Any) -> Any:
            if not swept:
                swept.append(store().remove(words["files"][0].stored.sha256))
            return usual(**words)

        monkeypatch.setattr(taking, "keep_files", after_a_sweep)
        row = taken()
        assert swept == [True]
        assert store().holds(row.file.sha256)

    def test_a_store_that_fails_leaves_no_row(self, taken: Take, place: Path) -> None:
        place.write_bytes(b"")
        with pytest.raises(StoreError):
            taken()
        assert StoredFile.objects.count() == 0


def test_a_file_of_a_letter_is_attached_to_an_appeal_too(taken: Take, clerk: Employee) -> None:
    row = taken(owner=Owner("mail", "3"))
    for _ in range(2):
        taking.attach(file=row.file, owner=APPEAL, employee=clerk, now=NOW)
    assert queries.of(APPEAL).get().file == queries.of(Owner("mail", "3")).get().file
    assert kinds().count("file_attached") == 2


def test_the_files_of_a_form_go_over_to_what_it_became(taken: Take, clerk: Employee) -> None:
    draft = Owner("draft", "1-x")
    first, second = taken(owner=draft), taken("b.pdf", owner=draft)
    for _ in range(2):
        taking.hand_over(draft=draft, owner=APPEAL, employee=clerk, now=NOW)
    assert [row.file for row in queries.of(APPEAL)] == [first.file, second.file]
    assert not queries.of(draft).exists()
