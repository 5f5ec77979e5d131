"""The built files of the frontend, by the names of their sources."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.conf import settings

BUILD = Path(__file__).resolve().parent / "static" / "desk" / "build"


class FrontendMissingError(RuntimeError):
    """The frontend has not been built."""


@cache
def _manifest(path: Path, changed: float) -> dict[str, dict[str, str]]:  # noqa: ARG001 - read again when it changes
    read: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _manifest_path() -> Path:
    """The list of what this instance has gathered: a newer build counts from the next start on."""
    gathered = Path(settings.STATIC_ROOT) / "desk" / "build" / "manifest.json"
    return gathered if gathered.is_file() else BUILD / "manifest.json"


def static_path(source: str) -> str:
    """The static file that a source (e.g. `src/desk.ts`) was built to.

    Raises: FrontendMissingError when there is no build.
    """
    manifest = _manifest_path()
    if not manifest.is_file():
        raise FrontendMissingError("the frontend is not built: run scripts/bootstrap (or npm run build in frontend/)")
    return f"desk/build/{_manifest(manifest, manifest.stat().st_mtime)[source]['file']}"
