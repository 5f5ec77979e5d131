"""An appeal that came by letter, in a real browser: accessible, in three languages, on a telephone too."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.appeals import dispatching, notices, outcomes
from kindline.appeals.models import Appeal, LetterState
from kindline.conversations.models import Topic
from kindline.staff.models import Employee
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere
from tests.desk.test_appeal_letters import came

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.fixture
def registered(krc: object, db: None) -> Registry:
    """An organisation with one employee for each role."""
    return Registry(krc, now=timezone.now())  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_every_page_is_accessible_and_fits_a_telephone(
    language: str, open_as: Callable[[Employee], Page], registered: Registry
) -> None:
    head, now = registered.people["unit_head"], registered.now
    head.language = language
    head.set_password(PASSWORD)
    head.save()
    topic = Topic.objects.create(profile="krc", code="bills", title="Рахунок")
    for _ in range(3):
        registered.register(substance="Перерахуйте рахунок", topic=topic)
    waiting = came(registered)
    Appeal.objects.filter(pk=waiting.pk).update(substance="Чому такий рахунок за опалення?")
    lost = registered.at("signed", channel="email")
    letter = dispatching.send_answer(appeal=lost, employee=None, now=now)
    outcomes.note_lost(letter=letter, state=LetterState.FAILED, reason="550 5.1.1", now=now)
    extended = registered.at("draft", channel="email")
    registered.perform("extend", extended, head)
    notices.tell(lost, [head], "back:1", now)
    page = open_as(head)
    for name in ("", f"{waiting.pk}/", f"{waiting.pk}/sort/", f"{lost.pk}/", f"{extended.pk}/"):
        page.goto(f"/desk/appeals/{name}")
        expect(page.locator("h1")).to_be_visible()
        page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
        expect(page.locator("optgroup option")).to_have_count(1 if name.endswith("sort/") else 0)
        check_everywhere(page, f"appeal-letters-{language}-{name.replace('/', '-')}")
