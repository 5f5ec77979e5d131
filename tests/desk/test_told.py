"""What was brought to somebody's notice has a page: all of it can be reached, and nobody else's."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.appeals import notices, telling_staff
from kindline.appeals.models import ManagementNotice
from kindline.desk import lists
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, _page, here

__all__ = ["here"]
pytestmark = pytest.mark.db


def test_what_does_not_fit_beside_the_list_is_reached_page_by_page(
    here: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 5)
    head, other, appeal = here.people["unit_head"], here.people["director"], here.at("assigned")
    ManagementNotice.objects.bulk_create(
        ManagementNotice(appeal=appeal, employee=who, reason=f"letter:{n}", made_at=here.now + dt.timedelta(minutes=n))
        for n in range(12)
        for who in (head, other)
    )
    browser = _as(here, "unit_head")
    assert 'href="/desk/appeals/told/"' in _page(browser, "")
    assert "Brought to your notice: 12" in _page(browser, "told/")
    rows = [one.pk for number in (1, 2, 3) for one in browser.get(f"/desk/appeals/told/?page={number}").context["page"]]
    assert rows == list(notices.unseen(head).values_list("pk", flat=True))
    assert len(set(rows)) == 12
    notices.mark_seen(employee=head, appeal=appeal, now=here.now)
    assert "You have looked at everything" in _page(browser, "told/")
    assert "Brought to your notice: 12" in _page(browser, "told/?of=all")
    assert "Brought to your notice: 12" in _page(_as(here, "director"), "told/")


def test_who_was_told_of_nothing_sees_nothing(here: Registry) -> None:
    assert "Nothing was brought to your notice yet." in _page(_as(here, "security"), "told/?of=all")


def test_of_the_rungs_of_one_term_the_last_is_told_and_says_what_has_come(here: Registry) -> None:
    """A correction moved a term into the past: four lines of one appeal stood on the screen, and four letters went."""
    head, appeal, other = here.people["unit_head"], here.at("assigned"), here.at("assigned")
    for one, reason in ((appeal, "head_before"), (appeal, "head_after"), (other, "head_before"), (appeal, "letter:1")):
        notices.tell(one, [head], reason, here.now)
    told = [(one.appeal, one.reason) for one in notices.unseen(head)]
    assert told == [(appeal, "letter:1"), (other, "head_before"), (appeal, "head_after")]
    assert {one.reason for one in telling_staff.at_once()} == {"head_before", "head_after", "letter:1"}
    assert telling_staff.at_once().filter(appeal=appeal).count() == 2
    page = _page(_as(here, "unit_head"), "told/")
    assert "<strong>overdue</strong>" in page
    assert "<strong>due soon</strong>" in page
    assert "Brought to your notice: 4" in _page(_as(here, "unit_head"), "told/?of=all")
