"""Saved views with their counts, shared with a unit; many signed as they were seen; where an answer is shown."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from kindline.appeals import publications, saving
from kindline.appeals.models import Answer, Appeal, Publication, SavedView
from kindline.appeals.publications import Public
from kindline.desk import appeal_rows, appeals
from kindline.staff.models import Employee, Unit
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, _page, here

clause = pytest.mark.clause
pytestmark = pytest.mark.db
__all__ = ["here"]
CLEAN = Public("Перерасчёт", "Почему выросла плата?", "Плата пересчитана с учётом показаний прибора.")


def _save(browser: Browser, name: str, query: str, shared: str = "") -> None:
    assert browser.post("/desk/appeals/views/", {"name": name, "query": query, "role": shared}).status_code == 302


class TestViews:
    def test_each_says_how_many_it_leaves_in_one_query(self, here: Registry) -> None:
        head, browser = here.people["unit_head"], _as(here, "unit_head")
        for kind in ("complaint", "proposal", "proposal"):
            here.register(kind=kind)
        Appeal.objects.filter(kind="complaint").update(limit_at=here.now - dt.timedelta(days=2))
        queries = ("kind=proposal", "due=overdue", "q=отоплению", "due=extended", "state=all&executor=me")
        for number, query in enumerate(queries):
            saving.save_view(name=str(number), query=query, employee=head, now=here.now)
        views = list(saving.views_of(head))
        with CaptureQueriesContext(connection) as caught:
            counts = appeal_rows.counted(views, head, here.now)
        assert [counts[one.pk] for one in views] == ["2", "1", "3", "0", "0"]
        assert len(caught) == 1
        page = _page(browser, "")
        assert '<a href="?kind=proposal">0</a> <strong>2</strong>' in page

    def test_counting_ends_somewhere(self, here: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(appeal_rows, "VIEW_MAX", 1)
        head = here.people["unit_head"]
        view = saving.save_view(name="все", query="", employee=head, now=here.now)
        here.register()
        assert appeal_rows.counted([view], head, here.now) == {view.pk: "1"}
        here.register()
        assert appeal_rows.counted([view], head, here.now) == {view.pk: "1+"}
        assert appeal_rows.counted([], head, here.now) == {}

    def test_one_is_shared_with_the_unit_by_who_leads_it(self, here: Registry) -> None:
        _save(_as(here, "unit_head"), "Отдела", "due=soon", "unit")
        assert ">Отдела<" in _page(_as(here, "specialist"), "")
        other = Unit.objects.create(code="other", name="Другой отдел")
        Employee.objects.filter(pk=here.people["counter"].pk).update(unit=other)
        assert ">Отдела<" not in _page(_as(here, "counter"), "")
        _save(_as(here, "specialist"), "Моё", "due=today", "unit")
        assert SavedView.objects.get(name="Моё").unit is None, "only those in charge share"

    def test_a_view_without_a_name_says_so(self, here: Registry) -> None:
        answer = _as(here, "operator").post("/desk/appeals/views/", {"name": " ", "query": "due=today"}, follow=True)
        assert 'role="status"' in answer.content.decode()
        assert not SavedView.objects.exists()


class TestManyAtOnce:
    def test_a_signature_stands_under_what_was_seen_in_the_list(self, here: Registry) -> None:
        seen, changed, unsaid = (here.at("sign") for _ in range(3))
        director = _as(here, "director")
        page = _page(director, "")
        assert f'name="revision-{seen.pk}" value="{seen.revision}"' in page
        Appeal.objects.filter(pk=changed.pk).update(revision=7)
        said: dict[str, Any] = {"verb": "sign", "chosen": [one.pk for one in (seen, changed, unsaid)]}
        said |= {f"revision-{one.pk}": one.revision for one in (seen, changed)}
        told = director.post("/desk/appeals/batch", said).content.decode()
        assert "Done: 1." in told
        assert "Not done: 2." in told
        states = dict(Appeal.objects.values_list("pk", "state"))
        assert [states[one.pk] for one in (seen, changed, unsaid)] == ["signed", "sign", "sign"]

    def test_a_file_that_holds_not_all_says_so(self, here: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        here.register()
        asked = "/desk/appeals/?format=csv&purpose=settlements"
        assert "narrow the filters" not in b"".join(_as(here, "operator").get(asked)).decode()
        here.register()
        monkeypatch.setattr(appeals, "EXPORT_MAX", 1)
        lines = b"".join(_as(here, "operator").get(asked)).decode().splitlines()
        assert len(lines) == 3
        assert lines[-1].startswith("The first 1 rows")


@pytest.fixture
def published(here: Registry) -> Publication:
    """An answer on the site."""
    appeal, by = here.at("sent", channel="web"), here.people
    Answer.objects.filter(appeal=appeal).update(sent_at=here.now)
    given: dict[str, Any] = {"appeal": appeal, "public": CLEAN, "now": here.now}
    publications.propose(employee=by["site_administrator"], **given)
    return publications.approve(employee=by["unit_head"], **given)


class TestPublished:
    @clause("krc-5.7.2-17", "krc-5.7.2-18")
    def test_the_card_leads_to_the_site_and_the_site_back_for_those_who_decide(
        self, here: Registry, published: Publication
    ) -> None:
        place = f'href="/faq/?a={published.pk}#a-{published.pk}"'
        for role in ("specialist", "site_administrator"):
            assert place in _page(_as(here, role), f"{published.appeal_id}/")
        assert place in _as(here, "site_administrator").get("/desk/publications/").content.decode()
        back = f'href="/desk/appeals/{published.appeal_id}/publication/"'
        address = f"/faq/?a={published.pk}"
        assert back in _as(here, "unit_head").get(address).content.decode()
        for browser in (Browser(), _as(here, "operator")):
            page = browser.get(address).content.decode()
            assert CLEAN.answer in page
            assert f'id="a-{published.pk}" open' in page
            assert back not in page
            assert str(published.appeal.number) not in page

    @clause("krc-5.7.2-17")
    def test_once_withdrawn_the_card_says_by_whom_and_why(self, here: Registry, published: Publication) -> None:
        publications.withdraw(
            appeal=published.appeal, reason="норма изменилась", employee=here.people["unit_head"], now=here.now
        )
        page = _page(_as(here, "specialist"), f"{published.appeal_id}/")
        assert "норма изменилась" in page
        assert "/faq/?a=" not in page
        assert CLEAN.answer not in Browser().get(f"/faq/?a={published.pk}").content.decode()

    def test_one_that_is_older_than_the_page_holds_is_shown_when_asked_for(
        self, here: Registry, published: Publication
    ) -> None:
        assert publications.first_of("krc", str(published.pk), 0) == [published]
        assert publications.first_of("krc", str(published.pk), 5) == [published]
        assert publications.first_of("krc", "²", 0) == publications.first_of("krc", "0", 0) == []
