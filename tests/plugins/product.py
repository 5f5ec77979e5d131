"""A whole running product for the run, and browsers that look at it."""

import json
import math
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright

from kindline.runtime import instance as instances
from kindline.runtime import ports, start
from kindline.runtime.instance import Instance

ROOT = Path(__file__).resolve().parents[2]
UP_WITHIN_S = 300


@dataclass
class Product:
    """A product that runs in a folder of its own, under its own supervisor."""

    folder: Path
    process: subprocess.Popen[bytes] = field(repr=False)
    network_port: int = 0
    """Where its trunk leads: telephones of a test may listen there; 0 = it has no trunk for outgoing calls."""
    told: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What its environment said besides."""

    @property
    def instance(self) -> Instance:
        """Its ports, paths and passwords."""
        return instances.read(self.folder)

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.instance.ports.web}"

    def state(self) -> dict[str, Any]:
        """What its supervisor says: `ready`, and of each part its pid, state and restarts."""
        try:
            found: dict[str, Any] = json.loads((self.folder / start.STATE_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"ready": False, "parts": {}}
        return found

    def pid(self, part: str) -> int:
        """The process of a part now."""
        return int(self.state()["parts"][part]["pid"])

    def said(self) -> str:
        """What it printed so far."""
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """For commands that work with this product: `kindline ...` as a subprocess."""
        return bare_environment() | dict(self.told) | {instances.ENVIRONMENT: str(self.folder)}

    def wait(self, condition: Callable[[], object], limit_s: float = 60) -> None:
        """Wait until the condition holds; fail with what was said when it does not."""
        until = time.monotonic() + limit_s
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, f"waited in vain for {limit_s} s:\n{self.said()}"
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)


def bare_environment() -> dict[str, str]:
    """The environment without the test database: a product has its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KINDLINE_DATABASE_")}


def launch(
    folder: Path, *words: str, until_ready: bool = True, network_port: int = 0, told: Mapping[str, str] | None = None
) -> Product:
    """Start a product of your own in the folder (`--profile court`, `--no-phone` ...); stop it yourself.

    `told`: settings of its environment (KINDLINE_DATABASE_URL ...).
    """
    environment = bare_environment() | dict(told or {})
    environment |= {"KINDLINE_TRUNK_URI": f"sip:127.0.0.1:{network_port}"} if network_port else {}
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "kindline.runtime", "run", "--instance", str(folder), *words]
    with (folder / "said.txt").open("ab") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    made = Product(folder, process, network_port, dict(told or {}))
    try:
        made.wait(lambda: made.state().get("supervisor") == process.pid, UP_WITHIN_S)
        if until_ready:
            made.wait(lambda: made.state()["ready"], UP_WITHIN_S)
    except BaseException:
        made.stop()  # whoever asked for it has nothing to stop, and what is left behind slows down all others
        raise
    return made


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product of this run, with the standard krc and the demonstration organisation."""
    made = launch(tmp_path_factory.mktemp("product"), "--profile", "krc", network_port=ports.choose(udp=True))
    yield made
    made.stop()


def chromium() -> str:
    """The browser: KINDLINE_CHROMIUM, else the one on PATH."""
    found = os.environ.get("KINDLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.fail("tests marked `browser` need Chromium: install it (Debian: chromium)", pytrace=False)
    return found


def write_tone(path: Path, hertz: int = 440, seconds: int = 2) -> Path:
    """What the browser's pretended microphone hears, over and over: a steady tone."""
    rate = 48_000
    values = (int(9000 * math.sin(2 * math.pi * hertz * index / rate)) for index in range(rate * seconds))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", value) for value in values))
    return path


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium with a pretended microphone (a tone of 440 Hz), allowed to call on loopback."""
    tone = write_tone(tmp_path_factory.mktemp("tone") / "tone.wav")
    with sync_playwright() as playwright:
        launched = launch_browser(playwright.chromium, f"--use-file-for-fake-audio-capture={tone}")
        yield launched
        launched.close()


def launch_browser(kind: BrowserType, *flags: str, program: str = "") -> Browser:
    """A headless Chromium with a pretended microphone, allowed to call on loopback; close it yourself.

    `program`: what starts Chromium with its words, where that is not Chromium itself.
    """
    return kind.launch(
        executable_path=program or chromium(),
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            "--autoplay-policy=no-user-gesture-required",
            "--allow-loopback-in-peer-connection",
            *flags,
        ],
    )


@pytest.fixture
def context(browser: Browser, instance: Product) -> Iterator[BrowserContext]:
    """A browser session of its own, for this test, looking at the product."""
    made = browser.new_context(base_url=instance.url, permissions=["microphone"], locale="ru-RU")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of that session."""
    return context.new_page()
