"""bench site: pages for everybody against nginx with the same bytes and a plain Wagtail page; the form; first sight.

All on one machine, in turns: nginx with a static file of the very bytes of our page, our page from nginx's cache
under our own headers, our page without a proxy, a plain Wagtail page. Then the question form at a fixed rate, each
from an address of its own, through nginx; ten thousand of them from one address, beside a neighbour who asks.
Then Chromium on a slow line: what a first visit weighs, when it shows.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime import parts, ports
from kindline.runtime.benches import behind, site_flood, site_form, site_sight
from kindline.runtime.benches.product import family_cpu_s, say
from kindline.runtime.benches.registry import wait_until
from kindline.runtime.instance import Instance
from kindline.runtime.launch import Launch
from kindline.runtime.nginx import trial

BENCH, CLIENTS = "site", 32
LIMITS = {
    "cached_of_nginx": 0.5,
    "form_p95_ms": 150.0,
    "neighbour_p95_ms": 1000.0,
    "weight_kb": 100.0,
    "first_paint_ms": 1000.0,
}
AT_LEAST = {"cached_of_nginx"}


@dataclass(frozen=True)
class Served:
    """Where each of the four is asked, and which page."""

    front: int
    static: int
    own: int
    plain: int
    page: str
    web_pid: int = 0
    database_pid: int = 0

    def targets(self) -> dict[str, tuple[int, str]]:
        """By name: port and address."""
        return {
            "nginx": (self.static, "/same.html"),
            "cached": (self.front, self.page),
            "own": (self.own, self.page),
            "plain": (self.plain, self.page),
        }


def main(argv: Sequence[str]) -> None:
    """Print one line a measurement, with its limit and whether it holds."""
    options = argparse.ArgumentParser(prog=f"bench {BENCH}", description=__doc__)
    options.add_argument("--seconds", type=float, default=5, help="of each in each round")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--profile", default="krc")
    options.add_argument("--forms", type=int, default=1000)
    options.add_argument("--a-second", type=float, default=50, help="how many forms are sent a second")
    options.add_argument("--posts", type=int, default=10_000, help="forms that one address sends as fast as it can")
    options.add_argument("--empty", action="store_true", help="without the demonstration organisation")
    options.add_argument("--folder", type=Path, help="an instance that stays there: it is made once")
    options.add_argument("--visits", type=int, default=5, help="first visits of each page")
    chosen = options.parse_args(argv)
    try:
        trial.program()
    except trial.NginxMissingError as error:
        say(bench=BENCH, skipped=str(error))
        return
    if shutil.which("wrk") is None:
        say(bench=BENCH, skipped="wrk is not installed (Debian: wrk)")
        return
    with serving(chosen.profile, chosen.folder, *(["--empty"] if chosen.empty else [])) as served:
        pages(served, chosen.seconds, chosen.rounds)
        form(served, chosen.forms, chosen.a_second)
        flood(served, chosen.posts)
        sight(served, chosen.visits)


def pages(served: Served, seconds: float, rounds: int) -> None:
    """Requests a second of each, in turns."""
    targets = served.targets()
    for port, path in targets.values():
        by_wrk(port, path, 1)
    found: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, (port, path) in targets.items():
            found[name].append(by_wrk(port, path, seconds))
    rates = {name: round(statistics.median(values)) for name, values in found.items()}
    say(bench=BENCH, what="rates_per_s", clients=CLIENTS, bytes=len(body(served.own, served.page)),
        load=round(os.getloadavg()[0], 1), **rates)  # fmt: skip
    ratio = statistics.median(ours / theirs for ours, theirs in zip(found["cached"], found["nginx"], strict=True))
    value("cached_of_nginx", ratio)
    say(bench=BENCH, what="without_a_proxy_of_plain_wagtail", value=round(rates["own"] / rates["plain"], 2))


def form(served: Served, forms: int, a_second: float) -> None:
    """From the pressing of the button to the number on the page."""
    pids = served.web_pid, served.database_pid
    before = [family_cpu_s(pid) for pid in pids]
    found = site_form.send(served.front, forms, a_second)
    used = [1000 * (family_cpu_s(pid) - then) / forms for pid, then in zip(pids, before, strict=True)]
    value("form_p95_ms", found.ms(0.95), a_second=round(found.rate, 1), forms=forms, p50_ms=round(found.ms(0.5)),
          pages_and_database_cpu_ms=[round(one, 1) for one in used], errors=len(found.errors),
          examples=found.errors[:2])  # fmt: skip


def flood(served: Served, posts: int) -> None:
    """What others wait while one address sends forms as fast as it can, and what it is answered."""
    found = site_flood.pour(served.front, posts)
    value("neighbour_p95_ms", found.neighbour.ms(0.95), posts=found.answers.total(), lasted_s=round(found.lasted_s, 1),
          answers=dict(found.answers), lost=found.lost, neighbours=len(found.neighbour.took_s),
          errors=len(found.neighbour.errors) + found.lost, examples=found.neighbour.errors[:2])  # fmt: skip


def sight(served: Served, visits: int) -> None:
    """A first visit on a slow line: the worst of the pages."""
    seen = site_sight.visit(served.front, ["/", served.page, "/faq/", "/outages/", "/ask/"], visits)
    if seen is None:
        say(bench=BENCH, what="first_paint_ms", skipped="chromium is not installed (Debian: chromium)")
        return
    heaviest = max(seen, key=lambda one: one.weight_kb)
    slowest = max(seen, key=lambda one: one.first_paint_ms)
    value("weight_kb", heaviest.weight_kb, page=heaviest.path, without="pictures")
    value("first_paint_ms", slowest.first_paint_ms, page=slowest.path, line=site_sight.LINE,
          each={one.path: round(one.first_paint_ms) for one in seen})  # fmt: skip


def value(what: str, found: float, **more: object) -> None:
    """Say one measured value, its limit, and whether it holds."""
    at_least = what in AT_LEAST
    holds = (found >= LIMITS[what] if at_least else found <= LIMITS[what]) and not more.get("errors")
    limit = {("at_least" if at_least else "at_most"): LIMITS[what]}
    say(bench=BENCH, what=what, value=round(found, 3), **limit, holds=holds, load=round(os.getloadavg()[0], 1), **more)


def by_wrk(port: int, path: str, seconds: float) -> float:
    """Requests a second, asked by wrk. Raises: RuntimeError when an answer is not 200."""
    words = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{max(1, round(seconds))}s", f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])


def body(port: int, path: str) -> bytes:
    """A page as it comes."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        found: bytes = answer.read()
    return found


# --- preparation ---
@contextlib.contextmanager
def serving(profile: str, kept: Path | None, *words: str) -> Iterator[Served]:
    """Everything served, in a folder of its own unless one is given, for as long as the block lasts."""
    with behind.running(profile, kept, *words) as begun:
        instance, plain_port, page = begun.instance, ports.choose(), _longest_page()
        begun.launch("plain", _plain(instance, plain_port), parts.environment(instance, "plain"))
        wait_until(lambda: body(plain_port, page), "the plain page", behind.UP_WITHIN_S)
        with _fronted(instance, body(instance.ports.web, page)) as (front, static):
            pids = begun.pid("web"), begun.pid("postgres")
            yield Served(front, static, instance.ports.web, plain_port, page, *pids)


def _longest_page() -> str:
    """The address of the page of the sections with most in it."""
    from django.db import connection

    from kindline.site.models import ItemPage

    found = max(ItemPage.objects.live(), key=lambda one: len(one.words)).url
    connection.close()
    return str(found)


def _plain(instance: Instance, port: int) -> Launch:
    """The plain Wagtail page, served as the product's pages are."""
    words = parts.web(instance).launch.program[:-1]
    places = {str(instance.ports.web): str(port), "/static": "/none"}
    application = "kindline.runtime.benches.plain:application"
    return Launch([*(places.get(word, word) for word in words), application], nice=parts.PAGES)


@contextlib.contextmanager
def _fronted(instance: Instance, same: bytes) -> Iterator[tuple[int, int]]:
    """Nginx before the product, and beside it the same bytes as a file; both ports."""
    static, folder = ports.choose(), instance.folder / "file"
    folder.mkdir(exist_ok=True)
    (folder / "same.html").write_bytes(same)
    beside = f"server {{ listen 127.0.0.1:{static}; root {folder}; access_log off; default_type text/html; }}"
    with behind.fronted(instance, beside) as front:
        yield front, static


if __name__ == "__main__":
    main(sys.argv[1:])
