"""The small profile of these tests, and facts for it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kindline.standard import loader
from kindline.standard.profile import Profile

MINI = Path(__file__).parent / "fixtures" / "mini"
BASE = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)  # 10:00 in Samara, a Monday
Facts = Callable[..., pa.Table]


@pytest.fixture(scope="session")
def mini() -> Profile:
    """The small complete profile."""
    return loader.load_path(MINI)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small profile, to be spoilt."""
    return Path(shutil.copytree(MINI, tmp_path / "mini"))


@pytest.fixture(scope="session")
def facts() -> Facts:
    """Builds a table of facts: (seconds after the base, kind, data, subject), the id being the place in the list."""

    def build(*rows: tuple[Any, ...], subject_type: str = "contact") -> pa.Table:
        made = []
        for number, (at, kind, *rest) in enumerate(rows):
            data = rest[0] if rest else {}
            subject = rest[1] if len(rest) > 1 else "a"
            made.append(
                (str(number), BASE + dt.timedelta(seconds=at), kind, subject_type, subject, "x", json.dumps(data))
            )
        names = ("id", "at", "kind", "subject_type", "subject_id", "actor", "data")
        kinds = [pa.timestamp("us", "UTC") if name == "at" else pa.string() for name in names]
        schema = pa.schema(list(zip(names, kinds, strict=True)))
        return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in made], schema=schema)

    return build
