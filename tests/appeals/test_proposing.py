"""A topic is proposed by the words of the letter, with the words that speak for it; never applied."""

from typing import Any

import pytest

from kindline.appeals import proposing
from kindline.appeals.models import Appeal
from kindline.conversations.models import Topic
from tests.appeals.registry import Registry

pytestmark = pytest.mark.db


@pytest.fixture
def topics(krc: Registry) -> dict[str, Topic]:
    """A small tree of topics."""
    bills = Topic.objects.create(profile="krc", code="bills", title="Начисления")
    made = {"bills": bills}
    for code, title in (("heating", "Отопление"), ("meters", "Приборы учёта"), ("noise", "Прочее")):
        made[code] = Topic.objects.create(
            profile="krc", code=code, title=title, parent=bills if code != "noise" else None
        )
    return made


@pytest.fixture
def sorted_before(krc: Registry, topics: dict[str, Topic]) -> None:
    """Appeals whose topics people have named."""
    for code, words in (("heating", "В квартире холодные батареи, прошу проверить"),
                        ("meters", "Счётчик воды сломан, прошу поверить счётчик"),
                        ("noise", "Прошу объяснить, куда обратиться")):  # fmt: skip
        for _ in range(4):
            krc.register(substance=words, topic=topics[code])


def waiting(krc: Registry, text: str, **more: Any) -> Appeal:
    """A letter that waits to be sorted."""
    appeal = krc.register(substance=text)
    Appeal.objects.filter(pk=appeal.pk).update(state="sorting", **more)
    return Appeal.objects.get(pk=appeal.pk)


def test_by_words_of_appeals_that_were_sorted_in_any_inflection(krc: Registry, sorted_before: None) -> None:
    appeal = waiting(krc, "Просим помочь: наша квартира холодная, батарея не греет")
    (first, *_) = proposing.propose(appeal)
    assert first.topic.code == "heating"
    assert {word: counts for word, *counts in first.words}["батарея"] == [4, 4]
    appeal.refresh_from_db()
    assert appeal.topic is None, "it is not applied"


def test_what_stands_in_every_topic_says_nothing(krc: Registry, sorted_before: None) -> None:
    assert proposing.propose(waiting(krc, "Прошу, прошу, прошу")) == []


def test_by_a_word_of_the_title(krc: Registry, topics: dict[str, Topic]) -> None:
    found = proposing.propose(waiting(krc, "Нет отопления с понедельника"))
    assert [(one.topic.code, one.titled) for one in found] == [("heating", ["отопления"])]


def test_names_of_the_applicant_do_not_count(krc: Registry, topics: dict[str, Topic]) -> None:
    topics["noise"].title = "Коваль"
    topics["noise"].save()
    assert proposing.propose(waiting(krc, "С уважением, Коваль")) == []


def test_an_empty_registry_and_an_unreadable_letter_propose_nothing(krc: Registry) -> None:
    assert proposing.propose(waiting(krc, "\N{REPLACEMENT CHARACTER} 123 ---")) == []
