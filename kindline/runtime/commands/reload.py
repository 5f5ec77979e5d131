"""`kindline reload`: the telephone engines of this machine read their configuration again; calls go on."""

import argparse
from typing import Any

from kindline.runtime import cli, instance, parts, phone
from kindline.runtime.asterisk import engine, provision, renewal
from kindline.runtime.asterisk.tree import Tree
from kindline.runtime.instance import Instance


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("reload", help="let the telephone engines read their configuration again")
    command.add_argument("--show", action="store_true", help="only say what would change")
    cli.add_instance(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Say what changes, and renew each engine that runs here; 1 where one complained."""
    described = instance.read(chosen.instance.resolve())
    cli.use_instance(described.folder)
    try:
        tree = provision.find(lambda _: None, fetch=False)
    except provision.AsteriskMissingError as error:
        raise cli.UsageError(str(error)) from error
    nodes = [described, *(described.at(number) for number in range(2, len(described.nodes) + 2))]
    here = [one for one in nodes if engine.ask(tree, one.asterisk_folder, "core show version")]
    if not here:
        raise cli.UsageError(f"no telephone engine of {described.folder} runs on this machine")
    return max(_renewed(one, tree, only_show=chosen.show) for one in here)


def _renewed(one: Instance, tree: Tree, *, only_show: bool) -> int:
    folder, values = one.asterisk_folder, phone.values(one)
    name = parts.named(one, "asterisk")
    for file, lines in renewal.changes(folder, tree, values).items():
        print(f"{name}: {file}", *(f"  {line}" for line in lines), sep="\n")
    if only_show:
        return 0
    try:
        complaints = renewal.renew(folder, tree, values, one.log_folder / f"{name}.log")
    except renewal.RenewalError as error:
        raise cli.UsageError(f"{name}: {error}") from error
    print(*complaints, f"{name}: read again", sep="\n", flush=True)
    return int(bool(complaints))
