"""bench rude (fault W3): how long others wait for a real page while rude clients are at the same nginx.

The page is made anew each time, through nginx and the database. Three stages, in turns: nobody else is there; as many
polite clients as there are rude ones, of as many requests; the rude ones: heads that do not come to an end, heads of
ten thousand lines, packed bodies, a gigabyte that is announced, requests hidden in others, bodies that grow without
end. `--each`: every sort of rude client alone as well.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime.benches import behind, rude_clients
from kindline.runtime.benches.product import family_cpu_s, say
from kindline.runtime.benches.rude_clients import POLITE, SORTS, Crowd, Sort

BENCH, PAGE = "rude", "/search/?q=%D1%81%D1%87%D1%91%D1%82"
GROWN_MAX = 2.0
"""So many times as long others may wait at the 95th percentile: than alone, and than among polite clients."""


@dataclass(frozen=True)
class Stage:
    """What came of a stage: how long each page took, seconds, and how many were refused; the clients; whose
    processor time there was in a second."""

    took: list[float]
    refused: int
    crowd: Crowd
    used: dict[str, float]


@dataclass(frozen=True)
class Measured:
    """Where others ask, for how long in each stage, and whose processor time is counted: name and process."""

    port: int
    seconds: float
    whose: dict[str, int]

    def round(self) -> tuple[Stage, Stage, Stage]:
        """The three stages: alone, among polite clients, among rude ones."""
        return self.stage("alone", ()), self.stage("polite", POLITE.values()), self.stage("rude", SORTS.values())

    def stage(self, name: str, sorts: Iterable[Sort]) -> Stage:
        """The page asked for while such clients are there; what came of it is said."""
        begun, before = time.monotonic(), self._used_s()
        with rude_clients.there(sorts, self.port, self.seconds) as crowd:
            took, refused = asked(self.port, self.seconds)
        lasted = time.monotonic() - begun
        used = {one: (now - before[one]) / lasted for one, now in self._used_s().items()}
        found = Stage(took, refused, crowd, used | {"clients": crowd.used_s / lasted})
        say(
            bench=BENCH, stage=name, p50_ms=round(statistics.median(took) * 1000, 1), p95_ms=p95_ms(took),
            answered=len(took), refused=refused, of_a_core={one: round(share, 3) for one, share in found.used.items()},
            clients_answered=dict(crowd.answers), load=round(os.getloadavg()[0], 1),
        )  # fmt: skip
        return found

    def _used_s(self) -> dict[str, float]:
        return {name: family_cpu_s(pid) for name, pid in self.whose.items()}


def main(argv: Sequence[str]) -> None:
    """Print a line a stage, then one with the growth and whether the limit holds."""
    options = argparse.ArgumentParser(prog=f"bench {BENCH}", description=__doc__)
    options.add_argument("--seconds", type=float, default=8, help="of each stage in each round")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--each", action="store_true", help="each sort of rude client alone, too")
    options.add_argument("--profile", default="krc")
    options.add_argument("--folder", type=Path, help="an instance that stays there: it is made once")
    chosen = options.parse_args(argv)
    with behind.running(chosen.profile, chosen.folder, "--empty") as begun, behind.fronted(begun.instance) as port:
        proxy = int((begun.instance.folder / "nginx" / "pid").read_text(encoding="ascii"))
        whose = {"nginx": proxy, "pages": begun.pid("web"), "database": begun.pid("postgres")}
        asked(port, 3)  # what is loaded with the first pages
        measured = Measured(port, chosen.seconds, whose)
        report([measured.round() for _ in range(chosen.rounds)])
        for name, sort in SORTS.items() if chosen.each else ():
            measured.stage(name, [sort])


def report(rounds: Sequence[tuple[Stage, Stage, Stage]]) -> None:
    """Say by how much others waited longer, whether anybody rude was let in, and whether the limit holds."""
    alone, polite, rude = (
        p95_ms([one for stage in stages for one in stage.took]) for stages in zip(*rounds, strict=True)
    )
    refused = sum(rude.refused for _, _, rude in rounds)
    let_in = [status for _, _, rude in rounds for status in rude.crowd.answers if status[0] in "123"]
    holds = max(rude / alone, rude / polite) <= GROWN_MAX and not let_in and not refused
    say(
        bench=BENCH, page=PAGE, alone_p95_ms=alone, polite_p95_ms=polite, rude_p95_ms=rude, limit=GROWN_MAX,
        grown_of_alone=round(rude / alone, 2), grown_of_polite=round(rude / polite, 2), refused=refused, let_in=let_in,
        load=round(os.getloadavg()[0], 1), ok=holds,
    )  # fmt: skip


def p95_ms(took: Sequence[float]) -> float:
    """The 95th percentile of seconds, milliseconds."""
    return round(statistics.quantiles(took, n=20)[-1] * 1000, 1)


def asked(port: int, seconds: float) -> tuple[list[float], int]:
    """The page asked for one after the other: how long each took, in seconds; how many were refused besides."""
    took, refused, until = [], 0, time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        line.request("GET", PAGE)
        answer = line.getresponse()
        answer.read()
        line.close()
        if answer.status == 200:
            took.append(time.monotonic() - begun)
        else:
            refused += 1
    return took, refused
