"""Every page that a client may open, under every standard: accessible on a desk and on the smallest telephone.

One list, taken from the addresses themselves: a page that is added is looked at without anybody thinking of it. Pages
of one thing (an item that the standard demands, a news item, a passport) are all looked at on a telephone, the first of
each kind on a desk too. Forms with faults, texts in other languages and pictures of each page are looked at beside each
page's own tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Django
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from kindline.appeals import incidents
from kindline.appeals.models import Appeal, Publication
from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client
from kindline.notifications import browsers, pushing
from kindline.notifications.browsers import Offered, Place
from kindline.notifications.push_models import PushPart
from kindline.site import layout, pace, senders
from kindline.site.account import joining
from kindline.site.models import ItemPage, Joining, NewsPage, Pace
from kindline.site.urls import ACCOUNT, FORMS
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.connectors.push.service import PushServer, Receiver
from tests.desk.looking import TINY, check_axe, comes_true
from tests.notifications.conftest import push_server
from tests.site.account.conftest import account, quick_passwords, seat
from tests.site.test_reception import TYPED, sent

__all__ = ["account", "push_server", "quick_passwords"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True), pytest.mark.timeout(900)]
WIDE: ViewportSize = {"width": 1280, "height": 800}
TOKEN = "F" * 32
HERE = {"service", "notice", "account_money", "account_not_me", "account_readings_sent"}
"""Pages with a parameter that are looked at below; how the pictures of the others are called, and what is no page."""
ELSEWHERE = {
    "asked": "site-asked", "notices_confirm": "subscribe-code", "notices_leave": "subscribe-leave",
    "callback_asked": "callback-asked", "meeting_booked": "meeting-booked",
    "consultation_booked": "consultation-booked", "consultation_room": "room-client", "report": '"report"',
}  # fmt: skip
NO_PAGE = {
    "notice_shown", "consultation_say", "document", "account_readings_again", "account_money_of_old",
}  # fmt: skip


def routes(patterns: list) -> list[str]:  # type: ignore[type-arg]
    """The addresses of pages that need nothing but themselves; those of employees have their own tests."""
    found = [f"/{one.pattern}" for one in patterns]
    return [one for one in found if "<" not in one and not one.startswith("/desk/") and "." not in one]


@pytest.fixture
def context(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """Somebody's browser; its forms have a cookie that the tests know."""
    made = browser.new_context(base_url=live_server.url, viewport=WIDE, locale="en")
    made.add_cookies([{"name": settings.CSRF_COOKIE_NAME, "value": TOKEN, "url": live_server.url}])
    yield made
    made.close()


def look(page: Page, *, is_wide: bool = True) -> None:
    """No violation at either width, or on a telephone alone, and nothing sticks out."""
    if is_wide:
        check_axe(page)
    page.set_viewport_size({"width": TINY[0], "height": TINY[1]})
    check_axe(page)
    comes_true(page, "wide => document.documentElement.scrollWidth <= wide", TINY[0], 5_000)
    page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})


def is_page(answer: Any) -> bool:
    """Whether an answer is something to look at."""
    return bool(answer.status_code == 200 and answer["Content-Type"].startswith("text/html"))


def walk(page: Page, client: Django, addresses: list[str], *, is_wide: bool = True) -> list[str]:
    """Look at each that is a page here, and not a door to another or for posts alone; which these are."""
    there = [one for one in addresses if is_page(client.get(one))]
    for address in there:
        open_and_look(page, address, is_wide=is_wide)
    return there


def open_and_look(page: Page, address: str, *, is_wide: bool = True) -> None:
    """Look at what must be a page."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    look(page, is_wide=is_wide)


def walk_kinds(page: Page, kinds: list[list[str]]) -> None:
    """Look at every page of each kind, at the first of it at both widths."""
    for kind in kinds:
        for number, address in enumerate(kind):
            open_and_look(page, address, is_wide=number == 0)


def demanded(standard: Profile) -> list[list[str]]:
    """Where the items that a standard demands are, the news of them and the passports of services: by kind."""
    publication = standard.publication
    slots = [one.key for one in publication.slots.values() if one.on_site] if publication else []
    news = [one.url for one in NewsPage.objects.order_by("path")]
    services = [f"/services/{one}/" for one in standard.services]
    return [[ItemPage.objects.get(slot=one).url for one in slots], news, services]


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_every_page_of_a_standard_is_accessible_at_both_widths(
    site: Callable[[str], Profile], context: BrowserContext, live_server: LiveServer, profile: str
) -> None:
    standard = site(profile)
    layout.lay_out(profile=standard)
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": standard.language, "url": live_server.url}])
    head = Employee.objects.create(username="head", roles=[Role.SUPERVISOR])
    now = timezone.now()
    for title, begun in (("Нет воды", now), ("Замена кабеля", now + dt.timedelta(days=2))):
        made = incidents.open_incident(
            profile=standard, title=title, topic=None, area="Лесная", appeals=[], begun_at=begun, employee=head, now=now
        )
        incidents.announce(incident=made, notice=title, expected_end=None, employee=head, now=now)
    sections = standard.publication.sections if standard.publication else ()
    addresses = [*routes(FORMS), *(f"/info/{one.id.replace('_', '-')}/" for one in sections)]
    page = context.new_page()
    seen = walk(page, Django(), [*addresses, "/outages/?address=Лесная 1", "/search/?q=вопрос"])
    walk_kinds(page, demanded(standard))
    always = {"/", "/ask/", "/status/", "/outages/", "/notices/", "/search/", "/outages/?address=Лесная 1"}
    assert always <= set(seen)
    assert ("/contacts/" in seen) is (profile == "court")
    assert ("/faq/" in seen) is (profile == "krc")


OUTSIDE = ["/account/enter/", "/account/register/"]


def inside(account: Account, context: BrowserContext, url: str) -> tuple[Django, list[str]]:
    """Who is in the account, in the browser too, and all that is there with something in it."""
    Client.objects.update(kind="firm", firm_name="ООО «Заря»")
    one, other = (
        Login.objects.create(email=f"{name}@example.com", password=make_password(TOKEN), made_at=timezone.now())
        for name in ("one", "other")
    )
    for login in (one, other):
        login.accounts.add(account)
    joined = Joining.objects.create(login=other, account=account, joined_at=timezone.now())
    kept, name = Django(), settings.SESSION_COOKIE_NAME
    seat(kept, one)
    for what in ("people", "email"):
        assert kept.post(f"/account/again/?for={what}", {"password": TOKEN}).status_code == 302
    context.add_cookies([{"name": name, "value": kept.cookies[name].value, "url": url}])
    away = ("/account/export/", "/account/stay/", "/account/leave/", "/account/left/")
    found = [one for one in routes(ACCOUNT) if one not in away]
    found += [one for one in routes(FORMS) if one.startswith("/account/")]
    letter = f"/account/not-me/{signing.dumps([joined.pk, one.pk], salt=joining.SALT)}/"
    sheet = SimpleUploadedFile("march.csv", b"1234567;E-1;day;1100;2026-03-02")
    judged = kept.post("/account/readings/file/", {"file": sheet}).headers.get("Location", "/account/readings/")
    return kept, [*found, f"/account/{account.pk}/money/", letter, judged]


ALWAYS = {"/account/", *(f"/account/{one}/" for one in ("data", "people", "email", "sessions"))}


@pytest.mark.usefixtures("quick_passwords")
def test_the_pages_of_the_account_are_accessible_at_both_widths(
    site: Callable[[str], Profile], account: Account, context: BrowserContext, live_server: LiveServer
) -> None:
    site("krc")
    page = context.new_page()
    assert "/account/enter/" in walk(page, Django(), OUTSIDE)
    kept, addresses = inside(account, context, live_server.url)
    seen = walk(page, kept, addresses)
    assert ALWAYS | set(addresses[-3:]) <= set(seen)


@pytest.mark.usefixtures("quick_passwords")
@pytest.mark.parametrize("profile", ["court", "yumek", "voe"])
def test_the_pages_of_the_account_are_accessible_under_other_standards_in_their_languages(
    site: Callable[[str], Profile], account: Account, context: BrowserContext, live_server: LiveServer, profile: str
) -> None:
    """On a telephone alone: what differs is words, and parts that a standard leaves out."""
    language = site(profile).language
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}])
    page = context.new_page()
    assert walk(page, Django(), OUTSIDE, is_wide=False) == OUTSIDE
    expect(page.locator("html")).to_have_attribute("lang", language)
    kept, addresses = inside(account, context, live_server.url)
    assert set(walk(page, kept, addresses, is_wide=False)) >= ALWAYS


def test_answers_and_refusals_are_accessible_at_both_widths(
    site: Callable[[str], Profile], context: BrowserContext
) -> None:
    site("krc")
    assert sent(Django()).status_code == 302
    one, two = (Employee.objects.create(username=name, number=n) for n, name in enumerate(("one", "two"), 70))
    Publication.objects.create(
        appeal=Appeal.objects.get(), title="Где касса", question="Где касса?", answer="Садовая, 5.", state="published",
        decided_by=one, approved_by=two, decided_at=timezone.now(), published_at=timezone.now(),
    )  # fmt: skip
    page = context.new_page()
    assert walk(page, Django(), ["/faq/"]) == ["/faq/"]
    expect(page.get_by_text("Где касса").first).to_be_visible()

    def refused(page: Page) -> None:
        page.goto("/ask/")
        page.locator("#f-substance").fill(TYPED["substance"] * 3)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("heading", name="This was not sent")).to_be_visible(timeout=30_000)
        look(page)

    page.add_init_script("document.addEventListener('submit', e => { e.target.csrfmiddlewaretoken.value = 'x' }, true)")
    refused(page)
    expect(page.get_by_role("button", name="Send again")).to_be_visible()
    own = senders.browser_of("127.0.0.1", TOKEN)
    Pace.objects.filter(sender=own).delete()
    Pace.objects.create(sender=own, since=timezone.now(), posts=pace.STOP_AN_HOUR)
    page = context.new_page()
    refused(page)
    expect(page.get_by_text("Very many forms came from your network")).to_be_visible()


def test_the_page_of_a_push_notice_is_accessible_before_and_after_leaving(
    site: Callable[[str], Profile], context: BrowserContext, push_server: PushServer
) -> None:
    site("krc")
    keys, now = Receiver(), timezone.now()
    offered = Offered(f"{push_server.url}/to/1", keys.p256dh, keys.auth, "en", "Firefox")
    address = browsers.subscribe(offered=offered, clients=[], place=Place("Садовая", "5"), now=now)
    pushing.queue_push(key="a", title="Вода", text="Завтра не будет воды: https://example.org/", to=address, now=now)
    page, at = context.new_page(), f"/notices/{PushPart.objects.get().code}/"
    assert walk(page, Django(), [at]) == [at]
    page.get_by_role("button", name="No more notices in this browser").click()
    expect(page.get_by_text("No more notices are sent to that browser.")).to_be_visible()
    look(page)


def test_every_page_with_a_parameter_is_looked_at_somewhere() -> None:
    """Here, or beside its own tests under the name of its picture; files and what is only posted are no pages."""
    named = {one.name for one in [*FORMS, *ACCOUNT] if "<" in str(one.pattern) and "." not in str(one.pattern)}
    named -= {one.name for one in FORMS if str(one.pattern).startswith("desk/")}
    assert named == HERE | set(ELSEWHERE) | NO_PAGE
    beside = [one for one in Path(__file__).parent.rglob("test_*.py") if one != Path(__file__)]
    told = "".join(one.read_text(encoding="utf-8") for one in beside)
    assert {name for name, picture in ELSEWHERE.items() if picture not in told} == set()
