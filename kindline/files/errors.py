"""Why a file is not taken, not found or not passed on; each says what to do."""

from __future__ import annotations

import datetime as dt

from kindline.files.content import Finding


class FilesError(Exception):
    """What is asked of a file cannot be done."""

    code = "file"


class RefusedFileError(FilesError):
    """The file is not taken: `finding` says what it is and why (size, type, program, archive, bomb, pixels …)."""

    code = "file_refused"

    def __init__(self, name: str, finding: Finding) -> None:
        self.name, self.finding = name, finding
        super().__init__(f"{name}: {finding.reason} ({finding.media_type})")


class TooManyFilesError(FilesError):
    """There are as many files as the settings allow: take some away first."""

    code = "file_many"


class OverQuotaError(FilesError):
    """As much came from this giver as is taken: again from `again_at`, or another way (e-mail, the office)."""

    code = "file_quota"

    def __init__(self, giver: str, again_at: dt.datetime) -> None:
        self.again_at = again_at
        super().__init__(f"{giver}: again from {again_at:%Y-%m-%d %H:%M}")


class BusyError(FilesError):
    """All cages are taken, or the one of this giver: again in `again_s` seconds; the file was not taken."""

    code = "file_busy"
    again_s = 40  # by then whatever is looked at now is over (`cage.WALL_S`)


class NotCheckedError(FilesError):
    """The file waits to be checked, or was refused: it is not passed on."""

    code = "quarantine"


class StoreError(FilesError):
    """The store cannot take or give a file now: try again later."""

    code = "file_store"


class MissingObjectError(StoreError):
    """The store has no such content: restore it from a copy."""

    code = "file_missing"


class BrokenObjectError(StoreError):
    """The content is not what was stored (its hash differs): restore it from a copy."""

    code = "file_broken"


class LostKeyError(StoreError):
    """The instance key with which a data key was wrapped is not in its folder: bring it back from its safe copy."""

    code = "file_key"


class ScannerError(FilesError):
    """The virus scanner cannot be trusted now, so files stay in quarantine; `reason` is stopped or old."""

    code = "file_scanner"
    reason = "scanner_stopped"


class OldDatabaseError(ScannerError):
    """The scanner's signatures are too old: let freshclam run."""

    reason = "scanner_old"
