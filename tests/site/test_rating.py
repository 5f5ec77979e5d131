"""The client rates the answer and the service, once there is something to rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from kindline.appeals.models import Appeal
from kindline.feedback import actions
from kindline.feedback.errors import LongWordsError, NotRatedError
from kindline.feedback.models import Rating
from kindline.journal.queries import facts_of
from kindline.standard.profile import Profile
from tests.files.makers import picture
from tests.site.test_talk import Talk

pytestmark = pytest.mark.db
clause = pytest.mark.clause


@pytest.fixture
def talk(site: Callable[..., Profile], visitor: Browser) -> Talk:
    """A question that was answered."""
    site("krc")
    made = Talk(visitor)
    Appeal.objects.update(answered_at=timezone.now())
    return made


def rated(talk: Talk, **given: Any) -> Any:
    """The form of the rating, sent."""
    return talk.visitor.post("/status/rate/", talk.known | {"answer": "4", "service": "5", "words": "Быстрее"} | given)


@clause("krc-5.7-16", "krc-2-23")
def test_a_rating_is_a_row_and_a_fact_and_stands_on_the_card(talk: Talk) -> None:
    assert "Thank you" in rated(talk).content.decode()
    row = Rating.objects.get()
    assert (row.answer, row.service, row.words) == (4, 5, "Быстрее")
    fact = next(one for one in facts_of("appeal", talk.appeal.pk) if one.kind == "service_rated")
    assert fact.data == {"rating": row.pk, "answer": 4, "service": 5, "in_words": True}
    desk = Browser(headers={"accept-language": "en"})
    desk.force_login(talk.executor)
    assert "Быстрее" in desk.get(reverse("appeal", args=[talk.appeal.pk])).content.decode()


def test_rated_again_the_later_one_holds(talk: Talk) -> None:
    rated(talk)
    rated(talk, answer="2", words="")
    assert [(one.answer, one.words) for one in Rating.objects.all()] == [(2, "")]


@pytest.mark.parametrize("figure", ["", "0", "6", "x"])
def test_without_both_figures_nothing_is_kept_and_the_words_stay(talk: Talk, figure: str) -> None:
    page = rated(talk, service=figure).content.decode()
    assert "Choose a figure for both" in page
    assert "Быстрее" in page
    assert not Rating.objects.exists()


def test_words_that_are_too_long_are_told_and_stay(talk: Talk) -> None:
    """Nothing that was typed is cut: what is kept is kept whole, what is too long is on the page again."""
    long = "ж" * (actions.LONGEST + 1)
    page = rated(talk, words=long).content.decode()
    assert "Shorten this to 2000 characters: it has 2001 now." in page
    assert long in page
    assert 'aria-describedby="e-words"' in page
    assert not Rating.objects.exists()


def test_lines_count_as_a_browser_counts_them(talk: Talk) -> None:
    """A form sends two characters for each end of a line, where who types sees one."""
    lines = "\r\n".join(["ж" * 9] * 200)
    rated(talk, words=lines)
    assert Rating.objects.get().words == lines.replace("\r\n", "\n")


def test_words_with_a_wrong_code_stay_on_the_page(talk: Talk) -> None:
    assert "Быстрее" in rated(talk, code="AAAAA-AAAAA").content.decode()


def test_nobody_rates_what_is_not_answered_or_is_not_his(talk: Talk) -> None:
    assert rated(talk, code="AAAAA-AAAAA").status_code == 404
    Appeal.objects.update(answered_at=None)
    assert rated(talk).status_code == 404
    assert "What do you think of it?" not in talk.seen()
    assert not Rating.objects.exists()


def test_a_figure_out_of_range_is_refused_below_the_page_too(db: None) -> None:
    with pytest.raises(NotRatedError):
        actions.rate(subject_type="appeal", subject_id=1, answer=0, service=3, words="", now=timezone.now())
    with pytest.raises(LongWordsError):
        actions.rate(subject_type="appeal", subject_id=1, answer=1, service=3, words="ж" * 2001, now=timezone.now())


@clause("krc-5.7-16")
def test_a_rating_goes_with_the_message_beside_it(talk: Talk) -> None:
    """Whichever button is pressed: a rating is no reason to lose a message, nor the reverse."""
    given = {"answer": "4", "service": "5", "words": "Быстрее"}
    assert "Thank you" in talk.writes("Спасибо", **given).content.decode()
    assert (Rating.objects.get().answer, talk.appeal.messages.get().text) == (4, "Спасибо")
    talk.writes("И ещё", **given)
    assert len([one for one in facts_of("appeal", talk.appeal.pk) if one.kind == "service_rated"]) == 1


def test_who_rates_and_presses_the_button_of_the_message_has_rated(talk: Talk) -> None:
    page = talk.writes("", answer="4", service="5", words="")
    assert page.status_code == 200
    assert "Thank you" in page.content.decode()
    assert Rating.objects.exists()


def test_half_a_rating_beside_a_message_is_asked_for_whole_and_stays(talk: Talk) -> None:
    page = talk.writes("Спасибо", answer="4", service="", words="Быстрее").content.decode()
    assert "Choose a figure for both" in page
    assert "Быстрее" in page
    assert talk.appeal.messages.exists()


def test_a_message_that_was_begun_stays_beside_the_rating(talk: Talk) -> None:
    page = rated(
        talk, text="Ещё вопрос", files=SimpleUploadedFile("p.png", picture("PNG"), "image/png")
    ).content.decode()
    assert "Thank you" in page
    assert "Ещё вопрос" in page
    assert "take away" in page
    assert not talk.appeal.messages.exists()
