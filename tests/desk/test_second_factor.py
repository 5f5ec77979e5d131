"""The second factor of employees: offered, asked for after the password, demanded of roles (ASVS 6.3.3, 6.4.3, 6.5)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pyotp
import pytest
from django.core import checks
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from kindline.journal.queries import facts_of
from kindline.staff import actions, factors, guessing, known_browsers
from kindline.staff.entry_models import RefusedEntry
from kindline.staff.models import Employee, EmployeeFactor
from tests.desk.conftest import PASSWORD

pytestmark = pytest.mark.db
OWN, SECOND, WISHES = "/desk/second-factor/", "/login/second/", "/desk/wishes/"
QR = 'class="qr"'
"""The picture for the app; every page has others of its kind."""


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    """A hash that does not take long."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def anna(krc: Any) -> Employee:
    """An employee with a password and no factor."""
    return actions.create_employee(username="anna", password=PASSWORD, fields={"roles": ["operator"]})


@pytest.fixture
def owner(anna: Employee) -> Browser:
    """Her browser, in which she has set the factor up some time ago."""
    mine = Browser()
    assert by_password(mine).headers["Location"] != SECOND
    paper = set_up(mine)
    mine.paper = paper  # type: ignore[attr-defined]
    return mine


def set_up(mine: Browser) -> list[str]:
    """The factor through the page; the codes on paper that it shows."""
    assert mine.post(OWN, {"verb": "begin", "password": PASSWORD}).status_code == 200
    page = mine.post(OWN, {"verb": "confirm", "code": figures()}).content.decode()
    EmployeeFactor.objects.update(last_step=0)
    return re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", page)


def figures() -> str:
    """What the app shows now."""
    return pyotp.TOTP(factors.FACTORS.secret_of(EmployeeFactor.objects.get())).at(timezone.now())


def by_password(browser: Browser, name: str = "anna", door: str = "/login/") -> Any:
    """The answer to name and password."""
    return browser.post(door, {"username": name, "password": PASSWORD})


def is_in(browser: Browser) -> bool:
    """Whether pages of employees are shown."""
    return bool(browser.get(WISHES).status_code == 200)


def test_nobody_is_asked_for_what_he_has_not_and_everybody_may_set_it_up(anna: Employee) -> None:
    mine = Browser()
    assert by_password(mine).status_code == 302
    assert f'href="{OWN}"' in mine.get(WISHES).content.decode()
    assert mine.post(OWN, {"verb": "begin", "password": "another"}).status_code == 422
    assert not EmployeeFactor.objects.exists()
    page = mine.post(OWN, {"verb": "begin", "password": PASSWORD}).content.decode()
    assert QR in page
    assert factors.FACTORS.spelled(EmployeeFactor.objects.get()) in page
    assert mine.post(OWN, {"verb": "confirm", "code": "000"}).status_code == 422
    assert factors.FACTORS.of(anna) is None
    assert "no-store" in mine.get(OWN).headers["Cache-Control"]


def test_it_is_asked_for_after_the_password_and_before_anything_is_seen(owner: Browser, anna: Employee) -> None:
    assert len(owner.paper) == 10  # type: ignore[attr-defined]
    owner.post("/logout/")
    answer = owner.post("/login/", {"username": "anna", "password": PASSWORD, "next": WISHES})
    assert answer.headers["Location"] == SECOND
    assert not is_in(owner)
    assert owner.post(SECOND, {"code": "abc"}).status_code == 422
    assert owner.post(SECOND, {"code": figures()}).headers["Location"] == WISHES
    assert is_in(owner)
    told = [(fact.kind, fact.data.get("way"), fact.data.get("what")) for fact in facts_of("employee", anna.pk)]
    assert told[-5:] == [
        ("session_opened", None, None),
        ("employee_factor_changed", None, "set"),
        ("session_closed", None, None),
        ("session_refused", "second", None),
        ("session_opened", None, None),
    ]


@pytest.mark.fault("C2")
@pytest.mark.parametrize("wrong_s", [-600, 600])
def test_a_machine_whose_clock_is_wrong_lets_in_whose_figures_are_right(
    anna: Employee, monkeypatch: pytest.MonkeyPatch, wrong_s: int
) -> None:
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + dt.timedelta(seconds=wrong_s))

    def shown() -> str:
        """By a telephone whose clock is right, as the database's is."""
        EmployeeFactor.objects.update(last_step=0)
        return pyotp.TOTP(factors.FACTORS.secret_of(EmployeeFactor.objects.get())).at(right())

    mine = Browser()
    by_password(mine)
    mine.post(OWN, {"verb": "begin", "password": PASSWORD})
    assert mine.post(OWN, {"verb": "confirm", "code": shown()}).status_code == 200
    mine.post("/logout/")
    by_password(mine)
    assert mine.post(SECOND, {"code": figures()}).status_code == 422, "figures of another time"
    assert mine.post(SECOND, {"code": shown()}).status_code == 302
    assert is_in(mine)
    assert mine.post(OWN, {"verb": "remove", "code": shown()}).status_code == 200
    assert factors.FACTORS.of(anna) is None


def test_figures_and_codes_on_paper_are_good_once(owner: Browser) -> None:
    code, paper = figures(), owner.paper[0]  # type: ignore[attr-defined]
    for shown, lets_in in ((code, True), (code, False), (paper.lower(), True), (paper, False)):
        fresh = Browser()
        by_password(fresh)
        assert (fresh.post(SECOND, {"code": shown}).status_code == 302) is lets_in


def test_the_door_of_the_administration_asks_for_it_too(owner: Browser, anna: Employee) -> None:
    Employee.objects.update(is_staff=True, is_superuser=True)
    fresh = Browser()
    assert by_password(fresh, door="/admin/login/?next=/admin/").headers["Location"] == SECOND
    assert fresh.get("/admin/").status_code == 302
    assert fresh.post(SECOND, {"code": figures()}).headers["Location"] == "/admin/"
    assert fresh.get("/admin/").status_code == 200


def test_who_is_no_administrator_is_not_sent_in_circles(anna: Employee) -> None:
    mine = Browser()
    by_password(mine)
    assert mine.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert mine.get("/admin/login/?next=/admin/").status_code == 403


def test_other_sessions_end_when_it_is_set_up(anna: Employee) -> None:
    mine, other = Browser(), Browser()
    for one in (mine, other):
        by_password(one)
    set_up(mine)
    assert (is_in(mine), is_in(other)) == (True, False)


def test_who_guesses_is_held_back_and_the_owner_gets_in(owner: Browser) -> None:
    stranger = Browser(REMOTE_ADDR="192.0.2.7")
    by_password(stranger)
    for _ in range(known_browsers.FAILED_SECONDS):
        assert stranger.post(SECOND, {"code": "000000"}).status_code == 422
    assert stranger.post(SECOND, {"code": figures()}).status_code == 429
    owner.post("/logout/")
    by_password(owner)
    assert owner.post(SECOND, {"code": figures()}).status_code == 302
    new = Browser(REMOTE_ADDR="198.51.100.3")  # another computer of hers
    by_password(new)
    assert new.post(SECOND, {"code": figures()}).status_code == 429
    assert new.post(SECOND, {"code": owner.paper[0]}).status_code == 302  # type: ignore[attr-defined]


def test_typing_errors_of_known_browsers_hold_no_other_of_their_address_back_nor_the_other_way_round(
    owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "FAILED_FROM_ONE_ADDRESS", 2)
    owner.post("/logout/")
    by_password(owner)
    for _ in range(2):
        assert owner.post(SECOND, {"code": "000000"}).status_code == 422
    new = Browser()
    by_password(new)
    for _ in range(2):
        assert new.post(SECOND, {"code": "000000"}).status_code == 422
    assert new.post(SECOND, {"code": figures()}).status_code == 429
    assert owner.post(SECOND, {"code": figures()}).status_code == 302


def test_wrong_figures_are_remembered_for_a_day_and_wrong_passwords_are_not(owner: Browser) -> None:
    stranger = Browser()
    by_password(stranger)
    stranger.post(SECOND, {"code": "000000"})
    stranger.post("/login/", {"username": "anna", "password": "a guess"})
    at = timezone.now() + known_browsers.HOUR * 2
    assert guessing.sweep(now=at) == 1
    assert [one.way for one in RefusedEntry.objects.all()] == ["second"]
    assert guessing.sweep(now=at + known_browsers.DAY) == 1


def test_the_password_alone_is_forgotten_after_some_minutes_or_when_it_is_changed(
    owner: Browser, anna: Employee
) -> None:
    fresh = Browser()
    by_password(fresh)
    assert fresh.get(SECOND).status_code == 200
    store = fresh.session
    pk, since, stamp, leads_to = store["desk_pending"]
    store["desk_pending"] = [pk, since - 601, stamp, leads_to]
    store.save()
    assert fresh.get(SECOND).headers["Location"] == "/login/"
    by_password(fresh)
    anna.refresh_from_db()
    anna.set_password("another long enough word")
    anna.save(update_fields=["password"])
    assert fresh.post(SECOND, {"code": figures()}).headers["Location"] == "/login/"


def test_it_is_taken_away_with_a_code_by_the_owner_and_without_by_an_administrator(
    owner: Browser, anna: Employee
) -> None:
    chief = actions.create_employee(
        username="chief", password=PASSWORD, fields={"roles": ["administrator"], "is_staff": True, "is_superuser": True}
    )
    assert owner.post(OWN, {"verb": "remove", "code": ""}).status_code == 422
    theirs = Browser()
    by_password(theirs, "chief")
    asked = {"action": "take_second_factor", "_selected_action": [anna.pk, chief.pk]}
    assert theirs.post("/admin/staff/employee/", asked).status_code == 302
    assert not EmployeeFactor.objects.exists()
    assert not is_in(owner), "her sessions end"
    assert is_in(theirs), "who had none is left alone"
    assert by_password(owner).headers["Location"] != SECOND
    [fact] = [one for one in facts_of("employee", anna.pk) if one.data.get("what") == "reset"]
    assert (fact.actor, fact.data["by"]) == (f"employee:{chief.pk}", chief.pk)
    paper = set_up(owner)
    owner.post(OWN, {"verb": "remove", "code": paper[0]})
    assert factors.FACTORS.of(anna) is None
    assert is_in(owner)


@pytest.mark.parametrize("roles", [["operator"], ["all"]])
def test_where_it_is_demanded_nothing_else_opens_before_it_is_set_up(
    anna: Employee, settings: Any, roles: list[str]
) -> None:
    settings.SECOND_FACTOR_ROLES = roles
    mine = Browser()
    by_password(mine)
    for page in (WISHES, "/admin/", "/cms/", "/desk/mine/"):
        assert mine.get(page).headers["Location"] == OWN, page
    assert mine.get("/desk/live.json").status_code == 403
    assert mine.get(OWN).status_code == 200
    set_up(mine)
    assert is_in(mine)


def test_the_first_administrator_who_has_no_role_yet_sets_it_up_and_gets_in(
    krc: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECOND_FACTOR_ROLES = ["all"]
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, username="first", email="first@example.com", verbosity=0)
    mine = Browser()
    assert by_password(mine, "first").headers["Location"] == "/admin/"
    assert mine.get("/admin/").headers["Location"] == OWN
    assert set_up(mine)
    assert mine.post(f"{OWN}prove.json").status_code != 403
    assert mine.get("/desk/password/").status_code == 200
    assert mine.get("/admin/staff/employee/").status_code == 200
    assert is_in(mine)


def test_who_has_another_role_and_who_is_a_client_are_not_asked(anna: Employee, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["administrator"]
    mine = Browser()
    by_password(mine)
    assert is_in(mine)
    assert "Cookie" not in Browser().get("/alive/").headers.get("Vary", "")


def test_a_misspelled_role_is_told_before_anything_starts(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["administrator", "operater"]
    assert [one.id for one in checks.run_checks() if "operater" in one.msg] == ["kindline.E633"]


def test_a_password_that_the_administration_sets_is_a_fact(anna: Employee) -> None:
    chief = actions.create_employee(
        username="chief", password=PASSWORD, fields={"roles": ["administrator"], "is_staff": True, "is_superuser": True}
    )
    theirs = Browser()
    by_password(theirs, "chief")
    page, new = f"/admin/staff/employee/{anna.pk}/password/", "дощ гойдалка олівець"
    told = {"usable_password": "true", "set-password": "1", "password1": new, "password2": new}
    assert theirs.post(page, told | {"password2": "not the same"}).status_code == 200
    assert theirs.post(page, told).status_code == 302
    assert Employee.objects.get(pk=anna.pk).check_password(new)
    [fact] = [one for one in facts_of("employee", anna.pk) if one.kind == "employee_password_changed"]
    assert (fact.actor, fact.data) == (f"employee:{chief.pk}", {"by": chief.pk})
    assert theirs.get("/admin/password_change/").headers["Location"] == "/desk/password/"
