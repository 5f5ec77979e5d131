"""Questions are sent while the database is stopped and started: each becomes one appeal, whoever must wait is told."""

import http.cookiejar
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from kindline.runtime import ports
from tests.desk.looking import comes_true
from tests.plugins.product import ROOT
from tests.plugins.rude import Rude, until
from tests.site import test_reception
from tests.site.fields import fields_on
from tests.site.test_seen import SLOW_MS
from tests.site.test_trouble_seen import AGAIN, fill

TYPED = {
    "kind": "consultation", "surname": "Ёлкин", "given_name": "Пётр", "patronymic": "Семёнович", "residence": "Самара",
    "phone": "+79271112233", "email": "elkin@example.com", "answer_by": "email", "consent": "on",
}  # fmt: skip
FORMS, STOPS, PATIENCE_S = 8, (2, 5), 60


class Visitor:
    """A browser without JavaScript: it keeps cookies and sends what stands in a page's form."""

    def __init__(self, base: str) -> None:
        self.base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.open = urllib.request.build_opener(jar, urllib.request.ProxyHandler({})).open

    def get(self, path: str) -> str:
        """A page."""
        with self.open(self.base + path, timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())

    def send(self, fields: dict[str, str]) -> tuple[int, str]:
        """The form sent: what was answered, after a redirect its page."""
        request = urllib.request.Request(self.base + "/ask/", urlencode(fields).encode(), {"Referer": self.base})
        try:
            with self.open(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def site(rude: Rude) -> Iterator[str]:
    """The pages as the product serves them, on a database that is treated rudely."""
    port = ports.choose()
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-ws"]
    words += ["--blocking-threads", "4", "--log-level", "warning", "kindline.runtime.wsgi:application"]
    environment = rude.environment() | {
        "KINDLINE_PROFILE": "krc",
        "KINDLINE_DATABASE_POOL": "1",
        "PYTHONPATH": str(ROOT),
    }
    del environment["KINDLINE_PROFILES"]
    log: Path = rude.folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *words], cwd=rude.folder, env=os.environ | environment, stdout=output,
            stderr=output,
        )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(base), PATIENCE_S, "the site does not answer")
        yield base
    finally:
        process.terminate()
        process.wait(20)


def _answers(base: str) -> bool:
    try:
        return "<main" in Visitor(base).get("/ask/")
    except OSError:
        return False


@pytest.mark.db
def test_each_question_becomes_one_appeal_and_nobody_loses_what_he_typed(site: str, rude: Rude) -> None:
    visitor, answers = Visitor(site), Counter[int]()
    forms = [fields_on(visitor.get("/ask/")) | TYPED | {"substance": f"вопрос {n}"} for n in range(FORMS)]
    acknowledged = []
    for n, fields in enumerate(forms):
        if n in STOPS:
            rude.server.stop()
        status, page = visitor.send(fields)
        while status != 200:
            answers[status] += 1
            assert f"вопрос {n}" in page, "what was typed is on the page"
            if rude.server.process.poll() is not None:
                rude.revive()
            status, page = visitor.send(fields_on(page))
        acknowledged.append(f"вопрос {n}")
    assert set(answers) == {503}
    stored = [str(row[0]) for row in rude.ask("SELECT substance FROM appeals_appeal ORDER BY id")]
    assert stored == acknowledged


@pytest.mark.browser
@pytest.mark.parametrize(("width", "touch"), [(1440, False), (390, True)])
def test_in_a_browser_it_is_sent_again_from_the_page_that_says_to_wait(
    site: str, rude: Rude, browser: Browser, width: int, touch: bool
) -> None:
    context = browser.new_context(
        base_url=site, locale="en", viewport={"width": width, "height": 844}, is_mobile=touch, has_touch=touch
    )
    page = context.new_page()
    fill(page)
    rude.server.stop()
    page.get_by_role("button", name="Send", exact=True).click()
    again = page.get_by_role("button", name=AGAIN["en"])
    expect(again).to_be_visible(timeout=SLOW_MS)
    comes_true(page, f"document.documentElement.scrollWidth <= {width}")
    rude.revive()
    again.click()
    page.wait_for_url(re.compile(r"/ask/[0-9a-f-]{36}/"), timeout=SLOW_MS)
    stored = rude.ask("SELECT substance FROM appeals_appeal")
    assert [row[0] for row in stored] == [test_reception.TYPED["substance"]]
    context.close()
