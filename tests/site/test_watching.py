"""What is published, looked at once a day: its facts, its verdicts, and who is told of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client as Browser

from kindline.correspondence.models import Outgoing
from kindline.journal.models import Fact
from kindline.quality import judging
from kindline.quality.models import Measurement
from kindline.site import freshness, layout, watching
from kindline.site.models import ItemPage
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause
DAY = dt.timedelta(days=1)
FRESH = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)  # a Tuesday, noon in Moscow; the first reviews are due on the 20th
LATE = dt.datetime(2026, 12, 22, 9, tzinfo=dt.UTC)  # a Tuesday
MEASURED = ("krc-5.7-03", "krc-5.7.1-50", "krc-5.2-27")


@pytest.fixture
def krc(site: Callable[[str], Profile], monkeypatch: pytest.MonkeyPatch) -> Profile:
    """The site of krc, judged by the clauses that speak of it alone."""
    profile = site("krc")
    short = dataclasses.replace(profile, clauses={one: profile.clauses[one] for one in MEASURED})
    shortened = SimpleNamespace(load=lambda _id: short, profile_ids=loader.profile_ids)
    monkeypatch.setattr(judging, "loader", shortened)
    return profile


@pytest.fixture
def laid(krc: Profile) -> Profile:
    """The same with its sections, which takes time."""
    layout.lay_out(profile=krc)
    return krc


def employee(role: str, language: str = "en") -> Employee:
    """Somebody who answers."""
    return Employee.objects.create(
        username=role, surname="Known", roles=[role], language=language, email=f"{role}@example.org"
    )


@pytest.fixture
def relay(place: Any, settings: Any) -> None:
    """Mail is set up; nothing is sent in these tests."""
    described = {"class": "kindline.connectors.mail.smtp.Smtp", "url": "smtp://127.0.0.1:1", "sender": "a@b.example"}
    settings.MAIL = {**settings.MAIL, "relay": described}


def looks(slot: str) -> list[Fact]:
    """The looks at a slot, in their order."""
    return list(Fact.objects.filter(kind="slot_checked", data__slot=slot).order_by("at", "pk"))


def verdicts(slot: str, month: str) -> dict[str, str]:
    """What the clauses came to on a slot in a month."""
    subject = ("slot_month", f"{slot}/{month}")
    judging.judge_subjects(subjects={subject}, now=LATE)
    rows = Measurement.objects.filter(subject_type=subject[0], subject_id=subject[1])
    return dict(rows.values_list("clause", "verdict"))


def test_each_slot_is_looked_at_once_a_day_and_again_when_it_has_changed(laid: Profile) -> None:
    assert laid.publication is not None
    slots = len(laid.publication.slots)
    assert watching.sweep(profile=laid, now=FRESH) == slots
    assert watching.sweep(profile=laid, now=FRESH + dt.timedelta(hours=1)) == 0
    ItemPage.objects.get(slot="requisites").unpublish()
    assert watching.sweep(profile=laid, now=FRESH + dt.timedelta(hours=2)) == 1
    assert [fact.data["state"] for fact in looks("requisites")] == ["fresh", "empty"]
    assert watching.sweep(profile=laid, now=FRESH + DAY) == slots
    assert looks("about")[0].subject_id == "about/2026-12"


@clause("krc-5.7-03", "krc-5.7.1-50", "krc-5.2-27")
def test_an_overdue_or_empty_slot_is_a_verdict_of_not_met_with_its_evidence(laid: Profile) -> None:
    ItemPage.objects.get(slot="requisites").unpublish()
    watching.sweep(profile=laid, now=FRESH)
    watching.sweep(profile=laid, now=LATE)
    assert verdicts("tariffs", "2026-12") == {"krc-5.7-03": "not_met", "krc-5.7.1-50": "not_met"}
    assert verdicts("stand_hours", "2026-12") == {"krc-5.2-27": "not_met"}
    assert verdicts("requisites", "2026-12") == {"krc-5.7-03": "met", "krc-5.7.1-50": "not_met"}
    assert verdicts("about", "2026-12") == {"krc-5.7-03": "met", "krc-5.7.1-50": "met"}
    late = Measurement.objects.get(clause="krc-5.7-03", verdict="not_met")
    assert (float(late.observed), late.unit) == (2.0, "days")
    assert looks("tariffs")[-1].id in late.evidence


def test_a_reviewed_slot_begins_the_next_month_anew(laid: Profile) -> None:
    head = employee(Role.UNIT_HEAD)
    watching.sweep(profile=laid, now=LATE)
    freshness.review_slot(profile=laid, key="tariffs", employee=head, now=LATE)
    watching.sweep(profile=laid, now=LATE + dt.timedelta(hours=1))
    assert [fact.data["state"] for fact in looks("tariffs")] == ["overdue", "fresh"]
    assert verdicts("tariffs", "2026-12")["krc-5.7-03"] == "not_met"
    watching.sweep(profile=laid, now=LATE + 14 * DAY)
    assert verdicts("tariffs", "2027-01")["krc-5.7-03"] == "met"


@clause("krc-5.7-03")
@pytest.mark.usefixtures("relay")
def test_the_owner_is_told_before_and_after_the_head_later_and_each_once_in_a_while(laid: Profile) -> None:
    owner, head = employee(Role.UNIT_HEAD, "ru"), employee(Role.DIRECTOR)
    assert watching.sweep(profile=laid, now=FRESH) > 0
    assert Outgoing.objects.count() == 0, "nothing is due within seven days"
    soon = dt.datetime(2026, 12, 15, 9, tzinfo=dt.UTC)
    watching.sweep(profile=laid, now=soon)
    letter = Outgoing.objects.get()
    assert letter.recipient == owner.email
    assert "Тарифы на жилищно-коммунальные услуги: перечитать до 20.12.2026" in letter.text
    watching.sweep(profile=laid, now=soon + DAY)
    watching.sweep(profile=laid, now=LATE)  # two days late: the owner alone
    assert list(Outgoing.objects.order_by("pk").values_list("recipient", flat=True)) == [owner.email] * 2
    watching.sweep(profile=laid, now=LATE + DAY)
    last = Outgoing.objects.latest("pk")
    assert last.recipient == head.email
    assert "overdue, it was to be read until 20.12.2026" in last.text
    watching.sweep(profile=laid, now=LATE + 2 * DAY)
    assert Outgoing.objects.count() == 3
    rungs = set(Fact.objects.filter(kind="slot_told", subject_id="tariffs").values_list("data__rung", flat=True))
    assert rungs == {"ahead", "owner", "head"}
    told = Fact.objects.filter(kind="slot_told", subject_id="tariffs", data__rung="head").get()
    assert told.data["employees"] == [head.pk]


@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize("moment", [LATE.replace(hour=3), LATE.replace(day=27)], ids=["before the hour", "a Sunday"])
def test_nobody_is_written_to_at_night_or_on_a_day_off(krc: Profile, moment: dt.datetime) -> None:
    employee(Role.UNIT_HEAD)
    assert watching.sweep(profile=krc, now=moment) > 0
    assert Outgoing.objects.count() == 0


def test_without_mail_it_stands_on_the_screen(laid: Profile) -> None:
    watching.sweep(profile=laid, now=LATE)
    for role in (Role.UNIT_HEAD, Role.DIRECTOR, Role.SUPERVISOR):
        browser = Browser()
        browser.force_login(employee(role))
        page = browser.get("/desk/appeals/control/").content.decode()
        assert ("Тарифы на жилищно-коммунальные услуги</span>, overdue" in page) == (role != Role.SUPERVISOR)
    assert Fact.objects.filter(kind="slot_told").count() == 0


def test_a_standard_that_demands_nothing_is_left_alone(site: Callable[[str], Profile]) -> None:
    assert watching.sweep(profile=site("court"), now=FRESH) == 0
