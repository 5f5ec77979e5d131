"""A stranger's file at the host of files, in a real browser: no script, no cookie, a minute of life (F2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Request, expect
from playwright.sync_api import Error as BrowserError
from pytest_django.live_server_helper import LiveServer

from kindline.appeals import filing
from kindline.appeals.models import Appeal
from kindline.correspondence import papers
from kindline.correspondence.papers import Received
from kindline.files import handing, queries
from kindline.files.models import StoredFile
from kindline.files.taking import Upload
from kindline.staff.models import Employee
from tests.desk import test_files_screen
from tests.desk.looking import check_everywhere
from tests.desk.test_files_screen import EVIL, OpenAs
from tests.files import makers

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True), pytest.mark.fault("F2")]
window, open_as, place = test_files_screen.window, test_files_screen.open_as, test_files_screen.place
clerk, appeal = test_files_screen.clerk, test_files_screen.appeal
NAME = "files.localhost"
COOKIES = b"<!doctype html><script>document.title = 'read ' + document.cookie</script>"


@pytest.fixture(autouse=True)
def apart(settings: Any) -> None:
    """Files have a host of their own: browsers find every name below localhost on this machine."""
    settings.FILES_HOST, settings.ALLOWED_HOSTS = NAME, [*settings.ALLOWED_HOSTS, NAME]


@pytest.fixture
def there(live_server: LiveServer) -> str:
    """The origin of the host of files."""
    return f"http://{NAME}:{urlsplit(live_server.url).port}"


def told(request: Request) -> dict[str, str]:
    """The headers of a request as the browser sent them."""
    return {name.lower(): value for name, value in request.all_headers().items()}


def test_no_script_of_a_strangers_file_runs_there_and_no_cookie_goes_there(
    open_as: OpenAs, window: BrowserContext, clerk: Employee, krc: Any, there: str, tmp_path: Path,
    live_server: LiveServer,
) -> None:  # fmt: skip
    scans = []
    for number, (name, content) in enumerate(EVIL.items()):
        path = tmp_path / str(number)
        path.write_bytes(content)
        scans.append(Upload(name, path))
    paper = papers.register_incoming(
        profile=krc, key="k", received=Received("x"), scans=scans, employee=clerk, now=timezone.now()
    )  # fmt: skip
    StoredFile.objects.update(state="clean")  # as if everything before had failed
    page = open_as(clerk)
    seen: list[Request] = []
    window.on("request", lambda one: seen.append(one))  # noqa: PLW0108 - it is marked
    for row in queries.of(paper.owner):
        for address in (f"/desk/files/{row.pk}", f"/desk/files/{row.pk}?view=1"):
            _open(page, address)
            assert page.title() != "ran", row.file.name
    given_there = [one for one in seen if one.url.startswith(there)]
    assert len(given_there) >= 2 * len(EVIL)
    assert not any("cookie" in told(one) for one in given_there)
    assert not any(one.url.endswith("/ran") for one in seen)
    assert window.cookies(there) == []
    assert window.cookies(live_server.url) != []


def _open(page: Page, address: str) -> None:
    try:
        page.goto(address)
    except BrowserError as error:
        assert "Download is starting" in str(error), address  # noqa: PT017
    page.wait_for_load_state()


def test_even_a_script_that_ran_there_would_see_nothing_of_the_pages(
    open_as: OpenAs, window: BrowserContext, clerk: Employee, live_server: LiveServer, there: str
) -> None:
    page = open_as(clerk)
    window.add_cookies([{"name": "plain", "value": "seen", "url": live_server.url}])
    page.route("**/control", lambda route: route.fulfill(body=COOKIES, content_type="text/html"))
    page.goto("/control")
    assert "plain=seen" in page.title()
    page.goto(f"{there}/control")
    assert page.title() == "read"


@pytest.mark.fault("F4")
def test_a_picture_is_looked_at_and_a_document_saved_as_before(
    open_as: OpenAs, window: BrowserContext, clerk: Employee, appeal: Appeal, there: str, tmp_path: Path
) -> None:
    for name, content in (("фото.png", makers.picture()), ("а.pdf", b"%PDF-1.7 x")):
        (tmp_path / name).write_bytes(content)
        upload = Upload(name, tmp_path / name)
        filing.add_file(appeal=appeal, upload=upload, employee=clerk, now=timezone.now())
    page = open_as(clerk)
    page.goto(f"/desk/appeals/{appeal.pk}/")
    with page.expect_popup() as popup:
        page.get_by_label("Look at фото.png").click()
    expect(popup.value.locator("img")).to_be_visible()
    first = popup.value.url
    assert first.startswith(f"{there}/file/")
    popup.value.reload()  # the address has opened once: the pages give another
    expect(popup.value.locator("img")).to_be_visible()
    assert popup.value.url.startswith(f"{there}/file/")
    assert popup.value.url != first
    assert urlsplit(_alone(window, first)).path == "/login/"
    with page.expect_download() as download:
        page.get_by_role("link", name="а.pdf").click()
    assert download.value.suggested_filename == "а.pdf"
    assert Path(download.value.path()).read_bytes() == b"%PDF-1.7 x"
    shown = page.evaluate(
        "async at => { const made = new Image(); made.src = at; await made.decode(); return made.width; }",
        f"/desk/files/{queries.of(appeal.owner).get(file__name='фото.png').pk}?view=1",
    )
    assert shown == 40


def _alone(window: BrowserContext, address: str) -> str:
    """Where a person who is logged in nowhere gets with an address."""
    assert window.browser is not None
    with window.browser.new_context() as other:
        page = other.new_page()
        page.goto(address)
        return page.url


@pytest.mark.fault("F4")
def test_an_address_ends_with_its_minute_and_is_nothing_to_the_pages(
    open_as: OpenAs, clerk: Employee, appeal: Appeal, live_server: LiveServer, there: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "a.png").write_bytes(makers.picture())
    row = filing.add_file(
        appeal=appeal, upload=Upload("a.png", tmp_path / "a.png"), employee=clerk, now=timezone.now()
    )  # fmt: skip
    page = open_as(clerk)
    page.goto(f"/desk/files/{row.pk}?view=1")
    address = page.url
    assert address.startswith(f"{there}/file/")
    assert _status(page, address.replace(there, live_server.url)) == 404
    assert _status(page, address[:-1]) == 404
    assert _status(page, f"{there}/desk/") == 404
    monkeypatch.setattr(handing, "LIFE_S", 0)
    page.goto(f"/desk/files/{row.pk}?view=1")
    expect(page.locator("body")).to_contain_text("Open the file from its page again")
    check_everywhere(page, "file-address-over")
    page.goto(address[:-1])
    expect(page.get_by_role("heading")).to_have_text("There is no such page")
    check_everywhere(page, "file-address-unknown")


def _status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status
