"""The pages of letters in a real browser: accessible, in three languages, on a telephone too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.correspondence.addressing import Person
from kindline.correspondence.papers import Received, register_incoming
from kindline.staff.models import Employee
from tests.correspondence.letters import TEXT, file, parts
from tests.desk import test_screen
from tests.desk.looking import check_axe, check_width, shoot
from tests.desk.test_mail import came

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
    page = open_as(supervisor)
    for name in (*LISTS.split(), f"mail/{message.pk}/", f"mail/{broken.pk}/", f"letters/{paper.pk}/"):
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
