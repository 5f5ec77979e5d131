"""The print queue: no letter leaves it without being in a file that can be fetched, and none is in two."""

import threading
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.db import connection

from kindline.correspondence import papers, pdfs, print_queue
from kindline.correspondence.models import Paper, PaperState, PrintBatch
from kindline.files.errors import StoreError
from kindline.files.stores import put_bytes
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.correspondence.conftest import NOW
from tests.correspondence.test_papers import clerk, written

pytestmark = [pytest.mark.db, pytest.mark.clause("krc-5.8-09", "krc-6.1-39")]
__all__ = ["clerk"]


def pages(content: bytes) -> int:
    """Of a PDF."""
    return len(pdfium.PdfDocument(content))


def states() -> list[str]:
    """Of the letters, the first first."""
    return list(Paper.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def queue(krc: Profile, clerk: Employee) -> list[Paper]:
    """Three letters that wait."""
    return [written(krc, clerk, f"k{n}") for n in range(3)]


@pytest.fixture
def by(krc: Profile, clerk: Employee) -> dict[str, Any]:
    """Who prints, under what, when."""
    return {"profile": krc, "employee": clerk, "now": NOW}


def test_a_fault_on_the_way_leaves_all_of_them_in_the_queue(
    queue: list[Paper], by: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bytes] = []

    def full(store: Any, content: bytes) -> Any:
        if len(kept) == 2:
            raise StoreError("no space left")
        kept.append(content)
        return put_bytes(store, content)

    monkeypatch.setattr(print_queue, "put_bytes", full)
    with pytest.raises(StoreError):
        print_queue.print_waiting(**by)
    assert states() == [PaperState.TO_PRINT] * 3
    assert not Fact.objects.filter(kind="paper_printed").exists()
    monkeypatch.undo()
    assert pages(print_queue.print_waiting(**by)) == 3


def test_a_fault_of_the_common_file_leaves_them_too(
    queue: list[Paper], by: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(several: Any, usual: Any = pdfs.joined) -> bytes:
        if len(several) > 1:
            raise MemoryError
        return bytes(usual(several))

    monkeypatch.setattr(pdfs, "joined", broken)
    with pytest.raises(MemoryError):
        print_queue.print_waiting(**by)
    assert states() == [PaperState.TO_PRINT] * 3


def test_each_is_laid_out_once(queue: list[Paper], by: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    usual = pdfs.rendered

    def counted(html: str) -> Any:
        seen.append(html)
        return usual(html)

    monkeypatch.setattr(pdfs, "rendered", counted)
    assert pages(print_queue.print_waiting(**by)) == 3
    assert len(seen) == 3


def test_what_somebody_else_printed_meanwhile_is_not_in_this_file(
    queue: list[Paper], by: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = print_queue._taken_out

    def late(*given: Any) -> bytes:
        papers.print_letter(paper=queue[0], **by).close()
        return usual(*given)

    monkeypatch.setattr(print_queue, "_taken_out", late)
    assert pages(print_queue.print_waiting(**by)) == 2
    assert states() == [PaperState.PRINTED] * 3
    assert Fact.objects.filter(kind="paper_printed").count() == 3


def test_a_second_press_takes_nothing_and_the_file_can_be_fetched_again(
    queue: list[Paper], by: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = print_queue._taken_out
    first: list[bytes] = []

    def second(*given: Any) -> bytes:
        first.append(usual(*given))
        return usual(*given)

    monkeypatch.setattr(print_queue, "_taken_out", second)
    assert print_queue.print_waiting(**by) == b""
    assert pages(first[0]) == 3
    [batch] = print_queue.batches()
    assert (batch.letters, batch.employee) == (3, by["employee"])  # type: ignore[attr-defined]
    assert pages(print_queue.print_again(batch=batch, profile=by["profile"])) == 3
    Paper.objects.filter(pk=queue[0].pk).update(pdf_sha256="")  # removed since
    assert pages(print_queue.print_again(batch=batch, profile=by["profile"])) == 2


def test_more_than_one_request_can_carry_wait_for_the_next(
    queue: list[Paper], by: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_queue, "AT_ONCE_MAX", 2)
    assert pages(print_queue.print_waiting(**by)) == 2
    assert states() == [PaperState.PRINTED, PaperState.PRINTED, PaperState.TO_PRINT]
    assert pages(print_queue.print_waiting(**by)) == 1
    assert PrintBatch.objects.count() == 2
    assert print_queue.print_waiting(**by) == b""


@pytest.mark.db(transaction=True)
def test_two_clerks_who_press_at_one_moment_have_no_letter_in_both_files(
    transactional_db: None, clerk: Employee, krc: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have made the same letters before either takes them out of the queue."""
    for number in range(4):
        written(krc, clerk, f"k{number}")
    gate, usual = threading.Barrier(2), print_queue._taken_out
    files: list[bytes] = []

    def both_at_once(*given: Any) -> bytes:
        gate.wait(60)
        return usual(*given)

    def press() -> None:
        try:
            files.append(print_queue.print_waiting(profile=krc, employee=clerk, now=NOW))
        finally:
            connection.close()

    monkeypatch.setattr(print_queue, "_taken_out", both_at_once)
    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files) == 2
    assert sum(pages(one) for one in files if one) == 4
    assert Fact.objects.filter(kind="paper_printed").count() == 4
    assert sum(one.letters for one in print_queue.batches()) == 4  # type: ignore[attr-defined]
