"""The checks that run nothing of the product, each named, each run whatever the others say."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACES = ["kindline", "tests", "scripts", "benches"]
PROGRAMS = ["scripts/bootstrap", "scripts/faults", "scripts/test"]
"""Those without an ending that names their language."""


def checks() -> dict[str, list[str]]:
    """What is checked, by name."""
    python = sys.executable
    places = [place for place in PLACES if any((ROOT / place).rglob("*.py"))]
    lint_imports = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    manage = [python, "-m", "kindline.runtime", "manage"]
    return {
        "ruff": [python, "-m", "ruff", "check", "--quiet", *places, *PROGRAMS],
        "format": [python, "-m", "ruff", "format", "--quiet", "--check", *places, *PROGRAMS],
        "mypy": [python, "-m", "mypy", "--no-error-summary", *places],
        "tiers": [python, "-c", lint_imports],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "django": [*manage, "check", "--fail-level", "WARNING"],
    }


def run(name: str, words: list[str]) -> bool:
    """One check; what it says is shown when it fails."""
    began = time.monotonic()
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    print(f"  {name:<12} {'failed' if done.returncode else 'ok'}  ({time.monotonic() - began:.0f} s)", flush=True)
    if done.returncode:
        print((done.stdout + done.stderr).strip()[-6000:], flush=True)
    return not done.returncode


def failed() -> list[str]:
    """The names of the checks that failed."""
    return [name for name, words in checks().items() if not run(name, words)]


if __name__ == "__main__":
    sys.exit(1 if failed() else 0)
