"""The page of satisfaction: plot, table and CSV say the same; what clients wrote leads to the appeal."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.feedback import actions, calls
from kindline.feedback.models import Rating
from kindline.journal import actions as journal
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here

__all__ = ["here"]
pytestmark = pytest.mark.db
PAGE = "/desk/satisfaction/"


def _rated(here: Registry) -> str:
    """An appeal of today rated 3 and 5, and an older one rated 2 and 2; the number of the first."""
    now, appeal, old = timezone.now(), here.at("assigned"), here.at("assigned")
    said = {"subject_type": "appeal", "words": "Дольше, чем обещали <b>"}
    actions.rate(subject_id=appeal.pk, answer=3, service=5, now=now, **said)
    actions.rate(subject_id=old.pk, answer=2, service=2, now=now - dt.timedelta(days=200), **said)
    return appeal.number


def _csv(browser: Browser, query: str) -> list[str]:
    return b"".join(browser.get(f"{PAGE}?format=csv&{query}")).decode("utf-8-sig").splitlines()


@pytest.mark.clause("krc-3-02", "krc-4-05", "voe-1-02")
def test_plot_table_and_export_say_the_same(here: Registry) -> None:
    number, browser = _rated(here), _as(here, "director")
    page = browser.get(PAGE).content.decode()
    found = re.search(r'<script id="satisfaction-data" type="application/json">(.*?)</script>', page)
    assert found
    assert json.loads(found[1])["series"][0]["values"] == [0.0, 100.0]
    assert [line.split(",")[1:5] for line in _csv(browser, "")[1:]] == [
        ["1", "0.0", "2.0", "2.0"],
        ["1", "100.0", "3.0", "5.0"],
    ]
    assert number in page
    assert "обещали &lt;b&gt;" in page


@pytest.mark.clause("krc-3-02", "krc-4-05", "voe-1-02")
def test_a_rating_by_telephone_stands_beside_the_others_and_on_its_contact(here: Registry) -> None:
    now, browser = timezone.now(), _as(here, "director")
    talk = Contact.objects.create(
        profile="krc", version="1", channel="phone", started_at=now, employee=here.people["operator"]
    )
    calls.keep(contact=str(talk.pk), score=4, of=5, now=now)
    page = browser.get(PAGE).content.decode()
    assert f"/desk/contacts/{talk.pk}/" in page
    assert str(here.people["operator"]) in page
    assert [line.split(",")[1:5] for line in _csv(browser, "")[1:]] == [["1", "100.0", "", "4.0"]]
    shown = browser.get(f"/desk/contacts/{talk.pk}/").content.decode()
    assert re.search(r"Rated by the client.*?4 / 5", shown, re.S)
    assert "The client gave a rating" in shown


def test_a_period_shows_its_own_ratings_and_nonsense_is_as_good_as_not_asked(here: Registry) -> None:
    _rated(here)
    browser = _as(here, "site_administrator")
    today = timezone.localdate()
    assert len(_csv(browser, f"since={today - dt.timedelta(days=2)}&step=quarter")) == 2
    assert len(_csv(browser, "since=31.31.2026&until=x&step=y")) == 3
    assert "Nobody has rated" in browser.get(f"{PAGE}?until=2001-01-01").content.decode()


def test_an_operator_does_not_see_who_said_what(here: Registry) -> None:
    assert _as(here, "operator").get(PAGE).status_code == 403


def test_the_response_rate_stands_beside_the_index_also_where_nobody_rated(here: Registry) -> None:
    now = timezone.now()
    for number in range(4):
        of = {"subject_type": "contact", "subject_id": str(uuid.uuid4())}
        journal.record(kind="rating_asked", **of, data={"employee": 1}, at=now)
        if not number:
            Rating.objects.create(**of, service=5, way="phone", made_at=now)
    browser = _as(here, "director")
    answer = browser.get(PAGE)
    assert (answer.context["response"].rated, answer.context["response"].asked) == (1, 4)
    assert "25.0 %" in answer.content.decode()
    assert [line.split(",")[5:] for line in _csv(browser, "")[1:]] == [["4", "1", "25.0"]]
    Rating.objects.all().delete()
    answer = browser.get(PAGE)
    assert (answer.context["whole"], answer.context["response"].rate) == (None, 0.0)
    assert [line.split(",")[1:] for line in _csv(browser, "")[1:]] == [["0", "", "", "", "4", "0", "0.0"]]
