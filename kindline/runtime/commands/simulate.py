"""`kindline simulate`: a day of calls on a simulated clock, decided by the dispatcher's own choice."""

import argparse
import json
import sys
import time
from typing import Any

from kindline.runtime import cli
from kindline.switchboard.choosing import POLICIES


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("simulate", help="let the dispatcher serve a day of calls on a simulated clock")
    command.add_argument("--operators", type=int, default=10_000, metavar="N")
    command.add_argument("--queues", type=int, default=100, metavar="N")
    command.add_argument("--calls", type=int, default=1_000_000, metavar="N", help="calls of a normal day")
    command.add_argument("--days", type=int, default=1, metavar="N", help="so many such days, one after the other")
    command.add_argument("--skills", type=int, default=2, metavar="N", help="skills an operator")
    command.add_argument(
        "--policy", action="append", choices=sorted(POLICIES), help="who is asked; more than one: compared"
    )
    command.add_argument(
        "--specialists", type=float, default=0.0, metavar="SHARE", help="operators with one skill only"
    )
    command.add_argument("--handling", type=float, default=430.0, metavar="S", help="mean time of a call")
    command.add_argument("--patience", type=float, default=180.0, metavar="S", help="mean patience; 0: nobody gives up")
    command.add_argument("--within", type=float, default=20.0, metavar="S", help="the time of the service level")
    command.add_argument(
        "--times-normal", type=float, default=1.0, metavar="X", help="so many times a normal day's calls"
    )
    command.add_argument("--cap", type=int, metavar="N", help="callers in a queue after whom a callback is offered")
    command.add_argument("--takes-offer", type=float, default=0.7, metavar="SHARE", help="who accepts the callback")
    command.add_argument("--offer-within", type=float, metavar="S", help="no callback is offered that would come later")
    command.add_argument("--overflow-after", type=float, metavar="S", help="then a caller stands in the next queue")
    command.add_argument("--urgent", type=float, default=0.0, metavar="SHARE", help="callers with a point of priority")
    command.add_argument("--redials", type=float, default=0.0, metavar="SHARE", help="who gave up and calls again")
    command.add_argument("--flat", action="store_true", help="calls come evenly all day")
    command.add_argument("--seed", type=int, default=1, metavar="N")
    command.add_argument("--check", action="store_true", help="hold the simulator against Erlang C and Erlang A")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Simulate, one line of JSON for each day; 1 when a check does not hold, 3 when one was too short to tell."""
    if chosen.check:
        return _check(chosen)
    for policy in chosen.policy or ["longest-idle"]:
        print(json.dumps(_day(chosen, policy)), flush=True)
    return 0


def _check(chosen: argparse.Namespace) -> int:
    from kindline.runtime.simulation import checking

    found = set()
    for row in checking.checks(chosen.calls, chosen.seed):
        print(json.dumps(row), flush=True)
        found.add(row["holds"])
    if None in found:
        print("too short to tell (holds: null): take more --calls", file=sys.stderr)
    return 1 if False in found else 3 if None in found else 0


def _day(chosen: argparse.Namespace, policy: str) -> dict[str, Any]:
    from kindline.runtime.simulation.day import Day
    from kindline.runtime.simulation.plans import Plan, PlanError

    try:
        plan = Plan(
            operators=chosen.operators, queues=chosen.queues, calls=chosen.calls, skills=chosen.skills, policy=policy,
            handling_s=chosen.handling, patience_s=chosen.patience or None, within_s=chosen.within,
            times_normal=chosen.times_normal, cap=chosen.cap, takes_offer=chosen.takes_offer,
            specialists=chosen.specialists, overflow_after_s=chosen.overflow_after, flat=chosen.flat, seed=chosen.seed,
            days=chosen.days, offer_within_s=chosen.offer_within, urgent=chosen.urgent, redials=chosen.redials,
        )  # fmt: skip
    except PlanError as error:
        raise cli.UsageError(str(error)) from error
    began = time.monotonic()
    figures = Day(plan, _progress).run()
    settings = {
        "operators": plan.operators, "queues": plan.queues, "skills": plan.skills, "policy": policy, "days": plan.days,
        "times_normal": plan.times_normal, "seed": plan.seed,
    }  # fmt: skip
    return {**settings, **figures, "took_s": round(time.monotonic() - began, 1)}


def _progress(share: float, counts: Any) -> None:
    said = f"{share:4.0%} of the time: {counts.offered} calls, {counts.abandoned} abandoned"
    print(said, file=sys.stderr, flush=True)
