"""Files that a program attaches: looked at like any other, once under a key, refused with the reason."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import pytest
from django.utils import timezone

from kindline.appeals.models import Appeal
from kindline.files import cage, quota
from kindline.files.errors import BusyError
from kindline.files.models import Attachment, Given
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from tests.api.calling import APPEALS, Program, program

pytestmark = pytest.mark.db
PDF = b"%PDF-1.7 an act"


@pytest.fixture
def appeal(site: Program) -> int:
    return int(site.post().json()["id"])


@pytest.mark.clause("voe-3-13")
def test_a_file_is_attached_and_listed(site: Program, appeal: int) -> None:
    answer = site.attach(appeal, PDF, "акт.pdf")
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["name"], told["media_type"], told["state"]) == ("акт.pdf", "application/pdf", "clean")
    assert told["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert site.get(f"{APPEALS}/{appeal}/attachments").json() == {"items": [told]}
    assert [fact.kind for fact in facts_of("appeal", appeal)][-1] == "appeal_file_added"


def test_twice_under_a_key_is_once_and_another_file_is_refused(site: Program, appeal: int) -> None:
    first = site.attach(appeal, PDF, key="k1")
    again = site.attach(appeal, PDF, key="k1")
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert site.attach(appeal, PDF + b"2", key="k1").json()["code"] == "key_reused"
    assert Attachment.objects.count() == 1


def _bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("zeros", b"\0" * 300_000_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"MZ\x90\x00" + b"\0" * 200, "photo.jpg", "program"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "a.svg", "type"),
        (b"", "empty.pdf", "empty"),
    ],
)
def test_what_may_not_be_taken_is_refused_with_the_reason(
    content: bytes, name: str, reason: str, site: Program, appeal: int
) -> None:
    answer = site.attach(appeal, content, name)
    assert answer.status_code == 422, answer.content
    assert (answer.json()["code"], answer.json()["reason"]) == ("file_refused", reason)
    assert not Attachment.objects.exists()


def test_a_bomb_is_not_taken(site: Program, appeal: int) -> None:
    answer = site.attach(appeal, _bomb(), "act.zip")
    assert (answer.status_code, answer.json()["reason"]) == (422, "bomb")


def test_too_large_and_too_many(site: Program, appeal: int, settings: Any) -> None:
    settings.FILES = {**settings.FILES, "size_max": 1000, "many_max": 1}
    large = site.attach(appeal, b"%PDF-1.7" + b"x" * 2000)
    assert (large.status_code, large.json()["code"], large.json()["bytes_max"]) == (413, "file_large", 1000)
    assert site.attach(appeal, PDF).status_code == 201
    assert site.attach(appeal, PDF + b"2").json()["code"] == "file_many"
    assert site.attach(appeal, PDF).status_code == 201, "the same file is there already"


def test_what_has_left_the_registry_takes_nothing(site: Program, appeal: int) -> None:
    now = Appeal.objects.get(pk=appeal).registered_at
    Appeal.objects.filter(pk=appeal).update(closed_at=now, end="answered", state="closed")
    answer = site.attach(appeal, PDF)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_no_form_no_file(site: Program, appeal: int) -> None:
    path = f"{APPEALS}/{appeal}/attachments"
    assert site.post(path, {"file": "a"}).json()["code"] == "invalid"
    broken = site.post(path, {"file": "a"}, **{"Content-Type": "multipart/form-data"})
    assert broken.status_code in (400, 422)


def test_a_program_that_only_reads_attaches_nothing(clerk: Employee, appeal: int) -> None:
    assert program(clerk, "appeals:read").attach(appeal, PDF).status_code == 403


def test_beyond_the_quota_of_the_token_a_program_is_told_when_again(site: Program, appeal: int, settings: Any) -> None:
    few = {**settings.FILES["quotas"]["program"], "day_many": 2}
    settings.FILES = {**settings.FILES, "quotas": {**settings.FILES["quotas"], "program": few}}
    assert [site.attach(appeal, PDF + str(n).encode()).status_code for n in range(2)] == [201, 201]
    answer = site.attach(appeal, PDF, key="later")
    assert (answer.status_code, answer.json()["code"]) == (429, "file_quota")
    assert 0 < int(answer["Retry-After"]) <= 24 * 3600
    assert Attachment.objects.count() == 2
    assert program(site.token.employee).attach(appeal, PDF).status_code == 201, "another token counts by itself"
    Given.objects.filter(giver=f"day/token/{site.token.pk}").update(since=timezone.now() - quota.DAY)
    assert site.attach(appeal, PDF + b"2", "b.pdf", key="later").status_code == 201, "the same key is free still"


def test_where_too_many_files_are_looked_at_a_program_is_told_when_again(
    site: Program, appeal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise BusyError

    monkeypatch.setattr(cage, "inspect", busy)
    answer = site.attach(appeal, PDF, key="soon")
    assert (answer.status_code, answer.json()["code"]) == (503, "file_busy")
    assert answer["Retry-After"] == str(BusyError.again_s)
    monkeypatch.undo()
    assert site.attach(appeal, PDF, key="soon").status_code == 201, "the same key is free still"


def test_what_is_sent_again_under_its_key_is_not_counted_again(site: Program, appeal: int, settings: Any) -> None:
    few = {**settings.FILES["quotas"]["program"], "day_many": 1}
    settings.FILES = {**settings.FILES, "quotas": {**settings.FILES["quotas"], "program": few}}
    first, again = (site.attach(appeal, PDF, key="k1") for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert site.attach(appeal, PDF + b"2", key="k1").json()["code"] == "key_reused"
    assert Given.objects.get(giver=f"day/token/{site.token.pk}").files == 1
    assert site.attach(appeal, PDF + b"2").json()["code"] == "file_quota"
