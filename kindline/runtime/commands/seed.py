"""`kindline seed`: the demonstration organisation, or synthetic history on top of one."""

import argparse
import sys
from typing import Any

from kindline.runtime import cli, instance


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("seed", help="fill an instance with invented data")
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--demo", action="store_true", help="the demonstration organisation, into an empty instance")
    what.add_argument("--contacts", type=int, metavar="N", help="N more contacts of the last half year")
    what.add_argument("--appeals", type=int, metavar="N", help="N more appeals of the last year, with their clients")
    cli.add_instance(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Fill, and say with what. Raises: UsageError for an installation that began with `--empty`."""
    if instance.exists(chosen.instance) and instance.read(chosen.instance).is_real:
        raise cli.UsageError(f"{chosen.instance} {instance.BEGAN_EMPTY}")
    cli.setup_django(chosen.instance)
    try:
        print(_fill(chosen))
    except ValueError as error:
        raise cli.UsageError(str(error)) from error
    return 0


def _fill(chosen: argparse.Namespace) -> str:
    from kindline.runtime import demonstration

    if chosen.demo:
        return demonstration.load()
    if chosen.appeals:
        return demonstration.more_appeals(chosen.appeals, progress=_progress)
    return demonstration.more_history(chosen.contacts)


def _progress(done: int, of: int) -> None:
    print(f"{done} of {of}", file=sys.stderr, flush=True)
