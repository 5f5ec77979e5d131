"""The sections of the site: every item that a standard demands has its page, with what it must contain."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from kindline.site import layout, scheduled
from kindline.site.models import ItemPage, NewsPage, SectionPage
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.publication import Publication, Slot

pytestmark = pytest.mark.db
PROFILES = [name for name in loader.profile_ids() if loader.load(name).publication]
PLACES = ("faq", "ask", "meeting", "consultation", "readings", "account", "services", "outages", "reports", "callback")
SHOWS = {name: f"/{name}/" for name in PLACES}


@pytest.fixture
def laid(site: Callable[[str], Profile], visitor: Browser) -> Callable[[str], Publication]:
    """The site of a profile, with its sections; the visitor reads the standard's own language."""

    def made(profile: str) -> Publication:
        standard = site(profile)
        layout.lay_out(profile=standard)
        visitor.cookies["django_language"] = standard.language
        assert standard.publication is not None
        return standard.publication

    return made


@pytest.mark.clause(
    "krc-5.7.1-02",
    "krc-5.7.1-03",
    "krc-5.7.1-04",
    "krc-5.7.1-05",
    "krc-5.7.1-06",
    "krc-5.7.1-07",
    "krc-5.7.1-11",
    "krc-5.7.1-12",
    "krc-5.7.1-08",
    "krc-5.7.1-09",
    "krc-5.7.1-10",
    "krc-5.7.1-14",
    "krc-5.7.1-15",
    "krc-5.7.1-16",
    "krc-5.7.1-17",
    "krc-5.7.1-18",
    "krc-5.7.1-19",
    "krc-5.7.1-20",
    "krc-5.7.1-21",
    "krc-5.7.1-22",
    "krc-5.7.1-24",
    "krc-5.7.1-25",
    "krc-5.7.1-26",
    "krc-5.7.1-27",
    "krc-5.7.1-28",
    "krc-5.7.1-29",
    "krc-5.7.1-30",
    "krc-5.7.1-31",
    "krc-5.7.1-32",
    "krc-5.7.1-33",
    "krc-5.7.1-34",
    "krc-5.7.1-35",
    "krc-5.7.1-36",
    "krc-5.7.1-37",
    "voe-8-02",
    "voe-5-02",
    "yumek-9.1-05",
)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_the_standard_demands_stands_on_its_page(
    laid: Callable[[str], Publication], visitor: Browser, profile: str
) -> None:
    publication = laid(profile)
    wrong = {slot.key: found for slot in publication.slots.values() if (found := _lacking(slot, publication, visitor))}
    assert wrong == {}


def _lacking(slot: Slot, publication: Publication, visitor: Browser) -> list[str]:
    """What the page of a slot lacks, as a visitor sees it; nothing where the slot has its place on the stand alone."""
    if not slot.on_site:
        return []
    answer = visitor.get(ItemPage.objects.get(slot=slot.key).url)
    said = html.unescape(answer.content.decode())
    article = said.partition("<article")[2].partition("</article>")[0]
    news = [one.title for one in publication.news if one.kind == slot.news]
    found = slot.lacking(article) + [title for title in news if title not in article]
    found += [] if f">{slot.title}</h1>" in article and len(article.partition("</h1>")[2]) > 60 else ["a text"]
    drawn = article.count("<svg") == len(publication.schemes.get(slot.key, ())) and all(
        one.words in article and one.address in article for one in publication.schemes.get(slot.key, ())
    )
    found += [] if drawn and bool(publication.schemes.get(slot.key)) == slot.scheme else ["its schemes"]
    found += ["its news"] if slot.news and not news else []
    return found if not slot.page or _leads(said, SHOWS[slot.page], visitor) else [*found, SHOWS[slot.page]]


def _leads(said: str, address: str, visitor: Browser) -> bool:
    """Whether a button of the page leads to a page that is there, if need be by its door."""
    button = f'<a class="button main" href="{address}">' in said.partition("</article>")[2]
    return button and visitor.get(address, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("profile", "wanted"),
    [
        ("krc", {"readings": "readings", "account": "account", "service_list": "services", "service_ways": "services"}),
        ("voe", {"readings": "readings", "connection": "services", "outages": "outages"}),
    ],
)
def test_what_can_be_done_on_the_site_is_a_button_and_the_text_says_so(
    laid: Callable[[str], Publication], profile: str, wanted: dict[str, str]
) -> None:
    publication = laid(profile)
    assert {key: slot.page for key, slot in publication.slots.items() if slot.page in wanted.values()} == wanted
    for key in wanted:
        words = publication.pieces[key].words
        assert "«Задать вопрос»" not in words, key
        assert "сайт" in words or "На сторінці" in words or "сторінка" in words, key


def test_nobody_is_sent_to_the_office_for_what_he_can_do_himself(laid: Callable[[str], Publication]) -> None:
    """Registration, readings and requests for services are done on the site; the office is where it does not work."""
    pieces = laid("krc").pieces
    assert "Зарегистрируйтесь сами" in pieces["account"].words
    assert "«Передать показание»" in pieces["readings"].words
    assert "«Услуги»" in pieces["service_ways"].words
    for key in ("account", "readings", "service_ways"):
        assert pieces[key].words.index("сайт") < pieces[key].words.index("зал"), key


def test_a_page_that_this_organisation_does_not_have_has_no_button(
    laid: Callable[[str], Publication], visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid("krc")
    monkeypatch.setattr("kindline.readings.queries.are_taken", lambda _profile: False)
    page = visitor.get(ItemPage.objects.get(slot="readings").url).content.decode()
    assert 'href="/readings/"' not in page


@pytest.mark.clause("krc-5.7.1-13", "voe-8-01", "krc-5.7-02", "krc-5.7-06")
@pytest.mark.parametrize("profile", PROFILES)
def test_every_section_is_in_the_menu_of_the_first_page_and_leads_to_its_items(
    laid: Callable[[str], Publication], visitor: Browser, profile: str
) -> None:
    publication, standard = laid(profile), loader.load(profile)
    home = html.unescape(visitor.get("/", headers={"accept-language": standard.language}).content.decode())
    labels = [phrase.text for phrase in standard.clauses["krc-5.7.1-13"].phrases] if profile == "krc" else []
    for label in labels:
        assert f">{label}</a>" in home
    for section in publication.sections:
        address = SectionPage.objects.get(section=section.id).url
        assert f'href="{address}"' in home
        shown = html.unescape(visitor.get(address).content.decode())
        for slot in publication.of_section(section.id):
            assert f">{slot.title}</a>" in shown


@pytest.mark.clause("krc-5.7.1-13")
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_four_sections_are_found_in_every_language(
    laid: Callable[[str], Publication], visitor: Browser, language: str
) -> None:
    demanded = [one for one in laid("krc").sections if "krc-5.7.1-13" in one.clauses]
    visitor.cookies["django_language"] = language
    home = html.unescape(visitor.get("/").content.decode())
    assert len(demanded) == loader.load("krc").clauses["krc-5.7.1-13"].value["sections"]
    for section in demanded:
        assert f'href="{SectionPage.objects.get(section=section.id).url}">{section.title[language]}</a>' in home


def test_what_people_wrote_is_kept_when_the_sections_are_made_again(laid: Callable[[str], Publication]) -> None:
    laid("krc")
    pages = ItemPage.objects.count(), NewsPage.objects.count()
    ItemPage.objects.filter(slot="about").update(title="Ours")
    ItemPage.objects.get(slot="cost").delete()
    assert layout.lay_out(profile=loader.load("krc")) == 1
    assert (ItemPage.objects.count(), NewsPage.objects.count()) == pages
    assert ItemPage.objects.get(slot="about").title == "Ours"


@pytest.fixture
def employees(db: None) -> Callable[[str], Browser]:
    """A browser of an employee with a role."""

    def logged_in(role: str) -> Browser:
        employee = Employee.objects.create(username=f"one-{role}", surname="Known", roles=[role])
        browser = Browser()
        browser.force_login(employee)
        return browser

    return logged_in


@pytest.mark.clause("krc-5.7-07", "krc-5.7.1-01")
def test_the_editor_is_open_to_the_site_administrator_alone(
    laid: Callable[[str], Publication], employees: Callable[[str], Browser], visitor: Browser
) -> None:
    laid("krc")
    assert visitor.get("/cms/").headers["location"] == "/login/?next=%2Fcms%2F"
    for role in Role.values:
        expected = 200 if role == Role.SITE_ADMINISTRATOR else 403
        assert employees(role).get("/cms/").status_code == expected, role


@pytest.mark.clause("krc-5.7-05", "krc-5.7-07", "krc-5.7.1-01")
def test_what_the_site_administrator_publishes_is_seen_at_once(
    laid: Callable[[str], Publication], employees: Callable[[str], Browser], visitor: Browser
) -> None:
    laid("krc")
    page = ItemPage.objects.get(slot="about")
    editor = employees(Role.SITE_ADMINISTRATOR)
    address = f"/cms/pages/{page.pk}/edit/"
    assert editor.get(address).status_code == 200
    assert editor.post(address, edited(page)).status_code == 302
    shown = visitor.get(page.url).content.decode()
    assert "Кто мы" in shown
    assert "новый текст" in shown


def edited(page: ItemPage, **more: str) -> dict[str, str]:
    """What the editor sends to publish a page with another title and text."""
    form = {"title": "Кто мы", "slug": page.slug, "action-publish": "1", "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0", "wordings-TOTAL_FORMS": "0", "wordings-INITIAL_FORMS": "0",
            "body-count": "1", "body-0-deleted": "", "body-0-order": "0",
            "body-0-type": "text", "body-0-id": "", "body-0-value": "Северный дом: новый текст"}  # fmt: skip
    return form | more


@pytest.mark.clause("krc-5.7.1-01")
def test_what_is_to_come_or_go_at_an_hour_does_so_by_the_clock_of_the_organisation(
    laid: Callable[[str], Publication], employees: Callable[[str], Browser], visitor: Browser
) -> None:
    laid("krc")
    page, zone, minute = ItemPage.objects.get(slot="about"), loader.load("krc").zone, dt.timedelta(minutes=1)
    editor, address = employees(Role.SITE_ADMINISTRATOR), f"/cms/pages/{page.pk}/edit/"
    come, go = (timezone.now().astimezone(zone).replace(second=0, microsecond=0) + n * 600 * minute for n in (1, 2))
    editor.get(address)
    hours = {"go_live_at": f"{come:%Y-%m-%d %H:%M}", "expire_at": f"{go:%Y-%m-%d %H:%M}"}
    assert editor.post(address, edited(page, **hours)).status_code == 302
    for now, n, seen in ((come - minute, 0, False), (come + minute, 1, True), (go - minute, 0, True)):
        with time_machine.travel(now, tick=False):
            assert scheduled.sweep(now=now) == n
        assert ("новый текст" in visitor.get(page.url).content.decode()) is seen
    assert scheduled.sweep(now=go + minute) == 1
    assert visitor.get(page.url).status_code == 404


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("показаний счётчика", "Как передать показания счётчиков"),
        ("субсидиями", "Меры социальной поддержки"),
        ("водоканалом промывка", "Водоканал промывает сети"),
    ],
)
def test_pages_and_news_are_found_in_any_inflection(
    laid: Callable[[str], Publication], visitor: Browser, words: str, title: str
) -> None:
    laid("krc")
    assert title in visitor.get("/search/", {"q": words}).content.decode()
    assert title not in visitor.get("/search/", {"q": "слон"}).content.decode()


def test_sites_without_a_publication_have_no_sections(site: Callable[[str], Profile], visitor: Browser) -> None:
    assert layout.lay_out(profile=site("court")) == 0
    assert 'class="wide sections"' not in visitor.get("/").content.decode()


def test_people_and_their_passwords_are_the_administrations_alone(
    laid: Callable[[str], Publication], employees: Callable[[str], Browser]
) -> None:
    laid("krc")
    browser = employees(Role.SITE_ADMINISTRATOR)
    Employee.objects.update(is_superuser=True)
    for page in ("/cms/users/", f"/cms/users/edit/{Employee.objects.get().pk}/", "/cms/bulk/staff/employee/delete/"):
        assert browser.get(page).headers["location"] == "/admin/staff/employee/", page
        assert browser.post(page, {}).headers["location"] == "/admin/staff/employee/", page
