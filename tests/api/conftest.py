"""An installation under krc with somebody who works with appeals, and his program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kindline.staff import tokens
from kindline.staff.models import Employee
from tests.api.calling import Program, program, somebody


@pytest.fixture(autouse=True)
def _krc(settings: Any) -> None:
    tokens.forget()
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
    settings.WEBHOOK_ORIGINS = ["https://city.example"]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, settings: Any) -> None:
    """Files below a folder of this test; no scanner."""
    paths = {**settings.KINDLINE["paths"], "files": str(tmp_path / "files")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    settings.FILES = {**settings.FILES, "scanner": {}}


@pytest.fixture
def clerk(db: None) -> Employee:
    """A specialist."""
    return somebody("clerk", "specialist", surname="Иванова")


@pytest.fixture
def site(clerk: Employee) -> Program:
    """A program with every scope."""
    return program(clerk)
