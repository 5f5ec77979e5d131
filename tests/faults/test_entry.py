"""X1: a thousand addresses guess, and try to lock the owners out. X2: codes are shown again. Seeded."""

import datetime as dt
from collections import Counter
from random import Random

import pytest
from django.contrib.auth.hashers import make_password

from kindline.clients.login_models import Entry, Login
from kindline.site.account import actions, factors, throttle
from kindline.site.account.errors import HeldBackError, NotEnteredError
from kindline.staff import known_browsers, totp
from tests.plugins import faults
from tests.site.account.test_factors import figures

pytestmark = [pytest.mark.db, pytest.mark.fault("X1", "X2")]
SEED = faults.seed(20261128)
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
PASSWORD = "зелена гора над річкою"
OWNERS, ADDRESSES = 5, 1000
STEP = dt.timedelta(seconds=totp.STEP_S)


def enter(login: Login, password: str, sender: str, now: dt.datetime, *, known_device: bool = False) -> str:
    """What the page of entry does: first whether it is let try, then the password; the attempt is kept."""
    try:
        throttle.check_entry(login, sender, known_device=known_device, now=now)
        actions.proven(email=login.email, password=password)
    except HeldBackError:
        return "held"
    except NotEnteredError:
        said = "wrong"
    else:
        said = "entered"
    actions.note(
        login=login, way="password", entered=said == "entered", known_device=known_device, sender=sender,
        browser="", now=now,
    )  # fmt: skip
    return said


@pytest.fixture
def owners(db: None, monkeypatch: pytest.MonkeyPatch) -> list[Login]:
    """People with a personal account; a password is compared as slowly as always, but in one round."""
    monkeypatch.setattr("django.contrib.auth.hashers.PBKDF2PasswordHasher.iterations", 1)
    monkeypatch.setattr(actions, "NOBODY", make_password(None))
    kept = make_password(PASSWORD)
    made = [Login(email=f"owner{n}@example.org", password=kept, made_at=NOW) for n in range(OWNERS)]
    return Login.objects.bulk_create(made)


def test_a_thousand_addresses_guess_little_and_lock_nobody_out(owners: list[Login]) -> None:
    chance, ledger = Random(SEED), Counter[tuple[int, str]]()
    for number in range(ADDRESSES):
        login, at = chance.choice(owners), NOW + dt.timedelta(seconds=chance.random() * 600)
        ledger[login.pk, enter(login, f"guess {number}", f"address-{number}", at)] += 1
    for one in owners:
        assert ledger[one.pk, "wrong"] == throttle.FAILED_INTO_ONE_LOGIN, "so many guesses, whatever the addresses"
        assert ledger[one.pk, "held"] > 100
        assert Entry.objects.filter(login=one).count() == throttle.FAILED_INTO_ONE_LOGIN, "the owner sees each"
    during = NOW + dt.timedelta(minutes=10)
    assert [enter(one, PASSWORD, "home", during, known_device=True) for one in owners] == ["entered"] * OWNERS
    after = NOW + dt.timedelta(minutes=10) + throttle.WINDOW
    assert [enter(one, PASSWORD, "new", after) for one in owners] == ["entered"] * OWNERS


def test_one_address_guesses_at_many_and_is_held(owners: list[Login]) -> None:
    chance = Random(SEED)
    said = [enter(chance.choice(owners), f"guess {n}", "one", NOW) for n in range(100)]
    assert said.count("wrong") == known_browsers.FREE * OWNERS, "so many tries at each cost nothing"
    assert {*said[-50:]} == {"held"}
    assert enter(owners[0], PASSWORD, "other", NOW) in ("entered", "held")
    assert enter(owners[0], PASSWORD, "home", NOW, known_device=True) == "entered"


def test_what_was_seen_is_never_good_again(owners: list[Login]) -> None:
    """Whoever looks on sees every code that is shown; none of them lets him in, in any order, at any time."""
    chance, login, at = Random(SEED), owners[0], NOW
    factors.begin(login, now=at)
    paper = factors.confirm(login, code=figures(at), now=at)
    seen: list[str] = [figures(at)]
    for _ in range(20):
        at += STEP * chance.randrange(1, 4)
        code = paper.pop() if paper and chance.random() < 0.3 else figures(at)
        factors.check(login, code=code, now=at)
        seen.append(code)
        for shown in chance.sample(seen, min(5, len(seen))):
            with pytest.raises(NotEnteredError):
                factors.check(login, code=shown, now=at)
