"""Two editors and a stale tab (fault W4): nothing is overwritten or lost; a lost race is run again (D9)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.appeals import answering, filing, letters
from kindline.appeals.models import Answer, AnswerVersion, Appeal
from kindline.desk import staleness
from kindline.files import taking
from tests.api.test_once import GivesUp
from tests.appeals.registry import SUBSTANCE, Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere

window, open_as = test_screen.window, test_screen.open_as
MINE, THEIRS = "Добрый день!\nМой текст ответа.", "Добрый день!\nТекст коллеги."


@pytest.fixture
def here(krc: Any, db: None) -> Registry:
    """An organisation with one employee for each role."""
    made = Registry(krc, now=timezone.now())
    for person in made.people.values():
        person.language = "en"
        person.save()
    return made


def _as(here: Registry, role: str) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(here.people[role])
    return browser


def _opened(browser: Browser, appeal: Appeal) -> dict[str, str]:
    """What the page's forms carry along."""
    page = browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()
    return {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("revision", "seen")}


def _pile(browser: Browser) -> str:
    """The page with everything that waits for a signature."""
    return browser.get("/desk/appeals/signing/").content.decode()


def _forms(page: str) -> list[str]:
    """The forms of a pile: those that go to an appeal."""
    return re.findall(r'<form method="post"[^>]* action="/desk/appeals/\d+/".*?</form>', page, re.DOTALL)


def _draft(browser: Browser, appeal: Appeal, opened: dict[str, str], text: str) -> Any:
    typed = opened | {"verb": "draft", "subject": "Ответ", "text": text}
    return browser.post(f"/desk/appeals/{appeal.pk}/", typed)


@pytest.mark.db
class TestTwoEditors:
    def test_the_second_overwrites_nothing_and_loses_nothing(self, here: Registry) -> None:
        appeal = here.at("assigned")
        mine, other = _as(here, "specialist"), _as(here, "specialist")
        opened = _opened(mine, appeal)
        assert _draft(other, appeal, _opened(other, appeal), THEIRS).status_code == 302
        answer = _draft(mine, appeal, opened, MINE)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert Answer.objects.get(appeal=appeal).text == THEIRS
        assert "Nothing was overwritten" in page
        assert "Мой текст ответа." in page
        assert "<del>Текст коллеги.</del>" in page
        assert [fact["title"] for fact in answer.context["news"]] == ["A draft of the answer was kept"]

    def test_after_looking_the_same_may_be_done_again(self, here: Registry) -> None:
        appeal = here.at("assigned")
        mine, other = _as(here, "specialist"), _as(here, "specialist")
        opened = _opened(mine, appeal)
        _draft(other, appeal, _opened(other, appeal), THEIRS)
        page = _draft(mine, appeal, opened, MINE).content.decode()
        fresh = {"revision": re.findall('name="revision" value="([^"]*)"', page)[0]}
        assert _draft(mine, appeal, fresh, MINE).status_code == 302
        assert Answer.objects.get(appeal=appeal).text == MINE
        assert AnswerVersion.objects.filter(text=THEIRS).exists(), "the other's version stays"

    @pytest.mark.parametrize("verb", ["assign", "take", "answer_orally", "sign", "no_such"])
    def test_a_stale_tab_does_nothing_whatever_the_act(self, here: Registry, verb: str) -> None:
        appeal = here.at("assigned")
        head = _as(here, "unit_head")
        opened = _opened(head, appeal)
        here.perform("draft", appeal, here.people["specialist"])
        answer = head.post(f"/desk/appeals/{appeal.pk}/", opened | {"verb": verb})
        assert answer.status_code == 409
        assert Appeal.objects.get(pk=appeal.pk).revision == int(opened["revision"]) + 1

    @pytest.mark.parametrize("revision", ["x", "-1", "99999999999999999999", "0"])
    def test_a_revision_that_never_was_is_stale(self, here: Registry, revision: str) -> None:
        appeal = here.at("assigned")
        assert _draft(_as(here, "specialist"), appeal, {"revision": revision}, MINE).status_code == 409

    def test_every_form_carries_what_was_seen(self, here: Registry) -> None:
        for state in here.flow.states:
            page = _as(here, "unit_head").get(f"/desk/appeals/{here.at(state).pk}/").content.decode()
            forms = re.findall(r'<form method="post"(?![^>]* action).*?</form>', page, re.DOTALL)
            assert all('name="revision"' in form for form in forms)
        pile = _forms(_pile(_as(here, "director")))
        assert len(pile) == 2, "sign, send back"
        assert all('name="revision"' in form and 'name="seen"' in form for form in pile)

    def test_a_text_rewritten_since_is_not_signed_from_the_pile(self, here: Registry) -> None:
        appeal = here.at("sign")
        browser, head = _as(here, "director"), here.people["director"]
        form = _forms(_pile(browser))[0]
        opened = {name: re.findall(f'name="{name}" value="([^"]*)"', form)[0] for name in ("revision", "seen")}
        here.now = timezone.now()
        here.perform("send_back", appeal, here.people["unit_head"])
        answering.draft_answer(
            appeal=appeal, subject=letters.subject(here.profile, appeal),
            text=f"{letters.proposed(here.profile, appeal)}\n{SUBSTANCE} Ещё раз.",
            employee=here.people["specialist"], now=here.now,
        )  # fmt: skip
        here.perform("submit", appeal, here.people["specialist"])
        here.perform("approve", appeal, here.people["unit_head"])
        answer = browser.post(f"/desk/appeals/{appeal.pk}/", opened | {"verb": "sign"})
        assert answer.status_code == 409
        assert "Nothing was overwritten" in answer.content.decode()
        assert "What has changed since you opened the page" in answer.content.decode()
        assert Answer.objects.get(appeal=appeal).signed_by != head
        fresh = re.findall('name="revision" value="([^"]*)"', _forms(_pile(browser))[0])[0]
        assert browser.post(f"/desk/appeals/{appeal.pk}/", {"verb": "sign", "revision": fresh}).status_code == 302
        assert Answer.objects.get(appeal=appeal).signed_by == head

    def test_nothing_is_signed_unseen(self, here: Registry) -> None:
        appeal = here.at("sign")
        assert _as(here, "director").post(f"/desk/appeals/{appeal.pk}/", {"verb": "sign"}).status_code == 409
        assert Appeal.objects.get(pk=appeal.pk).state == "sign"

    def test_the_pile_shows_the_files_and_sends_back(self, here: Registry, tmp_path: Path) -> None:
        appeal = here.at("draft")
        path = tmp_path / "given"
        path.write_text("Расчёт платы", encoding="utf-8")
        filing.add_file(
            appeal=appeal, upload=taking.Upload("Приложение.txt", path), role=taking.ANSWER,
            employee=here.people["specialist"], now=here.now,
        )  # fmt: skip
        Appeal.objects.filter(pk=appeal.pk).update(state="sign")
        browser = _as(here, "director")
        page = _pile(browser)
        assert "Приложение.txt" in page
        opened = {"revision": re.findall('name="revision" value="([^"]*)"', page)[0]}
        said = opened | {"verb": "send_back", "reason": "нет дат"}
        assert browser.post(f"/desk/appeals/{appeal.pk}/", said).status_code == 302
        assert Appeal.objects.get(pk=appeal.pk).state == "draft"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_gives_up_is_asked_again(here: Registry) -> None:
    """D9: every act loses its first race, and is done once all the same."""
    appeal, browser = here.at("assigned"), _as(here, "specialist")
    opened = _opened(browser, appeal)
    wrong = GivesUp(1.0, 1, first='SELECT "appeals_appeal"."revision"', most=2)
    with connection.execute_wrapper(wrong):
        assert _draft(browser, appeal, opened, MINE).status_code == 302
    assert wrong.given_up == 2, "the test must bite"
    assert AnswerVersion.objects.filter(answer__appeal=appeal, text=MINE).count() == 1


def test_differences_line_by_line() -> None:
    assert staleness.differences("a\nb", "a\r\nc") == [("same", "a"), ("theirs", "b"), ("mine", "c")]
    assert staleness.differences("a" * 30_000, "b") == [("theirs", "a" * 30_000), ("mine", "b")]


@pytest.mark.browser
@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_merge_is_accessible(here: Registry, open_as: Callable[[Any], Page], language: str) -> None:
    appeal, me = here.at("assigned"), here.people["specialist"]
    me.language = language
    me.set_password(PASSWORD)
    me.save()
    page = open_as(me)
    page.goto(f"/desk/appeals/{appeal.pk}/")
    page.locator("#a-text").fill(MINE)
    here.perform("draft", appeal, me)
    page.locator("button[value=draft]").click()
    expect(page.locator("#refusal")).to_be_visible()
    assert page.locator("#a-text").input_value() == MINE
    check_everywhere(page, f"stale-{language}")
