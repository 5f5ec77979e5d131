"""The pages of letters in a real browser: accessible, in three languages, on a telephone too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.correspondence import print_queue
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import PrintingUnavailableError
from kindline.correspondence.papers import Received, register_incoming
from kindline.staff.models import Employee
from tests.correspondence.letters import TEXT, file, parts
from tests.correspondence.test_papers import written
from tests.desk import test_screen
from tests.desk.looking import check_axe, check_width, shoot
from tests.desk.test_mail import came, held_up

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
LISTS = "mail/ mail/outgoing/ mail/quarantine/ mail/texts/ letters/ letters/?direction=out letters/new/ letters/write/"


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_every_page_is_accessible_and_fits_a_telephone(
    language: str, open_as: Callable[[Employee], Page], supervisor: Employee, settings: Any, tmp_path: Path, krc: Any
) -> None:
    paths = {**settings.KINDLINE["paths"], "correspondence": str(tmp_path / "correspondence")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    Employee.objects.filter(pk=supervisor.pk).update(language=language)
    message, broken = came(parts(TEXT, file("filename=a.txt", b"x"))), came(b"X-A: " + b"a" * 100_000 + b"\r\n\r\nx")
    received = Received("Жалоба на счёт", Person("Петров", "Иван", "Сергеевич"), "ул. Лесная, 1")
    paper = register_incoming(profile=krc, key="k", received=received, employee=supervisor, now=timezone.now())
    held_up("554 5.7.1 see https://relay.example.org/" + "blocked" * 12)
    page = open_as(supervisor)
    for name in ("supervisor/", *LISTS.split(), f"mail/{message.pk}/", f"mail/{broken.pk}/", f"letters/{paper.pk}/"):
        page.goto(f"/desk/{name}")
        expect(page.locator("h1")).to_be_visible()
        shoot(page, f"{language}-{name.replace('/', '-').replace('?', '-')}")
        check_axe(page)
        check_width(page)


def test_an_answer_is_written_by_keyboard(
    open_as: Callable[[Employee], Page], supervisor: Employee, settings: Any, tmp_path: Path, krc: Any
) -> None:
    paths = {**settings.KINDLINE["paths"], "correspondence": str(tmp_path / "correspondence")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    message = came(parts(TEXT))
    page = open_as(supervisor)
    page.goto(f"/desk/mail/{message.pk}/")
    page.locator("#a-given").fill("Иван")
    page.locator("#a-patronymic").fill("Сергеевич")
    page.locator("#a-text").fill("Пересчитали.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("text=Ответ на обращение")).to_be_visible()


def test_the_list_shows_what_was_printed_once_the_file_has_come(
    open_as: Callable[[Employee], Page], supervisor: Employee, settings: Any, tmp_path: Path, krc: Any
) -> None:
    paths = {**settings.KINDLINE["paths"], "correspondence": str(tmp_path / "correspondence")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": paths}
    for n in range(2):
        written(krc, supervisor, f"k{n}")
    page = open_as(supervisor)
    page.goto("/desk/letters/?direction=out")
    waiting = page.locator("tbody .badge")
    expect(waiting).to_have_text(["to be printed"] * 2)
    button = page.locator("form[data-taken] button")
    with page.expect_download() as coming:
        button.click()
    saved = Path(coming.value.path())
    assert saved.read_bytes().startswith(b"%PDF")
    assert coming.value.suggested_filename.startswith("letters-")
    expect(waiting).to_have_text(["printed"] * 2)
    expect(button).to_have_count(0)
    expect(page.locator("section li")).to_have_count(1)
    shoot(page, "papers-printed")


def test_why_nothing_was_printed_is_said_on_the_list(
    open_as: Callable[[Employee], Page], supervisor: Employee, krc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(krc, supervisor, "k0")

    def unavailable(**_said: Any) -> bytes:
        raise PrintingUnavailableError("no library")

    monkeypatch.setattr(print_queue, "print_waiting", unavailable)
    page = open_as(supervisor)
    page.goto("/desk/letters/?direction=out")
    page.locator("form[data-taken] button").click()
    expect(page.locator(".alert")).to_be_visible()
    expect(page.locator("form[data-taken] button")).to_be_enabled()
