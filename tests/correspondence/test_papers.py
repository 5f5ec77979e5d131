"""Letters on paper: registered once with a label, printed on the letterhead, posted, delivered with a proof."""

import builtins
import contextlib
import datetime as dt
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kindline.correspondence import papers, printing, queries, wording
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import PrintingUnavailableError, UnfitLetterError, WrongStateError
from kindline.correspondence.models import Paper, PaperState
from kindline.correspondence.norms import Draft
from kindline.correspondence.papers import Received, Signed
from kindline.files import cage, checking
from kindline.files.taking import Upload
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.correspondence.conftest import NOW

pytestmark = pytest.mark.db
IVAN = Person("Петров", "Иван", "Сергеевич", "m")
DRAFT = Draft("Ответ на обращение", "Уважаемый Иван Сергеевич!\n\nСчёт пересчитан.", "ru", "paper", IVAN)


@pytest.fixture
def clerk(db: None) -> Employee:
    """Who registers, writes and signs."""
    return Employee.objects.create(
        username="clerk", surname="Соколова", given_name="Анна", position="Начальник отдела", phone="+7 900 000-00-00",
        email="sokolova@center.example",
    )  # fmt: skip


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., Upload]:
    """A file that a person gives."""

    def give(name: str = "скан.pdf", content: bytes = b"%PDF-1.7 scan") -> Upload:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return Upload(name, path)

    return give


def unpacked(content: bytes) -> bytes:
    """The streams of a PDF."""
    found = content
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found += zlib.decompress(packed)
    return found


def received(krc: Profile, clerk: Employee, key: str = "k", *scans: Upload) -> Paper:
    """A letter that came on paper."""
    told = Received("Жалоба на счёт", IVAN, "ул. Лесная, 1", dt.date(2026, 3, 1), dt.date(2026, 3, 2))
    return papers.register_incoming(profile=krc, key=key, received=told, scans=scans, employee=clerk, now=NOW)


def written(krc: Profile, clerk: Employee, key: str = "k", draft: Draft = DRAFT, **more: Any) -> Paper:
    """A letter of ours."""
    signed = Signed(clerk, clerk, **more)
    return papers.write_letter(
        profile=krc, key=key, draft=draft, address="185000, ул. Лесная, 1", signed=signed, employee=clerk, now=NOW
    )


@pytest.mark.clause("krc-5.5.1-05", "krc-5.8-01", "krc-5.8-02", "voe-7-01")
def test_registers_once_with_number_scan_and_label(
    krc: Profile, clerk: Employee, upload: Callable[..., Upload]
) -> None:
    row = received(krc, clerk, "k", upload())
    assert received(krc, clerk, "k", upload()).pk == row.pk
    assert received(krc, clerk, "other").number == "krc-in-2026/00002"
    assert (row.number, row.state) == ("krc-in-2026/00001", PaperState.RECEIVED)
    scan = queries.files_of(row).get()
    assert (scan.file.name, scan.file.media_type, scan.role) == ("скан.pdf", "application/pdf", "scan")
    with checking.open_file(attachment=scan, employee=clerk, now=NOW) as content:
        assert content.read() == b"%PDF-1.7 scan"
    label = printing.label(row)
    assert label.startswith("<svg")
    assert Fact.objects.filter(kind="paper_registered", subject_id=str(row.pk)).count() == 1


def test_a_program_given_as_a_scan_is_refused(krc: Profile, clerk: Employee, upload: Callable[..., Upload]) -> None:
    row = received(krc, clerk, "k", upload("scan.pdf", b"MZ" + b"x" * 50))
    assert queries.files_of(row).get().file.state == "refused"


@pytest.mark.clause("krc-5.8-09", "krc-6.1-39")
def test_is_printed_on_the_letterhead(krc: Profile, clerk: Employee) -> None:
    row = written(krc, clerk, answers=received(krc, clerk, "in"))
    shown = printing.html(row, krc)
    for words in (
        "Расчётный центр «Северный дом»", "№ krc-out-2026/00001", "02.03.2026", "Петрову Ивану Сергеевичу", "185000",
        "Начальник отдела", "Соколова Анна", "+7 900 000-00-00", "sokolova@center.example", "krc-in-2026/00001",
        "Исполнитель", "8 800 000-00-01 · centre@sever-dom.example",
    ):  # fmt: skip
        assert words in shown
    with papers.print_letter(paper=row, profile=krc, employee=clerk, now=NOW) as printed:
        content = printed.read()
    assert content.startswith(b"%PDF-")
    assert b"pdfaid" in unpacked(content)
    Paper.objects.filter(pk=row.pk).update(text="changed afterwards")
    with papers.print_letter(paper=Paper.objects.get(pk=row.pk), profile=krc, employee=clerk, now=NOW) as again:
        assert again.read() == content
    assert queries.files_of(row).get().role == "letter"
    assert Fact.objects.filter(kind="paper_printed").count() == 1


def test_the_executor_is_named_once(krc: Profile, clerk: Employee) -> None:
    """An answer of the registry ends with the executor's data: under the signature stands what it leaves out."""
    row = written(krc, clerk)
    row.text += f"\n\n{clerk}\n{clerk.phone}"
    shown = printing.html(row, krc)
    assert shown.count(str(clerk)) == 2, "in the text, and as the signer"
    assert (shown.count(clerk.phone), shown.count(clerk.email)) == (1, 1)
    assert "Исполнитель" not in shown


def test_what_is_enclosed_is_named(krc: Profile, clerk: Employee, upload: Callable[..., Upload]) -> None:
    scan = queries.files_of(received(krc, clerk, "in", upload("акт <b>.pdf"))).get()
    row = written(krc, clerk)
    assert "Приложения" not in printing.html(row, krc)
    signed = Signed(clerk, clerk)
    row = papers.write_letter(
        profile=krc, key="other", draft=Draft("Ответ", "Текст", "ru"), address="x", signed=signed, files=[scan.file],
        employee=clerk, now=NOW,
    )  # fmt: skip
    shown = printing.html(row, krc)
    assert "Приложения" in shown
    assert "акт _b_.pdf" in shown


def test_the_letter_fetches_nothing_and_shows_no_markup(krc: Profile, clerk: Employee) -> None:
    text = 'Иван Сергеевич!\n\n<img src="file:///etc/passwd"><script>x</script>'
    row = written(krc, clerk, draft=Draft("x", text, "ru", person=IVAN))
    assert "<img" not in printing.html(row, krc)
    with papers.print_letter(paper=row, profile=krc, employee=clerk, now=NOW) as content:
        assert len(content.read()) > 1000


def test_says_what_to_install_where_libraries_are_missing(krc: Profile, clerk: Employee, monkeypatch: Any) -> None:
    row, usual = written(krc, clerk), builtins.__import__

    def lacking(name: str, *more: Any, **named: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return usual(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(PrintingUnavailableError, match=r"libpango-1\.0-0"):
        papers.print_letter(paper=row, profile=krc, employee=clerk, now=NOW)
    assert Paper.objects.get(pk=row.pk).state == PaperState.TO_PRINT


def test_goes_its_way_step_by_step(krc: Profile, clerk: Employee, upload: Callable[..., Upload]) -> None:
    row = written(krc, clerk)
    by = {"employee": clerk, "now": NOW}
    with pytest.raises(WrongStateError):
        papers.mark_posted(paper=row, tracking_number="1", **by)  # type: ignore[arg-type]
    papers.print_letter(paper=row, profile=krc, **by).close()  # type: ignore[arg-type]
    papers.mark_posted(paper=row, tracking_number=" 80082345678901 ", **by)  # type: ignore[arg-type]
    done = papers.mark_delivered(paper=row, outcome="лично", proof=upload("notice.pdf"), **by)  # type: ignore[arg-type]
    assert (done.state, done.tracking_number, done.outcome) == (PaperState.DELIVERED, "80082345678901", "лично")
    assert [one.role for one in queries.files_of(done)] == ["letter", "proof"]
    with pytest.raises(WrongStateError):
        papers.mark_returned(paper=row, outcome="x", **by)  # type: ignore[arg-type]
    kinds = list(Fact.objects.filter(subject_type="paper").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["paper_registered", "paper_printed", "paper_posted", "paper_delivered"]


def test_an_answer_without_its_salutation_is_not_written(krc: Profile, clerk: Employee) -> None:
    came = received(krc, clerk, "in")
    with pytest.raises(UnfitLetterError, match=r"krc-5\.8-12"):
        written(krc, clerk, draft=Draft("Ответ", "Здравствуйте!", "ru", person=IVAN), answers=came)
    assert Paper.objects.filter(direction="out").count() == 0


def test_a_letter_that_came_is_not_printed(krc: Profile, clerk: Employee) -> None:
    with pytest.raises(WrongStateError):
        papers.print_letter(paper=received(krc, clerk), profile=krc, employee=clerk, now=NOW)


def test_files_are_looked_at_in_the_cage(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"MZ")
    assert cage.inspect(path, "a.pdf").reason == "program"


@pytest.mark.clause("voe-7-02")
def test_a_consultation_goes_by_post(clerk: Employee) -> None:
    voe, olha = loader.load("voe"), Person("Шевченко", "Ольга", "Іванівна")
    occasion = wording.Occasion("uk", olha, "paper", {"text": "Для підключення подайте заяву."})
    draft = wording.written(voe, "answer_paper", occasion)
    row = written(voe, clerk, draft=draft, answers=received(voe, clerk, "in"))
    shown = printing.html(row, voe)
    assert "Шевченко Ользі Іванівні" in shown
    assert "Ольго Іванівно!" in shown
    assert "Виконавець" in shown
