"""The second factor: asked for at each entry, good once, throttled so that the owner still gets in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.login_models import Entry, Login
from kindline.clients.models import Account
from kindline.journal.queries import facts_of
from kindline.site.account import factors, throttle
from kindline.site.account.errors import NotEnteredError
from kindline.site.models import RecoveryCode, SecondFactor
from kindline.staff import totp
from kindline.standard.profile import Profile
from tests.site.account.test_account import EMAIL, PASSWORD, by_password, code_of_last_letter, entered

pytestmark = pytest.mark.db
Site = Callable[..., Profile]
PAGE, SECOND = "/account/factor/", "/account/second/"
NOW = dt.datetime(2026, 3, 2, 9, 30, 10, tzinfo=dt.UTC)
STEP = dt.timedelta(seconds=totp.STEP_S)


@pytest.fixture
def login(db: None) -> Login:
    return Login.objects.create(email=EMAIL, made_at=NOW)


def figures(at: dt.datetime) -> str:
    """What the app shows at a moment."""
    return pyotp.TOTP(factors.secret_of(SecondFactor.objects.get())).at(at)


def confirmed(login: Login, at: dt.datetime = NOW) -> list[str]:
    """A factor that is asked for, and its codes on paper."""
    factors.begin(login, now=at)
    return factors.confirm(login, code=figures(at), now=at)


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_differ_by_one_step(login: Login, steps: int, good: bool) -> None:
    confirmed(login, NOW - 10 * STEP)
    code = figures(NOW + steps * STEP)
    if good:
        factors.check(login, code=f"{code[:3]} {code[3:]}", now=NOW)
    else:
        with pytest.raises(NotEnteredError):
            factors.check(login, code=code, now=NOW)
    assert SecondFactor.objects.get().login == login


def test_no_code_is_good_twice_nor_one_before_it(login: Login) -> None:
    confirmed(login, NOW - 10 * STEP)
    factors.check(login, code=figures(NOW), now=NOW)
    for used in (figures(NOW), figures(NOW - STEP)):
        with pytest.raises(NotEnteredError):
            factors.check(login, code=used, now=NOW)
    factors.check(login, code=figures(NOW + STEP), now=NOW + STEP)
    assert SecondFactor.objects.get().last_step == int((NOW + STEP).timestamp()) // totp.STEP_S


def test_codes_on_paper_are_good_once_each_and_can_be_made_anew(login: Login) -> None:
    old = confirmed(login)
    assert len(old) == totp.CODES
    factors.check(login, code=old[0].lower(), now=NOW)
    with pytest.raises(NotEnteredError):
        factors.check(login, code=old[0], now=NOW)
    new = factors.renew_codes(login, code=old[1], now=NOW)
    with pytest.raises(NotEnteredError):
        factors.check(login, code=old[2], now=NOW)
    factors.check(login, code=new[0], now=NOW)
    assert RecoveryCode.objects.exclude(used_at=None).count() == 1


def test_the_database_alone_gives_no_secret_away(login: Login, settings: Any) -> None:
    confirmed(login)
    row = SecondFactor.objects.get()
    secret = factors.secret_of(row)
    assert secret not in str(SecondFactor.objects.values())
    settings.SECRET_KEY = "another"
    assert factors.secret_of(row) != secret


def test_a_factor_that_is_not_confirmed_is_not_asked_for_and_a_confirmed_one_is_not_replaced(login: Login) -> None:
    factors.begin(login, now=NOW)
    assert factors.of(login) is None
    confirmed(login)
    with pytest.raises(NotEnteredError):
        factors.begin(login, now=NOW)
    assert factors.of(login) is not None


def proven(browser: Browser, code: str = "") -> Any:
    """He shows anew that it is he."""
    return browser.post("/account/again/?for=factor", {"password": PASSWORD, "code": code})


class TestPages:
    @pytest.fixture
    def owner(self, site: Site, visitor: Browser, account: Account) -> Browser:
        """Somebody in his account with a second factor, set up some time ago."""
        site("krc")
        entered(visitor)
        assert visitor.post(PAGE, {"verb": "begin"}).headers["Location"] == "/account/again/?for=factor"
        assert not SecondFactor.objects.exists()
        assert proven(visitor).headers["Location"] == PAGE
        page = visitor.post(PAGE, {"verb": "begin"}).content.decode()
        assert "data:image/svg+xml" in page
        assert factors.secret_of(SecondFactor.objects.get())[:4] in page
        assert visitor.post(PAGE, {"verb": "confirm", "code": "000"}).status_code == 422
        page = visitor.post(PAGE, {"verb": "confirm", "code": figures(timezone.now())}).content.decode()
        self.paper = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", page)
        SecondFactor.objects.update(last_step=0)
        Entry.objects.filter(way="second").delete()
        return visitor

    def test_it_is_asked_for_after_the_password_and_before_anything_is_seen(self, owner: Browser) -> None:
        owner.post("/account/leave/")
        assert by_password(owner).headers["Location"] == SECOND
        assert owner.get("/account/").headers["Location"] == "/account/enter/"
        assert owner.post(SECOND, {"code": "abc"}).status_code == 422
        assert owner.post(SECOND, {"code": figures(timezone.now())}).headers["Location"] == "/account/"
        assert owner.get("/account/").status_code == 200
        ways = list(Entry.objects.order_by("pk").values_list("way", "entered"))
        assert ways[-2:] == [("second", False), ("password", True)]

    @pytest.mark.fault("C2")
    @pytest.mark.parametrize("wrong_s", [-600, 600])
    def test_a_machine_whose_clock_is_wrong_lets_in_whose_figures_are_right(
        self, owner: Browser, monkeypatch: pytest.MonkeyPatch, wrong_s: int
    ) -> None:
        right, fresh = timezone.now, Browser()
        monkeypatch.setattr(timezone, "now", lambda: right() + dt.timedelta(seconds=wrong_s))
        by_password(fresh)
        assert fresh.post(SECOND, {"code": figures(timezone.now())}).status_code == 422, "figures of another time"
        assert fresh.post(SECOND, {"code": figures(right())}).headers["Location"] == "/account/"
        SecondFactor.objects.update(last_step=0)
        assert proven(fresh, figures(right())).headers["Location"] == PAGE
        SecondFactor.objects.update(last_step=0)
        assert fresh.post(PAGE, {"verb": "remove", "code": figures(right())}).status_code == 200
        assert not SecondFactor.objects.exists()

    def test_a_code_by_e_mail_does_not_go_round_it(self, owner: Browser) -> None:
        fresh = Browser()
        fresh.post("/account/letter/", {"email": EMAIL})
        answer = fresh.post("/account/code/", {"code": code_of_last_letter()})
        assert answer.headers["Location"] == SECOND
        assert fresh.get("/account/").headers["Location"] == "/account/enter/"

    def test_other_sessions_end_when_it_is_set_up(self, site: Site, visitor: Browser, account: Account) -> None:
        site("krc")
        entered(visitor)
        other = Browser()
        by_password(other)
        login = account.logins.get()
        factors.begin(login, now=NOW)
        factors.confirm(login, code=figures(NOW), now=NOW)
        assert other.get("/account/").headers["Location"] == "/account/enter/"

    def test_who_guesses_is_held_back_and_the_owner_gets_in(self, owner: Browser) -> None:
        stranger = Browser(REMOTE_ADDR="192.0.2.7")
        by_password(stranger)
        for _ in range(throttle.FAILED_SECONDS):
            assert stranger.post(SECOND, {"code": "000000"}).status_code == 422
        assert stranger.post(SECOND, {"code": figures(timezone.now())}).status_code == 429
        owner.post("/account/leave/")
        by_password(owner)
        assert owner.post(SECOND, {"code": figures(timezone.now())}).headers["Location"] == "/account/"
        new = Browser(REMOTE_ADDR="198.51.100.3")  # another telephone of the owner's
        by_password(new)
        assert new.post(SECOND, {"code": figures(timezone.now())}).status_code == 429
        assert new.post(SECOND, {"code": self.paper[0]}).headers["Location"] == "/account/"

    def test_errors_of_known_devices_hold_no_other_of_their_address_back_nor_the_other_way_round(
        self, owner: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(throttle, "FAILED_FROM_ONE_ADDRESS", 2)
        owner.post("/account/leave/")
        by_password(owner)
        for _ in range(2):
            assert owner.post(SECOND, {"code": "000000"}).status_code == 422
        new = Browser()
        by_password(new)
        for _ in range(2):
            assert new.post(SECOND, {"code": "000000"}).status_code == 422
        assert new.post(SECOND, {"code": figures(timezone.now())}).status_code == 429
        assert owner.post(SECOND, {"code": figures(timezone.now())}).headers["Location"] == "/account/"

    def test_it_is_taken_away_only_with_a_code(self, owner: Browser) -> None:
        assert owner.post(PAGE, {"verb": "remove", "code": self.paper[0]}).status_code == 302, "not shown anew"
        assert SecondFactor.objects.exists()
        proven(owner, self.paper[2])
        assert owner.post(PAGE, {"verb": "remove", "code": ""}).status_code == 422
        assert SecondFactor.objects.exists()
        assert (
            "is not asked for any more" in owner.post(PAGE, {"verb": "remove", "code": self.paper[1]}).content.decode()
        )
        assert not SecondFactor.objects.exists()
        kinds = [fact.kind for fact in facts_of("login", Login.objects.get().pk)]
        assert kinds[-2:] == ["account_factor_set", "account_factor_removed"]
        owner.post("/account/leave/")
        assert by_password(owner).headers["Location"] == "/account/"

    def test_the_first_factor_is_forgotten_after_some_minutes(self, owner: Browser) -> None:
        owner.post("/account/leave/")
        by_password(owner)
        store = owner.session
        pk, way, since, stamp = store["account_pending"]
        store["account_pending"] = [pk, way, since - 601, stamp]
        store.save()
        assert owner.get(SECOND).headers["Location"] == "/account/enter/"
        assert SecondFactor.objects.exists()
