"""The pages "Goals of the standard" and "What the standard rests on", without a browser."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.desk import basis, goal_words
from kindline.desk import house as described
from kindline.quality import goals
from kindline.standard import loader
from kindline.standard.faults import Fault, ProfileFaults
from kindline.standard.local_rules import LocalRule
from kindline.standard.orders import Approval
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here

__all__ = ["here"]
clause = pytest.mark.clause
pytestmark = pytest.mark.db
PAGE = "/desk/goals/"


def _talk(at: dt.datetime, talk_s: int) -> None:
    Contact.objects.create(
        id=uuid.uuid4(), profile="krc", version="1", channel="phone", started_at=at, answered_at=at,
        ended_at=at + dt.timedelta(seconds=talk_s), closed_at=at + dt.timedelta(seconds=talk_s),
    )  # fmt: skip


def _month(back: int) -> dt.datetime:
    """Noon of the fifteenth of a month before this one, by the organisation's clock."""
    zone = loader.load("krc").zone
    first = goals.months_before(timezone.now().astimezone(zone).date(), back + 1)[0]
    return dt.datetime.combine(first.replace(day=15), dt.time(12), zone)


def _csv(browser: Browser, query: str = "") -> list[str]:
    return b"".join(browser.get(f"{PAGE}?format=csv{query}")).decode("utf-8-sig").splitlines()


@clause("krc-3-06", "krc-2-03")
def test_the_page_says_the_value_its_change_and_how_it_is_counted(here: Registry) -> None:
    _talk(_month(2), 300)
    _talk(_month(1), 200)
    browser = _as(here, "director")
    page = " ".join(browser.get(PAGE).content.decode().split())
    assert "3:20" in page
    assert f'−1:40 · better</span> <small class="text-secondary">{_month(1):%m.%Y}</small>' in page
    assert "Sum of the time from the answer to the end of the talk or visit / contacts that were answered." in page
    rows = [line for line in _csv(browser, "&months=3") if line.startswith('"krc-2-03, krc-3-06",')]
    assert [line.rsplit(",", 2)[1:] for line in rows] == [["300.0", "1"], ["200.0", "1"], ["", "0"]]
    assert b"".join(browser.get(f"{PAGE}?format=xlsx&months=3")).startswith(b"PK"), "a workbook"
    assert browser.get(f"{PAGE}?months=²").status_code == 200


@clause("krc-3-02", "krc-3-03", "krc-3-04", "krc-3-05", "krc-3-07", "krc-4-01", "krc-4-03", "krc-5.4.1-14")
def test_every_goal_of_the_standard_has_its_place_and_its_formulas(here: Registry) -> None:
    page = _as(here, "unit_head").get(PAGE).content.decode()
    for metric, clauses in goals.metrics_of(here.profile).items():
        assert f'id="goal-{metric}"' in page
        assert all(f"/desk/standard/{one.id}/" in page for one in clauses)
        for figure in goals.METRICS[metric]:
            assert f'id="formula-{metric}-{figure.name}"' in page
    assert set(goal_words.METRICS) == set(goals.METRICS)


def test_the_floor_does_not_see_the_goals_and_the_standard_s_page_leads_to_them(here: Registry) -> None:
    assert _as(here, "operator").get(PAGE).status_code == 403
    assert PAGE in _as(here, "director").get("/desk/standard/").content.decode()
    assert PAGE not in _as(here, "operator").get("/desk/standard/").content.decode()


def test_a_standard_without_goals_says_so(house: Any, here: Registry) -> None:
    house("court")
    assert "names no goals" in _as(here, "director").get(PAGE).content.decode()


@clause("krc-8-01", "krc-1-04", "krc-1-10")
def test_the_order_and_the_acts_stand_on_the_page_of_the_standard(here: Registry) -> None:
    page = _as(here, "operator").get("/desk/basis/").content.decode()
    assert "№ 1" in page
    assert "генеральный директор" in page
    assert all(act.title in page for act in here.profile.legal_sources)
    assert "Гражданский кодекс" in _as(here, "operator").get("/desk/standard/krc-1-04/").content.decode()


@clause("krc-8-02", "krc-8-03")
def test_versions_that_are_in_force_coming_or_refused_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = loader.load("krc")
    days = {"2": dt.date(2026, 7, 1), "3": dt.date(2027, 1, 1), "4": dt.date(2027, 2, 1)}
    by = first.approved
    made = {
        name: dataclasses.replace(first, version=name, approved=dataclasses.replace(by, order=f"№ {name}0"))
        for name in days
    }

    def load(_name: str, on: dt.date | None = None) -> Any:
        fits = [name for name, since in days.items() if on is None or since <= on]
        if fits and fits[-1] == "4" and on is not None:
            raise ProfileFaults([Fault("krc/versions/4/standard.yaml", 1, "approved", "the order has no number")])
        return made[fits[-1]] if fits else first

    monkeypatch.setattr(loader, "load", load)
    monkeypatch.setattr(loader, "versions", lambda _path: list(days.items()))
    shown = basis.versions(made["2"], dt.date(2026, 8, 1))
    assert [(one.name, one.state) for one in shown] == [
        ("4", "refused"), ("3", "coming"), ("2", "present"), ("1", "past"),
    ]  # fmt: skip
    assert shown[0].faults == ("the order has no number",)
    assert shown[2].order is not None
    assert shown[2].order.order == "№ 20"


@clause("krc-1-03")
def test_local_rules_stand_beside_what_the_standard_says(here: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = LocalRule("Регламент № 12", "krc-5.6.4-03", "rings_max", 2, 3)
    monkeypatch.setattr(described, "profile", lambda: dataclasses.replace(here.profile, local_rules=(rule,)))
    page = _as(here, "operator").get("/desk/basis/").content.decode()
    assert "Регламент № 12" in page
    assert "No internal document" not in page


@clause("krc-8-03")
def test_a_repealed_standard_is_said_to_be_repealed_and_by_which_order(
    here: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = Approval("№ 80", dt.date(2025, 11, 30), "генеральный директор")
    ended = dataclasses.replace(here.profile, repealed_by=order, valid_to=dt.date(2025, 12, 31))
    monkeypatch.setattr(described, "profile", lambda: ended)
    page = " ".join(_as(here, "operator").get("/desk/basis/").content.decode().split())
    assert "The standard has been repealed. Order № 80," in page
