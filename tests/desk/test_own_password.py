"""An employee changes his own password at the desk, whatever his role."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from kindline.journal.queries import facts_of
from kindline.staff import actions, guessing
from kindline.staff.entry_models import RefusedEntry
from kindline.staff.models import Employee
from tests.desk.conftest import PASSWORD

pytestmark = pytest.mark.db
ADDRESS, NEW = "/desk/password/", "дощ гойдалка олівець"
FORM = {"old": PASSWORD, "password": NEW, "again": NEW}


@pytest.fixture
def me(operator: Employee, krc: Any) -> Employee:
    """Somebody who may not enter the administration."""
    operator.set_password(PASSWORD)
    operator.save()
    assert not operator.is_staff
    return operator


@pytest.fixture
def mine(me: Employee) -> Browser:
    """His browser."""
    return _logged_in(me)


def _logged_in(who: Employee) -> Browser:
    made = Browser()
    assert made.post("/login/", {"username": who.username, "password": PASSWORD}).status_code == 302
    return made


def _password_is(who: Employee, password: str) -> bool:
    return Employee.objects.get(pk=who.pk).check_password(password)


def test_it_is_changed_here_and_every_other_session_ends(mine: Browser, me: Employee) -> None:
    other = _logged_in(me)
    answer = mine.post(ADDRESS, FORM)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/wishes/")
    assert _password_is(me, NEW)
    assert mine.get("/desk/wishes/").status_code == 200
    assert other.get("/desk/wishes/").status_code == 302
    [fact] = [one for one in facts_of("employee", me.pk) if one.kind == "employee_password_changed"]
    assert (fact.actor, fact.data) == (f"employee:{me.pk}", {"by": me.pk})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"old": "another one"}, "The present password is wrong."),
        ({"old": ""}, "The present password is wrong."),
        ({"again": NEW + "!"}, "typed differently"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "qwerty123456", "again": "qwerty123456"}, "easily guessed"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    mine: Browser, me: Employee, typed: dict[str, str], said: str
) -> None:
    answer = mine.post(ADDRESS, FORM | typed, headers={"accept-language": "en"})
    assert answer.status_code == 422
    mine.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert said in mine.post(ADDRESS, FORM | typed).content.decode()
    assert _password_is(me, PASSWORD)
    assert NEW not in answer.content.decode()


def test_who_guesses_at_a_page_left_open_is_held_back(mine: Browser, me: Employee) -> None:
    for _ in range(2 * guessing.FAILED_OF_ONE_EMPLOYEE):
        last = mine.post(ADDRESS, FORM | {"old": "a guess"}).status_code
    assert last == 429
    assert mine.post(ADDRESS, FORM).status_code == 429
    assert _password_is(me, PASSWORD)


def test_the_rules_are_shown_and_the_page_is_found_and_not_kept(mine: Browser) -> None:
    assert f'href="{ADDRESS}"' in mine.get("/desk/wishes/").content.decode()
    mine.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = mine.get(ADDRESS)
    assert "at least 12 characters" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_who_is_not_logged_in_logs_in_first(krc: Any) -> None:
    assert Browser().post(ADDRESS, FORM).headers["Location"].startswith("/login/")


def _given(days: int = 7) -> Employee:
    """An employee whose password the administrator has set."""
    chief = actions.create_employee(username="chief", password=PASSWORD, fields={"roles": ["administrator"]})
    anna = actions.create_employee(username="anna", password=PASSWORD, fields={"roles": ["operator"]}, by=chief)
    anna.first_password_until = timezone.now() + dt.timedelta(days=days)
    anna.save()
    return anna


def test_a_first_password_opens_nothing_but_the_page_where_one_chooses_ones_own(krc: Any) -> None:
    anna = _given()
    hers = _logged_in(anna)
    for page in ("/desk/wishes/", "/desk/second-factor/", "/cms/", "/admin/"):
        assert hers.get(page).headers["Location"] == ADDRESS, page
    assert hers.get("/desk/live.json").json()["error"] == "first_password"
    assert 'id="first-password"' in hers.get(ADDRESS).content.decode()
    same = hers.post(ADDRESS, FORM | {"password": PASSWORD, "again": PASSWORD})
    assert (same.status_code, "відмінний від теперішнього" in same.content.decode()) == (422, True)
    assert hers.post(ADDRESS, FORM).status_code == 302
    assert hers.get("/desk/wishes/").status_code == 200
    assert Employee.objects.get(pk=anna.pk).first_password_until is None


def test_a_first_password_whose_days_are_over_lets_nobody_in_and_says_what_to_do(krc: Any) -> None:
    anna = _given(days=-1)
    typed = {"username": "anna", "password": PASSWORD}
    answer = Browser().post("/login/", typed)
    assert "The days of your first password are over" in answer.content.decode()
    wrong = Browser().post("/login/", typed | {"password": "guess"}).content.decode()
    assert "first password" not in wrong, "told to who knows it alone"
    assert RefusedEntry.objects.filter(employee=anna).count() == 1, "the right one is no guess"


def test_what_an_administrator_sets_is_a_first_password_and_what_he_sets_for_himself_is_not(krc: Any) -> None:
    chief = actions.create_employee(
        username="chief", password=PASSWORD, fields={"roles": ["administrator"], "is_staff": True, "is_superuser": True}
    )
    theirs, told = (
        _logged_in(chief),
        {"usable_password": "true", "set-password": "1", "password1": NEW, "password2": NEW},
    )
    added = {"username": "boris", "usable_password": "true", "password1": NEW, "password2": NEW}
    inline = {f"skills-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    assert theirs.post("/admin/staff/employee/add/", added | inline).status_code == 302
    boris = Employee.objects.get(username="boris")
    days = settings.FIRST_PASSWORD_DAYS
    assert boris.first_password_until is not None
    assert days - 1 < (boris.first_password_until - timezone.now()).total_seconds() / 86400 <= days
    Employee.objects.update(first_password_until=None)
    assert theirs.post(f"/admin/staff/employee/{boris.pk}/password/", told).status_code == 302
    assert theirs.post(f"/admin/staff/employee/{chief.pk}/password/", told).status_code == 302
    until = dict(Employee.objects.values_list("username", "first_password_until"))
    assert until["boris"] is not None
    assert until["chief"] is None
    assert theirs.get("/desk/wishes/").status_code == 200


def test_a_password_set_at_the_machine_ends_the_first_one_and_the_same_one_hashed_anew_does_not(
    krc: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    anna = _given(days=-1)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    assert anna.check_password(PASSWORD)
    assert anna.first_password_until is not None
    monkeypatch.setattr("getpass.getpass", lambda **_: NEW)
    call_command("changepassword", "anna", stdout=StringIO())
    assert Employee.objects.get(pk=anna.pk).first_password_until is None
    assert Browser().post("/login/", {"username": "anna", "password": NEW}).status_code == 302
