"""The page of voice messages in a real browser: whose each is, what may be done with it, what was refused."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.conversations.models import Contact
from kindline.desk import recordings
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from kindline.switchboard import sounds
from kindline.switchboard.models import Recording, Voicemail
from tests.desk import test_screen
from tests.desk.conftest import employee
from tests.desk.looking import check_everywhere, check_width

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.fixture
def operator(db: None) -> Employee:
    return employee("operator7", Role.OPERATOR, number=7, language="ru", surname="Савченко", given_name="Ирина")


@pytest.fixture
def left(operator: Employee) -> list[Voicemail]:
    """One of nobody that can be heard, one of his own that is late, one of somebody else."""
    now, made = timezone.now(), []
    other = employee("operator8", Role.OPERATOR, surname="Шевчук", given_name="Анна")
    for number, holder in enumerate((None, operator, other)):
        contact = Contact.objects.create(
            profile="krc", version="1", channel="phone", started_at=now, caller=f"+7927111223{number}"
        )
        kept = Recording.objects.create(contact=contact, leg="voicemail", name=f"m{number}", path="m", started_at=now)
        made.append(
            Voicemail.objects.create(
                contact=contact,
                box="general",
                recording=kept,
                left_at=now - dt.timedelta(hours=2),
                due_at=now + dt.timedelta(hours=1 - number),
                taken_by=holder,
                taken_at=now if holder else None,
            )
        )
    return made


@pytest.fixture
def page(open_as: Callable[[Employee], Page], operator: Employee) -> Page:
    return open_as(operator)


@pytest.mark.clause("krc-2-04", "krc-5.6.6-15")
def test_a_message_is_taken_in_hand_and_not_handled_unheard(krc: object, page: Page, left: list[Voicemail]) -> None:
    free, _mine, others = left
    page.goto("/desk/voicemail/")
    check_everywhere(page, "voicemail")
    row = page.locator(f"#message-{free.pk}")
    row.get_by_role("button", name="Взять в работу").click()
    expect(row).to_contain_text("у меня в работе")
    expect(page.locator(f"#message-{others.pk}").get_by_role("button")).to_have_count(0)
    row.get_by_text("Обработано").first.click()
    row.get_by_role("combobox").select_option("nothing")
    row.locator("details button").click()
    expect(row.get_by_role("alert")).to_be_visible()
    check_everywhere(page, "voicemail-refused")
    check_width(page)
    row.get_by_label("Слушать не нужно").check()
    row.locator("details button").click()
    expect(row).to_have_count(0)


@pytest.mark.clause("krc-5.6.6-15")
def test_a_message_is_heard_again_on_a_page_that_was_open_for_long(
    krc: object, page: Page, left: list[Voicemail], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was heard before is fetched anew; the link of that time is old by then."""
    sounds.write(Path(settings.KINDLINE["paths"]["recordings"]) / "m.wav", [1000, -1000] * sounds.RATE_HZ)
    Recording.objects.update(path="m.wav")
    page.goto("/desk/voicemail/")
    voice = page.locator(f"#message-{left[0].pk} audio")
    played = "voice => new Promise((done, no) => { voice.onended = done; voice.onerror = no; voice.play().catch(no); })"
    voice.evaluate(played)
    with monkeypatch.context() as old:
        old.setattr(recordings, "LIFE_S", -1)
        assert page.request.get(voice.evaluate("voice => voice.src")).status == 403
    voice.evaluate("voice => voice.load()")
    voice.evaluate(played)
    assert Fact.objects.filter(kind="recording_listened").count() == 1
