"""Reasons, publications and disclosures in a real browser: accessible, in three languages, on a telephone too."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.appeals import disclosures, publications, reasons
from kindline.appeals.models import AnalysisMonth, Answer, Appeal
from kindline.clients.models import Client
from kindline.conversations.models import Contact
from kindline.quality import erasure
from kindline.quality.models import Measurement
from kindline.staff.models import Employee, Unit
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere
from tests.desk.test_publications import TEXTS

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
TITLES = (
    "Холодные батареи",
    "Ошибка в начислении",
    "Нет воды",
    "Долгий ответ",
    "Грубость",
    "Шум в доме",
    "Протечка кровли",
)


def _organisation(krc: Any, language: str) -> Registry:
    """Reasons with complaints of three months, measures, an analysis, an answer proposed for the site."""
    here = Registry(krc, now=timezone.now())
    for person in here.people.values():
        person.language = language
        person.set_password(PASSWORD)
        person.save()
    director, now = here.people["director"], here.now
    for number, title in enumerate(TITLES):
        reason = reasons.add_reason(profile=krc, title=title, employee=director, now=now)
        for back in range(max(1, 9 - 2 * number)):
            appeal = here.at("assigned", kind="complaint")
            at = now - dt.timedelta(days=9 * back + number)
            Appeal.objects.filter(pk=appeal.pk).update(reason=reason, registered_at=at)
        if number < 2:
            reasons.plan_measure(
                reason=reason, title="Проверить узлы ввода и заменить насосы", responsible=here.people["unit_head"],
                units=list(Unit.objects.all()), due_on=(now + dt.timedelta(days=9)).date(), employee=director, now=now,
            )  # fmt: skip
    return here


def _receipts(krc: Any, here: Registry) -> None:
    """A disclosure, an erasure and verdicts, so that every table has a row."""
    director, now = here.people["director"], here.now
    client = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=now, changed_at=now)
    asked = disclosures.Request("Прокуратура района", "запрос № 17-4", now.date(), "адрес и показания за год")
    disclosures.disclose(profile=krc, client=client, asked=asked, employee=director, now=now)
    erasure.erase_client(profile=krc, client=client, ground="заявление № 4", employee=director, now=now)
    contact = Contact.objects.create(
        profile="krc", version=krc.version, channel="phone", employee=here.people["operator"], started_at=now
    )
    Measurement.objects.create(
        profile="krc", clause="krc-5.6.4-03", version=krc.version, subject_type="contact", subject_id=str(contact.pk),
        verdict="met", at=now, judged_at=now,
    )  # fmt: skip


@pytest.mark.clause("krc-6.2-06")
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_every_page_is_accessible_and_fits_a_telephone(
    language: str, open_as: Callable[[Employee], Page], krc: Any
) -> None:
    here = _organisation(krc, language)
    sent = here.at("sent", channel="web", substance="Я, Коваль О. П., ул. Лесная, 1: где перерасчёт?")
    Answer.objects.filter(appeal=sent).update(sent_at=here.now)
    administrator = here.people["site_administrator"]
    public = publications.Public(TEXTS["title"], TEXTS["question"], "Плата Коваль пересчитана.")
    publications.propose(appeal=sent, public=public, employee=administrator, now=here.now)
    _receipts(krc, here)
    page = open_as(here.people["director"])
    reason = Appeal.objects.exclude(reason=None).first()
    assert reason is not None
    for name in (
        "reasons/",
        "reasons/?step=week",
        f"reasons/{reason.reason_id}/",
        "disclosures/",
        "erasures/",
        "responsible/",
        "comparison/",
        f"appeals/{reason.pk}/",
    ):
        page.goto(f"/desk/{name}")
        expect(page.locator("h1")).to_be_visible()
        if name.endswith("reasons/"):
            expect(page.locator(".chart canvas")).to_have_count(2)
        check_everywhere(page, f"{language}-{name.replace('/', '-').replace('?', '-')}")
    page.context.clear_cookies()
    page = open_as(here.people["unit_head"])
    for name in (f"appeals/{sent.pk}/publication/", "publications/"):
        page.goto(f"/desk/{name}")
        expect(page.locator("h1")).to_be_visible()
        check_everywhere(page, f"{language}-{name.replace('/', '-')}")


def test_a_month_is_analysed_by_keyboard(open_as: Callable[[Employee], Page], krc: Any) -> None:
    here = _organisation(krc, "en")
    due = here.now + dt.timedelta(hours=5)
    AnalysisMonth.objects.create(profile="krc", month="2026-03", opened_at=here.now, due_at=due)
    page = open_as(here.people["director"])
    page.goto("/desk/appeals/")
    expect(page.locator(".alert-warning")).to_be_visible()
    check_everywhere(page, "analysis-wanting")
    page.goto("/desk/reasons/")
    page.locator("#r-conclusion").focus()
    page.keyboard.type("Насосы старые")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("text=Насосы старые")).to_be_visible()
    expect(page.locator(".badge.v-met")).to_be_visible()
