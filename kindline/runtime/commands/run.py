"""`kindline run`: the whole product, until Ctrl-C."""

import argparse
from typing import Any

from kindline.runtime import cli, start


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("run", help="start an instance and stay with it")
    command.add_argument("--profile", metavar="P", help="the standard that a new instance runs: krc, court, yumek, voe")
    command.add_argument("--port", type=int, metavar="N", help="the port of the pages (default: a free one, kept)")
    command.add_argument(
        "--nodes", type=int, default=1, metavar="K", help="so many telephone engines, each with its switchboard (1)"
    )
    command.add_argument("--no-phone", action="store_true", help="without the telephone engine")
    command.add_argument("--empty", action="store_true", help="load no demonstration organisation")
    cli.add_instance(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Start, stay, stop."""
    wish = start.Wish(
        folder=chosen.instance.resolve(),
        profile=chosen.profile,
        web_port=chosen.port,
        with_phone=not chosen.no_phone,
        with_demonstration=not chosen.empty,
        nodes=chosen.nodes,
    )
    try:
        return start.run(wish)
    except start.StartRefusedError as error:
        raise cli.UsageError(str(error)) from error
