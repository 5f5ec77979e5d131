"""`kindline demo call`: a real call into the running instance, and what each clause of its standard came to."""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindline.runtime import cli, phone
from kindline.runtime import instance as instances
from kindline.runtime.instance import Instance

if TYPE_CHECKING:
    from kindline.runtime.asterisk.tree import Tree
    from kindline.runtime.demo_calls.office import Office
    from kindline.runtime.demo_calls.play import Call
    from kindline.runtime.demo_calls.scenario import Scenario

    Show = Callable[[Call, list[str]], None]

ALL = "all"
PRINTING = threading.Lock()
"""What is said of one call stands together, though several are made at once."""


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("demo", help="demonstrate a running instance")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="KIND")
    call = kinds.add_parser("call", help="place a real call and print what each clause came to")
    call.add_argument("--profile", metavar="P", help="the standard that the instance runs: krc, court, yumek, voe")
    call.add_argument(
        "--scenario", metavar="S", default="consultation", help="a scenario, several (a,b), or all (see --list)"
    )
    call.add_argument("--at-once", metavar="N", type=int, default=1, help="so many calls at the same time (default 1)")
    call.add_argument("--brisk", action="store_true", help="cut what is said short")
    call.add_argument("--json", action="store_true", help="one line of JSON a call instead of the report")
    call.add_argument("--list", action="store_true", help="name the scenarios and stop")
    cli.add_instance(call)
    call.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Make the calls; 0 only when each of them was really made, closed, judged, and heard both ways."""
    from kindline.runtime.demo_calls import scenario
    from kindline.runtime.demo_calls.errors import DemoError

    try:
        if chosen.list:
            return _list()
        named = [] if chosen.scenario == ALL else [scenario.load(name) for name in chosen.scenario.split(",")]
        office, tree = _office(_instance(chosen))
        wanted = named or [scenario.load(name) for name in scenario.fitting(office.profile)]
    except DemoError as error:
        raise cli.UsageError(str(error)) from error
    show = _show_json if chosen.json else _show

    def well(one: "Scenario") -> bool:
        return _play(office, tree, one, show, brisk=chosen.brisk)

    alone = [one for one in wanted if one.alone]
    together = [one for one in wanted if not one.alone]
    with ThreadPoolExecutor(max(1, chosen.at_once)) as pool:
        went = [*pool.map(well, together), *map(well, alone)]
    failed = [one.id for one, good in zip([*together, *alone], went, strict=True) if not good]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _list() -> int:
    from kindline.runtime.demo_calls import scenario

    for name in scenario.names():
        print(f"{name:<22} {scenario.load(name).title}")
    return 0


def _instance(chosen: argparse.Namespace) -> Instance:
    """The instance to call: the named folder, or the one beside it that runs the wanted profile.

    Raises: UsageError.
    """
    folder: Path = chosen.instance.resolve()
    beside = folder.with_name(f"{folder.name}-{chosen.profile}")
    for candidate in (folder, beside):
        if instances.exists(candidate):
            found = instances.read(candidate)
            if chosen.profile in (None, found.profile):
                return found
    if chosen.profile and instances.exists(folder):
        how = f"kindline run --profile {chosen.profile} --instance {beside}"
        raise cli.UsageError(f"{folder} runs `{instances.read(folder).profile}`; start the other with `{how}`")
    return instances.read(folder)


def _office(found: Instance) -> "tuple[Office, Tree]":
    """The instance, ready for a call. Raises: UsageError where the phone is off; DemoError where nothing answers."""
    cli.use_instance(found.folder)
    from kindline.runtime import doctor
    from kindline.runtime.asterisk import provision

    if not doctor.is_running(found):
        raise cli.UsageError(f"{found.folder} is not running: start it with `kindline run --instance {found.folder}`")
    told = phone.told(found.phone_file)
    if not told.up:
        raise cli.UsageError(f"the phone of {found.folder} is off: {told.reason}")
    try:
        tree = provision.find(print, fetch=False)
    except provision.AsteriskMissingError as error:
        raise cli.UsageError(f"there is no Asterisk for the client's telephone: {error}") from error
    cli.setup_django(found.folder)
    from kindline.runtime.demo_calls import office

    return office.opened(found), tree


def _play(office: "Office", tree: "Tree", wanted: "Scenario", show: "Show", *, brisk: bool) -> bool:
    """Make one call and show what came of it; whether it was what it should have been."""
    from django.db import connection

    from kindline.runtime.demo_calls import report
    from kindline.runtime.demo_calls.errors import DemoError
    from kindline.runtime.demo_calls.play import Call

    tell = _teller(wanted.id)
    tell(f"=== {office.profile.id}: {wanted.title}")
    call = Call(office, wanted, tree, tell, brisk)
    wrong: list[str] = []
    try:
        call.make()
    except DemoError as error:
        wrong.append(str(error))
    wrong += report.problems(call)
    with PRINTING:
        show(call, wrong)
    tell("ok" if not wrong else "FAILED")
    connection.close()
    return not wrong


def _teller(name: str) -> Callable[[str], None]:
    """Says how far a call is, whatever other calls are made meanwhile."""
    began = time.monotonic()

    def tell(line: str) -> None:
        with PRINTING:
            print(f"{name:<22} {time.monotonic() - began:7.1f} s  {line}", file=sys.stderr, flush=True)

    return tell


def _show(call: "Call", wrong: list[str]) -> None:
    from kindline.runtime.demo_calls import report

    for line in [*report.lines(call), *(f"! {one}" for one in wrong)]:
        print(line)
    sys.stdout.flush()


def _show_json(call: "Call", wrong: list[str]) -> None:
    from kindline.runtime.demo_calls import report

    print(json.dumps(report.as_json(call, wrong), ensure_ascii=False), flush=True)
