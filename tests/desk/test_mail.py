"""The pages of mail: they open, show words and never markup, hand files over closed, answer, register paper."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.correspondence import actions, papers, queries, reading, receiving, storing
from kindline.correspondence.models import Incoming, Outgoing, OutgoingState, Paper, PrintBatch, Thread
from kindline.correspondence.norms import Draft
from kindline.correspondence.papers import Signed, write_letter
from kindline.correspondence.wires import Mark
from kindline.files import checking
from kindline.files.models import StoredFile
from kindline.files.stores import put_bytes
from kindline.files.taking import Upload
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from tests.correspondence.conftest import NOW
from tests.correspondence.letters import TEXT, file, parts

pytestmark = pytest.mark.db
PAGES = ["mail", "mail/outgoing", "mail/quarantine", "mail/texts", "letters", "letters/new", "letters/write"]
EVIL = b"Content-Type: text/html; charset=utf-8\r\n\r\n<script>evil()</script><p>&lt;b&gt;hello"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any, krc: Any) -> Iterator[None]:
    """Files of letters below a folder of this test."""
    paths = {**settings.KINDLINE["paths"], "correspondence": str(tmp_path / "correspondence")}
    paths["files"] = str(tmp_path / "files")
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    return iter(())


def came(raw: bytes) -> Incoming:
    """A message that was taken in and read."""
    now = timezone.now()
    kept = put_bytes(storing.raw(), raw)
    receiving.store_message(mailbox="m", mark=Mark("INBOX", 1, Incoming.objects.count()), kept=kept, now=now)
    return reading.read_one(incoming=Incoming.objects.get(sha256=kept.sha256), now=now)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_opens_empty_in_three_languages(page: str, language: str, as_supervisor: Browser) -> None:
    as_supervisor.cookies["django_language"] = language
    answer = as_supervisor.get(f"/desk/{page}/")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.content.decode()


def test_is_closed_to_operators_and_strangers(as_operator: Browser) -> None:
    message = came(parts(TEXT))
    for page in ("mail/", "letters/", f"mail/{message.pk}/", f"mail/{message.pk}/raw"):
        assert as_operator.get(f"/desk/{page}").status_code == 403
        assert Browser().get(f"/desk/{page}").status_code == 302


def test_a_message_is_shown_in_words_and_its_view_is_a_fact(as_supervisor: Browser) -> None:
    message = came(parts(EVIL))
    text = as_supervisor.get(f"/desk/mail/{message.pk}/").content.decode()
    assert "evil()" not in text
    assert "&lt;b&gt;hello" in text
    assert Fact.objects.filter(kind="mail_opened", subject_id=str(message.pk)).count() == 1
    assert message.sender in as_supervisor.get("/desk/mail/").content.decode()
    assert b"ivan@example.org" in b"".join(as_supervisor.get("/desk/mail/?format=csv&purpose=settlements"))


def test_files_are_handed_over_closed_and_only_when_clean(as_supervisor: Browser) -> None:
    message = came(parts(TEXT, file("filename*=utf-8''%D0%B0%D0%BA%D1%82.html", b"<script>x</script>")))
    found = queries.files_of(message).get()
    StoredFile.objects.update(state="waiting")
    assert as_supervisor.get(f"/desk/files/{found.pk}").headers["Location"] == f"/desk/mail/{message.pk}/"
    assert "акт.html" in as_supervisor.get("/desk/mail/quarantine/").content.decode()
    checking.check_waiting(scanner=None, now=timezone.now())
    answer = as_supervisor.get(f"/desk/files/{found.pk}")
    assert b"".join(answer) == b"<script>x</script>"
    raw = as_supervisor.get(f"/desk/mail/{message.pk}/raw")
    assert b"".join(raw).startswith(b"From: ")
    for one in (answer, raw):
        assert one.headers["Content-Type"] == "application/octet-stream"
        assert one.headers["Content-Disposition"].startswith("attachment; filename")
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in one.headers["Content-Security-Policy"]


def test_an_unreadable_message_is_work_for_a_person(as_supervisor: Browser) -> None:
    message = came(b"From: a@example.org\r\nSubject: deep\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1500)
    assert "deep" in as_supervisor.get("/desk/mail/?box=unreadable").content.decode()
    assert 'role="status"' in as_supervisor.get(f"/desk/mail/{message.pk}/").content.decode()
    as_supervisor.post(f"/desk/mail/{message.pk}/handled", {"outcome": "called him"})
    as_supervisor.post(f"/desk/mail/{message.pk}/handled", {"outcome": "again"})
    message.refresh_from_db()
    assert message.outcome == "called him"
    assert "deep" in as_supervisor.get("/desk/mail/?box=handled").content.decode()


def held_up(reason: str) -> None:
    """A letter that was tried several times and is not taken."""
    now = timezone.now()
    thread = Thread.objects.create(number="T-1", started_at=now)
    Outgoing.objects.create(
        key="held", message_id="m", thread=thread, recipient="a@example.org", subject="s", text="t", language="ru",
        tries=3, reason=reason, queued_at=now, next_at=now,
    )  # fmt: skip


@pytest.mark.fault("M8")
def test_a_relay_that_takes_nothing_is_told_where_letters_and_the_floor_are_seen(as_supervisor: Browser) -> None:
    held_up("554 <b>no")
    for page in ("mail/", "mail/outgoing/", "supervisor/", "supervisor/?part=1"):
        shown = as_supervisor.get(f"/desk/{page}").content.decode()
        assert shown.count("554 &lt;b&gt;no") >= 1, page
    Outgoing.objects.update(state=OutgoingState.SENT, sent_at=timezone.now())
    assert "554" not in as_supervisor.get("/desk/supervisor/").content.decode()


class TestAnswer:
    def test_is_queued_as_the_standard_wants_it(self, as_supervisor: Browser) -> None:
        message = came(parts(TEXT))
        typed = {"surname": "Петров", "given_name": "Иван", "patronymic": "Сергеевич", "text": "Пересчитали."}
        for _ in range(2):
            assert as_supervisor.post(f"/desk/mail/{message.pk}/answer", typed).status_code == 302
        row = Outgoing.objects.get()
        assert (row.recipient, row.thread, row.answers) == ("ivan@example.org", message.thread, message)
        assert row.subject.startswith("Расчётный центр «Северный дом»: Ответ на обращение")
        assert row.text.startswith("Иван Сергеевич!")
        assert "Пересчитали." in as_supervisor.get(f"/desk/mail/{message.pk}/").content.decode() + row.text
        assert "ivan@example.org" in as_supervisor.get("/desk/mail/outgoing/").content.decode()
        assert b"ivan@example.org" in b"".join(as_supervisor.get("/desk/mail/outgoing/?format=csv&purpose=settlements"))

    def test_an_empty_one_is_refused_and_nothing_typed_is_lost(self, as_supervisor: Browser) -> None:
        message = came(parts(TEXT))
        answer = as_supervisor.post(f"/desk/mail/{message.pk}/answer", {"surname": "Непотерянный", "text": " "})
        assert answer.status_code == 422
        assert "Непотерянный" in answer.content.decode()

    def test_a_letter_that_failed_can_be_sent_again(self, as_supervisor: Browser, krc: Any) -> None:
        draft = Draft("x", "y", "ru")
        row = actions.queue_message(
            profile=krc, key="k", recipient="a@example.org", draft=draft, employee=None, now=timezone.now()
        )
        actions.mark_failed(outgoing=row, reason="550 no", now=timezone.now())
        assert "550 no" in as_supervisor.get("/desk/mail/outgoing/?state=failed").content.decode()
        as_supervisor.post(f"/desk/mail/outgoing/{row.pk}/again")
        row.refresh_from_db()
        assert row.state == OutgoingState.QUEUED


class TestPapers:
    def test_a_letter_is_registered_with_its_scan_and_label(self, as_supervisor: Browser) -> None:
        scan = io.BytesIO(b"%PDF-1.7 x")
        scan.name = "скан.pdf"
        typed = {"subject": "Жалоба", "surname": "Петров", "received_on": "2026-03-02", "key": "k", "files": scan}
        answer = as_supervisor.post("/desk/letters/new/", typed)
        row = Paper.objects.get()
        assert answer.headers["Location"] == f"/desk/letters/{row.pk}/"
        text = as_supervisor.get(f"/desk/letters/{row.pk}/").content.decode()
        assert "<svg" in text
        assert "скан.pdf" in text
        assert row.number in as_supervisor.get("/desk/letters/").content.decode()

    def test_what_is_missing_is_said_and_nothing_is_lost(self, as_supervisor: Browser) -> None:
        answer = as_supervisor.post("/desk/letters/new/", {"address": "ул. Лесная", "written_on": "32.13.2026"})
        assert answer.status_code == 422
        assert set(answer.context["faults"]) == {"subject", "surname", "written_on"}
        assert "ул. Лесная" in answer.content.decode()

    def test_goes_out_with_its_number_and_proof(self, as_supervisor: Browser, krc: Any, supervisor: Employee) -> None:
        row = write_letter(
            profile=krc, key="k", draft=Draft("Ответ", "Текст", "ru"), address="x", employee=supervisor,
            signed=Signed(supervisor, supervisor), now=timezone.now(),
        )  # fmt: skip
        assert row.number in as_supervisor.get("/desk/letters/?direction=out&state=to_print").content.decode()
        assert row.number not in as_supervisor.get("/desk/letters/?direction=out&state=posted").content.decode()
        assert b"".join(as_supervisor.get(f"/desk/letters/{row.pk}/pdf")).startswith(b"%PDF-")
        as_supervisor.post(f"/desk/letters/{row.pk}/posted", {"outcome": "80012345"})
        bad = io.BytesIO(b"MZ")
        bad.name = "notice.exe"
        refused = as_supervisor.post(f"/desk/letters/{row.pk}/delivered", {"outcome": "лично", "file": bad})
        assert refused.status_code == 422
        assert 'value="лично"' in refused.content.decode(), "what was typed beside a file that is not taken stays"
        proof = io.BytesIO(b"%PDF-1.7 x")
        proof.name = "notice.pdf"
        as_supervisor.post(f"/desk/letters/{row.pk}/delivered", {"outcome": "лично", "file": proof})
        row.refresh_from_db()
        assert (row.state, row.tracking_number, row.outcome) == ("delivered", "80012345", "лично")
        assert b"80012345" in b"".join(as_supervisor.get("/desk/letters/?direction=out&format=csv&purpose=settlements"))
        assert as_supervisor.post(f"/desk/letters/{row.pk}/nonsense").status_code == 404

    def test_the_register_says_where_each_went_when_and_what_proves_it(
        self, as_supervisor: Browser, krc: Any, supervisor: Employee, tmp_path: Path
    ) -> None:
        row = write_letter(
            profile=krc, key="k", draft=Draft("Ответ", "Текст", "ru"), address="185000, ул. Лесная, 1", now=NOW,
            signed=Signed(supervisor, supervisor), employee=supervisor,
        )  # fmt: skip
        papers.print_letter(paper=row, profile=krc, employee=supervisor, now=NOW).close()
        papers.mark_posted(paper=row, tracking_number="80012345", employee=supervisor, now=NOW)
        proof = tmp_path / "notice.pdf"
        proof.write_bytes(b"%PDF-1.7 x")
        papers.mark_delivered(
            paper=row,
            outcome="лично",
            proof=Upload("notice.pdf", proof),
            employee=supervisor,
            now=NOW + dt.timedelta(5),
        )
        table = as_supervisor.get("/desk/letters/?direction=out&format=csv&purpose=settlements")
        heads, line = csv.reader(io.StringIO(b"".join(table).decode("utf-8-sig")))
        told = dict(zip(heads, line, strict=True))
        assert (told["Address"], told["Given to the post"]) == ("185000, ул. Лесная, 1", "2026-03-02")
        assert (told["Tracking number"], told["Ended"]) == ("80012345", "2026-03-07")
        assert (told["Outcome"], told["Notice of the post"]) == ("лично", "yes")
        book = as_supervisor.get("/desk/letters/?direction=out&format=xlsx&purpose=settlements")
        assert b"".join(book).startswith(b"PK")
        assert "80012345" in as_supervisor.get("/desk/letters/?direction=out").content.decode()

    def test_the_print_queue_is_printed_at_once_each_letter_kept(
        self, as_supervisor: Browser, krc: Any, supervisor: Employee
    ) -> None:
        rows = [
            write_letter(
                profile=krc, key=f"k{n}", draft=Draft("Ответ", f"Текст {n}", "ru"), address="x", now=timezone.now(),
                signed=Signed(supervisor, supervisor), employee=supervisor,
            )
            for n in range(3)
        ]  # fmt: skip
        assert "Print all that wait: 3" in as_supervisor.get("/desk/letters/?direction=out").content.decode()
        answer = as_supervisor.post("/desk/letters/print")
        assert len(pdfium.PdfDocument(answer.content)) == 3
        for row in rows:
            row.refresh_from_db()
            assert (row.state, bool(row.pdf_sha256)) == ("printed", True)
        assert as_supervisor.post("/desk/letters/print").status_code == 302
        assert PrintBatch.objects.count() == 1
        address = f"/desk/letters/printed/{PrintBatch.objects.get().pk}.pdf"
        assert address in as_supervisor.get("/desk/letters/?direction=out").content.decode()
        assert len(pdfium.PdfDocument(as_supervisor.get(address).content)) == 3

    def test_an_answer_is_written_numbered_and_begins_as_the_standard_wants(
        self, as_supervisor: Browser, supervisor: Employee
    ) -> None:
        came = {"subject": "Жалоба", "surname": "Петров", "given_name": "Иван", "patronymic": "Сергеевич", "key": "in"}
        as_supervisor.post("/desk/letters/new/", came | {"address": "ул. Лесная"})
        first = Paper.objects.get()
        form = as_supervisor.get(f"/desk/letters/write/?answers={first.pk}")
        typed = form.context["typed"]
        assert (typed["patronymic"], typed["address"]) == ("Сергеевич", "ул. Лесная")
        empty = as_supervisor.post("/desk/letters/write/", typed)
        assert empty.status_code == 422
        assert len(empty.context["faults"]) == 3
        typed |= {"subject": "Ответ", "text": "Пересчитали.", "signer": str(supervisor.pk)}
        for _ in range(2):
            assert as_supervisor.post("/desk/letters/write/", typed).status_code == 302
        row = Paper.objects.get(direction="out")
        assert (row.answers, row.signer, row.number.startswith("krc-out-")) == (first, supervisor, True)
        assert row.text.startswith("Иван Сергеевич!")
