"""The page of key figures: every figure with its formula, what is not final said so, and as a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page

from kindline.appeals.models import Appeal
from kindline.clients.models import Client
from kindline.conversations.models import Callback, Contact, Topic
from kindline.desk import goal_words, key_figure_words
from kindline.desk.goals import drawn
from kindline.journal import actions as journal
from kindline.quality import goals, indicators
from kindline.staff.models import Employee
from kindline.standard import loader
from tests.desk import test_screen
from tests.desk.looking import check_everywhere

window, open_as = test_screen.window, test_screen.open_as
PAGE = "/desk/key-figures/"
ZONE = loader.load("krc").zone


def last_month() -> dt.datetime:
    """Noon of the tenth of the month before this one."""
    this = timezone.now().astimezone(ZONE).date().replace(day=1)
    month = (this - dt.timedelta(days=1)).replace(day=10)
    return dt.datetime.combine(month, dt.time(12), ZONE)


def happened(at: dt.datetime) -> Contact:
    """An appeal that was due, a contact that was settled, reviewed and promised a call."""
    client = Client.objects.create(surname="Ёлкин", created_at=at, changed_at=at)
    topic = Topic.objects.create(profile="krc", code="bill", title="Квитанция")
    for number, answered in enumerate((at, None)):
        Appeal.objects.create(
            profile="krc", version="1", number=f"K-{number}", kind="application", channel="web", substance="…",
            received_at=at, registered_at=at, limit_at=at + dt.timedelta(hours=1), answered_at=answered,
        )  # fmt: skip
    made = Contact.objects.create(
        profile="krc", version="1", channel="phone", outcome="answered", started_at=at, ended_at=at, closed_at=at,
        client=client, topic=topic,
    )  # fmt: skip
    Callback.objects.create(contact=made, phone="+79270000001", promised_at=at, due_at=at, state="cancelled")
    data = {"form": "call_review", "item": "x", "verdict": "not_met", "reviewer": 1, "critical": True}
    journal.record(kind="item_judged", subject_type="contact", subject_id=str(made.pk), data=data, at=at)
    return made


@pytest.mark.db
@pytest.mark.clause("krc-5.4.1-14", "krc-6.1-09")
def test_every_figure_stands_with_its_formula_and_says_when_it_is_final(krc: Any, as_supervisor: Browser) -> None:
    happened(last_month())
    answer = as_supervisor.get(PAGE)
    shown = {one["key"]: one for part in answer.context["parts"] for one in part["figures"]}
    assert shown["on_time-on_time"]["latest"] == "50.0 %"
    assert shown["first_contact-first_contact"]["latest"] == "100.0 %"
    is_open = timezone.now().astimezone(ZONE).day <= 30
    assert shown["first_contact-first_contact"]["latest_open"] is is_open, "until thirty days after the month"
    assert not shown["on_time-on_time"]["latest_open"]
    kept, cancelled = (shown[f"callbacks-callbacks_{name}"]["latest"] for name in ("kept", "cancelled"))
    assert (kept, cancelled) == ("0.0 %", "1")
    assert (shown["reviews-review_score"]["latest"], shown["telephone-wrap_up"]["latest"]) == ("0.0 %", "—")
    text = answer.content.decode()
    assert ("not final yet" in text) is is_open
    assert all(one["formula"] for one in shown.values())
    assert all(f'id="formula-{key}"' in text for key in shown)


@pytest.mark.db
def test_the_table_can_be_taken_out(krc: Any, as_supervisor: Browser) -> None:
    at = last_month()
    happened(at)
    lines = b"".join(as_supervisor.get(f"{PAGE}?format=csv&months=3")).decode().splitlines()
    assert f"Answers on time,Answered by the limit,percent,{at:%Y-%m},50.0,2" in lines
    assert b"".join(as_supervisor.get(f"{PAGE}?format=xlsx")).startswith(b"PK")


@pytest.mark.db
def test_only_those_in_charge_see_it_and_a_standard_without_days_says_so(
    house: Any, as_operator: Browser, as_supervisor: Browser
) -> None:
    house("voe")
    assert as_operator.get(PAGE).status_code == 403
    assert "does not say within how many days" in as_supervisor.get(PAGE).content.decode()


def test_a_plot_tells_times_as_the_figures_beside_it_do() -> None:
    months = ((dt.date(2026, 9, 1), 88.0, 3), (dt.date(2026, 10, 1), 80.0, 4))
    figures = [one for part in indicators.PARTS.values() for one in part if one.unit in ("s", "share")]
    told = {one.unit: drawn("x", goals.Series(one, months), dt.date(2026, 12, 1))["plot"]["seconds"] for one in figures}
    assert told == {"s": True, "share": False}


def test_each_figure_has_its_words() -> None:
    assert set(key_figure_words.PARTS) == set(indicators.PARTS)
    names = {one.name for part in (*indicators.PARTS.values(), *goals.METRICS.values()) for one in part}
    assert names == set(goal_words.FIGURES)


@pytest.mark.db
def test_the_control_page_tells_answers_on_time(krc: Any, as_supervisor: Browser) -> None:
    happened(timezone.now() - dt.timedelta(days=3))
    page = as_supervisor.get("/desk/appeals/control/")
    assert (page.context["on_time"].due, page.context["on_time"].share) == (2, 0.5)
    assert PAGE in page.content.decode()


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_it_is_read_by_everybody(krc: Any, open_as: Callable[[Employee], Page], supervisor: Employee) -> None:
    happened(last_month())
    page = open_as(supervisor)
    page.goto(PAGE)
    page.locator("#label-on_time-on_time").click()
    assert "whose limit lay in the month" in page.locator("#formula-on_time-on_time").inner_text()
    check_everywhere(page, "key-figures")
