"""What is suggested while a question is typed: three links at most, in any inflection, told to who asks alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Publication
from kindline.journal.models import Fact
from kindline.site import layout, pace, senders
from kindline.site.models import Pace
from kindline.standard.profile import Profile
from tests.site.test_answers import published

pytestmark = pytest.mark.db
clause = pytest.mark.clause
Site = Callable[..., Profile]
Publish = Callable[..., Publication]
__all__ = ["published"]


def suggested(visitor: Browser, words: str, language: str = "ru") -> list[tuple[str, str, str]]:
    """Address, title and language of what is suggested."""
    answer = visitor.get("/search/suggest/", {"q": words, "in": language})
    assert answer.status_code == 200
    return [tuple(one) for one in answer.json()["links"]]


@clause("krc-5.7.2-02", "krc-5.7.2-07")
@pytest.mark.parametrize("words", ["когда включат отопление в нашем доме", "ОТОПЛЕНИЕ включили", "включение отопления"])
def test_a_published_answer_is_suggested_in_any_inflection(published: Publish, visitor: Browser, words: str) -> None:
    row = published("Когда включат отопление", "В октябре, когда включение разрешит город.")
    published("Где касса", "Садовая, 5.")
    assert suggested(visitor, words) == [(f"/faq/?a={row.pk}#a-{row.pk}", "Когда включат отопление", "ru")]
    opened = visitor.get(f"/faq/?a={row.pk}").content.decode()
    assert f'id="a-{row.pk}" open' in opened


def test_at_most_three_the_best_first_pages_and_services_too(site: Site, visitor: Browser) -> None:
    layout.lay_out(profile=site("krc"))
    found = suggested(visitor, "хочу передать показания счётчика воды")
    assert [address for address, _title, _language in found] == ["/info/population/readings/", "/readings/"]
    assert len(suggested(visitor, "сколько платить: стоимость услуг, тарифы, счётчик, общедомовые нужды")) == 3


@pytest.mark.parametrize(("language", "title"), [("uk", "Передати показник"), ("en", "Send a reading")])
def test_own_pages_are_named_in_the_language_of_the_form(
    site: Site, visitor: Browser, language: str, title: str
) -> None:
    site("krc")
    answer = visitor.get("/search/suggest/", {"q": "передать показание", "in": language})
    assert answer.json()["links"] == [["/readings/", title, language]]
    assert answer.json()["said"].startswith({"uk": "Можливо, відповідь уже є: 1 сторінка", "en": "1 page"}[language])


@pytest.mark.parametrize("words", ["", "отопление", "и в на", "слон жираф бегемот"])
def test_too_few_words_or_none_that_fit_suggest_nothing(published: Publish, visitor: Browser, words: str) -> None:
    published("Когда включат отопление", "В октябре.")
    assert visitor.get("/search/suggest/", {"q": words, "in": "ru"}).json() == {"said": "", "links": []}


def test_one_word_of_many_is_no_answer(published: Publish, visitor: Browser) -> None:
    published("Когда включат отопление", "В октябре.")
    assert suggested(visitor, "отопление перерасчёт квитанция пени") == []


def test_who_suggests_nothing_of_the_form_itself(site: Site, visitor: Browser) -> None:
    site("krc")
    assert suggested(visitor, "задать вопрос написать обращение") == []


@clause("krc-5.7.2-18")
def test_what_is_not_published_is_not_suggested(published: Publish, visitor: Browser) -> None:
    published("Когда включат отопление", "Тайна", state="proposed", approved_by=None, published_at=None)
    assert suggested(visitor, "когда включат отопление") == []


def test_the_browser_may_keep_it_nobody_else_and_it_belongs_to_no_session(site: Site, visitor: Browser) -> None:
    site("krc")
    answer = visitor.get("/search/suggest/", {"q": "передать показания", "in": "ru"})
    assert answer["Cache-Control"] == "private, max-age=600"
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert visitor.post("/search/suggest/", {"q": "x"}).status_code == 405


def test_who_asks_without_end_is_told_nothing_and_may_still_send_his_question(site: Site, visitor: Browser) -> None:
    site("krc")
    browser = senders.browser_of("look 127.0.0.1", "")
    Pace.objects.create(sender=browser, since=timezone.now(), posts=pace.LOOKS_AN_HOUR)
    answer = visitor.get("/search/suggest/", {"q": "передать показания", "in": "ru"})
    assert (answer.status_code, answer.json()["links"]) == (429, [])
    assert Pace.objects.count() == 2  # the browser's and the address's looks: nothing of it counts as a post
    assert Pace.objects.get(sender=browser).posts == pace.LOOKS_AN_HOUR + 1
    assert visitor.get("/ask/").status_code == 200


def test_nothing_typed_is_kept_or_logged(site: Site, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    site("krc")
    told: list[str] = []

    def handled(self: logging.Logger, record: logging.LogRecord) -> None:
        told.append(record.getMessage())

    monkeypatch.setattr(logging.Logger, "handle", handled)
    suggested(visitor, "передать показания жираф")
    assert "жираф" not in "".join(told)
    assert not Fact.objects.exists()
    assert "жираф" not in str(list(Pace.objects.values()))


def test_it_costs_two_questions_to_the_database(
    site: Site, visitor: Browser, django_assert_max_num_queries: Any
) -> None:
    site("krc")
    suggested(visitor, "передать показания воды")
    with django_assert_max_num_queries(2):
        suggested(visitor, "передать показания воды")


def test_the_form_has_its_place_for_them_and_is_silent_without_javascript(site: Site, visitor: Browser) -> None:
    site("krc")
    page = visitor.get("/ask/").content.decode()
    part = page.partition('data-suggest="/search/suggest/"')[2].partition("</div>")[0]
    assert '<p class="quiet" role="status"></p><ul class="parts" hidden></ul>' in part
    assert "hidden>Suggest nothing</button>" in part
    assert "site/suggest" in page
    assert "data-suggest" not in visitor.get("/ask/?service=recalculation").content.decode()
