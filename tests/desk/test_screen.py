"""The operator's screen in a real browser: by keyboard, through a reload, without a mouse."""

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.appeals.models import Appeal
from kindline.campaigns import surveys
from kindline.campaigns.models import Campaign, Target
from kindline.clients.models import Account
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact, Topic
from kindline.feedback import actions as feedback
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from kindline.switchboard.models import Operator
from tests.appeals.registry import Registry
from tests.desk.conftest import PASSWORD, Switchboard, Talk, employee, steps_done, with_colleague
from tests.desk.looking import NARROW, WIDE, at_width, check_axe, check_everywhere, check_width, eventually, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]


@pytest.fixture
def window(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A browser session that looks at the pages of this test."""
    made = browser.new_context(
        base_url=live_server.url, permissions=["microphone"], viewport={"width": WIDE[0], "height": WIDE[1]}
    )
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def open_as(window: BrowserContext) -> Callable[[Employee], Page]:
    """A page in which somebody has logged in as a person does."""

    def log_in(who: Employee) -> Page:
        page = window.new_page()
        page.goto("/login/")
        page.get_by_label(re.compile("User name|Имя|Ім")).fill(who.username)
        page.locator("#id_password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
        if who.has_role("operator"):
            expect(page.locator(".desk-grid")).to_be_visible()
        return page

    return log_in


def grey(page: Page, button: str, why: str) -> None:
    """A button that means nothing now says why: to the eye, to the mouse and to a screen reader."""
    found = page.locator(button)
    expect(found).to_be_disabled()
    expect(found).to_have_attribute("title", why)
    expect(found).to_have_accessible_description(why)
    expect(page.get_by_text(why)).to_be_visible()


@pytest.fixture
def obeying(switchboard: Switchboard, operator: Employee) -> Switchboard:
    """A switchboard that changes the operator's state as it is asked."""

    def obey(path: str, body: dict[str, Any]) -> None:
        if path.endswith("/state"):
            Operator.objects.filter(employee=operator).update(state=body["state"], reason=body.get("reason") or "")
        connection.close()

    switchboard.effects.append(obey)
    return switchboard


def test_one_becomes_ready_and_takes_a_pause(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, obeying: Switchboard
) -> None:
    page = open_as(operator)
    page.locator("#state-ready").click()
    expect(page.locator(".state-now .badge")).to_have_class(re.compile("state-ready"))
    shoot(page, "idle")
    page.get_by_role("button", name=re.compile("Пауза|Pause")).click()
    page.locator(".menu .menu-item").nth(1).click()
    expect(page.locator(".state-now .badge")).to_have_class(re.compile("state-paused"))
    check_axe(page)
    check_width(page)


def test_the_client_says_by_which_way_he_prefers_to_be_told(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk, account: Account
) -> None:
    talk(client=account.client)
    page = open_as(operator)

    def says(ways: list[str]) -> bool:
        account.client.refresh_from_db()
        return list(account.client.ways) == ways

    for place, way, kept in ((1, "email", ["email"]), (2, "sms", ["email", "sms"]), (1, "sms", ["sms"]), (1, "—", [])):
        choice = page.get_by_label(f"Предпочитает узнавать, {place}", exact=True)
        choice.select_option(label="—") if way == "—" else choice.select_option(value=way)
        eventually(page, functools.partial(says, kept))
        expect(page.get_by_label(f"Предпочитает узнавать, {len(kept) + 1}", exact=True)).to_have_value("")
        if place == 2:
            shoot(page, "told-by")
            check_axe(page)


@pytest.mark.clause("krc-5.6.4-01", "krc-5.6.4-04")
def test_the_guide_is_led_by_keyboard(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk, account: Account
) -> None:
    contact = talk(client=account.client)
    page = open_as(operator)
    expect(page.locator(".step-now h3")).to_be_visible()
    shoot(page, "talk-1440")
    page.keyboard.press("2")
    expect(page.locator(".phrase-choice").nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    eventually(page, lambda: steps_done(contact) == ["greet"])
    said = Fact.objects.get(kind="step_done", subject_id=str(contact.pk)).data
    assert "Здравствуйте" in said["phrase"]
    assert said["by"] == "key"
    page.locator("#ask-need-matter").fill("Почему вырос счёт за отопление?")
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    eventually(page, lambda: steps_done(contact) == ["greet", "need"])
    eventually(page, lambda: Contact.objects.get(pk=contact.pk).guide["fields"].get("matter"))

    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".trail h2")).to_have_text(re.compile("счёта"))
    shoot(page, "branch-1440")
    page.locator("#ask-account_ask-account_number").fill("5500123456")
    page.keyboard.press("Enter")
    page.locator("#ask-account_ask-address").fill("Лесная 12а кв 4")
    page.keyboard.press("Enter")
    expect(page.locator(".account-locked .btn")).to_be_visible()
    page.locator(".account-locked .btn").click()
    expect(page.locator(".account")).to_contain_text("5500123456")
    with at_width(page, NARROW):
        shoot(page, "talk-390")
    shoot(page, "account-1440")
    check_axe(page)
    check_width(page)


def test_typed_text_survives_a_reload_and_a_dead_server(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk
) -> None:
    contact = talk()
    page = open_as(operator)
    page.keyboard.press("Space")
    page.route("**/desk/calls/**", lambda route: route.abort())
    page.locator("#ask-need-matter").fill("Нет горячей воды третий день")
    page.keyboard.press("Escape")
    expect(page.locator(".trouble")).to_be_visible()
    page.reload()
    expect(page.locator(".desk-grid")).to_be_visible()
    expect(page.locator("#ask-need-matter")).to_have_value("Нет горячей воды третий день")
    assert not Contact.objects.get(pk=contact.pk).guide.get("fields", {}).get("matter")
    page.unroute("**/desk/calls/**")
    eventually(page, lambda: Contact.objects.get(pk=contact.pk).guide.get("fields", {}).get("matter"))
    assert Contact.objects.get(pk=contact.pk).guide["fields"]["matter"] == "Нет горячей воды третий день"


def test_what_is_emptied_stays_empty(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk
) -> None:
    """Also where the talk has told already what would stand there."""
    contact = talk()
    page = open_as(operator)

    def written(field: str) -> str:
        return str(Contact.objects.get(pk=contact.pk).guide.get("fields", {}).get(field) or "")

    def typed(place: Locator, field: str, text: str) -> None:
        place.fill(text)
        place.blur()
        eventually(page, lambda: written(field) == text)

    page.keyboard.press("Space")
    matter = page.locator("#ask-need-matter")
    typed(matter, "matter", "Нет горячей воды")
    page.locator("[data-branch=appeal]").click()
    page.get_by_role("button", name="Записать суть и контакты").click()
    substance, email = page.locator("#ask-appeal_take-substance"), page.locator("#ask-appeal_take-email")
    expect(substance).to_have_value("Нет горячей воды")
    typed(substance, "substance", "Течёт кран")
    typed(email, "email", "elkin@exmaple.org")
    typed(substance, "substance", "")
    typed(email, "email", "")
    assert Fact.objects.filter(kind="field_cleared", subject_id=str(contact.pk)).count() == 2
    for _ in range(2):
        expect(page.locator(".saving")).to_have_count(0)
        expect(email).to_have_value("")
        expect(substance).to_have_value("")
        page.reload()
        page.get_by_role("button", name="Записать суть и контакты").click()


@pytest.mark.clause("court-1-21", "court-1-22", "court-1-23", "court-1-24")
def test_an_appeal_with_missing_fields_shows_clauses_and_keeps_what_was_typed(
    open_as: Callable[[Employee], Page], house: Any, operator: Employee, talk: Talk
) -> None:
    house("court")
    Employee.objects.filter(pk=operator.pk).update(language="uk")
    operator.refresh_from_db()
    contact = talk("court")
    page = open_as(operator)
    page.keyboard.press("Alt+r")
    page.locator("#form-appeal > summary").click()
    page.locator("#form-appeal label.outcome", has_text="скарга").click()
    page.locator("#appeal-substance").fill("Суддя не надав відповіді на заяву")
    page.locator("#register-appeal").click()
    expect(page.locator("#appeal-surname-note .clause")).to_have_text(re.compile("court-1-"))
    shoot(page, "appeal-missing-1440")
    check_axe(page)
    for name, text in (("surname", "Мельник"), ("given_name", "Олена"), ("residence", "Київ")):
        page.locator(f"#appeal-{name}").fill(text)
    page.reload()
    expect(page.locator(".desk-grid")).to_be_visible()
    page.keyboard.press("Alt+r")
    page.locator("#form-appeal > summary").click()
    expect(page.locator("#appeal-surname")).to_have_value("Мельник")
    page.locator("#appeal-none-patronymic").check()
    page.locator("#appeal-none-email").check()
    if not page.locator("#appeal-phone").input_value():
        page.locator("#appeal-phone").fill("+380671112233")
    page.locator("#register-appeal").click()
    expect(page.locator(".registered strong").first).to_be_visible()
    shoot(page, "appeal-done-1440")
    assert Contact.objects.get(pk=contact.pk).appeals.get().none_fields


def test_the_wrap_up_counts_down_and_closes(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk, topic: Topic
) -> None:
    contact = talk(ended=True)
    page = open_as(operator)
    expect(page.locator(".wrap-left")).to_be_visible()
    page.locator("#close-topic").select_option(label="Начисления")
    page.locator(".outcome").first.click()
    page.locator("#close-summary").fill("Разъяснён расчёт")
    shoot(page, "wrap-up-1440")
    page.locator("#close-contact").click()
    expect(page.locator("#close-skip-reason")).to_be_visible()
    page.locator("#close-skip-reason").select_option("client_hung_up")
    page.locator("#close-contact").click()
    eventually(page, lambda: Contact.objects.get(pk=contact.pk).closed_at)
    assert Contact.objects.get(pk=contact.pk).summary == "Разъяснён расчёт"
    check_axe(page)


@pytest.mark.clause("krc-5.5.3-07")
def test_a_conference_begins_by_a_click_and_both_see_it(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk, switchboard: Switchboard,
    window: BrowserContext,
) -> None:  # fmt: skip
    colleague = employee("specialist", Role.OPERATOR, number=20, surname="Петрова", given_name="Алла", language="uk")
    contact = talk()
    with_colleague(contact, colleague)

    def obey(path: str, body: dict[str, Any]) -> None:
        if path.endswith("/transfer/conference"):
            with_colleague(contact, colleague, together=True)
        connection.close()

    switchboard.effects.append(obey)
    page = open_as(operator)
    expect(page.locator(".call-talking")).to_be_visible()
    grey(page, "#hold", "Пока звонок передаётся, никого не ставят на удержание: соедините или вернитесь к клиенту")
    page.locator("#conference").click()
    expect(page.locator(".call-conference .call-phase")).to_have_text(re.compile("Конференция"))
    expect(page.locator(".transfer")).to_contain_text("Конференция: клиент, Петрова Алла и вы")
    expect(page.locator("#conference")).to_have_count(0)
    grey(page, "#hold", "В конференции никого не ставят на удержание")
    expect(page.get_by_role("button", name="Отпустить коллегу")).to_be_enabled()
    shoot(page, "conference-1440")
    check_axe(page)
    check_width(page)
    window.clear_cookies()
    other = open_as(colleague)
    expect(other.locator(".call-conference")).to_be_visible()
    expect(other.locator(".transfer")).to_contain_text("Конференція: клієнт, Соколова Анна Игоревна і ви")
    shoot(other, "conference-colleague-1440")
    check_axe(other)
    other.get_by_role("button", name="Вийти з конференції").click()
    eventually(other, lambda: switchboard.last == (f"/calls/{contact.pk}/hangup", {"employee": colleague.pk}))


def _rated() -> None:
    for number, service in enumerate((3, 4, 5, 5)):
        at = timezone.now() - dt.timedelta(days=31 * number)
        feedback.rate(subject_type="appeal", subject_id=number, answer=4, service=service, words="Спасибо", now=at)


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_every_page_is_accessible_and_fits_a_telephone(
    language: str, open_as: Callable[[Employee], Page], supervisor: Employee, judged: Contact, window: BrowserContext
) -> None:
    Employee.objects.filter(pk=supervisor.pk).update(language=language)
    clause = "krc-5.6.4-25"
    page = open_as(supervisor)
    names = ["supervisor/", "contacts/", f"contacts/{judged.pk}/", "standard/?verdict=not_met", f"standard/{clause}/"]
    names += ["appeals/new/", "appeals/control/", "appeals/signing/"]
    names += [
        "callbacks/",
        "voicemail/",
        "appeals/",
        f"review/{judged.pk}/",
        "menu/",
        "campaigns/new/",
        "satisfaction/",
        "load/",
    ]
    _rated()
    for name in names:
        page.goto(f"/desk/{name}")
        expect(page.locator("h1")).to_be_visible()
        shoot(page, f"{language}-{name.split('/')[0]}-{len(name)}")
        check_axe(page)
        check_width(page)


def test_the_log_in_page_is_accessible(window: BrowserContext, krc: Any, operator: Employee) -> None:
    page = window.new_page()
    page.goto("/login/")
    check_axe(page)
    check_width(page)
    page.locator("#id_username").fill("operator1")
    page.locator("#id_password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#id_username")).to_have_value("operator1")
    check_axe(page)


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_pages_of_a_campaign(
    language: str, open_as: Callable[[Employee], Page], supervisor: Employee, survey: Campaign, window: BrowserContext
) -> None:
    Employee.objects.filter(pk=supervisor.pk).update(language=language)
    page = open_as(supervisor)
    for name in ("", f"{survey.pk}/"):
        page.goto(f"/desk/campaigns/{name}")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("progress").first).to_be_visible()
        shoot(page, f"{language}-campaigns-{len(name)}")
        check_axe(page)
        check_width(page)
    page.locator("#a-numbers").fill("+79270000001")
    page.locator("button[value=preview]").press("Enter")
    expect(page.locator("[role=status]")).to_be_visible()
    expect(page.locator("#a-numbers")).to_have_value("+79270000001")
    check_axe(page)
    page.goto("/desk/campaigns/new/")
    for kind, there, away in (
        ("survey", "#c-questions", "#c-confirm_key"),
        ("message", "#c-confirm_key", "#c-questions"),
    ):
        page.locator(f"input[name=kind][value={kind}]").check()
        expect(page.locator(there)).to_be_visible()
        expect(page.locator(away)).to_be_hidden()


def test_the_bar_of_a_campaign_moves_while_one_looks(
    open_as: Callable[[Employee], Page], supervisor: Employee, survey: Campaign
) -> None:
    page = open_as(supervisor)
    page.goto(f"/desk/campaigns/{survey.pk}/")
    page.locator("#a-numbers").fill("+79270000001")
    expect(page.locator("progress")).to_have_attribute("value", "0")
    Target.objects.filter(campaign=survey).update(state="reached", outcome="answered")
    expect(page.locator("progress")).to_have_attribute("value", "1", timeout=20_000)
    Campaign.objects.filter(pk=survey.pk).update(state="done")
    expect(page.locator("#act-pause")).to_have_count(0, timeout=20_000)
    expect(page.locator("#a-numbers")).to_have_value("+79270000001")
    shoot(page, "campaign-moves")


def test_the_page_of_a_survey(
    open_as: Callable[[Employee], Page], operator: Employee, survey: Campaign, krc: Profile, window: BrowserContext
) -> None:
    target = surveys.take_next(campaign=survey, employee=operator, profile=krc, now=timezone.now())
    assert target is not None
    page = open_as(operator)
    page.goto("/desk/surveys/")
    check_axe(page)
    page.goto(f"/desk/surveys/person/{target.pk}/")
    shoot(page, "survey")
    check_axe(page)
    check_width(page)
    page.locator("textarea").fill("Быстрее отвечать")
    page.get_by_label("да").check()
    page.locator("input[name=ending]").first.check()
    page.locator("form button").last.press("Enter")
    expect(page).to_have_url("/desk/surveys/")
    assert Target.objects.get().answers == {"0": "да", "1": "Быстрее отвечать"}


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_pages_of_an_appeal(language: str, open_as: Callable[[Employee], Page], krc: Any) -> None:
    here = Registry(krc, now=timezone.now())
    head = here.people["unit_head"]
    head.set_password(PASSWORD)
    head.language = language
    head.save()
    here.at("sign")
    page = open_as(head)
    for state in ("registered", "assigned", "draft", "check", "sign", "signed", "closed"):
        appeal = here.at(state, kind="complaint")
        if state == "draft":
            Appeal.objects.filter(pk=appeal.pk).update(executor=head)
        here.decide(appeal, measures_needed=True)
        page.goto(f"/desk/appeals/{appeal.pk}/")
        expect(page.locator("h1")).to_have_text(appeal.number)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        check_everywhere(page, f"{language}-appeal-{state}")
    for name in ("", "new/", "control/", "signing/"):
        page.goto(f"/desk/appeals/{name}")
        check_everywhere(page, f"{language}-appeals-{len(name)}")


def test_an_appeal_is_registered_by_keyboard_alone(open_as: Callable[[Employee], Page], krc: Any) -> None:
    here = Registry(krc, now=timezone.now())
    clerk = here.people["counter"]
    clerk.set_password(PASSWORD)
    clerk.save()
    page = open_as(clerk)
    page.goto("/desk/appeals/new/")
    expect(page.locator("#i-kind")).to_be_focused()
    page.locator("#i-surname").fill("Коваль")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#i-surname")).to_have_value("Коваль")
    check_axe(page)
    page.locator("#i-substance").fill("Пересчитайте плату")
    page.locator("#i-surname").press("Enter")
    expect(page.locator("h1")).to_contain_text("krc-")


@pytest.mark.clause("krc-5.6.4-17", "krc-5.6.4-18")
def test_the_guide_has_the_way_back_to_the_client_at_hand_before_connecting(
    open_as: Callable[[Employee], Page], krc: Any, operator: Employee, talk: Talk, switchboard: Switchboard,
) -> None:  # fmt: skip
    colleague = employee("specialist", Role.OPERATOR, number=20, surname="Петрова", given_name="Алла")
    contact, now = talk(), timezone.now()
    by: dict[str, Any] = {"contact": contact, "employee": operator, "now": now}
    conversations.take_branch(**by, branch="transfer")
    conversations.mark_step(**by, step="transfer_warn", by="click")
    for kind in ("transfer_started", "transfer_introduced"):
        journal.record(kind=kind, subject_type="contact", subject_id=contact.pk, data={"target": "x"}, at=now)
    with_colleague(contact, colleague, introduced=True)

    def obey(path: str, body: dict[str, Any]) -> None:
        if "/transfer/to-" in path:
            with_colleague(contact, colleague, introduced=True, aside=path.endswith("/to-client"))
        connection.close()

    switchboard.effects.append(obey)
    page = open_as(operator)
    page.keyboard.press("t")
    expect(page.locator("#step-title")).to_contain_text("поблагодарить")
    shoot(page, "transfer-thank-1440")
    page.locator("#step-client").click()
    expect(page.locator("#swap")).to_contain_text("Говорить со специалистом")
    expect(page.locator(".transfer")).to_contain_text("Петрова Алла ждёт")
    expect(page.locator("#step-client")).to_have_count(0)
    shoot(page, "transfer-telling-1440")
    check_width(page)
    page.keyboard.press("Alt+b")
    expect(page.locator("#step-client")).to_be_visible()
    page.keyboard.press("Alt+b")
    expect(page.locator("#step-client")).to_have_count(0)
    page.keyboard.press("Space")
    expect(page.locator("#step-title")).to_contain_text("с кем")
    check_axe(page)
    assert steps_done(contact)[-1] == "transfer_thank"
