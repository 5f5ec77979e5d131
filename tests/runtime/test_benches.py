"""The benchmarks are not run by tests, but each must be able to begin: it is imported before there are any settings."""

import os
import subprocess
import sys
from collections import Counter

import pytest

from kindline.runtime.benches.floods import Poured
from tests.architecture.code import ROOT

NAMES = sorted(path.stem for path in (ROOT / "benches").glob("*.py"))


def test_every_benchmark_can_be_begun_without_settings() -> None:
    assert NAMES
    words = f"import {', '.join(f'kindline.runtime.benches.{name}' for name in NAMES)}"
    bare = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, env=bare, check=False, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("said", "advised", "found"),
    [
        ({200: 5, 503: 40}, {503: 40}, True), ({503: 40}, {503: 39}, False), ({488: 1, 503: 40}, {503: 40}, True),
        ({200: 500}, {}, False), ({}, {}, False),
    ],
)  # fmt: skip
def test_a_flood_that_is_not_refused_was_told_nothing(
    said: dict[int, int], advised: dict[int, int], found: bool
) -> None:
    assert Poured(1.0, 500, Counter(said), Counter(advised)).all_told is found
