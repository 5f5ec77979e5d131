"""`kindline doctor`: what is well, what is not, and what to do."""

import argparse
from typing import Any

from kindline.runtime import cli


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("doctor", help="look at every part and say what to do")
    cli.add_instance(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print a line a part; 1 where something fails."""
    cli.setup_django(chosen.instance)
    from kindline.runtime import doctor

    worst = 0
    for finding in doctor.examination(chosen.instance.resolve()):
        print(finding.line(), flush=True)
        worst = max(worst, int(finding.level == doctor.FAIL))
    return worst
