"""Files in a real browser: uploaded, dropped, by keyboard; and no script of a stranger's file runs (F2)."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Request, Route, expect
from playwright.sync_api import Error as BrowserError

from kindline.appeals import filing
from kindline.appeals.models import Appeal
from kindline.correspondence import papers
from kindline.correspondence.papers import Received
from kindline.files import queries
from kindline.files.models import Attachment, StoredFile
from kindline.files.taking import Upload
from kindline.staff.models import Employee, Role
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import employee
from tests.desk.looking import check_everywhere, check_width, shoot
from tests.files import makers

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
OpenAs = Callable[[Employee], Page]
ONE = re.compile(r"/appeals/\d+/$")
LONG = "дуже довга назва файлу без жодного пробілу_" * 4 + ".pdf"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any, krc: Any) -> None:
    """Files of letters below a folder of this test; no scanner."""
    paths = {**settings.KINDLINE["paths"], "correspondence": str(tmp_path / "correspondence")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    settings.FILES = {**settings.FILES, "scanner": {}}


@pytest.fixture
def clerk(db: None) -> Employee:
    """A specialist at the counter who can log in."""
    return employee("clerk", Role.SPECIALIST, Role.COUNTER, Role.UNIT_HEAD, surname="Орлова", given_name="Вера")


@pytest.fixture
def appeal(krc: Any) -> Appeal:
    """An appeal without files."""
    return Registry(krc, now=timezone.now()).register()


def given(name: str, content: bytes, kind: str = "application/pdf") -> Any:
    """A file for an input."""
    return {"name": name, "mimeType": kind, "buffer": content}


def test_the_intake_keeps_files_that_were_uploaded_while_it_was_filled_in(open_as: OpenAs, clerk: Employee) -> None:
    page = open_as(clerk)
    page.goto("/desk/appeals/new/?channel=office")
    files = [given("паспорт.pdf", b"%PDF-1.7 x"), given("скан.png", makers.picture(), "image/png")]
    page.locator("#attach-files").set_input_files(files)
    expect(page.locator("[data-attached] .file")).to_have_count(2)
    page.locator("#attach-files").set_input_files([given("злой.svg", makers.SVG)])
    expect(page.locator("[data-attached] [role=alert]")).to_contain_text("злой.svg")
    expect(page.locator("[data-attached] .file")).to_have_count(2)
    check_everywhere(page, "intake-files")
    page.get_by_role("button", name="Register the appeal").click()
    expect(page.get_by_text("Fill in the marked fields")).to_be_visible()
    expect(page.locator("[data-attached] .file")).to_have_count(2)
    page.get_by_label("take away скан.png").check()
    expect(page.locator("[data-attached] .file")).to_have_count(1)
    page.locator("#i-substance").fill("Пересчитайте плату")
    for name in ("surname", "given_name", "residence", "phone"):
        page.locator(f"#i-{name}").fill("Коваль")
    page.get_by_role("button", name="Register the appeal").click()
    page.wait_for_url(ONE)
    expect(page.locator("#files .file")).to_have_count(1)
    assert [row.file.name for row in filing.files_of(Appeal.objects.get())] == ["паспорт.pdf"]


def test_without_the_program_of_the_page_the_same_inputs_do_it(
    open_as: OpenAs, window: BrowserContext, clerk: Employee, appeal: Appeal
) -> None:
    window.route("**/*.js", lambda route: route.abort())
    page = open_as(clerk)
    page.goto(f"/desk/appeals/{appeal.pk}/")
    page.locator("#attach-files").set_input_files([given("a.pdf", b"%PDF-1.7 x"), given("b.svg", makers.SVG)])
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.locator("#files .file")).to_have_count(1)
    expect(page.get_by_text("b.svg: files of this type are not taken")).to_be_visible()


class TestCard:
    @pytest.mark.parametrize("language", ["uk", "ru", "en"])
    def test_is_accessible_with_files_of_every_state(
        self, open_as: OpenAs, clerk: Employee, appeal: Appeal, language: str, tmp_path: Path
    ) -> None:
        Employee.objects.filter(pk=clerk.pk).update(language=language)
        states = {
            LONG: ("clean", ""), "фото.png": ("clean", ""), "чекає.pdf": ("waiting", "scanner_stopped"),
            "старі бази.pdf": ("waiting", "scanner_old"), "вірус.pdf": ("refused", "virus: Eicar"),
            "\u202eпоганий.pdf": ("unreadable", "missing"),
        }  # fmt: skip
        for number, (name, (state, reason)) in enumerate(states.items()):
            content = makers.picture(size=(number + 9, 9)) if name.endswith("png") else b"%%PDF-1.7 %d" % number
            path = tmp_path / str(number)
            path.write_bytes(content)
            row = filing.add_file(appeal=appeal, upload=Upload(name, path), employee=clerk, now=timezone.now())
            StoredFile.objects.filter(pk=row.file_id).update(state=state, reason=reason)
        page = open_as(clerk)
        page.goto(f"/desk/appeals/{appeal.pk}/")
        expect(page.locator("#files .file")).to_have_count(6)
        check_everywhere(page, f"{language}-appeal-files")
        page.goto("/desk/mail/quarantine/")
        expect(page.locator("tbody tr")).to_have_count(4)
        check_everywhere(page, f"{language}-quarantine")
        page.goto("/desk/appeals/new/")
        check_everywhere(page, f"{language}-intake")

    def test_files_are_dropped_and_a_lost_connection_is_said_and_tried_again(
        self, open_as: OpenAs, clerk: Employee, appeal: Appeal
    ) -> None:
        page = open_as(clerk)
        page.goto(f"/desk/appeals/{appeal.pk}/")
        expect(page.locator("[data-with-script]")).to_be_visible()
        down = [True]

        def wire(route: Route) -> None:
            route.abort() if down[0] and route.request.method == "POST" else route.continue_()

        page.route("**/desk/files/appeal/**", wire)
        page.evaluate(
            """() => {
                const held = new DataTransfer();
                for (const name of ["а.txt", "б.txt"]) held.items.add(new File([name], name, {type: "text/plain"}));
                document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", {dataTransfer: held}));
            }"""
        )
        expect(page.get_by_role("button", name="Try again")).to_have_count(2)
        shoot(page, "appeal-files-lost")
        down[0] = False
        page.get_by_role("button", name="Try again").first.click()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("[data-attached] .file")).to_have_count(2)
        assert filing.files_of(appeal).count() == 2

    def test_progress_is_shown_and_a_form_waits_for_its_files(self, open_as: OpenAs, clerk: Employee) -> None:
        page = open_as(clerk)
        page.goto("/desk/appeals/new/?channel=office")
        held: list[Route] = []
        page.route("**/desk/files/draft/**", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
        page.locator("#attach-files").set_input_files([given("а.pdf", b"%PDF-1.7 x")])
        expect(page.locator("progress")).to_be_visible()
        shoot(page, "intake-progress")
        page.locator("#i-substance").fill("Пересчитайте плату")
        for name in ("surname", "given_name", "residence", "phone"):
            page.locator(f"#i-{name}").fill("Коваль")
        page.get_by_role("button", name="Register the appeal").click()
        assert page.url.endswith("channel=office")
        assert not Appeal.objects.exists()
        held[0].continue_()
        page.wait_for_url(ONE)
        assert filing.files_of(Appeal.objects.get()).count() == 1

    def test_what_goes_with_the_answer_is_said_when_it_is_attached(
        self, open_as: OpenAs, clerk: Employee, appeal: Appeal
    ) -> None:
        Appeal.objects.filter(pk=appeal.pk).update(state="assigned", executor=clerk)
        page = open_as(clerk)
        page.goto(f"/desk/appeals/{appeal.pk}/")
        page.get_by_label("What for?").select_option("answer")
        page.locator("#attach-files").set_input_files([given("ответ.pdf", b"%PDF-1.7 x")])
        expect(page.locator("[data-attached] .file")).to_contain_text("goes with the answer")
        check_everywhere(page, "appeal-answer-file")
        assert [one.name for one in filing.answer_files(appeal)] == ["ответ.pdf"]

    def test_too_large_a_file_is_not_even_sent(
        self, open_as: OpenAs, clerk: Employee, appeal: Appeal, settings: Any
    ) -> None:
        settings.FILES = {**settings.FILES, "size_max": 2**20}
        page = open_as(clerk)
        page.goto(f"/desk/appeals/{appeal.pk}/")
        sent: list[Request] = []
        page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
        page.locator("#attach-files").set_input_files([given("великий.pdf", b"%PDF-1.7" + b"x" * 2**20)])
        expect(page.get_by_text("it is too large: at most 1 MB")).to_be_visible()
        assert sent == []

    def test_everything_is_done_by_keyboard(self, open_as: OpenAs, clerk: Employee, appeal: Appeal) -> None:
        page = open_as(clerk)
        page.goto(f"/desk/appeals/{appeal.pk}/")
        expect(page.locator("[data-with-script]")).to_be_visible()
        _tab_to(page, "attach-files")
        page.locator("#attach-files").set_input_files([given("а.pdf", b"%PDF-1.7 x")])
        expect(page.locator("[data-attached] .file")).to_have_count(1)
        page.locator("#attach-files").focus()
        page.keyboard.press("Shift+Tab")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename == "а.pdf"

    def test_a_telephone_offers_its_camera(
        self, open_as: OpenAs, clerk: Employee, appeal: Appeal, browser: Any, live_server: Any
    ) -> None:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
        )
        try:
            page = context.new_page()
            page.goto("/login/")
            page.locator("#id_username").fill("clerk")
            page.locator("#id_password").fill("a long enough word")
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/login/" not in url)
            page.goto(f"/desk/appeals/{appeal.pk}/")
            camera = page.get_by_label("Take a photo")
            expect(camera).to_be_visible()
            assert camera.get_attribute("capture") == "environment"
            camera.set_input_files([given("photo.jpg", makers.picture("JPEG"), "image/jpeg")])
            expect(page.locator("[data-attached] .file")).to_have_count(1)
            shoot(page, "appeal-files-phone")
            check_width(page)
        finally:
            context.close()


def _tab_to(page: Page, wanted: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted:
            return
    raise AssertionError(f"{wanted} is not reached by keyboard")


EVIL = {
    "page.html": makers.HTML,
    "drawing.svg": makers.SVG,
    "photo.jpg": makers.HTML,
    "both.gif": makers.gif_and_html(),
    "behind.jpg": makers.jpeg_and_zip(),
    "both.pdf": makers.pdf_and_html(),
    "plain.txt": makers.HTML,
    "\u202egpj.html": makers.HTML,
}
WAYS = """address => {
    for (const tag of ["iframe", "embed", "img", "script"]) {
        const made = document.createElement(tag); made.src = address; document.body.append(made);
    }
    const made = document.createElement("object"); made.data = address; document.body.append(made);
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet"; sheet.href = address; document.head.append(sheet);
    return new Promise(done => setTimeout(done, 300));
}"""


@pytest.mark.fault("F2")
def test_no_script_of_a_strangers_file_runs(open_as: OpenAs, clerk: Employee, krc: Any, tmp_path: Path) -> None:
    scans = []
    for number, (name, content) in enumerate(EVIL.items()):
        path = tmp_path / str(number)
        path.write_bytes(content)
        scans.append(Upload(name, path))
    paper = papers.register_incoming(
        profile=krc, key="k", received=Received("x"), scans=scans, employee=clerk, now=timezone.now()
    )  # fmt: skip
    StoredFile.objects.update(state="clean")  # as if everything before had failed
    page, ran = open_as(clerk), []
    page.on("request", lambda one: ran.append(one.url) if one.url.endswith("/ran") else None)
    for row in queries.of(paper.owner):
        for address in (f"/desk/files/{row.pk}", f"/desk/files/{row.pk}?view=1"):
            _look(page, address, row)
    assert ran == []
    page.route("**/control", lambda route: route.fulfill(body=makers.HTML, content_type="text/html"))
    page.goto("/control")
    assert ran  # the same page, served as a page, does run


def _look(page: Page, address: str, row: Attachment) -> None:
    try:
        page.goto(address)
    except BrowserError as error:
        assert "Download is starting" in str(error), row.file.name  # noqa: PT017
    assert page.title() != "ran"
    page.goto("/desk/letters/")
    page.evaluate(WAYS, address)
    assert page.title() != "ran"
