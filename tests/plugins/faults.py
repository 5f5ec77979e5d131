"""Faults by the ids of their register: chosen with `--faults`, repeated by their seed, told one by one at the end."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

GATE = ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T13", "J1", "J2", "J3", "J4", "D1", "D2")
"""What is tried before a landing (`scripts/faults`)."""
WORDS = {"gate": GATE}
SEED = 20261129
OUTCOMES = ("passed", "failed", "error", "skipped")


def seed(own: int) -> int:
    """The seed of a test: that of the run where it was given one (KINDLINE_SEED), else its own."""
    return int(os.environ.get("KINDLINE_SEED") or own)


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """What a test leaves to chance, the same with the same seed, whichever tests ran before."""
    return random.Random(f"{seed(SEED)} {request.node.name}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", default="", help="only the tests of these faults: ids with commas, `gate`, or `all`")


def pytest_report_header() -> list[str]:
    given = os.environ.get("KINDLINE_SEED")
    return [f"seed: {given}"] if given else []


def shown(item: pytest.Item) -> set[str]:
    """The faults that a test shows."""
    return {fault for mark in item.iter_markers("fault") for fault in mark.args}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Only what was chosen; a fault that no test shows is an error. Raises: UsageError."""
    chosen = config.getoption("--faults")
    if not chosen:
        return
    known = set[str]().union(*map(shown, items))
    wanted = known if chosen == "all" else set(WORDS.get(chosen, chosen.split(",")))
    if wanted - known:
        raise pytest.UsageError(f"no test shows the faults {', '.join(sorted(wanted - known))}")
    config.hook.pytest_deselected(items=[item for item in items if not shown(item) & wanted])
    items[:] = [item for item in items if shown(item) & wanted]
    for item in items:
        item.user_properties.append(("faults", sorted(shown(item) & wanted)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Of each fault what its tests came to, and how long they took."""
    if config.getoption("--faults"):
        terminalreporter.section("faults")
        for line in sorted(_lines(terminalreporter)):
            terminalreporter.write_line(line)


def _lines(reporter: pytest.TerminalReporter) -> Iterator[str]:
    for outcome in OUTCOMES:
        for report in reporter.getreports(outcome):
            for fault in dict(getattr(report, "user_properties", [])).get("faults", []):
                yield f"{fault:<4} {outcome:<8} {report.duration:6.1f} s  {report.nodeid}"
