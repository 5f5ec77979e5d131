"""`kindline deadline`: by when an appeal must be answered, and why."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from typing import Any


def add(subparsers: Any) -> None:
    """The command and its options."""
    from kindline.runtime import terminal_calendar
    from kindline.standard.deadlines import CAME, KINDS, REQUESTERS, SUBJECTS

    command = subparsers.add_parser("deadline", help="the limit for an appeal and how it is derived")
    command.add_argument("--profile", required=True, metavar="P")
    command.add_argument("--kind", required=True, choices=KINDS, metavar="K", help=", ".join(KINDS))
    command.add_argument("--subject", choices=SUBJECTS, metavar="S", help=", ".join(SUBJECTS))
    command.add_argument("--channel", required=True, choices=CAME, metavar="C", help=", ".join(CAME))
    command.add_argument("--requester", choices=REQUESTERS, metavar="R", help=", ".join(REQUESTERS))
    for stamp in ("sent", "received", "registered", "named"):
        command.add_argument(
            f"--{stamp}", metavar="T", help="a date or time (local, or with its zone): 2026-03-02T10:00"
        )
    terminal_calendar.add_option(command)
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the target, the limit, the clauses, the derivation, and by which calendar."""
    from kindline.runtime import terminal_calendar
    from kindline.runtime.cli import UsageError
    from kindline.standard import deadlines, loader

    profile = loader.load(chosen.profile)
    used = terminal_calendar.take(chosen.instance, profile.id)
    stamps = {
        name: _moment(getattr(chosen, name), profile.zone) for name in ("sent", "received", "registered", "named")
    }
    known = next((stamps[name] for name in ("received", "registered", "sent") if stamps[name] is not None), None)
    for name in ("sent", "received", "registered"):
        stamps[name] = stamps[name] or known
    try:
        found = deadlines.derive(
            profile,
            kind=chosen.kind,
            subject=chosen.subject,
            channel=chosen.channel,
            requester=chosen.requester,
            **stamps,
        )
    except deadlines.StartUnknown as unknown:
        raise UsageError(str(unknown)) from unknown
    if chosen.json:
        print(json.dumps(found.as_json() | {"calendar": used.as_json()}, ensure_ascii=False))
        return 0
    plain = found.as_json()
    print(f"limit:   {plain['limit'] or '-'}")
    for name in ("target", "internal", "extended_to"):
        if plain[name]:
            print(f"{name + ':':8} {plain[name]}")
    print(f"clauses: {', '.join(found.clauses) or '-'}")
    for step in found.steps:
        print(f"  {step}")
    print(f"calendar: {used.line()}")
    return 0


def _moment(text: str | None, zone: dt.tzinfo) -> dt.datetime | None:
    """A date or time as written on the command line; without a zone it is the profile's local time."""
    from kindline.runtime.cli import UsageError

    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"not a date or time: {text!r}; write 2026-03-02 or 2026-03-02T10:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
