"""The calendar at a terminal: the edits of the instance's database where one is there; what was used is said."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kindline.runtime import cli, instance


class UnreadError(Exception):
    """The edits cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Used:
    """By what a command at a terminal tells working days: `edits` in force over the file; None: the file alone."""

    edits: int | None
    instance: str
    why: str = ""

    def line(self) -> str:
        """The same in words, for people."""
        if self.edits is None:
            return f"the profile's file alone: {self.why}"
        said = f"{self.edits} edit{'' if self.edits == 1 else 's'} of the page Calendar"
        return f"the profile's file and {said}, of {self.instance}"

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return asdict(self)


def add_option(command: argparse.ArgumentParser) -> None:
    """Give a command the option that names the instance whose edits count; without it the usual one is tried."""
    said = "the instance folder whose edits of the calendar count (default: the usual one, if it is there)"
    command.add_argument("--instance", type=Path, metavar="DIR", help=said)


def take(folder: Path | None, profile_id: str) -> Used:
    """Let this process tell the profile's working days with the edits of an instance, where they can be read.

    Raises: UsageError when they cannot be read of a folder that was named.
    """
    where = (folder or instance.default_folder()).resolve()
    try:
        return Used(_read(where, profile_id), str(where))
    except UnreadError as error:
        if folder is not None:
            raise cli.UsageError(str(error)) from error
        return Used(None, str(where), str(error))


def _read(where: Path, profile_id: str) -> int:
    """How many edits are in force there. Raises: UnreadError."""
    if not instance.exists(where):
        raise UnreadError(f"{where} holds no instance")
    if (runs := instance.read(where).profile) != profile_id:
        raise UnreadError(f"the instance in {where} runs {runs}, not {profile_id}")
    cli.setup_django(where)
    from django.db import Error

    from kindline.staff import workdays_followed
    from kindline.standard import calendars

    try:
        workdays_followed.read(profile_id)
    except Error as error:
        raise UnreadError(f"the database of {where} cannot be read; is it running? {_first_line(error)}") from error
    return len(calendars.edits_of(profile_id).days)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
