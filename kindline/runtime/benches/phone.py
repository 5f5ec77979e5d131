"""bench phone: how many recorded talks at once, call set-ups a second with one node and with two, decisions a second.

`decisions`: callers and operators as rows, paired and kept by reservations, nothing else.
`talks`: so many talks with sound both ways and both sides recorded, processor time split between the engine and us;
more of them until not all talk, or too much sound is lost: the most that this machine carries, its callers included.
`nodes`: calls at a rate through a Kamailio dispatcher, on one engine and one switchboard, then on two of each.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindline.runtime import cli, kamailio, ports
from kindline.runtime.benches import call_setup, database
from kindline.runtime.benches.call_setup import LINE, OPEN_AT, PROFILE, Answering, Bench
from kindline.runtime.benches.product import Product, running, say
from kindline.runtime.instance import Instance
from kindline.runtime.kamailio import trial
from kindline.switchboard import choosing, clock
from kindline.switchboard.choosing import Need

PARTS = ("decisions", "talks", "nodes")
SETTLED_S, TALK_S = 12.0, 20.0
LOSS_MOST = 0.005
"""Of the packets: more than that is heard."""
NO_LIMIT = 100_000
"""For a Kamailio that only spreads calls."""


def main(argv: Sequence[str]) -> None:
    """Print one line a measurement."""
    options = argparse.ArgumentParser(prog="bench phone", description=__doc__)
    options.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options.add_argument("--talks", type=int, nargs="+", default=[25, 50, 100, 150, 200, 250])
    options.add_argument("--rates", type=int, nargs="+", default=[10, 20, 30])
    options.add_argument("--seconds", type=int, default=8)
    options.add_argument("--operators", type=int, default=300)
    options.add_argument("--nodes", type=int, nargs="+", default=[1, 2])
    chosen = options.parse_args(argv)
    if len(chosen.parts) > 1:  # each in a process of its own: Django is set up for one database a process
        for part in chosen.parts:
            subprocess.run([sys.executable, "-m", __spec__.name, *argv, "--parts", part], check=True)
    elif chosen.parts == ["decisions"]:
        with database.running(PROFILE):
            decide(chosen.operators)
    elif shutil.which("sipp") is None:
        say(bench="phone", skipped="sipp is not installed (Debian: sip-tester)")
    elif chosen.parts == ["talks"]:
        talk(chosen.talks, chosen.operators)
    else:
        nodes(chosen, argv)


# --- decisions ---
def decide(operators: int, rounds: int = 10) -> None:
    """Pair as many callers as there are operators, again and again; each pair is a reservation, a state and a fact.

    Callers of all queues of the standard in turn; each operator has the skills of two of them.
    """
    from django.utils import timezone

    from kindline.switchboard import dispatcher
    from kindline.switchboard.models import Reservation

    needs = _needs()
    _people(operators, needs)
    made, took_s = 0, 0.0
    for _ in range(rounds):
        _callers(2 * operators, list(needs))
        begun = time.perf_counter()
        while found := dispatcher.match(app="sb-bench", needs=needs, now=timezone.now()):
            made += len(found)
        took_s += time.perf_counter() - begun
        Reservation.objects.all().delete()
        _all_free()
    say(
        bench="phone", part="decisions", operators=operators, queues=len(needs), callers_waiting=2 * operators,
        decisions=made, decisions_per_s=round(made / took_s), ms_each=round(1000 * took_s / made, 3),
    )  # fmt: skip


def _needs() -> dict[str, Need]:
    from kindline.standard import loader

    menu = loader.load(PROFILE).menu
    return {name: choosing.need(queue.skills) for name, queue in menu.queues.items()} if menu else {}


def _people(count: int, needs: Mapping[str, Need]) -> None:
    from django.utils import timezone

    from kindline.staff.models import Employee, EmployeeSkill, Skill
    from kindline.switchboard.models import Operator

    made = [Employee(username=f"b{n}", given_name=f"B{n}", roles=["operator"], number=n) for n in range(count)]
    now = timezone.now()
    ready = {"state": "ready", "since": now, "idle_since": now, "registered": True, "sip_password": "x"}
    people = Employee.objects.bulk_create(made)
    Operator.objects.bulk_create([Operator(employee=one, **ready) for one in people])
    codes = sorted({code for need in needs.values() for code in need.skills})
    skills = Skill.objects.bulk_create([Skill(code=code, title=code) for code in codes])
    EmployeeSkill.objects.bulk_create(
        [
            EmployeeSkill(employee=one, skill=skill)
            for n, one in enumerate(people)
            for skill in {skills[n % len(skills)], skills[(n + 1) % len(skills)]}
        ]
    )


def _callers(count: int, queues: Sequence[str]) -> None:
    import uuid

    from django.utils import timezone

    from kindline.switchboard.models import Call

    now = timezone.now()
    Call.objects.all().delete()
    data: dict[str, Any] = {"waiting": {"refused": {}}}
    told = {"state": "queued", "data": data, "owner": "sb-bench", "started_at": now}
    waiting = [(now - dt.timedelta(seconds=n), queues[n % len(queues)]) for n in range(count)]
    Call.objects.bulk_create(
        [Call(id=uuid.uuid4(), enqueued_at=since, queue=queue, changed_at=now, **told) for since, queue in waiting]
    )


def _all_free() -> None:
    from kindline.switchboard.models import Operator

    Operator.objects.update(state="ready", contact_id=None)


# --- talks ---
def talk(counts: Sequence[int], operators: int) -> None:
    """More and more talks with sound both ways, as long as they are carried; the most that were."""
    with running(PROFILE) as product:
        cli.setup_django(product.folder)
        answering = ports.choose(udp=True)
        with Answering(answering, echo=True):
            bench = call_setup.prepare(product, operators, answering)
            carried = list(itertools.takewhile(lambda count: _talk(bench, count), sorted(counts)))
    say(bench="phone", part="talks", most_carried=max(carried, default=0), loss_most=LOSS_MOST)


def _talk(bench: Bench, count: int) -> bool:
    """The processor time of the engine and ours in a window while all talk; whether all did, with their sound."""
    call_setup.make_ready(bench)
    stays_s = count / 10 + SETTLED_S + TALK_S + 2
    with calling(bench.values.sip_port, bench, 10, count, stays_s):
        time.sleep(count / 10 + SETTLED_S)
        talking, before, begun = _talking(), call_setup.cpu_used(bench), time.monotonic()
        time.sleep(TALK_S)
        lasted_s = time.monotonic() - begun
        used = {part: now - before[part] for part, now in call_setup.cpu_used(bench).items()}
    until_over()
    came = _came_through(talking)
    is_carried = talking == count and came["loss_share"] <= LOSS_MOST
    say(
        bench="phone", part="talks", asked=count, carried=is_carried, talking=talking, recorded_legs=2 * talking,
        cores={part: round(one / lasted_s, 3) for part, one in used.items()},
        cores_per_talk_percent={part: round(100 * one / lasted_s / max(1, talking), 3) for part, one in used.items()},
        **came,
    )  # fmt: skip
    return is_carried


def _talking() -> int:
    from kindline.switchboard.models import Call

    return Call.objects.filter(state="talking", ended_at=None).count()


def until_over() -> None:
    from kindline.switchboard.models import Call

    call_setup.until(lambda: not Call.objects.filter(ended_at=None).exists(), "calls go on", 90)
    time.sleep(3)


def _came_through(talks: int) -> dict[str, float]:
    """How many packets of the clients the engine missed, of those talks that were asked after."""
    from kindline.journal.models import Fact

    rows = Fact.objects.filter(kind="media_measured", data__leg="client").order_by("-at")[:talks]
    told = [one.data for one in rows]
    sent = sum(one["received"] + one["lost"] for one in told)
    return {"measured": len(told), "loss_share": round(sum(one["lost"] for one in told) / sent, 5) if sent else 0.0}


# --- nodes ---
@dataclass(frozen=True)
class Node(Product):
    """One of the engines of an instance, with the switchboard that leads it."""

    node: int = 1

    @property
    def instance(self) -> Instance:
        """Its own ports."""
        return super().instance.at(self.node)


def nodes(chosen: argparse.Namespace, argv: Sequence[str]) -> None:
    """Calls through Kamailio on one engine, then on two: each in a process of its own, as the parts are."""
    try:
        trial.program()
    except trial.KamailioMissingError as error:
        say(bench="phone", part="nodes", skipped=str(error))
        return
    if len(chosen.nodes) == 1:
        place(chosen.nodes[0], chosen.rates, chosen.seconds, chosen.operators)
        return
    for count in chosen.nodes:
        words = [*argv, "--parts", "nodes", "--nodes", str(count)]
        subprocess.run([sys.executable, "-m", __spec__.name, *words], check=True)


def place(nodes: int, rates: Sequence[int], seconds: int, operators: int) -> None:
    """Place calls at each rate, spread over so many nodes; say how many reached an operator and what it took."""
    with running(PROFILE, nodes=nodes) as product:
        cli.setup_django(product.folder)
        answering = ports.choose(udp=True)
        with Answering(answering):
            bench = call_setup.prepare(product, operators, answering)
            for number in range(2, nodes + 1):
                call_setup.give_contacts(Bench(Node(product.folder, number), bench.operators, ""), answering)
            time.sleep(15)
            with dispatching([Node(product.folder, number).instance for number in range(1, nodes + 1)]) as port:
                for rate in rates:
                    _place(bench, nodes, port, rate, rate * seconds)


def _place(bench: Bench, nodes: int, port: int, rate: int, calls: int) -> None:
    from kindline.journal.models import Fact

    call_setup.make_ready(bench)
    before, used, begun = Fact.objects.filter(kind="call_answered").count(), _used(bench, nodes), time.monotonic()
    with call_setup.ending_wrap_ups(bench), calling(port, bench, rate, calls, call_setup.STAY_S) as caller:
        failed = caller.wait()
        lasted_s = time.monotonic() - begun
        time.sleep(2)
    reached = Fact.objects.filter(kind="call_answered").count() - before
    took = {part: round(1000 * (now - used[part]) / calls, 2) for part, now in _used(bench, nodes).items()}
    say(
        bench="phone", part="nodes", nodes=nodes, rate_per_s=rate, calls=calls, failed=failed, reached_operator=reached,
        lasted_s=round(lasted_s, 1), cpu_ms_per_call=took, cpu_ms_per_call_total=round(sum(took.values()), 2),
    )  # fmt: skip


def _used(bench: Bench, nodes: int) -> dict[str, float]:
    further = [f"{part}-{number}" for number in range(2, nodes + 1) for part in ("asterisk", "switchboard")]
    return {part: bench.product.cpu_s(part) for part in ("asterisk", "switchboard", "postgres", *further)}


@contextmanager
def dispatching(instances: Sequence[Instance]) -> Iterator[int]:
    """A Kamailio that spreads calls over the engines in turn, and the port on which it takes them."""
    port, inside = ports.choose(udp=True), ports.choose(udp=True)
    engines = tuple(f"{ports.LOOPBACK}:{one.ports.sip}" for one in instances)
    at = (f"{ports.LOOPBACK}:{port}", f"{ports.LOOPBACK}:{inside}")
    front = kamailio.Front((ports.LOOPBACK,), *at, engines, lines=NO_LIMIT, rate=NO_LIMIT)
    with tempfile.TemporaryDirectory(prefix="kl-kam-") as name, trial.running(Path(name), front):
        yield port


# --- callers ---
@contextmanager
def calling(port: int, bench: Bench, rate: int, calls: int, stays_s: float) -> Iterator[subprocess.Popen[bytes]]:
    """Callers who speak all the time, as many as are asked for, until they have hung up."""
    claim = clock.signed(OPEN_AT, dt.datetime.now(dt.UTC), bench.product.instance.secrets.internal_token)
    with tempfile.TemporaryDirectory(prefix="kl-sipp-") as name:
        folder = Path(name)
        scenario = call_setup.speaking(folder, stays_s)
        words = ["sipp", f"127.0.0.1:{port}", "-sf", str(scenario), "-s", LINE, "-i", "127.0.0.1"]
        words += ["-p", str(ports.choose(udp=True)), "-r", str(rate), "-m", str(calls), "-key", "clock", claim]
        words += ["-nostdin", "-mp", str(ports.keep_or_choose_rtp(None)[0]), "-l", str(calls)]
        words += ["-inf", str(call_setup.numbers(folder, calls))]
        process = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process
            process.wait(stays_s + calls / rate + 60)
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
