"""What can be wrong with a recording."""

from __future__ import annotations


class RecordingError(Exception):
    """Something is wrong with a recording."""

    code = "recording"


class BrokenRecordingError(RecordingError):
    """What lies there is not what was recorded: its hash, its length or its seal differs."""

    code = "broken"


class GoneRecordingError(RecordingError):
    """There is no such recording any more, or its file is not there."""

    code = "gone"


class UnfitError(RecordingError):
    """A field is empty or wrong; `field` names it."""

    code = "unfit"

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field
