"""`kindline readings load`: the readings of a file on this machine, however large it is."""

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

from kindline.runtime import cli

FIELDS = ("account", "meter", "zone", "value", "taken_on")


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("readings", help="take the readings of a large file")
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    load = verbs.add_parser("load", help="judge every line of a CSV or XLSX file and keep its readings")
    load.add_argument("file", type=Path, metavar="FILE", help="CSV or XLSX: account, meter, zone, reading, date")
    load.add_argument("--by", required=True, metavar="USERNAME", help="who sends it: his name stands on the file")
    load.add_argument("--report", type=Path, metavar="CSV", help="write the lines with faults, and those asked back")
    cli.add_instance(load)
    load.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Take the file, say how far it is, then what came of it; 1 where a line was refused."""
    cli.setup_django(chosen.instance)
    from django.conf import settings
    from django.utils import timezone

    from kindline.readings import filed, queries
    from kindline.readings.errors import ReadingsError
    from kindline.readings.lines import Sender
    from kindline.standard import loader

    profile, content = loader.load(settings.KINDLINE["profile"]), _read(chosen.file)
    if not queries.are_taken(profile):
        raise cli.UsageError(f"the standard {profile.id} takes no readings")
    sender = Sender("file", employee_id=_employee(chosen.by))
    try:
        sending = filed.take_file(
            profile=profile, content=content, sender=sender, name=chosen.file.name, now=timezone.now(),
            progress=_progress,
        )  # fmt: skip
    except ReadingsError as error:
        raise cli.UsageError(f"{chosen.file}: {(error.__doc__ or error.code).strip()}") from error
    counts: Any = queries.counted().get(pk=sending.pk)
    _say(counts)
    if chosen.report:
        _report(chosen.report, sending)
    return int(counts.faults > 0)


def _say(counts: Any) -> None:
    known = counts.lines - counts.kept - counts.asked - counts.faults
    came = f"{counts.kept} kept, {counts.asked} asked back, {counts.faults} refused, {known} known already"
    print(f"file {counts.pk}: {counts.lines} lines, {came}")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise cli.UsageError(str(error)) from error


def _employee(username: str) -> int:
    from kindline.staff.models import Employee

    found = Employee.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise cli.UsageError(f"nobody who works here is called {username!r}: give the user name of an employee")
    return found.pk


def _progress(done: int) -> None:
    print(f"{done} lines", file=sys.stderr, flush=True)


def _report(path: Path, sending: Any) -> None:
    """A line a fault, by the lines of the file."""
    from kindline.readings import filed, wording
    from kindline.standard import cells

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(("line", *FIELDS, "code", "why"))
        for line, typed, code in sorted(filed.faults_of(sending), key=lambda one: one[0]):
            rows.writerow((line, *(cells.safe(typed[name]) for name in FIELDS), code, wording.said(code)))
    print(f"what is wrong with which line: {path}")
