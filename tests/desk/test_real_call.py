"""A real call from a telephone into a running product, answered in a browser and lived through a reload."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.plugins.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]
ROOT = Path(__file__).resolve().parents[2]
ANSWERED = """() => performance.getEntriesByType("mark").some((mark) => mark.name.startsWith("answer:"))"""


@pytest.fixture
def caller(instance: Product, tmp_path: Path) -> "subprocess.Popen[bytes]":
    """A client's telephone that calls, chooses in the menu and talks."""
    words = [sys.executable, "-m", "kindline.runtime", "demo", "call", "--instance", str(instance.folder)]
    with (tmp_path / "call.log").open("wb") as log:
        return subprocess.Popen(
            [*words, "--scenario", "consultation"], cwd=ROOT, stdout=log, stderr=log, env=instance.environment()
        )


@pytest.mark.clause("krc-2-53", "yumek-9.1-03")
def test_a_call_is_answered_survives_a_reload_and_gets_its_verdicts(
    instance: Product, page: Page, request: pytest.FixtureRequest
) -> None:
    page.goto("/login/")
    page.locator("#id_username").fill("operator1")
    page.locator("#id_password").fill(instance.instance.secrets.demo_password)
    page.keyboard.press("Enter")
    expect(page.locator(".phone-on")).to_be_visible(timeout=30_000)
    page.locator("#state-ready").click()
    expect(page.locator(".state-now .badge")).to_have_class(re.compile("state-ready"), timeout=20_000)
    caller: subprocess.Popen[bytes] = request.getfixturevalue("caller")
    try:
        expect(page.locator("#answer")).to_be_enabled(timeout=120_000)
        expect(page.locator(".client-card .who h2")).to_be_visible(timeout=20_000)
        page.keyboard.press("Space")
        expect(page.locator(".call-talking")).to_be_visible(timeout=20_000)
        assert page.evaluate(ANSWERED)
        page.reload()
        expect(page.locator(".call-talking")).to_be_visible(timeout=40_000)
        page.keyboard.press("Space")
        expect(page.locator(".row-done")).to_have_count(1, timeout=20_000)
        page.keyboard.press("Alt+e")
        expect(page.locator("#close-contact")).to_be_enabled(timeout=20_000)
        page.locator("#close-topic").select_option(index=2)
        page.locator(".outcomes input").first.check()
        expect(page.locator("#close-skip-reason option[value=client_hung_up]")).to_have_count(0)
        page.locator("#close-skip-reason").select_option("not_applicable")
        page.locator("#close-contact").click()
        expect(page.locator(".verdicts .v-met")).to_be_visible(timeout=90_000)
    finally:
        caller.terminate()
        caller.wait(30)
    page.keyboard.press("Enter")
    expect(page.locator(".state-now .badge")).to_have_class(re.compile("state-ready"), timeout=20_000)
    page.locator("#state-offline").click()
    expect(page.locator(".state-now .badge")).to_have_class(re.compile("state-offline"), timeout=20_000)
