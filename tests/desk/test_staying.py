"""How long an employee stays logged in, where he is, and who ends it (ASVS 7.3.1, 7.3.2, 7.4.3, 7.4.5, 7.5.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from kindline.desk import hearers
from kindline.journal.queries import facts_of
from kindline.staff import sessions
from kindline.staff.models import Employee, EmployeeSession
from kindline.staff.sessions import SESSIONS
from kindline.switchboard.models import Operator
from tests.desk.conftest import PASSWORD, Talk, employee

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("krc")]
PAGE, STAY, STATE = "/desk/sessions/", "/desk/stay/", "/desk/state.json"
IDLE, WHOLE, SECOND = dt.timedelta(minutes=60), dt.timedelta(hours=13), dt.timedelta(seconds=1)
MINUTE = 60 * SECOND


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    """A hash that does not take long."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def me(operator: Employee) -> Employee:
    """An operator with a password."""
    operator.set_password(PASSWORD)
    operator.save()
    return operator


@pytest.fixture
def mine(me: Employee) -> Browser:
    """Where she is logged in."""
    return _entered(me)


@pytest.fixture
def talking(me: Employee, mine: Browser, talk: Talk) -> Browser:
    """She talks with a client."""
    contact = talk()
    Operator.objects.filter(employee=me).update(state="talking", contact_id=contact.pk)
    return mine


def _entered(who: Employee, browser: str = "") -> Browser:
    made = Browser(headers={"user-agent": browser, "accept-language": "en"})
    assert made.post("/login/", {"username": who.username, "password": PASSWORD}).status_code == 302
    return made


def _is_in(browser: Browser, page: str = "/desk/wishes/") -> bool:
    return browser.get(page).status_code in (200, 304)


def _aged(**back: dt.timedelta) -> None:
    EmployeeSession.objects.update(**{name: timezone.now() - by for name, by in back.items()})


def _ends(who: Employee) -> list[dict[str, Any]]:
    return [one.data for one in facts_of("employee", who.pk) if one.kind == "employee_sessions_ended"]


class TestLimits:
    def test_who_does_nothing_for_an_hour_is_out(self, mine: Browser, me: Employee) -> None:
        _aged(seen_at=IDLE - 2 * SECOND)
        assert _is_in(mine)
        assert EmployeeSession.objects.get().seen_at > timezone.now() - MINUTE, "a page that is opened is a doing"
        _aged(seen_at=IDLE)
        assert mine.get("/desk/").headers["Location"].startswith("/login/")
        assert mine.get(STATE).status_code == 401
        assert _ends(me) == [{"count": 1, "reason": "over"}], "it is told once"

    @pytest.mark.parametrize("asked", [{"path": STATE}, {"path": STAY}, {"path": PAGE, "headers": {"X-Part": "1"}}])
    def test_what_a_page_asks_by_itself_is_no_doing(self, mine: Browser, asked: dict[str, Any]) -> None:
        _aged(seen_at=IDLE - MINUTE)
        assert mine.get(**asked).status_code == 200
        assert EmployeeSession.objects.get().seen_at < timezone.now() - IDLE + 2 * MINUTE

    @pytest.mark.parametrize("asked", ["/desk/operator/page", "/desk/operator/phone"])
    def test_nor_is_what_its_telephone_posts_again_and_again(self, mine: Browser, krc: Any, asked: str) -> None:
        _aged(seen_at=IDLE - MINUTE)
        mine.post(asked, {"page": "p1"}, content_type="application/json")
        assert EmployeeSession.objects.get().seen_at < timezone.now() - IDLE + 2 * MINUTE

    def test_a_wallboard_is_looked_at_and_not_touched(self, as_supervisor: Browser) -> None:
        _aged(seen_at=IDLE - MINUTE)
        assert _is_in(as_supervisor, "/desk/wallboard/?part=1")
        assert EmployeeSession.objects.get().seen_at > timezone.now() - MINUTE

    def test_after_a_shift_everybody_logs_in_anew(self, mine: Browser) -> None:
        _aged(opened_at=WHOLE - 2 * SECOND)
        assert _is_in(mine)
        _aged(opened_at=WHOLE)
        assert not _is_in(mine)

    def test_the_limits_are_the_installations(self, mine: Browser, settings: Any) -> None:
        settings.DESK_IDLE_MIN = 10
        _aged(seen_at=10 * MINUTE)
        assert not _is_in(mine)

    def test_who_is_at_the_page_says_so_and_is_told_how_long_it_lasts(self, mine: Browser) -> None:
        _aged(seen_at=IDLE - 2 * MINUTE)
        assert 100 < mine.get(STAY).json()["left_s"] <= 120
        assert mine.post(STAY).json()["left_s"] > 3500
        _aged(opened_at=WHOLE - MINUTE)
        told = mine.post(STAY).json()
        assert (50 < told["left_s"] <= 60, 50 < told["ends_s"] <= 60) == (True, True)
        _aged(seen_at=IDLE)
        assert (mine.post(STAY).status_code, mine.post(STAY).json()["left_s"]) == (401, 0)

    def test_logging_in_opens_one_session_and_logging_out_ends_it(self, mine: Browser) -> None:
        assert EmployeeSession.objects.count() == 1
        mine.post("/logout/")
        assert not EmployeeSession.objects.exists()


class TestATalk:
    def test_keeps_the_session_open_by_the_page_alone(self, talking: Browser) -> None:
        _aged(seen_at=IDLE - MINUTE)
        assert talking.get(STATE).status_code == 200
        assert EmployeeSession.objects.get().seen_at > timezone.now() - MINUTE

    def test_is_not_cut_by_the_end_of_a_shift(self, talking: Browser, me: Employee) -> None:
        _aged(opened_at=WHOLE + dt.timedelta(hours=1))
        sessions.sweep(now=timezone.now())
        assert talking.get(STATE).status_code == 200
        assert talking.get(STAY).json()["left_s"] == 3600
        Operator.objects.filter(employee=me).update(state="ready", contact_id=None)
        assert talking.get(STATE).status_code == 401, "and then it is over"

    def test_elsewhere_does_not_revive_what_was_left_alone(self, talking: Browser) -> None:
        _aged(seen_at=IDLE)
        assert talking.get(STATE).status_code == 401


class TestWhereOneIs:
    def test_is_seen_with_browser_and_address(self, mine: Browser, me: Employee) -> None:
        _entered(me, "Mozilla/5.0 (Windows NT 10.0) Firefox/140")
        page = mine.get(PAGE).content.decode()
        assert "Firefox, Windows" in page
        assert page.count("127.0.0.1") == 2
        assert page.count("этот браузер") == 1

    def test_one_is_ended_by_who_knows_the_password(self, mine: Browser, me: Employee) -> None:
        other = _entered(me, "Firefox/140")
        row = EmployeeSession.objects.get(browser="Firefox/140")
        assert mine.post(PAGE, {"session": row.pk, "password": "another"}).status_code == 422
        assert _is_in(other)
        assert mine.post(PAGE, {"session": row.pk, "password": PASSWORD}).headers["Location"] == PAGE
        assert not _is_in(other)
        assert _is_in(mine)
        assert _ends(me) == [{"count": 1, "reason": "one"}]

    def test_all_others_are_ended_and_no_strangers(self, mine: Browser, me: Employee) -> None:
        stranger = employee("stranger", "operator")
        theirs, other = _entered(stranger), _entered(me)
        mine.post(PAGE, {"session": EmployeeSession.objects.get(employee=stranger).pk, "password": PASSWORD})
        mine.post(PAGE, {"session": "others", "password": PASSWORD})
        assert [_is_in(one) for one in (mine, theirs, other)] == [True, True, False]

    def test_another_password_ends_the_others_rows_too(self, mine: Browser, me: Employee) -> None:
        _entered(me)
        new = "дощ гойдалка олівець"
        mine.post("/desk/password/", {"old": PASSWORD, "password": new, "again": new})
        assert _is_in(mine)
        assert EmployeeSession.objects.count() == 1
        assert mine.get(PAGE).content.decode().count("127.0.0.1") == 1

    def test_a_password_set_by_a_command_leaves_no_dead_session_in_the_list(self, mine: Browser, me: Employee) -> None:
        me.set_password("дощ гойдалка олівець")  # as `manage changepassword` does
        me.save()
        assert not _is_in(mine)
        again = Browser(headers={"accept-language": "en"})
        again.post("/login/", {"username": me.username, "password": "дощ гойдалка олівець"})
        assert again.get(PAGE).content.decode().count("127.0.0.1") == 1

    def test_what_was_ended_stays_ended_with_the_cookie_of_before(self, mine: Browser) -> None:
        EmployeeSession.objects.all().delete()
        assert not _is_in(mine)
        assert not _is_in(mine, "/admin/")


def test_an_administrator_ends_the_sessions_of_an_employee(mine: Browser, me: Employee, admin_client: Browser) -> None:
    _entered(me)
    admin_client.post(reverse("admin:staff_employee_changelist"), {"action": "end_sessions", "_selected_action": me.pk})
    by = EmployeeSession.objects.get().employee
    assert (by.is_superuser, _is_in(mine)) == (True, False)
    assert _ends(me) == [{"count": 2, "reason": "administrator", "by": by.pk}]


def test_an_administrator_who_sets_his_own_password_stays(admin_client: Browser, me: Employee) -> None:
    own = EmployeeSession.objects.get(employee__is_superuser=True)
    said = {"password1": "Тихая-гавань-7", "password2": "Тихая-гавань-7", "usable_password": "true"}
    assert admin_client.post(f"/admin/staff/employee/{own.employee_id}/password/", said).status_code == 302
    own.employee.refresh_from_db()
    assert own.employee.check_password("Тихая-гавань-7")
    assert _is_in(admin_client, "/admin/")
    assert [one.pk for one in sessions.of(own.employee, timezone.now())] == [own.pk], "and it is in his list"


def test_a_session_from_before_there_were_rows_goes_on_and_gets_one(mine: Browser) -> None:
    EmployeeSession.objects.all().delete()
    old = mine.session
    del old[sessions.STAY]
    old.save()
    assert _is_in(mine)
    assert EmployeeSession.objects.count() == 1
    EmployeeSession.objects.all().delete()
    assert not _is_in(mine), "a session that was ended begins anew"


def test_the_live_stream_ends_with_the_session(mine: Browser, cookie: Callable[[Browser], str]) -> None:
    hearer = hearers.named(cookie(mine))
    assert hearer is not None
    assert list(hearers.still([hearer])) == [hearer]
    _aged(seen_at=IDLE)
    assert not hearers.still([hearer])


def test_old_rows_are_forgotten_and_others_kept(me: Employee, mine: Browser) -> None:
    over = SESSIONS.open(me, browser="", now=timezone.now() - WHOLE - sessions.GRACE)
    sessions.sweep(now=timezone.now())
    assert not EmployeeSession.objects.filter(pk=over.pk).exists()
    assert _is_in(mine)


@pytest.fixture
def cookie(settings: Any) -> Callable[[Browser], str]:
    """The cookie of a browser's session as a header says it."""
    name = settings.SESSION_COOKIE_NAME
    return lambda browser: f"{name}={browser.cookies[name].value}"
