"""Erasing again after a copy came back: no line stops the others, and who has it done is who signs (X4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kindline.clients.models import Client
from kindline.files.errors import StoreError
from kindline.quality import erased_ledger, erasing_again, erasure
from kindline.quality.models import Erasure
from kindline.standard import loader
from tests.appeals.registry import NOW, Registry

pytestmark = [pytest.mark.db, pytest.mark.fault("X4")]


@pytest.fixture
def here(db: None, tmp_path: Path, settings: Any) -> Registry:
    """An installation whose ledger is of this test."""
    paths = {**settings.KINDLINE["paths"], "erasures": str(tmp_path / "erasures.jsonl"), "files": str(tmp_path)}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    return Registry(loader.load("krc"), now=NOW)


def noted(*clients: Client, by: int = 0, **more: Any) -> None:
    """In the ledger, as erased after the copy was taken."""
    line = {"erased_at": NOW.isoformat(), "profile": "krc", "by": by} | more
    lines = [json.dumps(line | {"client": one.pk, "made_at": one.created_at.isoformat()}) for one in clients]
    with erased_ledger.path().open("a", encoding="utf-8") as file:
        file.writelines(f"{one}\n" for one in lines)


def client(surname: str) -> Client:
    """A card of the copy."""
    return Client.objects.create(surname=surname, given_name="Иван", created_at=NOW, changed_at=NOW)


def ways(here: Registry, who: str = "director") -> list[tuple[str, str]]:
    """What came of the lines, and why."""
    return [(one.what, one.why) for one in erasing_again.erase_again(by=here.people[who], now=NOW)]


def test_a_fault_of_one_line_stops_no_other(here: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = client("Первый"), client("Второй"), client("Третий")
    noted(first)
    noted(second, profile="gone")
    noted(third, erased_at="no moment")
    noted(third)
    usual = erasure.erase_client

    def failing(**given: Any) -> Erasure:
        if given["client"] == first:
            raise StoreError("the disk is full")
        return usual(**given)

    monkeypatch.setattr(erasure, "erase_client", failing)
    found = ways(here)
    assert [what for what, _ in found] == ["waits", "waits", "waits", "again"]
    assert found[0][1] == "StoreError: the disk is full"
    assert all(why for _, why in found[:3])
    third.refresh_from_db()
    assert third.surname == ""
    monkeypatch.undo()


def test_who_has_it_done_signs_not_who_erased_first(here: Registry) -> None:
    then = here.people["director"]
    noted(client("Первый"), by=then.pk)
    other = here.people["director"].__class__.objects.create(username="new", roles=["director"])
    here.people["other"] = other
    assert ways(here, "other") == [("again", "")]
    assert Erasure.objects.get().by == other


def test_who_may_not_erase_signs_nothing(here: Registry) -> None:
    noted(client("Первый"), by=here.people["director"].pk)
    [(what, why)] = ways(here, "counter")
    assert (what, bool(why)) == ("waits", True)
    assert not Erasure.objects.exists()
