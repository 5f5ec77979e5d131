"""Where recordings lie: as the engine left them, and sealed in the store."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from kindline.files import stores
from kindline.recordings.errors import GoneRecordingError
from kindline.switchboard.models import Recording


def vault() -> stores.Store:
    """The store of sealed recordings: a folder of the instance, the spool of a far store where one is named."""
    return stores.spooled(vault_folder(), settings.RECORDINGS.get("far"))


def vault_folder() -> Path:
    """The folder of it on this machine."""
    return Path(settings.KINDLINE["paths"]["vault"])


def plain(recording: Recording) -> Path:
    """The file as the engine wrote it, which is there until it is sealed.

    Raises: GoneRecordingError when the row points nowhere, or outside the folder of recordings.
    """
    folder = Path(settings.KINDLINE["paths"]["recordings"]).resolve()
    path = (folder / recording.path).resolve()
    if not recording.path or not path.is_relative_to(folder) or path == folder:
        raise GoneRecordingError(f"{recording.name} points outside the folder of recordings")
    return path
