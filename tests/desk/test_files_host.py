"""Files are given from a host of their own: who may is decided at the pages, the other knows nobody (ADR 45, 65)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from kindline.correspondence import handing as letters
from kindline.files import handing
from kindline.files.models import OpenedAddress, StoredFile
from kindline.journal.models import Fact
from kindline.runtime import policy
from kindline.runtime.nginx import refusals
from tests.appeals.registry import Registry
from tests.desk.test_files import PDF, attached, no_scanner
from tests.desk.test_registry import _as, here
from tests.files import makers

pytestmark = [pytest.mark.db, pytest.mark.fault("F4")]
__all__ = ["here", "no_scanner"]
HOST, PAGES = "files.example.org", "desk.example.org"
Clock = Callable[[dt.timedelta], None]


@pytest.fixture(autouse=True)
def apart(settings: Any) -> None:
    """Files have a host of their own."""
    settings.FILES_HOST, settings.ALLOWED_HOSTS = HOST, [PAGES, HOST]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lets time pass for the host of files."""

    def passed(time: dt.timedelta) -> None:
        now = timezone.now() + time
        monkeypatch.setattr(timezone, "now", lambda: now)

    return passed


def sent_to(browser: Browser, path: str, **more: Any) -> str:
    """Where the pages send whoever asks for a file."""
    answer = browser.get(path, headers={"host": PAGES}, **more)
    assert answer.status_code == 303, answer.content
    return str(answer.headers["Location"])


def asked(address: str, *, host: str = HOST, method: str = "get", **cookies: str) -> Any:
    """What a host answers to an address."""
    browser = Browser()
    browser.cookies.load(cookies)
    return getattr(browser, method)(urlsplit(address).path, headers={"host": host})


@pytest.fixture
def address(here: Registry, tmp_path: Any) -> str:
    """The address of a document of an appeal, as an employee gets it."""
    row = attached(here, here.register(), tmp_path, name="скан заявления.pdf")
    return sent_to(_as(here, "specialist"), f"/desk/files/{row.pk}")


def test_the_page_decides_and_sends_on_for_a_minute(here: Registry, address: str) -> None:
    assert address.startswith(f"http://{HOST}/file/")
    fact = Fact.objects.get(kind="file_opened")
    assert fact.actor == f"employee:{here.people['specialist'].pk}"
    answer = asked(address)
    assert b"".join(answer) == PDF
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%D1%81%D0%BA")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_who_may_not_see_a_file_is_sent_nowhere(here: Registry, tmp_path: Any) -> None:
    path = f"/desk/files/{attached(here, here.register(), tmp_path).pk}"
    assert _as(here, "administrator").get(path, headers={"host": PAGES}).status_code == 403
    stranger = Browser().get(path, headers={"host": PAGES})
    assert urlsplit(stranger.headers["Location"]).path == "/login/"
    StoredFile.objects.update(state="waiting", checked_at=None)
    assert HOST not in _as(here, "specialist").get(path, headers={"host": PAGES}).headers["Location"]
    assert not Fact.objects.filter(kind="file_opened").exists()


def test_a_picture_is_shown_there(here: Registry, tmp_path: Any) -> None:
    row = attached(here, here.register(), tmp_path, makers.picture(), "a.png")
    answer = asked(sent_to(_as(here, "specialist"), f"/desk/files/{row.pk}?view=1"))
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    answer.close()


@pytest.mark.parametrize(("late_s", "status"), [(handing.LIFE_S - 5, 200), (handing.LIFE_S + 1, 403)])
def test_an_address_works_for_its_minute(address: str, later: Clock, late_s: int, status: int) -> None:
    later(dt.timedelta(seconds=late_s))
    answer = asked(address)
    assert answer.status_code == status
    assert (b"".join(answer) == PDF) == (status == 200)


def test_an_address_opens_once_and_another_time_the_pages_ask_who_it_is(here: Registry, address: str) -> None:
    assert b"".join(asked(address)) == PDF
    copied = asked(address)
    assert (copied.status_code, copied.content, len(copied.cookies)) == (303, b"", 0)
    page = urlsplit(copied.headers["Location"])
    assert page.netloc == PAGES
    stranger = Browser().get(page.path, headers={"host": PAGES})
    assert urlsplit(stranger.headers["Location"]).path == "/login/"
    assert _as(here, "administrator").get(page.path, headers={"host": PAGES}).status_code == 403
    assert Fact.objects.filter(kind="file_opened").count() == 1
    again = sent_to(_as(here, "specialist"), page.path)
    assert again != address
    assert b"".join(asked(again)) == PDF
    assert Fact.objects.filter(kind="file_opened").count() == 2


def test_how_it_was_shown_is_known_the_next_time(here: Registry, tmp_path: Any) -> None:
    row = attached(here, here.register(), tmp_path, makers.picture(), "a.png")
    address = sent_to(_as(here, "specialist"), f"/desk/files/{row.pk}?view=1")
    assert b"".join(asked(address))
    assert asked(address).headers["Location"] == f"http://{PAGES}/desk/files/{row.pk}?view=1"


def test_who_asks_for_its_headers_alone_leaves_it_as_it_is(address: str) -> None:
    for _ in range(2):
        answer = asked(address, method="head")
        assert answer.status_code == 200
        for close in answer._resource_closers:  # `close` would end the connection of the test too
            close()
    assert b"".join(asked(address)) == PDF
    assert asked(address, method="head").status_code == 303


def test_addresses_whose_minute_is_long_over_are_forgotten(address: str) -> None:
    now = timezone.now()
    assert b"".join(asked(address))
    assert handing.sweep(now=now + dt.timedelta(seconds=handing.LIFE_S)) == 0
    assert handing.sweep(now=now + dt.timedelta(hours=2)) == 1
    assert not OpenedAddress.objects.exists()


def test_it_is_bound_to_its_file_and_its_way_of_showing(here: Registry, tmp_path: Any, address: str) -> None:
    other = attached(here, here.register(), tmp_path, makers.picture(), "b.png")
    told, signature = address.rsplit(":", 1)
    until = int(timezone.now().timestamp()) + 30
    named = ["file", other.pk, True, until, "x", ""]
    words = signing.Signer(salt=handing.SALT).sign_object(named).rsplit(":", 1)[0]
    assert asked(f"http://{HOST}/file/{words}:{signature}").status_code == 404
    assert asked(f"{told}:{signature[:-1]}").status_code == 404
    elsewhere = signing.Signer(salt="another").sign_object(named)
    assert asked(f"http://{HOST}/file/{elsewhere}").status_code == 404


def test_a_file_that_was_taken_away_or_refused_meanwhile_is_not_given(address: str) -> None:
    StoredFile.objects.update(state="refused")
    assert asked(address).status_code == 404


def test_the_pages_do_not_know_the_address(address: str) -> None:
    assert asked(address, host=PAGES).status_code == 404


@pytest.mark.parametrize("path", ["/", "/desk/", "/login/", "/alive/", "/static/desk/icon.svg", "/file/", "/file/x:y",
                                  "/desk/files/1", "/api/v1/appeals", "/choose/"])  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_nothing_else_is_there(path: str, method: str) -> None:
    answer = asked(path, method=method)
    assert (answer.status_code, len(answer.cookies)) == (404, 0)
    assert answer.content == asked("/nothing/").content, "whatever is asked for, the same is said"
    assert answer.headers["Content-Security-Policy"] == refusals.CLOSED


def test_it_reads_and_sets_no_cookie(here: Registry, address: str) -> None:
    browser = _as(here, "specialist")
    answer: Any = browser.get(urlsplit(address).path, headers={"host": HOST})
    assert b"".join(answer) == PDF
    assert not answer.cookies
    assert not hasattr(answer.wsgi_request, "session")
    assert not hasattr(answer.wsgi_request, "user")
    assert "cookie" not in answer.headers.get("Vary", "").lower()


def test_a_letter_as_it_came_is_given_there_too(rf: RequestFactory) -> None:
    request = rf.get("/desk/mail/7/raw", headers={"host": PAGES})
    now = timezone.now()
    to = handing.sent_on(request, letters.RAW, 7, now=now).headers["Location"]
    named = handing.read(urlsplit(to).path, now)
    assert named is not None
    assert named[:4] == ("mail", 7, False, int(now.timestamp()) + 60)
    assert named.page == f"http://{PAGES}/desk/mail/7/raw"
    assert asked(to).status_code == 404  # there is no such letter


@pytest.mark.parametrize(
    ("host", "asked_at", "found"),
    [("files.example.org", "desk.example.org", "http://files.example.org"),
     ("files.example.org", "desk.example.org:8010", "http://files.example.org:8010"),
     ("files.example.org:9000", "desk.example.org:8010", "http://files.example.org:9000"),
     ("", "desk.example.org", "")],
)  # fmt: skip
def test_the_port_is_that_of_the_pages_unless_one_is_set(
    rf: RequestFactory, settings: Any, host: str, asked_at: str, found: str
) -> None:
    settings.FILES_HOST = host
    assert handing.origin(rf.get("/", headers={"host": asked_at})) == found


def test_pages_may_show_its_pictures_and_send_forms_on_to_it(rf: RequestFactory, settings: Any) -> None:
    told = policy.said(policy.policy(rf.get("/", headers={"host": PAGES})))
    assert f"img-src 'self' data: http://{HOST};" in told
    assert f"form-action 'self' http://{HOST};" in told
    assert HOST not in policy.said(policy.policy(rf.get("/api/v1/appeals", headers={"host": PAGES})))
    settings.FILES_HOST = ""
    assert HOST not in policy.said(policy.policy(rf.get("/", headers={"host": PAGES})))
