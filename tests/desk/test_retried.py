"""D9 on the desk's other pages: what the database gives up because of others is done again, and nobody sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal, Incident, SavedView
from kindline.correspondence.models import Paper
from tests.appeals.registry import Registry
from tests.desk.conftest import Talk, tell

pytestmark = pytest.mark.django_db(transaction=True)


class GivesUpOnce:
    """A database that gives up the first transaction that reaches a statement."""

    def __init__(self, statement: str) -> None:
        self.statement, self.given_up = statement, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.statement in sql and not self.given_up:
            self.given_up = 1
            return execute(
                "DO $$ BEGIN RAISE EXCEPTION 'as others' USING ERRCODE = '40P01'; END $$", None, many, context
            )
        return execute(sql, params, many, context)


@pytest.fixture
def here(krc: Any) -> Registry:
    """An organisation with one employee for each role."""
    return Registry(krc, now=timezone.now())


def _as(here: Registry, role: str) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(here.people[role])
    return browser


def _batch(here: Registry, appeal: Appeal) -> Any:
    answer = _as(here, "unit_head").post("/desk/appeals/batch", {"verb": "take", "chosen": [appeal.pk]})
    assert Appeal.objects.get(pk=appeal.pk).executor == here.people["unit_head"]
    return answer


def _view(here: Registry, _appeal: Appeal) -> Any:
    answer = _as(here, "unit_head").post("/desk/appeals/views/", {"name": "Мои", "query": "kind=complaint"})
    assert SavedView.objects.count() == 1
    return answer


def _incident(here: Registry, appeal: Appeal) -> Any:
    said = {"title": "Нет отопления", "area": "ул. Лесная", "appeal": [appeal.pk]}
    answer = _as(here, "unit_head").post("/desk/appeals/incidents/new/", said)
    assert Incident.objects.count() == 1
    return answer


def _paper(here: Registry, _appeal: Appeal) -> Any:
    said = {"subject": "Заявление", "surname": "Коваль", "received_on": "2026-03-02", "key": "form:1"}
    answer = _as(here, "site_administrator").post("/desk/letters/new/", said)
    assert Paper.objects.count() == 1
    return answer


@pytest.mark.parametrize(
    ("statement", "do"),
    [
        ('UPDATE "appeals_appeal" SET', _batch),
        ('INSERT INTO "appeals_savedview"', _view),
        ('INSERT INTO "appeals_incident"', _incident),
        ('INSERT INTO "correspondence_paper"', _paper),
    ],
)
def test_it_is_done_all_the_same(here: Registry, statement: str, do: Callable[[Registry, Appeal], Any]) -> None:
    wrong, appeal = GivesUpOnce(statement), here.at("registered")
    with connection.execute_wrapper(wrong):
        assert do(here, appeal).status_code in (200, 302)
    assert wrong.given_up == 1, "the test must bite"


def test_an_appeal_of_a_call(as_operator: Browser, krc: Any, talk: Talk) -> None:
    said = {"surname": "Ёлкин", "given_name": "Пётр", "patronymic": "Семёнович", "residence": "Лесная 12а"}
    said |= {"phone": "+79271112233", "substance": "Холодно в квартире", "email": "p@example.org"}
    contact, wrong = talk(), GivesUpOnce("appeals_register")
    with connection.execute_wrapper(wrong):
        assert tell(as_operator, contact, "appeal", kinds=["complaint"], **said).status_code == 200
    assert wrong.given_up == 1, "the test must bite"
    assert Appeal.objects.count() == 1
