"""What nginx refuses or passes on, as a client meets it at the real form: going back, a file of a hundred megabytes."""

from __future__ import annotations

import http.client
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from kindline.standard.profile import Profile
from tests.desk.looking import check_width
from tests.plugins import nginx

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
TEXT, EMAIL = "Батареи холодные третий день, мастер не пришёл.", "elkin@example.com"
MB = 2**20
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def front(
    site: Callable[[str], Profile], settings: Any, live_server: LiveServer, tmp_path: Path
) -> Callable[[int], Any]:
    """Nginx before the real pages; at most so many megabytes come through."""
    site("krc")

    def made(largest_mb: int) -> Any:
        quotas = settings.FILES["quotas"]
        client = {**quotas["client"], "day_size": largest_mb * MB}
        settings.FILES = {**settings.FILES, "quotas": {**quotas, "client": client}}
        return nginx.before(tmp_path / f"{largest_mb}", urlsplit(live_server.url).port or 0)

    return made


@pytest.mark.parametrize("with_script", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize("seen", [{"viewport": {"width": 1280, "height": 800}}, PHONE], ids=["desk", "telephone"])
def test_who_goes_back_from_a_refusal_finds_what_he_typed(
    front: Callable[[int], Any], browser: Browser, tmp_path: Path, with_script: bool, seen: Any
) -> None:
    """The refusal says "Go back: what you typed is kept": it holds with the headers of the form.

    A script takes out what is larger than a file may be, and sends what the day has no room for.
    """
    video = tmp_path / "video.pdf"
    with video.open("wb") as file:
        file.truncate((25 if with_script else 100) * MB)
    with front(20) as port:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{port}", locale="en", java_script_enabled=with_script, **seen
        )
        page = context.new_page()
        page.goto("/ask/")
        page.locator("#f-substance").fill(TEXT)
        page.locator("#f-email").fill(EMAIL)
        page.locator("#f-files").set_input_files(video)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("heading", name="This is too large")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Go back with the browser")).to_be_visible()
        if with_script and seen is not PHONE:
            check_width(page)
        page.go_back()
        expect(page.locator("#f-substance")).to_have_value(TEXT)
        expect(page.locator("#f-email")).to_have_value(EMAIL)
        context.close()


def test_a_file_of_a_hundred_megabytes_is_refused_with_a_word_and_the_text_is_kept(
    front: Callable[[int], Any], settings: Any
) -> None:
    """It comes whole through nginx, which lets a day's worth pass, and is cut off by the program."""
    settings.FILES = {**settings.FILES, "size_max": MB}
    edge, token = uuid.uuid4().hex, "T" * 32
    fields = {
        "csrfmiddlewaretoken": token,
        "substance": TEXT,
        "email": EMAIL,
        "consent": "on",
        "key": str(uuid.uuid4()),
    }
    part = '--{}\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    head = "".join(part.format(edge, *one) for one in fields.items())
    head += f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
    foot = f"\r\n--{edge}--\r\n".encode()
    size = 100 * MB

    def body() -> Iterator[bytes]:
        yield head.encode()
        for _ in range(size // MB):
            yield b"x" * MB
        yield foot

    with front(300) as port:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        told = {"Content-Type": f"multipart/form-data; boundary={edge}", "Accept-Language": "en"}
        told |= {"Content-Length": str(len(head.encode()) + size + len(foot))}
        told |= {"Cookie": f"{settings.CSRF_COOKIE_NAME}={token}"}
        line.request("POST", "/ask/", body(), told)
        answer = line.getresponse()
        page = answer.read().decode()
        line.close()
    assert answer.status == 422
    assert "a.pdf: it is too large" in page
    assert TEXT in page
