"""What stands beside an appeal, told by one statement."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from kindline.appeals import enquiries, incidents, linking, notices, presence
from kindline.appeals.models import Appeal
from kindline.files import taking
from kindline.files.models import StoredFile
from tests.appeals.registry import DAY, NOW, Registry, registry

pytestmark = pytest.mark.db
FRESH_MAX, DONE_MAX = 15, 11  # one of them asks for the session
"""Statements of a card, with the two of the log-in."""


def _decision(here: Registry, appeal: Appeal) -> object:
    return here.decide(appeal)


def _relation(here: Registry, appeal: Appeal) -> object:
    return linking.relate(appeal=here.register(), other=appeal, employee=here.people["supervisor"], now=NOW)


def _twin(here: Registry, appeal: Appeal) -> object:
    return linking.join(appeal=here.register(), original=appeal, employee=here.people["supervisor"], now=NOW)


def _enquiry(here: Registry, appeal: Appeal) -> object:
    return enquiries.enquire(
        appeal=appeal,
        to="Водоканал",
        text="Прошу акт",
        due_on=NOW.date() + 2 * DAY,
        employee=here.people["unit_head"],
        now=NOW,
    )


def _incident(here: Registry, appeal: Appeal) -> object:
    return incidents.open_incident(
        profile=here.profile,
        title="Порыв",
        topic=None,
        area="Лесная",
        appeals=[],
        begun_at=NOW,
        employee=here.people["supervisor"],
        now=NOW,
    )


def _file(here: Registry, appeal: Appeal) -> object:
    file = StoredFile.objects.create(sha256="0" * 64, name="акт.txt", size=1, media_type="text/plain", stored_at=NOW)
    return taking.attach(file=file, owner=appeal.owner, employee=None, now=NOW)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("decision", _decision),
        ("linked", _relation),
        ("linked", _twin),
        ("enquiries", _enquiry),
        ("incidents", _incident),
        ("files", _file),
    ],
)
def test_what_is_there_is_named_and_nothing_else(
    krc: Registry, name: str, made: Callable[[Registry, Appeal], object]
) -> None:
    appeal = krc.at("registered", kind="complaint")
    notices.mark_seen(employee=krc.people["director"], appeal=appeal, now=NOW)
    before = presence.of(appeal)
    made(krc, appeal)
    appeal.refresh_from_db()
    assert presence.of(appeal) - before == {name}


def test_of_an_answer_that_was_sent_its_notice_and_all_are_named(krc: Registry) -> None:
    appeal = krc.at("signed", kind="proposal")
    assert "answer" in presence.of(appeal)
    assert "linked" not in presence.of(appeal)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that is asked of the database, those of Django and our planned ones."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(" ".join(sql.split())[:90])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def _statements_of_card(here: Registry, appeal: Appeal) -> list[str]:
    browser = Client()
    browser.force_login(here.people["supervisor"])
    browser.get(f"/desk/appeals/{appeal.pk}/")
    with counted() as asked:
        assert browser.get(f"/desk/appeals/{appeal.pk}/").status_code == 200
    return asked


@pytest.mark.parametrize("name", ["krc", "court", "yumek", "voe"])
def test_the_page_of_a_fresh_appeal_asks_little_of_the_database(name: str) -> None:
    here = registry(name)
    asked = _statements_of_card(here, here.register())
    assert len(asked) <= FRESH_MAX, asked


def test_the_page_of_an_appeal_that_is_done_asks_still_less(krc: Registry) -> None:
    """Most cards that are opened: nobody is offered, nothing is to be done."""
    appeal = krc.at("closed")
    Appeal.objects.filter(pk=appeal.pk).update(contact=None, control_unit=None)
    asked = _statements_of_card(krc, appeal)
    assert len(asked) <= DONE_MAX, asked
