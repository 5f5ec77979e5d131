"""Which of an operator's open pages has his browser's phone, and with what it registers: of that session alone."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.desk import news, switchboard
from kindline.journal.models import Fact
from kindline.staff.models import Employee, EmployeeSession, Role
from kindline.switchboard import agents, phones
from kindline.switchboard.browser_models import BrowserPhone
from kindline.switchboard.browser_phones import RENEWED_AFTER
from kindline.switchboard.models import Operator
from tests.desk.conftest import employee

pytestmark = pytest.mark.db
TAKE, RENEW = "/desk/operator/page", "/desk/operator/phone"


def take(browser: Browser, page: Any, at: str = TAKE) -> Any:
    return browser.post(at, {"page": page}, content_type="application/json")


def known(who: Employee) -> str:
    """With what the browser's phone of an employee registers now; empty: it does not."""
    return phones.passwords(timezone.now()).get(f"op{who.pk}w", "")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, operator: Employee) -> list[tuple[str, str]]:
    """What every switchboard was asked, and what it read of the phone then."""
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(switchboard, "post_everywhere", lambda path: asked.append((path, known(operator))))
    agents.enlist(timezone.now())
    return asked


def test_the_page_that_took_it_last_has_it_and_the_other_one_is_told(
    as_operator: Browser, operator: Employee, krc: Any
) -> None:
    watch = news.Watch()
    assert take(as_operator, "first").json()["page"] == "first"
    watch.look()
    assert take(as_operator, "second").status_code == 200
    assert "operator" in watch.look().of(operator.pk)
    assert as_operator.get("/desk/state.json").json()["operator"]["page"] == "second"
    assert take(as_operator, "second").status_code == 200
    taken = Fact.objects.filter(kind="browser_phone_taken", subject_id=str(operator.pk)).order_by("id")
    assert [fact.data["page"] for fact in taken] == ["first", "second"]


def test_the_state_tells_the_phone_of_the_page_from_the_one_on_the_table(
    as_operator: Browser, operator: Employee, krc: Any
) -> None:
    agents.enlist(timezone.now())
    for names, told in ("s@1", (True, False)), ("s@2 w@1", (True, True)), ("", (False, False)):
        there = [f"op{operator.pk}{one}" for one in names.split()]
        Operator.objects.filter(pk=operator.pk).update(phones=there, registered=bool(there))
        shown = as_operator.get("/desk/state.json").json()["operator"]
        assert (shown["registered"], shown["page_registered"]) == told


@pytest.mark.parametrize("page", ["", "a" * 17, "<b>", None, 7])
def test_a_name_that_is_none_is_refused(as_operator: Browser, krc: Any, page: Any) -> None:
    assert take(as_operator, page).status_code == 422
    assert not Fact.objects.filter(kind="browser_phone_taken").exists()


def test_only_who_is_at_the_phone_has_one(client: Browser, krc: Any) -> None:
    client.force_login(employee("director", Role.DIRECTOR))
    assert take(client, "first").status_code == 403


def test_a_page_that_takes_it_is_told_what_it_registers_with_once_the_engines_know(
    as_operator: Browser, operator: Employee, krc: Any, engine: list[tuple[str, str]]
) -> None:
    told = take(as_operator, "first").json()["phone"]
    assert engine == [(f"/operators/{operator.pk}/phones", told["password"])]
    assert told["renew_s"] == pytest.approx(RENEWED_AFTER.total_seconds(), abs=5)
    assert take(as_operator, "second").json()["phone"]["password"] == told["password"], "of one session"
    lasting = phones.passwords(timezone.now())[f"op{operator.pk}s"]
    assert told["password"] != lasting
    page = as_operator.get("/desk/").content.decode()
    assert told["password"] not in page
    assert lasting not in page


def test_a_page_that_stays_open_gets_the_next_one(
    as_operator: Browser, operator: Employee, krc: Any, engine: list[tuple[str, str]]
) -> None:
    first = take(as_operator, "first").json()["phone"]["password"]
    assert take(as_operator, "first", RENEW).json()["phone"]["password"] == first
    BrowserPhone.objects.update(made_at=timezone.now() - RENEWED_AFTER - dt.timedelta(seconds=1))
    told = take(as_operator, "first", RENEW).json()["phone"]
    assert told["password"] != first
    assert engine[-1] == (f"/operators/{operator.pk}/phones", told["password"])


def test_a_page_that_has_lost_it_does_not_take_it_back_by_renewing(
    as_operator: Browser, operator: Employee, krc: Any, engine: list[tuple[str, str]]
) -> None:
    first = take(as_operator, "first").json()["phone"]["password"]
    there = Browser()
    there.force_login(operator)
    second = take(there, "second").json()["phone"]["password"]
    assert first != second == known(operator)
    answer = take(as_operator, "first", RENEW)
    assert (answer.status_code, known(operator)) == (409, second)
    assert answer.json()["message"]
    assert take(as_operator, "", RENEW).status_code == 409


def test_it_dies_at_log_out(as_operator: Browser, operator: Employee, krc: Any, engine: list[tuple[str, str]]) -> None:
    take(as_operator, "first")
    assert known(operator)
    as_operator.post("/logout/")
    assert not EmployeeSession.objects.exists()
    assert not known(operator)


def test_without_a_place_there_is_nothing_to_register_with(as_operator: Browser, operator: Employee, krc: Any) -> None:
    assert take(as_operator, "first").json() == {"page": "first", "phone": None}
