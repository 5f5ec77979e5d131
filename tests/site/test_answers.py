"""The site's FAQ and search: what was published, by topic, found in any inflection, naming nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal, Publication
from kindline.conversations.models import Topic
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.site.test_reception import sent

pytestmark = pytest.mark.db
clause = pytest.mark.clause
Site = Callable[..., Profile]


@pytest.fixture
def published(site: Site, visitor: Browser) -> Callable[..., Publication]:
    """An answer that was published, as two employees decided."""
    site("krc")
    first, second = (Employee.objects.create(username=name, number=n) for n, name in enumerate(("one", "two"), 70))

    def publish(title: str, answer: str, *, topic: Topic | None = None, **fields: Any) -> Publication:
        sent(visitor)
        made = {"state": "published", "decided_by": first, "approved_by": second, "published_at": timezone.now()}
        return Publication.objects.create(
            appeal=Appeal.objects.latest("pk"), title=title, question=f"{title}?", answer=answer, topic=topic,
            decided_at=timezone.now(), **made | fields,
        )  # fmt: skip

    return publish


@clause("krc-5.7.2-02", "krc-5.7.2-07", "krc-5.7.2-18")
def test_published_answers_stand_by_topic_and_name_nobody(
    published: Callable[..., Publication], visitor: Browser
) -> None:
    topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
    published("Когда включат отопление", "В октябре, по решению города.", topic=topic)
    published("Где касса", "Садовая, 5.")
    published("Не для всех", "Тайна", state="proposed", approved_by=None, published_at=None)
    page = visitor.get("/faq/").content.decode()
    assert page.index("Отопление") < page.index("В октябре") < page.index("Садовая, 5.")
    assert "Тайна" not in page
    assert "Ёлкин" not in page


@clause("krc-5.7.2-06")
@pytest.mark.parametrize("words", ["отопления", "включить отопление", "ОТОПЛЕНИЕМ", "когда включают отопление в доме"])
def test_an_answer_is_found_in_any_inflection(
    published: Callable[..., Publication], visitor: Browser, words: str
) -> None:
    published("Когда включат отопление", "В октябре, по решению города.")
    published("Где касса", "Садовая, 5.")
    page = visitor.get("/search/", {"q": words}).content.decode()
    assert "В октябре" in page
    assert "Садовая" not in page


@clause("krc-5.7.2-06", "krc-5.7.2-03")
def test_what_is_not_found_can_be_asked_with_the_words_kept(site: Site, visitor: Browser) -> None:
    site("krc")
    page = visitor.get("/search/", {"q": "квантовый <b>"}).content.decode()
    assert "No answer fits" in page
    assert "<b>" not in page
    assert "квантовый" in visitor.get("/ask/", {"substance": "квантовый"}).content.decode()


@pytest.mark.parametrize(("words", "address"), [("жалоба", "/ask/"), ("номер", "/status/")])
def test_pages_are_found_too(site: Site, visitor: Browser, words: str, address: str) -> None:
    site("krc")
    page = visitor.get("/search/", {"q": words}, headers={"accept-language": "ru"}).content.decode()
    assert f'<li><a href="{address}">' in page
