"""Whether what is published is fresh: who answers, the confirmation, what is empty or overdue, the stands on paper."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from kindline.correspondence import pdfs
from kindline.journal.models import Fact
from kindline.site import freshness, layout
from kindline.site.models import ItemPage, NewsPage
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
NOW = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc with its sections."""
    profile = site("krc")
    layout.lay_out(profile=profile)
    return profile


@pytest.fixture
def head(db: None) -> Employee:
    """Who answers for site and stands."""
    return Employee.objects.create(username="head", surname="Head", roles=[Role.UNIT_HEAD], language="en")


def state(profile: Profile, key: str, now: dt.datetime = NOW) -> freshness.Freshness:
    """A slot at a moment."""
    return next(row for row in freshness.today(profile, now) if row.slot.key == key)


@pytest.mark.clause("krc-5.7-04")
def test_every_slot_has_somebody_who_answers_and_a_day(krc: Profile) -> None:
    rows = freshness.today(krc, NOW)
    assert {row.state for row in rows} == {"fresh"}
    assert all(row.slot.owner and row.due_on for row in rows)


@pytest.mark.clause("krc-5.7.1-50", "krc-5.2-27")
@pytest.mark.parametrize("key", ["tariffs", "stand_dispatchers"])
def test_a_slot_becomes_overdue_and_a_review_makes_it_fresh(krc: Profile, head: Employee, key: str) -> None:
    later = dt.datetime(2026, 12, 21, 9, tzinfo=dt.UTC)
    assert state(krc, key).due_on == dt.date(2026, 12, 20)
    assert state(krc, key, dt.datetime(2026, 12, 20, 9, tzinfo=dt.UTC)).state == "fresh"
    assert state(krc, key, later).state == "overdue"
    freshness.review_slot(profile=krc, key=key, employee=head, now=later)
    assert (state(krc, key, later).state, state(krc, key, later).due_on) == ("fresh", dt.date(2027, 1, 20))
    assert Fact.objects.get(kind="slot_reviewed").subject_id == key


def test_a_slot_without_its_words_or_news_is_empty_and_cannot_be_confirmed(krc: Profile, head: Employee) -> None:
    page = ItemPage.objects.get(slot="requisites")
    page.body = [("text", "ИНН, КПП, ОГРН, расчётный счёт")]
    page.save()
    NewsPage.objects.child_of(ItemPage.objects.get(slot="news_partners")).delete()
    ItemPage.objects.get(slot="tariffs").unpublish()
    assert state(krc, "requisites").lacking == ("БИК",)
    empty = {row.slot.key for row in freshness.today(krc, NOW) if row.state == "empty"}
    assert empty == {"requisites", "news_partners", "tariffs", "stand_tariffs"}
    assert freshness.today(krc, NOW)[0].state == "empty"
    with pytest.raises(freshness.EmptySlotError):
        freshness.review_slot(profile=krc, key="requisites", employee=head, now=NOW)


def test_only_those_who_answer_confirm(krc: Profile) -> None:
    for role in Role.values:
        one = Employee.objects.create(username=role, roles=[role])
        browser = Browser()
        browser.force_login(one)
        allowed = role in freshness.REVIEWERS
        assert browser.get("/desk/published/").status_code == (200 if allowed else 403)
        assert browser.post("/desk/published/", {"slot": "about"}).status_code == (302 if allowed else 403)
        if not allowed:
            with pytest.raises(freshness.NotYoursError):
                freshness.review_slot(profile=krc, key="about", employee=one, now=NOW)
    assert Fact.objects.filter(kind="slot_reviewed").count() == len(freshness.REVIEWERS)


@pytest.mark.clause(
    "krc-5.2-01",
    "krc-5.2-02",
    "krc-5.2-03",
    "krc-5.2-25",
    "krc-5.2-04",
    "krc-5.2-05",
    "krc-5.2-06",
    "krc-5.2-07",
    "krc-5.2-08",
    "krc-5.2-09",
    "krc-5.2-10",
    "krc-5.2-11",
    "krc-5.2-12",
    "krc-5.2-13",
    "krc-5.2-14",
    "krc-5.2-15",
    "krc-5.2-16",
    "krc-5.2-17",
    "krc-5.2-18",
    "krc-5.2-19",
    "krc-5.2-20",
    "krc-5.2-21",
    "krc-5.2-22",
    "krc-5.2-23",
    "krc-5.2-24",
)
def test_the_stands_carry_every_item_with_its_text_mandatory_and_recommended_apart(
    krc: Profile, head: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []

    def keep(text: str) -> bytes:
        printed.append(html.unescape(text))
        return b"%PDF"

    monkeypatch.setattr(pdfs, "made", keep)
    browser = Browser()
    browser.force_login(head)
    assert krc.publication is not None
    for obligation, other in (("mandatory", "recommended"), ("recommended", "mandatory")):
        browser.get(f"/desk/published/{obligation}-A4.pdf")
        assert str(krc.variable("phone")) in printed[-1].partition("<h2>")[0], "a stand sends to no hidden number"
        sections = {part.partition("</h2>")[0]: part for part in printed[-1].split("<h2>")[1:]}
        assert set(sections) == {slot.title for slot in krc.publication.stands(obligation)}
        assert not set(sections) & {slot.title for slot in krc.publication.stands(other)}
        for slot in krc.publication.stands(obligation):
            words = [word for line in krc.publication.pieces[slot.source].words.split("\n") for word in line.split()]
            assert [word for word in words if word not in sections[slot.title]] == []
            assert slot.lacking(sections[slot.title]) == []


@pytest.mark.parametrize("size", ["A4", "A3"])
def test_a_stand_is_a_pdf_of_its_size_with_every_item(krc: Profile, head: Employee, size: str) -> None:
    browser = Browser()
    browser.force_login(head)
    answer = browser.get(f"/desk/published/mandatory-{size}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert len(answer.content) > 5000
    assert browser.get("/desk/published/mandatory-A5.pdf").status_code == 404
