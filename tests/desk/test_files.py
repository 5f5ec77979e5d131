"""Files on the desk: attached to appeals and letters, remembered by a form that was refused, handed over closed."""

import io
import json
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import filing
from kindline.appeals.models import Appeal
from kindline.correspondence import papers
from kindline.correspondence.models import Paper
from kindline.correspondence.papers import Received
from kindline.desk import house
from kindline.files import queries, quota
from kindline.files.models import Attachment, Given, Owner, StoredFile
from kindline.files.taking import Upload
from kindline.journal.models import Fact
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here
from tests.files import makers

pytestmark = pytest.mark.db
__all__ = ["here"]
clause = pytest.mark.clause
PDF = b"%PDF-1.7 words"
LATER = "Nothing else is lost: add this one after"
TYPED = {
    "channel": "office", "kind": "application", "substance": "Перерасчёт", "surname": "Коваль", "given_name": "Ольга",
    "patronymic": "Петровна", "residence": "ул. Лесная, 1", "phone": "+79210000001", "email": "koval@example.org",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_scanner(settings: Any) -> None:
    """No scanner is set."""
    settings.FILES = {**settings.FILES, "scanner": {}}


@pytest.fixture
def few(settings: Any) -> None:
    """An employee may give two files a day."""
    employee = {**settings.FILES["quotas"]["employee"], "day_many": 2}
    settings.FILES = {**settings.FILES, "quotas": {**settings.FILES["quotas"], "employee": employee}}


def given(name: str = "паспорт.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def attached(here: Registry, appeal: Appeal, tmp_path: Any, content: bytes = PDF, name: str = "a.pdf") -> Attachment:
    """A file of an appeal."""
    path = tmp_path / uuid.uuid4().hex
    path.write_bytes(content)
    return filing.add_file(
        appeal=appeal, upload=Upload(name, path), employee=here.people["specialist"], now=timezone.now()
    )  # fmt: skip


class TestIntake:
    @clause("voe-3-13", "krc-6.1-35")
    def test_documents_are_registered_with_the_appeal(self, here: Registry) -> None:
        browser = _as(here, "counter")
        files = [given(), given("скан.png", makers.picture())]
        answer = browser.post("/desk/appeals/new/", {**TYPED, "uploads": str(uuid.uuid4()), "files": files})
        appeal = Appeal.objects.get()
        assert answer.headers["Location"] == f"/desk/appeals/{appeal.pk}/"
        assert [row.file.name for row in filing.files_of(appeal)] == ["паспорт.pdf", "скан.png"]
        assert Fact.objects.filter(kind="appeal_file_added", subject_id=str(appeal.pk)).count() == 2
        page = browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()
        assert "паспорт.pdf" in page
        assert "A file was attached to the appeal" in page

    def test_a_refused_form_loses_no_file_and_no_word(self, here: Registry) -> None:
        browser, key = _as(here, "counter"), str(uuid.uuid4())
        wanting = {**TYPED, "substance": "", "uploads": key, "files": [given()]}
        answer = browser.post("/desk/appeals/new/", wanting)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "паспорт.pdf" in page
        assert f'name="uploads" value="{key}"' in page
        assert "ул. Лесная, 1" in page
        browser.post("/desk/appeals/new/", {**TYPED, "uploads": key})
        assert [row.file.name for row in filing.files_of(Appeal.objects.get())] == ["паспорт.pdf"]

    def test_a_file_that_is_not_taken_is_named_before_anything_is_registered(self, here: Registry) -> None:
        browser, key = _as(here, "counter"), str(uuid.uuid4())
        files = [given(), given("фото.jpg", makers.HTML), given("вирус.exe", b"MZ")]
        answer = browser.post("/desk/appeals/new/", {**TYPED, "uploads": key, "files": files})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "фото.jpg: files of this type are not taken. Give it as PDF" in page
        assert "вирус.exe: it is a program" in page
        assert not Appeal.objects.exists()
        drop = str(Attachment.objects.get().pk)
        browser.post("/desk/appeals/new/", {**TYPED, "uploads": key, "drop": drop})
        assert not filing.files_of(Appeal.objects.get()).exists()

    def test_beyond_the_quota_it_is_said_from_when_again_and_nothing_is_lost(self, here: Registry, few: Any) -> None:
        browser, key = _as(here, "counter"), str(uuid.uuid4())
        files = [given("один.pdf", PDF + b"1"), given("два.pdf", PDF + b"2"), given("три.pdf", PDF + b"3")]
        answer = browser.post("/desk/appeals/new/", {**TYPED, "uploads": key, "files": files})
        page = answer.content.decode()
        again = house.local(Given.objects.get(giver__startswith="day/").since + quota.DAY)
        assert answer.status_code == 422
        assert f"три.pdf: As many files came from you as an employee may give in a day or a year. {LATER}" in page
        assert f"{LATER} {again:%d.%m.%Y %H:%M}" in page
        assert "ул. Лесная, 1" in page
        assert browser.post("/desk/appeals/new/", {**TYPED, "uploads": key}).status_code == 302
        kept = filing.files_of(Appeal.objects.get())
        assert [row.file.name for row in kept] == ["один.pdf", "два.pdf"]
        other = _as(here, "specialist")
        address = f"/desk/files/appeal/{Appeal.objects.get().pk}/"
        assert other.post(address, {"files": [given("три.pdf")]}, headers={"X-Part": "1"}).status_code == 200

    def test_files_of_another_ones_form_are_not_to_be_had(self, here: Registry) -> None:
        key = str(uuid.uuid4())
        answer = _as(here, "counter").post(f"/desk/files/draft/{key}/", {"files": [given()]}, headers={"X-Part": "1"})
        assert "паспорт.pdf" in answer.content.decode()
        row = Attachment.objects.get()
        other = _as(here, "specialist")
        assert other.get(f"/desk/files/{row.pk}").status_code == 403
        assert "паспорт.pdf" not in other.get(f"/desk/files/draft/{key}/", headers={"X-Part": "1"}).content.decode()
        other.post("/desk/appeals/new/", {**TYPED, "uploads": key})
        assert not filing.files_of(Appeal.objects.get()).exists()

    def test_the_case_is_made_though_the_scanner_is_stopped(self, here: Registry, settings: Any) -> None:
        clamav = {"class": "kindline.connectors.scanning.clamav.ClamAV", "address": "/nowhere"}
        settings.FILES = {**settings.FILES, "scanner": clamav}
        browser = _as(here, "counter")
        browser.post("/desk/appeals/new/", {**TYPED, "uploads": str(uuid.uuid4()), "files": [given()]})
        appeal = Appeal.objects.get()
        from kindline.files import checking, limits

        checking.check_waiting(scanner=limits.scanner(), now=timezone.now())
        page = browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()
        assert "the virus scanner does not answer: the administrator must start it" in page
        row = filing.files_of(appeal).get()
        assert browser.get(f"/desk/files/{row.pk}").status_code == 302
        assert "паспорт.pdf" in _as(here, "specialist").get("/desk/mail/quarantine/").content.decode()


class TestCard:
    def test_files_are_added_and_refused_in_words(self, here: Registry) -> None:
        appeal, browser = here.register(), _as(here, "specialist")
        address = f"/desk/files/appeal/{appeal.pk}/"
        assert browser.post(address, {"files": [given()]}).headers["Location"] == f"/desk/appeals/{appeal.pk}/"
        part = browser.post(address, {"files": [given("b.svg", makers.SVG)]}, headers={"X-Part": "1"})
        assert part.status_code == 422
        assert "b.svg: files of this type are not taken" in part.content.decode()
        assert filing.files_of(appeal).count() == 1

    def test_taken_away_by_those_in_charge_with_a_reason(
        self, here: Registry, tmp_path: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        appeal = here.register()
        row = attached(here, appeal, tmp_path)
        assert _as(here, "specialist").post(f"/desk/files/{row.pk}/remove", {"reason": "x"}).status_code == 403
        head = _as(here, "unit_head")
        head.post(f"/desk/files/{row.pk}/remove", {"reason": " "})
        assert filing.files_of(appeal).count() == 1
        with django_capture_on_commit_callbacks(execute=True):
            head.post(f"/desk/files/{row.pk}/remove", {"reason": "чужой паспорт"})
        assert not filing.files_of(appeal).exists()
        assert StoredFile.objects.get().state == "erased"
        assert "чужой паспорт" in head.get(f"/desk/appeals/{appeal.pk}/").content.decode()

    def test_the_files_of_a_letter_stand_on_its_appeal_too(self, here: Registry, tmp_path: Any) -> None:
        path = tmp_path / "scan"
        path.write_bytes(PDF)
        clerk, now = here.people["specialist"], timezone.now()
        paper = papers.register_incoming(
            profile=here.profile, key="k", received=Received("Жалоба"), scans=[Upload("скан.pdf", path)],
            employee=clerk, now=now,
        )  # fmt: skip
        appeal = here.register()
        several = [one.file for one in queries.of(paper.owner)]
        for _ in range(2):
            filing.attach_files(appeal=appeal, files=several, role="scan", employee=None, now=now)
        assert "скан.pdf" in _as(here, "operator").get(f"/desk/appeals/{appeal.pk}/").content.decode()
        assert StoredFile.objects.count() == 1


class TestHandedOver:
    def test_closed_with_a_fact_and_only_to_those_who_may(self, here: Registry, tmp_path: Any) -> None:
        appeal = here.register()
        row = attached(here, appeal, tmp_path, name="../\u202eскарга.pdf")
        answer = _as(here, "specialist").get(f"/desk/files/{row.pk}")
        assert b"".join(answer) == PDF
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%D1%81%D0%BA")
        assert "no-store" in answer.headers["Cache-Control"]
        fact = Fact.objects.get(kind="file_opened")
        assert (fact.data["owner"], fact.actor) == (f"appeal/{appeal.pk}", f"employee:{here.people['specialist'].pk}")
        assert _as(here, "administrator").get(f"/desk/files/{row.pk}").status_code == 403
        assert Browser().get(f"/desk/files/{row.pk}").status_code == 302
        assert Fact.objects.filter(kind="file_opened").count() == 1

    def test_only_pictures_are_shown(self, here: Registry, tmp_path: Any) -> None:
        appeal, browser = here.register(), _as(here, "specialist")
        shown = browser.get(f"/desk/files/{attached(here, appeal, tmp_path, makers.picture(), 'a.png').pk}?view=1")
        assert shown.headers["Content-Type"] == "image/png"
        assert shown.headers["Content-Disposition"].startswith("inline")
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        saved = browser.get(f"/desk/files/{attached(here, appeal, tmp_path).pk}?view=1")
        assert saved.headers["Content-Type"] == "application/octet-stream"
        assert saved.headers["Content-Disposition"].startswith("attachment")
        for one in (shown, saved):
            one.close()

    def test_nonsense_is_not_found(self, here: Registry) -> None:
        browser = _as(here, "unit_head")
        for address in ("appeal/0/", "appeal/x/", "nonsense/1/", f"appeal/{'9' * 30}/"):
            assert browser.post(f"/desk/files/{address}", {"files": [given()]}).status_code in (403, 404)
        assert browser.get("/desk/files/999999").status_code == 404


class TestPaper:
    @clause("voe-7-01")
    def test_scans_are_remembered_by_a_refused_form(self, here: Registry) -> None:
        browser, key = _as(here, "specialist"), str(uuid.uuid4())
        answer = browser.post("/desk/letters/new/", {"uploads": key, "files": [given("скан.pdf")]})
        assert answer.status_code == 422
        assert "скан.pdf" in answer.content.decode()
        browser.post("/desk/letters/new/", {"subject": "Жалоба", "surname": "Коваль", "uploads": key, "key": "k"})
        paper = Paper.objects.get()
        row = queries.of(Owner("paper", str(paper.pk))).get()
        assert (row.file.name, row.role) == ("скан.pdf", "scan")
        assert Fact.objects.get(kind="paper_registered").data["attachments"] == 1
        browser.post(f"/desk/files/paper/{paper.pk}/", {"files": [given("ещё.pdf", PDF + b" 2")]})
        assert "ещё.pdf" in browser.get(f"/desk/letters/{paper.pk}/").content.decode()


def test_a_large_file_is_refused_with_its_limit(here: Registry, settings: Any) -> None:
    settings.FILES = {**settings.FILES, "size_max": 2**20}
    appeal = here.register()
    large = io.BytesIO(PDF + b"x" * 2**20)
    large.name = "большой.pdf"
    part = _as(here, "specialist").post(f"/desk/files/appeal/{appeal.pk}/", {"files": large}, headers={"X-Part": "1"})
    assert "большой.pdf: it is too large. At most 1 MB" in part.content.decode()
    assert not StoredFile.objects.exists()
    for name in ("/desk/appeals/new/", "/desk/letters/new/"):
        large.seek(0)
        form = _as(here, "specialist").post(name, {**TYPED, "subject": "Жалоба", "files": [given(), large]})
        assert form.status_code == 422
        assert "большой.pdf: it is too large" in form.content.decode()
        assert "паспорт.pdf" in form.content.decode()
    assert not json.dumps(list(StoredFile.objects.values_list("name", flat=True))).count("большой")
    assert not re.search(r"data-waits", part.content.decode())
