"""`kindline manage ...`: Django's own management commands, for the chosen instance."""

import argparse
from typing import Any

from kindline.runtime import cli


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("manage", help="Django's management commands", add_help=False)
    cli.add_instance(command)
    command.add_argument("words", nargs=argparse.REMAINDER)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Hand the rest of the line to Django."""
    cli.use_instance(chosen.instance)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["kindline manage", *chosen.words])
    return 0
