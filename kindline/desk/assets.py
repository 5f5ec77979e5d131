"""The built files of the frontend, by the names of their sources."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

BUILD = Path(__file__).resolve().parent / "static" / "desk" / "build"


class FrontendMissingError(RuntimeError):
    """The frontend has not been built."""


@cache
def _manifest(changed: float) -> dict[str, dict[str, str]]:  # noqa: ARG001 - read again when the file changes
    read: dict[str, dict[str, str]] = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))
    return read


def static_path(source: str) -> str:
    """The static file that a source (e.g. `src/desk.ts`) was built to.

    Raises: FrontendMissingError when there is no build.
    """
    manifest = BUILD / "manifest.json"
    if not manifest.is_file():
        raise FrontendMissingError("the frontend is not built: run scripts/bootstrap (or npm run build in frontend/)")
    return f"desk/build/{_manifest(manifest.stat().st_mtime)[source]['file']}"
