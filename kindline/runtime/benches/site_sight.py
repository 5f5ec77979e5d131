"""A first visit in Chromium on a slow line: what comes over it, and when something is to be seen."""

from __future__ import annotations

import os
import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DELAY_MS, DOWN_KBIT, UP_KBIT = 400, 1600, 750
LINE = f"slow 4G: {DELAY_MS} ms from request to answer, {DOWN_KBIT} kbit/s down, {UP_KBIT} kbit/s up"
"""The preset of Chromium's tools that was named Fast 3G before (562 ms there contain its own factor of 3.75 on 150)."""
SEEN = """() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const own = all.filter((one) => one.initiatorType !== "img");
    return paint ? [own.reduce((sum, one) => sum + one.transferSize, 0), paint.startTime] : null;
}"""


@dataclass(frozen=True)
class Seen:
    """A page at a first visit: kilobytes over the line (without pictures), milliseconds to the first paint."""

    path: str
    weight_kb: float
    first_paint_ms: float


def visit(port: int, paths: Sequence[str], visits: int) -> list[Seen] | None:
    """The median of so many first visits to each page; None without a browser."""
    browser = os.environ.get("KINDLINE_CHROMIUM") or shutil.which("chromium")
    if browser is None:
        return None
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        found = [_page(launched, f"http://127.0.0.1:{port}", path, visits) for path in paths]
        launched.close()
    return found


def _page(launched: Any, base: str, path: str, visits: int) -> Seen:
    seen = [_once(launched, base + path) for _ in range(visits)]
    weight, paint = (statistics.median(one[place] for one in seen) for place in (0, 1))
    return Seen(path, weight / 1000, paint)


def _once(launched: Any, address: str) -> tuple[float, float]:
    """One visit by a browser that has never been here."""
    context = launched.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    down, up = (kbit * 1000 / 8 for kbit in (DOWN_KBIT, UP_KBIT))
    line = {"offline": False, "latency": DELAY_MS, "downloadThroughput": down, "uploadThroughput": up}
    session.send("Network.emulateNetworkConditions", line)
    page.goto(address, wait_until="load")
    found = page.wait_for_function(SEEN).json_value()
    context.close()
    return float(found[0]), float(found[1])
