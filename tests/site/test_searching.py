"""The search of the site: published answers however many, pages, services and the site's own pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Publication
from kindline.site import layout
from kindline.site.models import ItemPage, NewsPage
from kindline.site.search_models import SearchEntry
from kindline.site.searching import finding, indexing, wanted
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.site.test_answers import published

pytestmark = pytest.mark.db
clause = pytest.mark.clause
Site = Callable[..., Profile]
Publish = Callable[..., Publication]
__all__ = ["published"]


def looked_for(visitor: Browser, words: str, language: str = "ru") -> str:
    """The page of the search."""
    return visitor.get("/search/", {"q": words}, headers={"accept-language": language}).content.decode()


class TestWords:
    @pytest.mark.parametrize(
        ("text", "language", "forms"),
        [
            ("Когда включат отопление?", "ru", ["включить", "отопление"]),
            ("Коли ввімкнуть опалення, як довго чекати", "uk", ["ввімкнути", "опалення", "довго", "чекати"]),
            ("а в и", "ru", ["а", "в", "и"]),
            ("вода вода ВОДА", "ru", ["вода"]),
            ("", "ru", []),
        ],
    )
    def test_empty_words_are_left_out_where_there_are_others(self, text: str, language: str, forms: list[str]) -> None:
        assert [one.forms[0] for one in wanted.words_of(text, language)] == forms

    def test_a_word_fits_in_any_form_and_as_the_beginning_of_a_longer_one(self) -> None:
        (heating,) = wanted.words_of("отоплением", "ru")
        assert heating.fits(wanted.indexed("", "нет отопления", "ru"))
        (water,) = wanted.words_of("вод", "ru")
        assert water.fits(["водопровод"])
        assert not water.fits(["завод"])

    @pytest.mark.parametrize(
        ("typed", "stands"), [("включают", "включение"), ("подключать", "подключим"), ("вимикали", "вимикання")]
    )
    def test_a_verb_fits_its_pair_and_its_noun(self, typed: str, stands: str) -> None:
        (verb,) = wanted.words_of(typed, "uk" if "вими" in typed else "ru")
        assert verb.fits(wanted.indexed("", stands, "uk" if "вими" in typed else "ru"))
        assert not verb.fits(wanted.indexed("", "выключатель", "ru"))

    def test_a_long_text_asks_for_twelve_words_at_most(self) -> None:
        text = " ".join(f"слово{letter}" for letter in "абвгдежзиклмнопрст")
        assert len(wanted.words_of(text, "ru")) == wanted.WORDS_MAX


@clause("krc-5.7.2-06")
def test_an_old_answer_is_found_among_hundreds_of_newer_ones(published: Publish, visitor: Browser) -> None:
    old = published("Где касса", "Садовая, 5.")
    entry = SearchEntry.objects.get(answer=old)
    rows = [published("Когда включат отопление", "В октябре.") for _ in range(3)]
    assert SearchEntry.objects.filter(answer__in=rows).count() == 3
    late = timezone.now() + dt.timedelta(days=1)
    SearchEntry.objects.exclude(pk=entry.pk).update(dated_at=late)
    page = looked_for(visitor, "кассы")
    assert "Садовая, 5" in page
    assert "В октябре" not in page


def test_those_with_most_of_the_words_come_first_then_those_with_them_in_the_title(published: Publish) -> None:
    profile = loader.load(published("Перерасчёт", "За отопление.").appeal.profile)
    titled, whole = published("Отопление", "Перерасчёта нет."), published("Перерасчёт за отопление", "Будет.")
    asked = wanted.words_of("перерасчёт отопления", "ru")
    found = finding.answers(profile, asked)
    assert found[0] == whole
    assert {found[1], found[2]} == {titled, Publication.objects.earliest("pk")}


@clause("krc-5.7.2-06", "krc-5.7.2-18")
def test_what_is_withdrawn_is_not_found_any_more(published: Publish, visitor: Browser) -> None:
    row = published("Где касса", "Садовая, 5.")
    row.state = "withdrawn"
    row.save(update_fields=["state"])
    assert not SearchEntry.objects.exists()
    assert "Садовая, 5" not in looked_for(visitor, "касса")


@pytest.mark.parametrize(
    "words", ["' OR 1=1 --", "a & b | !c:*", "\\ '' \x00 <b>", "№ 5/7", "😀 привіт", "%s %(x)s {}"]
)
def test_whatever_is_typed_is_looked_for_as_words(published: Publish, visitor: Browser, words: str) -> None:
    published("Где касса", "Садовая, 5.")
    assert visitor.get("/search/", {"q": words}).status_code == 200


@pytest.mark.parametrize(
    ("words", "language", "address"),
    [
        ("передать показания счётчика", "ru", "/readings/"),
        ("send a reading", "ru", "/readings/"),
        ("мій баланс", "en", "/account/"),
        ("отключение воды", "ru", "/outages/"),
        ("записаться к директору", "ru", "/meeting/"),
        ("консультація по відеозв’язку", "uk", "/consultation/"),
        ("открытые данные", "ru", "/open-data/"),
        ("услуги", "ru", "/services/"),
        ("ввод счётчика", "ru", "/services/meter_entry/"),
        ("перерахунок", "uk", "/services/recalculation/"),
        ("переоформить лицевой счёт", "ru", "/services/account_change/"),
    ],
)
def test_the_sites_own_pages_and_services_are_found_in_any_language(
    site: Site, visitor: Browser, words: str, language: str, address: str
) -> None:
    site("krc")
    assert f'<li><a href="{address}">' in looked_for(visitor, words, language)


def test_a_page_that_this_organisation_does_not_have_is_not_found(site: Site, visitor: Browser) -> None:
    site("court")
    for words in ("показания счётчика", "открытые данные", "консультация", "приём у директора", "услуги"):
        page = looked_for(visitor, words)
        for address in ("/readings/", "/open-data/", "/consultation/", "/meeting/", "/services/"):
            assert f'<li><a href="{address}">' not in page


@pytest.fixture
def laid(site: Site) -> Profile:
    """The sections of krc."""
    profile = site("krc")
    layout.lay_out(profile=profile)
    return profile


def test_a_page_is_found_by_its_new_text_once_it_is_published_and_by_no_draft(laid: Profile, visitor: Browser) -> None:
    page = ItemPage.objects.get(slot="about")
    page.body = [("text", "Теперь и про жирафов")]
    draft = page.save_revision()
    assert page.title not in looked_for(visitor, "жираф")
    draft.publish()
    assert page.title in looked_for(visitor, "жираф")
    ItemPage.objects.get(slot="about").unpublish()
    assert page.title not in looked_for(visitor, "жираф")


def test_a_piece_of_news_that_is_removed_leaves_the_index(laid: Profile, visitor: Browser) -> None:
    news = NewsPage.objects.get(title="Водоканал промывает сети")
    assert news.title in looked_for(visitor, "промывка водоканал")
    news.delete()
    assert news.title not in looked_for(visitor, "промывка водоканал")


def test_what_passed_the_index_by_is_caught_up_once(laid: Profile, published: Publish) -> None:
    published("Где касса", "Садовая, 5.")
    assert indexing.catch_up() == 0
    count = SearchEntry.objects.count()
    SearchEntry.objects.all().delete()
    assert indexing.catch_up() == count == 1 + ItemPage.objects.count() + NewsPage.objects.count()
    Publication.objects.update(answer="Лесная, 7.", published_at=timezone.now())
    assert indexing.catch_up() == 1
    assert finding.answers(laid, wanted.words_of("лесная", "ru"))


def test_the_search_costs_few_questions_to_the_database(
    laid: Profile, published: Publish, visitor: Browser, django_assert_max_num_queries: object
) -> None:
    for _ in range(3):
        published("Где касса", "Садовая, 5.")
    looked_for(visitor, "касса показания")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        looked_for(visitor, "касса показания")
