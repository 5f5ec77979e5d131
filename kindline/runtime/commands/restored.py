"""`kindline restored`: after a copy of the database was brought back, erase again who was erased since."""

import argparse
from typing import Any

from kindline.runtime import cli

SAID = {"again": "erased again", "absent": "is not in this copy", "waits": "waits"}


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("restored", help="erase again who was erased since the copy that was brought back")
    cli.add_instance(command)
    command.add_argument("--by", required=True, metavar="USERNAME", help="who has it done: his name stands on receipts")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """A line a person; 1 where something waits, with its reason: then run it once more."""
    cli.setup_django(chosen.instance)
    from django.utils import timezone

    from kindline.quality import erasing_again
    from kindline.staff.models import Employee

    by = Employee.objects.filter(username=chosen.by, is_active=True).first()
    if by is None:
        print(f"nobody who works here is called {chosen.by!r}: give the user name of whoever may erase")
        return 1
    outcomes = erasing_again.erase_again(by=by, now=timezone.now())
    for one in outcomes:
        why = f": {one.why}" if one.why else ""
        print(f"client {one.line.client}, erased on {one.line.erased_at[:10]}: {SAID[one.what]}{why}")
    if not outcomes:
        print("nobody was erased who is not erased here")
    return int(any(one.what == erasing_again.WAITS for one in outcomes))
