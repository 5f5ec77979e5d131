"""What caches are told of pages, and the shelf of ready ones: the same for everybody, or nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from kindline.appeals import incidents
from kindline.clients.models import Account
from kindline.site import layout, shelf, viewing
from kindline.site.models import ItemPage, PageWording
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.site.account.conftest import account
from tests.site.account.test_account import entered

__all__ = ["account"]
pytestmark = pytest.mark.db
Site = Callable[[str], Profile]
EVERYBODYS = ["/", "/faq/", "/services/", "/outages/", "/open-data/", "/info/", "/info/population/"]
THEIR_OWN = ["/ask/", "/status/", "/readings/", "/meeting/", "/account/", "/account/enter/", "/search/", "/search/?q=1"]
"""Forms with a token, an account, what was typed."""


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The shelf's clock, turned by hand."""
    at = [100.0]
    monkeypatch.setattr(shelf, "clock", lambda: at[0])
    return at


def made(times: list[int]) -> Callable[[HttpRequest], HttpResponse]:
    """A page for everybody that counts how often it is made."""

    def view(request: HttpRequest) -> HttpResponse:
        shelf.share(request)
        times.append(1)
        return HttpResponse(f"page {len(times)}")

    return view


def asked(path: str = "/", **more: Any) -> HttpRequest:
    """A request of a stranger."""
    return RequestFactory().get(path, **more)


def text(answer: Any) -> str:
    """What an answer holds."""
    return str(answer.content.decode())


@pytest.mark.parametrize("path", EVERYBODYS)
def test_a_page_for_everybody_sets_no_cookie_and_says_how_long_it_may_be_told(
    site: Site, visitor: Browser, path: str
) -> None:
    layout.lay_out(profile=site("krc"))
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == shelf.PUBLIC
    assert answer.headers["Vary"] == "Accept-Language, Cookie"
    again = visitor.get(path, headers={"if-none-match": f"W/{answer.headers['ETag']}"})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == shelf.PUBLIC
    assert any(path[1:].startswith(place) for place in shelf.PLACES)


@pytest.mark.parametrize("path", THEIR_OWN)
def test_what_depends_on_who_asks_is_kept_nowhere(site: Site, visitor: Browser, path: str) -> None:
    site("krc")
    said = visitor.get(path).headers["Cache-Control"]
    assert "private" in said
    assert "no-store" in said


@pytest.mark.parametrize("path", EVERYBODYS)
def test_an_employee_gets_a_page_of_his_own(site: Site, client: Browser, path: str) -> None:
    layout.lay_out(profile=site("krc"))
    client.force_login(Employee.objects.create(username="clerk", roles=[Role.SITE_ADMINISTRATOR]))
    assert client.get(path).headers["Cache-Control"] == shelf.PRIVATE


def test_so_does_a_client_who_has_entered(site: Site, visitor: Browser, account: Account) -> None:
    site("krc")
    entered(visitor)
    assert configured.SESSION_COOKIE_NAME in visitor.cookies
    assert visitor.get("/services/").headers["Cache-Control"] == shelf.PRIVATE


def test_a_query_makes_a_page_ones_own(site: Site, visitor: Browser) -> None:
    site("krc")
    for path in ("/outages/?address=Лесная", "/faq/?a=1", "/?utm_source=letter"):
        assert visitor.get(path).headers["Cache-Control"] == shelf.PRIVATE, path


def test_an_address_that_is_not_there_is_nobodys(site: Site, visitor: Browser) -> None:
    site("krc")
    answer = visitor.get("/info/no-such-page/")
    assert answer.status_code == 404
    assert "public" not in answer.headers["Cache-Control"]


def test_without_the_database_no_page_is_told_on(site: Site, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError

    site("krc")
    monkeypatch.setattr("kindline.appeals.outages.on_site", gone)
    answer = visitor.get("/")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, shelf.PRIVATE)


def test_a_page_that_carries_a_token_or_sets_a_cookie_after_all_is_not_told_on() -> None:
    def with_token(request: HttpRequest) -> HttpResponse:
        shelf.share(request)
        return HttpResponse(get_token(request))

    def with_cookie(request: HttpRequest) -> HttpResponse:
        shelf.share(request)
        answer = HttpResponse("page")
        answer.set_cookie("name", "value")
        return answer

    for view in (with_token, with_cookie):
        assert shelf.Shelf(view)(asked()).headers["Cache-Control"] == shelf.PRIVATE


@pytest.mark.clause("krc-5.7-11")
def test_many_at_once_get_a_page_that_was_made_once(settings: Any, moment: list[float]) -> None:
    settings.PAGES_KEPT_S, times = 2, list[int]()
    pages = shelf.Shelf(made(times))
    assert {text(pages(asked())) for _ in range(1000)} == {"page 1"}
    moment[0] += 2
    assert text(pages(asked())) == "page 2"
    assert [pages(asked()).headers["Cache-Control"] for _ in range(3)] == [shelf.PUBLIC] * 3
    assert len(times) == 2


def test_while_one_makes_it_anew_the_others_are_told_the_last_one(settings: Any, moment: list[float]) -> None:
    settings.PAGES_KEPT_S, seen = 2, list[str]()

    def slow(request: HttpRequest) -> HttpResponse:
        shelf.share(request)
        if moment[0] > 100:
            seen.append(text(pages(asked())))  # comes while this one is being made
        return HttpResponse(f"page at {moment[0]}")

    pages = shelf.Shelf(slow)
    pages(asked())
    moment[0] += 3
    assert text(pages(asked())) == "page at 103.0"
    assert seen == ["page at 100.0"]


def test_language_letters_host_and_address_have_pages_of_their_own(settings: Any, moment: list[float]) -> None:
    settings.PAGES_KEPT_S, settings.ALLOWED_HOSTS, times = 2, ["*"], list[int]()
    pages = shelf.Shelf(made(times))
    large = {"HTTP_COOKIE": "kindline_view=large"}
    differ: list[dict[str, Any]] = [
        {}, {"HTTP_ACCEPT_LANGUAGE": "uk"}, {"HTTP_ACCEPT_LANGUAGE": "ru"}, large,
        large | {"HTTP_ACCEPT_LANGUAGE": "uk"}, {"HTTP_HOST": "other.example"}, {"path": "/faq/"},
    ]  # fmt: skip
    assert len({text(pages(asked(**one))) for one in differ}) == len(differ)
    chosen = {"HTTP_COOKIE": "django_language=uk", "HTTP_ACCEPT_LANGUAGE": "ru"}
    assert text(pages(asked(**chosen))) == text(pages(asked(HTTP_ACCEPT_LANGUAGE="uk;q=0.9,de")))
    assert len(times) == len(differ)


@pytest.mark.parametrize("more", [{"HTTP_COOKIE": f"{configured.SESSION_COOKIE_NAME}=x"}, {"QUERY_STRING": "a=1"}])
def test_who_is_known_gets_nothing_from_the_shelf_and_leaves_nothing_there(
    settings: Any, moment: list[float], more: dict[str, str]
) -> None:
    settings.PAGES_KEPT_S, times = 2, list[int]()
    pages = shelf.Shelf(made(times))
    pages(asked())
    assert text(pages(asked(**more))) == "page 2"
    assert text(pages(asked())) == "page 1"


def test_the_shelf_does_not_grow_without_end(
    settings: Any, moment: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PAGES_KEPT_S = 2
    monkeypatch.setattr(shelf, "MOST", 10)
    pages = shelf.Shelf(made([]))
    for number in range(100):
        pages(asked(f"/{number}/"))
    assert len(pages.kept) == 10
    assert text(pages(asked("/95/"))) == "page 96", "what was made last is there still"
    assert text(pages(asked("/0/"))) == "page 101"


def test_versions_for_low_vision_push_no_usual_page_off_the_shelf(settings: Any, moment: list[float]) -> None:
    settings.PAGES_KEPT_S, times = 2, list[int]()
    pages = shelf.Shelf(made(times))
    pages(asked())
    assert {pages(asked(HTTP_COOKIE=f"kindline_view={one}"))["Cache-Control"] for one in viewing.VIEWS} == {
        shelf.PUBLIC
    }
    assert len(pages.kept) == 1
    assert text(pages(asked())) == "page 1"


def test_what_was_changed_is_there_once_the_shelf_is_old(
    site: Site, visitor: Browser, settings: Any, moment: list[float]
) -> None:
    """The editor's change, and a notice of an outage: within the seconds of the shelf, whatever stands before it."""
    profile = site("krc")
    layout.lay_out(profile=profile)
    PageWording.objects.all().delete()
    settings.PAGES_KEPT_S = 2
    page = ItemPage.objects.live()[0]
    assert visitor.get(page.url).status_code == 200
    page.title = "Изменённый заголовок"
    page.save_revision().publish()
    head, now = Employee.objects.create(username="head", roles=[Role.SUPERVISOR]), timezone.now()
    opened = incidents.open_incident(
        profile=profile, title="Нет воды", topic=None, area="Лесная", appeals=[], begun_at=now, employee=head, now=now
    )
    incidents.announce(incident=opened, notice="Нет воды.", expected_end=None, employee=head, now=now)
    moment[0] += 2.1
    answer = text(visitor.get(page.url))
    assert page.title in answer
    assert "1 outage is going on" in answer
