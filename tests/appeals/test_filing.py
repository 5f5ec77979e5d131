"""Files of appeals: what goes with the answer is attached while it is drafted, and sealed with it."""

from pathlib import Path
from typing import Any

import pytest

from kindline.appeals import answering, filing, letters
from kindline.appeals.moves import NotYoursError, WrongStateError
from kindline.files import taking
from kindline.files.models import StoredFile
from kindline.files.taking import Upload
from kindline.journal.queries import facts_of
from tests.appeals.registry import NOW, Registry

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> None:
    """Files below a folder of this test; no scanner."""
    paths = {**settings.KINDLINE["paths"], "files": str(tmp_path / "files")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    settings.FILES = {**settings.FILES, "scanner": {}}


@pytest.fixture
def act(tmp_path: Path) -> Upload:
    """A document."""
    path = tmp_path / "act"
    path.write_bytes(b"%PDF-1.7 act")
    return Upload("акт.pdf", path)


def test_what_goes_with_the_answer_is_sealed_with_it(krc: Registry, act: Upload) -> None:
    appeal, who = krc.at("assigned", channel="paper"), krc.people["executor"]
    by: dict[str, Any] = {"employee": who, "now": NOW}
    row = filing.add_file(appeal=appeal, upload=act, role=taking.ANSWER, **by)
    assert filing.answer_files(appeal) == [row.file]
    text = letters.proposed(krc.profile, appeal) + "\nМы проверили начисление за февраль и пересчитали плату за тепло."
    answering.draft_answer(appeal=appeal, subject="Ответ", text=text, **by)
    answering.submit_answer(appeal=appeal, **by)
    head: dict[str, Any] = {"employee": krc.people["unit_head"], "now": NOW}
    answering.approve_answer(appeal=appeal, **head)
    StoredFile.objects.update(state="waiting")
    with pytest.raises(answering.UncheckedFileError):
        answering.sign_answer(appeal=appeal, **head)
    StoredFile.objects.update(state="clean")
    answer = answering.sign_answer(appeal=appeal, **head)
    assert f"sha256:{row.file.sha256}" in answer.frozen
    for refused in (
        lambda: filing.add_file(appeal=appeal, upload=act, role=taking.ANSWER, **by),
        lambda: filing.remove_file(attachment=row, appeal=appeal, reason="x", **by),
    ):
        with pytest.raises(WrongStateError):
            refused()
    row.delete()  # by whatever way: the seal tells
    with pytest.raises(answering.BrokenSealError):
        answering.mark_sent(appeal=appeal, channel="paper", proof="RA1", **head)


def test_only_who_may_draft_attaches_to_the_answer(krc: Registry, act: Upload) -> None:
    appeal, operator = krc.at("assigned"), krc.people["operator"]
    with pytest.raises(NotYoursError):
        filing.add_file(appeal=appeal, upload=act, role=taking.ANSWER, employee=operator, now=NOW)
    filing.add_file(appeal=appeal, upload=act, employee=operator, now=NOW)
    assert filing.answer_files(appeal) == []


def test_given_again_it_is_told_once(krc: Registry, act: Upload) -> None:
    appeal = krc.register()
    for minutes in range(2):
        filing.add_file(
            appeal=appeal, upload=act, employee=krc.people["operator"], now=NOW.replace(minute=minutes)
        )  # fmt: skip
    assert facts_of("appeal", appeal.pk).filter(kind="appeal_file_added").count() == 1
