"""Whoever is refused is told another way on: call and e-mail, under every real standard (ASVS 34)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone, translation

from kindline.runtime import doctor
from kindline.site import pace, reach, senders, words
from kindline.site.account.errors import DisabledError, HeldBackError
from kindline.site.models import Pace
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.site.test_reception import TYPED

pytestmark = pytest.mark.db
PROFILES = ("krc", "court", "yumek", "voe")
FLOOD = "203.0.113.9"
Site = Callable[..., Profile]


@pytest.fixture(params=PROFILES)
def here(request: pytest.FixtureRequest, site: Site) -> Profile:
    """The site under each of the standards that are delivered."""
    return site(request.param)


def main_of(answer: Any) -> str:
    """What a page says in its middle, without head and foot."""
    return str(answer.content.decode()).partition("<main")[2].partition("</main>")[0]


def is_told(text: str, profile: Profile) -> bool:
    """Whether both ways are links."""
    ways = reach.of(profile)
    return f'href="tel:{ways.tel}"' in text and f'href="mailto:{ways.email}"' in text


@pytest.mark.parametrize("name", PROFILES)
def test_a_standard_names_a_number_that_can_be_dialled_and_an_address(name: str) -> None:
    ways = reach.of(loader.load(name))
    assert ways.tel.startswith("+")
    assert " " not in ways.tel
    assert "@" in ways.email
    assert not reach.lacking(loader.load(name))


def test_every_page_names_both(here: Profile, visitor: Browser) -> None:
    page = visitor.get("/").content.decode()
    assert is_told(page.partition("<footer")[2], here)
    assert f'href="tel:{reach.of(here).tel}"' in main_of(visitor.get("/"))
    assert f'href="tel:{reach.of(here).tel}"' in main_of(visitor.get("/outages/?address=Лесная, 1"))


def test_a_refusal_names_both(here: Profile, visitor: Browser) -> None:
    assert is_told(main_of(visitor.get("/nowhere/")), here)
    strict = Browser(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    refused = strict.post("/ask/", TYPED)
    assert (refused.status_code, is_told(main_of(refused), here)) == (403, True)
    Pace.objects.create(sender=senders.browser_of(FLOOD, ""), since=timezone.now(), posts=pace.STOP_AN_HOUR)
    flood = Browser(REMOTE_ADDR=FLOOD).post("/ask/", TYPED)
    assert (flood.status_code, is_told(main_of(flood), here)) == (429, True)


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_what_is_not_taken_for_a_while_names_both(here: Profile, language: str) -> None:
    with translation.override(language):
        text = words.fault("", "too_many", here)["text"]
    assert reach.of(here).phone in text
    assert reach.of(here).email in text


def test_the_doctor_says_where_they_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.standard(None).level == doctor.OK
    monkeypatch.setattr(reach, "lacking", lambda _profile: ["phone"])
    found = doctor.standard(None)
    assert (found.level, "variables.phone" in found.cure) == (doctor.WARN, True)


@pytest.mark.parametrize(
    ("path", "holds", "error"),
    [
        ("enter", "actions.proven", DisabledError), ("code", "actions.redeem", DisabledError),
        ("code", "throttle.check_code", HeldBackError), ("letter", "throttle.count_form", HeldBackError),
        ("register", "throttle.count_form", HeldBackError),
    ],
)  # fmt: skip
def test_who_is_not_let_into_the_account_is_told_whom_to_call_and_when(
    site: Site, visitor: Browser, monkeypatch: pytest.MonkeyPatch, path: str, holds: str, error: type[Exception]
) -> None:
    def held(*_said: Any, **_more: Any) -> None:
        raise error

    krc = site("krc")
    monkeypatch.setattr(f"kindline.site.account.{holds}", held)
    typed = {"email": "elkin@example.com", "password": "x", "code": "x"} | (
        {"number": "1", "surname": "Ёлкин"} if path == "register" else {}
    )
    main = main_of(visitor.post(f"/account/{path}/", typed))
    assert is_told(main, krc)
    assert ("Wait an hour" in main) == (error is HeldBackError)
    assert "quarter of an hour" not in main
