"""`kindline node N`: one more telephone engine with its switchboard, until Ctrl-C."""

import argparse
from typing import Any

from kindline.runtime import cli, node, start


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("node", help="run one more telephone engine with its switchboard")
    command.add_argument("number", type=int, metavar="N", help="which one: 2 to 9")
    cli.add_instance(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Start, stay, stop."""
    wish = start.Wish(folder=chosen.instance.resolve())
    try:
        return node.run(wish, chosen.number)
    except start.StartRefusedError as error:
        raise cli.UsageError(str(error)) from error
