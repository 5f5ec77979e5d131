"""bench call-setup: calls a second and processor time a call, our path against Asterisk's own app_queue.

Both answer, play the same notice, wait in a queue for one of the same telephones, record both sides, and end. They run
in turns on the same engine, several times at each rate. What is said, each figure the median of the runs: calls placed,
calls that reached an operator, processor time a call.
With `--sound` callers speak and telephones send back what they hear; without it nobody sends any sound.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindline.runtime import cli, phone, ports
from kindline.runtime.asterisk import engine, provision
from kindline.runtime.benches.product import Product, running, say
from kindline.switchboard import clock

HERE = Path(__file__).parent
PATHS = ("app_queue", "kindline")
PROFILE, LINE = "voe", "direct"
"""A standard with a line that has no menu, as app_queue has none."""
OPEN_AT = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
STAY_S = 6.0
QUIET_CPU_S = 0.3
"""Of processor time in two seconds: the switchboard at rest."""
QUEUE = """
[from-trunk](+)
exten => appqueue,1,Answer()
 same => n,Playback({notice})
 same => n,MixMonitor(bench-${{UNIQUEID}}.wav,r(bench-${{UNIQUEID}}-in.wav)t(bench-${{UNIQUEID}}-out.wav))
 same => n,Queue(bench)
 same => n,Hangup()
"""


@dataclass
class Bench:
    """An instance with operators whose telephones answer at once."""

    product: Product
    operators: list[int]
    notice: str
    scenario: Path = HERE / "caller.xml"

    @property
    def values(self) -> Any:
        """The engine's settings."""
        return phone.values(self.product.instance)


def main(argv: Sequence[str]) -> None:
    """Print one line a path and rate."""
    options = argparse.ArgumentParser(prog="bench call-setup", description=__doc__)
    options.add_argument("--rates", type=int, nargs="+", default=[10, 20, 30, 40, 50])
    options.add_argument("--seconds", type=int, default=8)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--operators", type=int, default=400)
    options.add_argument("--sound", action="store_true", help="sound both ways, as in a talk")
    chosen = options.parse_args(argv)
    if shutil.which("sipp") is None:
        say(bench="call-setup", skipped="sipp is not installed (Debian: sip-tester)")
        return
    with running(PROFILE) as product, tempfile.TemporaryDirectory(prefix="kl-sipp-") as folder:
        cli.setup_django(product.folder)
        answering = ports.choose(udp=True)
        with Answering(answering, echo=chosen.sound):
            bench = prepare(product, chosen.operators, answering)
            if chosen.sound:
                bench.scenario = speaking(Path(folder), STAY_S)
            for rate in chosen.rates:
                in_turns(bench, rate, chosen.seconds, chosen.runs)


# --- preparation ---
def prepare(product: Product, operators: int, answering: int) -> Bench:
    """Operators with telephones that all lead to one answering machine of sipp, for both paths."""
    from kindline.staff.models import Employee

    made = [
        Employee(username=f"bench{n}", given_name=f"B{n}", roles=["operator"], number=9000 + n)
        for n in range(operators)
    ]
    ids = [one.pk for one in Employee.objects.bulk_create(made)]
    bench = Bench(product, ids, _notice(product))
    give_skills(ids)
    _wait_for_places(ids)
    give_contacts(bench, answering)
    Employee.objects.create(username="bench-last", given_name="B", roles=["operator"], number=8999)
    _wait_for_phones(ids)
    _configure_queue(bench)
    make_ready(bench)
    _wait_for_quiet(product)
    return bench


def give_contacts(bench: Bench, answering: int) -> None:
    """Let an engine find all telephones at the answering machine."""
    for employee in bench.operators:
        contact = [{"attribute": "contact", "value": f"sip:op{employee}s@127.0.0.1:{answering}"}]
        _ari(bench, "PUT", f"asterisk/config/dynamic/res_pjsip/aor/op{employee}s", {"fields": contact})


def give_skills(ids: list[int]) -> None:
    from kindline.staff.models import EmployeeSkill, Skill
    from kindline.standard import loader

    menu = loader.load(PROFILE).menu
    wanted = menu.queues[menu.lines[LINE].queue or ""].skills if menu else ()
    for code in wanted:
        skill, _ = Skill.objects.get_or_create(code=code, defaults={"title": code})
        EmployeeSkill.objects.bulk_create([EmployeeSkill(employee_id=one, skill=skill) for one in ids])


def _notice(product: Product) -> str:
    from kindline.standard import loader
    from kindline.switchboard import prompts

    profile = loader.load(PROFILE)
    folder = product.instance.paths["prompts"]
    made = prompts.make(prompts.menu_messages(profile, profile.menu)[:1], profile.language, folder)
    return next(iter(made.values())).media.removeprefix("sound:")


def _wait_for_places(ids: list[int]) -> None:
    from kindline.switchboard.models import Operator

    until(lambda: Operator.objects.filter(pk__in=ids).count() == len(ids), "operators have no places")
    time.sleep(3)


def _wait_for_phones(ids: list[int]) -> None:
    from kindline.switchboard.models import Operator

    until(lambda: Operator.objects.filter(pk__in=ids, registered=True).count() == len(ids), "phones are not there", 180)


def _wait_for_quiet(product: Product) -> None:
    """The engine is still being told of the telephones when the first of them are there."""
    before, now = 0.0, product.cpu_s("switchboard")
    while now - before > QUIET_CPU_S:
        time.sleep(2)
        before, now = now, product.cpu_s("switchboard")


def _configure_queue(bench: Bench) -> None:
    folder, tree = bench.product.instance.asterisk_folder, provision.find(lambda _: None)
    with (folder / "etc" / "extensions.conf").open("a", encoding="utf-8") as dialplan:
        dialplan.write(QUEUE.format(notice=bench.notice))
    members = "\n".join(f"member => PJSIP/op{employee}s" for employee in bench.operators)
    text = f"[bench]\nstrategy = leastrecent\ntimeout = 15\nringinuse = no\nautofill = yes\nretry = 0\n{members}\n"
    (folder / "etc" / "queues.conf").write_text(f"[general]\n{text}", encoding="utf-8")
    engine.ask(tree, folder, "dialplan reload")
    engine.ask(tree, folder, "module reload app_queue.so")


# --- measuring ---
def in_turns(bench: Bench, rate: int, seconds: int, runs: int) -> None:
    """Measure both paths one after the other, several times, and say what is in the middle of each."""
    found: dict[str, list[dict[str, Any]]] = {path: [] for path in PATHS}
    for _ in range(runs):
        for path, rows in found.items():
            rows.append(measure(bench, path, rate, seconds))
    for path, rows in found.items():
        say(bench="call-setup", path=path, rate_per_s=rate, runs=runs, **middle(rows))


def middle(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The median of each figure of these rows, by its name; those of a part by theirs."""
    found: dict[str, Any] = {}
    for name in rows[0]:
        values = [row[name] for row in rows if name in row]
        nested = isinstance(values[0], Mapping)
        found[name] = middle(values) if nested else statistics.median_low(values)
    return found


def measure(bench: Bench, path: str, rate: int, seconds: int) -> dict[str, Any]:
    """Place calls at a rate for some seconds on one path; what became of them."""
    calls = rate * seconds
    if path == "kindline":
        make_ready(bench)
    before = _counted(bench, path), cpu_used(bench)
    with ending_wrap_ups(bench):
        started = time.monotonic()
        failed = _place(bench, "appqueue" if path == "app_queue" else LINE, rate, calls)
        lasted = time.monotonic() - started
        time.sleep(2)
    reached = _counted(bench, path) - before[0]
    used = {part: round(1000 * (now - before[1][part]) / calls, 2) for part, now in cpu_used(bench).items()}
    return {
        "calls": calls, "failed": failed, "reached_operator": reached, "lasted_s": round(lasted, 1),
        "cpu_ms_per_call": used, "cpu_ms_per_call_total": round(sum(used.values()), 2),
        **(_waits(reached) if path == "kindline" else _holds(bench, reached)),
    }  # fmt: skip


def cpu_used(bench: Bench) -> dict[str, float]:
    return {part: bench.product.cpu_s(part) for part in ("asterisk", "switchboard", "postgres")}


def _counted(bench: Bench, path: str) -> int:
    if path == "kindline":
        from kindline.journal.models import Fact

        return Fact.objects.filter(kind="call_answered").count()
    said = engine.ask(provision.find(lambda _: None), bench.product.instance.asterisk_folder, "queue show bench")
    return int(said.partition("C:")[2].partition(",")[0] or 0)


def _waits(reached: int) -> dict[str, float]:
    """From the end of the notice to the operator's answer, seconds."""
    from kindline.journal.models import Fact

    rows = Fact.objects.filter(kind="call_answered").order_by("-at")[:reached].values_list("data__wait_s", flat=True)
    return _spread([float(one) for one in rows])


def _holds(bench: Bench, reached: int) -> dict[str, float]:
    """The same as app_queue notes it in its log: in whole seconds, rounded down."""
    lines = (bench.product.instance.asterisk_folder / "log" / "queue_log").read_text(encoding="utf-8").splitlines()
    connected = [line.split("|") for line in lines if "|CONNECT|" in line][-reached:] if reached else []
    return _spread([float(words[5]) for words in connected])


def _spread(waits: list[float]) -> dict[str, float]:
    ordered = sorted(waits)
    if not ordered:
        return {}
    return {"wait_p50_s": ordered[len(ordered) // 2], "wait_p95_s": ordered[int(len(ordered) * 0.95)]}


def _place(bench: Bench, number: str, rate: int, calls: int) -> int:
    claim = clock.signed(OPEN_AT, dt.datetime.now(dt.UTC), bench.product.instance.secrets.internal_token)
    words = ["sipp", f"127.0.0.1:{bench.values.sip_port}", "-sf", str(bench.scenario), "-s", number, "-i", "127.0.0.1"]
    words += ["-p", str(ports.choose(udp=True)), "-r", str(rate), "-m", str(calls), "-key", "clock", claim]
    words += ["-nostdin", "-timeout", str(int(calls / rate + STAY_S + 30))]
    words += ["-mp", str(ports.keep_or_choose_rtp(None)[0])]
    with tempfile.TemporaryDirectory(prefix="kl-sipp-") as folder:
        words += ["-inf", str(numbers(Path(folder), calls))]
        return subprocess.run(words, capture_output=True, text=True, cwd=folder, check=False).returncode


def numbers(folder: Path, calls: int) -> Path:
    """The file from which sipp takes the number of each caller: as long as numbers are, and no two the same."""
    made = folder / "numbers.csv"
    made.write_text("SEQUENTIAL\n" + "".join(f"+795{n:08d}\n" for n in range(1, calls + 1)), encoding="utf-8")
    return made


def speaking(folder: Path, stays_s: float) -> Path:
    """The scenario of a caller who speaks all the time, made in a folder."""
    (folder / "tone.raw").write_bytes(bytes(0x55 if n // 8 % 2 else 0xD5 for n in range(8000)))
    stream = f'<nop><action><exec rtp_stream="{folder}/tone.raw,-1,8"/></action></nop>\n'
    pause = f'<pause milliseconds="{int(1000 * stays_s)}"/>'
    scenario = (HERE / "caller.xml").read_text(encoding="utf-8").replace('<pause milliseconds="6000"/>', stream + pause)
    made = folder / "talker.xml"
    made.write_text(scenario, encoding="utf-8")
    return made


class Answering:
    """Telephones that answer at once, all of them one sipp."""

    def __init__(self, port: int, *, echo: bool = False) -> None:
        self.port, self.more = port, ["-rtp_echo"] if echo else []

    def __enter__(self) -> None:
        words = ["sipp", "-sn", "uas", "-aa", "-i", "127.0.0.1", "-p", str(self.port), "-nostdin", *self.more]
        self.process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tempfile.gettempdir()
        )
        time.sleep(0.5)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


def make_ready(bench: Bench) -> None:
    for employee in bench.operators:
        _post(bench, f"/operators/{employee}/state", {"state": "ready"})


@contextlib.contextmanager
def ending_wrap_ups(bench: Bench) -> Iterator[None]:
    """Let each operator end his wrap-up at once, for as long as the block lasts."""
    stop = threading.Event()
    tidying = threading.Thread(target=_end_wrap_ups, args=(bench, stop), daemon=True)
    tidying.start()
    try:
        yield
    finally:
        stop.set()
        tidying.join()


def _end_wrap_ups(bench: Bench, stop: threading.Event) -> None:
    """What the screens do when an operator has finished with a call."""
    from kindline.switchboard.models import Operator

    while not stop.wait(0.1):
        for employee in Operator.objects.filter(state="wrap_up").values_list("pk", flat=True):
            _post(bench, f"/operators/{employee}/wrap-up/end", {})


def _post(bench: Bench, path: str, body: dict[str, Any]) -> None:
    here = bench.product.instance
    headers = {"Authorization": f"Bearer {here.secrets.internal_token}"}
    url = f"http://127.0.0.1:{here.ports.switchboard}{path}"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=10):
        pass


def _ari(bench: Bench, method: str, path: str, body: dict[str, Any]) -> None:
    import base64

    values = bench.values
    key = base64.b64encode(f"{values.ari_user}:{values.ari_password}".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{values.ari_port}/ari/{path}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


def until(found: Any, what: str, limit_s: float = 60) -> None:
    end = time.monotonic() + limit_s
    while not found():
        if time.monotonic() > end:
            raise RuntimeError(what)
        time.sleep(0.2)


if __name__ == "__main__":
    os.environ.setdefault("KINDLINE_LOG_LEVEL", "WARNING")
    import sys

    main(sys.argv[1:])
