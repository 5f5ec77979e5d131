"""`kindline standard check | coverage | show | diff | replay`: the written standards and what they come to."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kindline.standard.profile import Profile

Facts = Callable[[str, dt.datetime | None, dt.datetime | None], Any]
JOURNAL = "kindline.quality.replays:facts"


def add(subparsers: Any) -> None:
    """The command and its five verbs."""
    from kindline.runtime import terminal_calendar

    command = subparsers.add_parser("standard", help="check, show, compare and replay written standards")
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="all faults of a profile folder at once (default: of all profiles)")
    check.add_argument("path", nargs="*", type=Path)
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run_check)
    coverage = verbs.add_parser("coverage", help="which clauses are carried by the product and named by a test")
    coverage.add_argument("--json", action="store_true")
    coverage.add_argument("--profile", action="append", metavar="P")
    coverage.add_argument("--channel", help="only clauses of this channel", metavar="C")
    coverage.set_defaults(run=run_coverage)
    show = verbs.add_parser("show", help="a clause with its parameters, reading, rule and carriers")
    show.add_argument("clause")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=run_show)
    diff = verbs.add_parser("diff", help="the clauses that differ between two profile folders or versions")
    diff.add_argument("before", metavar="A")
    diff.add_argument("after", metavar="B")
    diff.add_argument("--json", action="store_true")
    diff.set_defaults(run=run_diff)
    replay = verbs.add_parser("replay", help="judge a past period under a version or a draft of a standard")
    replay.add_argument("--profile", required=True, metavar="P", help="a profile's id, or a folder with a draft")
    replay.add_argument("--from", dest="since", type=_day, metavar="DATE")
    replay.add_argument("--to", dest="until", type=_day, metavar="DATE", help="the last day, included")
    replay.add_argument("--facts", type=Path, metavar="PATH", help="facts in a Parquet file instead of the journal")
    replay.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    terminal_calendar.add_option(replay)
    replay.add_argument("--json", action="store_true")
    replay.set_defaults(run=run_replay)


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def find(name: str) -> Profile:
    """A profile by id, or by the folder in which it (or a draft) lies. Raises: ProfileFaults."""
    from kindline.standard import loader

    return loader.load_path(Path(name)) if Path(name).is_dir() else loader.load(name)


def run_check(chosen: argparse.Namespace) -> int:
    """Print every fault with file, line, key, message and cure; 1 if any is an error."""
    from kindline.standard import loader
    from kindline.standard.faults import errors

    paths = chosen.path or [loader.profiles_dir() / name for name in loader.profile_ids()]
    wrong = 0
    found = []
    for path in paths:
        faults = loader.check(path)
        wrong += len(errors(faults))
        found += faults
        if not chosen.json:
            for fault in faults:
                print(fault)
            print(f"{path}: {len(errors(faults))} fault(s), {len(faults) - len(errors(faults))} warning(s)")
    if chosen.json:
        names = ("file", "line", "key", "message", "cure", "level", "clause")
        print(json.dumps([{name: getattr(fault, name) for name in names} for fault in found], ensure_ascii=False))
    return 1 if wrong else 0


def run_coverage(chosen: argparse.Namespace) -> int:
    """Print how many clauses are covered, and with --json all that are not."""
    from kindline.standard import coverage, loader

    profiles = [loader.load(name) for name in chosen.profile or loader.profile_ids()]
    tests = coverage.REPOSITORY / "tests"
    tested = coverage.tested_in(tests) if tests.is_dir() else set()
    found = coverage.report(profiles, tested, channel=chosen.channel)
    if chosen.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for name, numbers in found.items():
        by_how = ", ".join(f"{how} {one['covered']}/{one['total']}" for how, one in numbers["by_how"].items())
        print(f"{name}: {numbers['covered']} of {numbers['total']} clauses covered ({by_how})")
        if numbers["untested"]:
            print(f"  carried, but named by no test: {', '.join(numbers['untested'])}")
    return 0


def run_show(chosen: argparse.Namespace) -> int:
    """Print all that the profile knows of one clause."""
    from kindline.standard import coverage, loader
    from kindline.standard.showing import card

    profile_id = chosen.clause.partition("-")[0]
    profile = loader.load(profile_id) if profile_id in loader.profile_ids() else None
    if profile is None or chosen.clause not in profile.clauses:
        print(f"there is no clause {chosen.clause!r}")
        return 1
    clause = profile.clauses[chosen.clause]
    found = card(clause, coverage.carriers(clause, coverage.citations(profile)))
    if chosen.json:
        print(json.dumps(found, ensure_ascii=False, default=str))
        return 0
    for key, value in found.items():
        print(f"{key + ':':12} {_said(value)}")
    return 0


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def run_diff(chosen: argparse.Namespace) -> int:
    """Print the clauses that differ; 1 if any does, as diff does."""
    from kindline.standard import differences

    changes = differences.between(find(chosen.before), find(chosen.after))
    if chosen.json:
        print(json.dumps([change.as_json() for change in changes], ensure_ascii=False, default=str))
        return 1 if changes else 0
    for change in changes:
        print(f"{change.clause}: {change.kind}")
        for field, pair in change.as_json()["fields"].items():
            for mark, value in (("-", pair["before"]), ("+", pair["after"])):
                if value is not None:
                    print(f"  {mark} {field}: {_said(value)}")
    print(f"{len(changes)} clause(s) differ")
    return 1 if changes else 0


def run_replay(chosen: argparse.Namespace) -> int:
    """Judge the facts of a period under a standard and print what each clause came to, and by which calendar."""
    from kindline.runtime import terminal_calendar
    from kindline.runtime.cli import UsageError
    from kindline.standard.rules import chunks

    if chosen.engine == "spark":
        raise UsageError("the engine spark is not installed here: use --engine duckdb")
    profile = find(chosen.profile)
    used = terminal_calendar.take(chosen.instance, profile.id)
    since, until = _moments(chosen, profile)
    counts: Counter[tuple[str, str]] = Counter()
    for table in chunks(_facts(chosen, profile, since, until), profile, as_of=until):
        counts.update(zip(table["clause"].to_pylist(), table["verdict"].to_pylist(), strict=True))
    verdicts = ("met", "not_met", "not_measurable")
    found = {
        clause: {verdict: counts[clause, verdict] for verdict in verdicts}
        for clause in sorted({name for name, _ in counts})
    }
    if chosen.json:
        told = {"profile": profile.id, "version": profile.version, "clauses": found, "calendar": used.as_json()}
        print(json.dumps(told, ensure_ascii=False))
        return 0
    print(f"{'clause':16}{'met':>10}{'not met':>10}{'not measurable':>16}   ({profile.id}, version {profile.version})")
    for clause, one in found.items():
        print(f"{clause:16}{one['met']:>10}{one['not_met']:>10}{one['not_measurable']:>16}")
    print(f"calendar: {used.line()}")
    return 0


def _moments(chosen: argparse.Namespace, profile: Profile) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The first moment of the first day and that after the last day, in the profile's zone."""
    midnight = dt.time(0)
    since = dt.datetime.combine(chosen.since, midnight, profile.zone) if chosen.since else None
    until = dt.datetime.combine(chosen.until + dt.timedelta(days=1), midnight, profile.zone) if chosen.until else None
    return since, until


def _facts(chosen: argparse.Namespace, profile: Profile, since: dt.datetime | None, until: dt.datetime | None) -> Any:
    """The facts of the period: out of a Parquet file, else out of the journal through the quality package."""
    if chosen.facts is None:
        return _of_journal()(profile.id, since, until)
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(chosen.facts)
    if since is not None:
        table = table.filter(pc.greater_equal(table["at"], since.astimezone(dt.UTC)))
    if until is not None:
        table = table.filter(pc.less(table["at"], until.astimezone(dt.UTC)))
    return table


def _of_journal() -> Facts:
    """The function that reads facts from the journal: `facts(profile_id, since, until) -> Arrow table`."""
    import importlib

    from kindline.runtime.cli import UsageError, setup_django

    module, name = JOURNAL.split(":")
    try:
        setup_django()
        found: Facts = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as missing:
        raise UsageError("no journal to replay here: name a Parquet file with --facts PATH") from missing
    return found
