"""The benchmarks are not run by tests, but each must be able to begin: it is imported before there are any settings."""

import os
import subprocess
import sys

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
