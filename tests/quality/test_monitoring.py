"""The quarterly monitoring: due once, drawn by lot, reviewed whole by others, approved, its numbers without names."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from kindline.conversations.models import Contact
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.quality import judging, monitoring, quarters, reviews
from kindline.quality.models import Measurement, Monitoring, Sampled
from kindline.quality.monitoring import MonitoringError, NotTheirsError
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.correspondence.conftest import place

__all__ = ["place"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
NOW = dt.datetime(2026, 10, 2, 9, tzinfo=dt.UTC)  # a Friday; the third quarter is over
LATE = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
QUARTER = "2026-Q3"


@pytest.fixture
def voe(under: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Profile:
    """The distributor, with a sample of three, judged by the two clauses alone."""
    under("voe")
    whole = loader.load("voe")
    assert whole.publication is not None
    assert whole.publication.monitoring is not None
    small = dataclasses.replace(whole.publication.monitoring, sample=3)
    profile = dataclasses.replace(whole, publication=dataclasses.replace(whole.publication, monitoring=small))
    short = dataclasses.replace(profile, clauses={id_: whole.clauses[id_] for id_ in ("voe-1-08", "voe-1-09")})
    monkeypatch.setattr(judging, "loader", SimpleNamespace(load=lambda _id: short, profile_ids=loader.profile_ids))
    monkeypatch.setattr(reviews, "loader", SimpleNamespace(load=lambda _id: profile))
    return profile


@pytest.fixture
def people(db: None) -> dict[str, Employee]:
    """One employee of each role that matters."""
    roles = (Role.OPERATOR, Role.SUPERVISOR, Role.UNIT_HEAD, Role.DIRECTOR)
    return {
        role: Employee.objects.create(username=role, surname="Відома", roles=[role], email=f"{role}@example.org")
        for role in roles
    }


def contacts(
    employee: Employee, count: int, at: dt.datetime = NOW - dt.timedelta(days=20), **more: Any
) -> list[Contact]:
    """So many closed calls of an employee."""
    given: dict[str, Any] = {"profile": "voe", "version": "1", "channel": "phone", "started_at": at, "closed_at": at}
    return [Contact.objects.create(employee=employee, caller="+380671112233", **given | more) for _ in range(count)]


def review(contact: Contact, reviewer: Employee, value: str = "yes") -> None:
    """Every item of the form judged alike."""
    form = loader.load("voe").form("phone")
    assert form is not None
    answers = {item.id: reviews.Answer(value, "чому") for item in form.items}
    reviews.review_contact(contact=contact, form=form.id, answers=answers, reviewer=reviewer, now=NOW)


def verdicts(now: dt.datetime) -> dict[str, str]:
    """What the clauses came to on the quarter."""
    judging.judge_subjects(subjects={("quarter", QUARTER)}, now=now)
    return dict(Measurement.objects.filter(subject_id=QUARTER).values_list("clause", "verdict"))


def test_quarters_know_their_bounds_and_their_predecessor() -> None:
    zone = loader.load("voe").zone
    assert quarters.before(dt.date(2026, 1, 1)) == "2025-Q4"
    assert quarters.before(dt.date(2026, 6, 30)) == "2026-Q1"
    since, until = quarters.bounds("2025-Q4", zone)
    assert (since.date(), until.date()) == (dt.date(2025, 10, 1), dt.date(2026, 1, 1))
    assert quarters.due_at(QUARTER, 30, zone).date() == dt.date(2026, 10, 31)
    for wrong in ("2026-Q5", "2026", "x-Q1"):
        with pytest.raises(ValueError, match=r"."):
            quarters.bounds(wrong, zone)


def test_it_is_due_once_after_the_quarter_and_those_who_do_it_are_told(
    voe: Profile, people: dict[str, Employee], place: Any, settings: Any
) -> None:
    described = {"class": "kindline.connectors.mail.smtp.Smtp", "url": "smtp://127.0.0.1:1", "sender": "a@b.example"}
    settings.MAIL = {**settings.MAIL, "relay": described}
    assert monitoring.sweep(profile=voe, now=NOW) is False, "nobody called yet"
    contacts(people[Role.OPERATOR], 1)
    assert monitoring.sweep(profile=voe, now=NOW) is True
    assert monitoring.sweep(profile=voe, now=NOW) is False
    assert facts_of("quarter", QUARTER).get(kind="monitoring_due").data["due_at"].startswith("2026-10-31T00:00:00")
    told = {row.recipient: row.subject for row in Outgoing.objects.all()}
    assert set(told) == {f"{role}@example.org" for role in (Role.SUPERVISOR, Role.UNIT_HEAD, Role.DIRECTOR)}
    assert "Моніторинг за 2026-Q3 треба оприлюднити до 30.10.2026" in told["director@example.org"]
    assert monitoring.sweep(profile=loader.load("krc"), now=NOW) is False, "a standard without a procedure"


@clause("voe-1-08")
def test_the_sample_is_drawn_by_lot_from_the_quarter_alone_and_can_be_drawn_again_by_its_seed(
    voe: Profile, people: dict[str, Employee]
) -> None:
    mine = contacts(people[Role.OPERATOR], 6)
    contacts(people[Role.OPERATOR], 2, NOW)  # the next quarter
    contacts(people[Role.OPERATOR], 2, channel="email")
    contacts(people[Role.OPERATOR], 2, closed_at=None)
    made = monitoring.draw(profile=voe, quarter=QUARTER, employee=people[Role.UNIT_HEAD], now=NOW)
    drawn = list(made.sampled.order_by("place").values_list("contact", flat=True))
    assert (made.population, len(drawn)) == (6, 3)
    assert drawn == [one.pk for one in monitoring.by_lot(mine, made.seed)[:3]]
    assert monitoring.by_lot(mine, "another") != monitoring.by_lot(mine, "seed")
    with pytest.raises(MonitoringError, match="drawn"):
        monitoring.draw(profile=voe, quarter=QUARTER, employee=people[Role.UNIT_HEAD], now=NOW)
    with pytest.raises(MonitoringError, match="not_over"):
        monitoring.draw(profile=voe, quarter="2026-Q4", employee=people[Role.UNIT_HEAD], now=NOW)
    with pytest.raises(NotTheirsError):
        monitoring.draw(profile=voe, quarter="2026-Q2", employee=people[Role.OPERATOR], now=NOW)


@clause("voe-1-08")
def test_a_contact_is_reviewed_when_every_item_is_judged_by_somebody_else(
    voe: Profile, people: dict[str, Employee]
) -> None:
    contacts(people[Role.SUPERVISOR], 1)
    made = monitoring.draw(profile=voe, quarter=QUARTER, employee=people[Role.UNIT_HEAD], now=NOW)
    row = made.sampled.get()
    review(row.contact, people[Role.SUPERVISOR])
    assert Sampled.objects.get().reviewed_at is None, "his own talk"
    form = loader.load("voe").forms["call_review"]
    first = {form.items[0].id: reviews.Answer("yes")}
    other = contacts(people[Role.OPERATOR], 1)[0]
    reviews.review_contact(contact=other, form=form.id, answers=first, reviewer=people[Role.UNIT_HEAD], now=NOW)
    assert Sampled.objects.get().reviewed_at is None, "a contact that was not drawn"
    review(row.contact, people[Role.UNIT_HEAD])
    assert Sampled.objects.get().reviewer == people[Role.UNIT_HEAD]
    assert facts_of("quarter", QUARTER).filter(kind="monitoring_reviewed").get().data["left"] == 0


@clause("voe-1-08", "voe-1-09")
def test_published_in_time_it_is_met_and_the_results_are_numbers_without_names(
    voe: Profile, people: dict[str, Employee]
) -> None:
    contacts(people[Role.OPERATOR], 5)
    monitoring.sweep(profile=voe, now=NOW)
    director = people[Role.DIRECTOR]
    with pytest.raises(MonitoringError, match="not_drawn"):
        monitoring.publish(profile=voe, quarter=QUARTER, employee=director, now=NOW)
    made = monitoring.draw(profile=voe, quarter=QUARTER, employee=people[Role.UNIT_HEAD], now=NOW)
    assert verdicts(NOW) == {}, "the term has not passed"
    for number, row in enumerate(made.sampled.order_by("place")):
        with pytest.raises(MonitoringError, match="not_reviewed"):
            monitoring.publish(profile=voe, quarter=QUARTER, employee=director, now=NOW)
        review(row.contact, people[Role.UNIT_HEAD], "no" if number == 2 else "yes")
    with pytest.raises(NotTheirsError):
        monitoring.publish(profile=voe, quarter=QUARTER, employee=people[Role.UNIT_HEAD], now=NOW)
    done = monitoring.publish(profile=voe, quarter=QUARTER, employee=director, now=NOW)
    assert (done.results["sample"], done.results["population"]) == (3, 5)
    assert {(one["met"], one["not_met"]) for one in done.results["items"]} == {(2, 1)}
    assert "Відома" not in json.dumps(done.results, ensure_ascii=False)
    assert monitoring.published(voe) == [done]
    with pytest.raises(MonitoringError, match="published"):
        monitoring.publish(profile=voe, quarter=QUARTER, employee=director, now=NOW)
    assert verdicts(LATE) == {"voe-1-08": "met", "voe-1-09": "met"}


@clause("voe-1-08", "voe-1-09")
def test_what_is_not_reviewed_and_not_published_in_time_is_not_met(voe: Profile, people: dict[str, Employee]) -> None:
    contacts(people[Role.OPERATOR], 5)
    monitoring.sweep(profile=voe, now=NOW)
    made = monitoring.draw(profile=voe, quarter=QUARTER, employee=people[Role.UNIT_HEAD], now=NOW)
    review(made.sampled.get(place=1).contact, people[Role.UNIT_HEAD])
    assert verdicts(LATE) == {"voe-1-08": "not_met", "voe-1-09": "not_met"}


def test_a_quarter_without_contacts_is_reviewed_at_once(voe: Profile, people: dict[str, Employee]) -> None:
    made = monitoring.draw(profile=voe, quarter=QUARTER, employee=people[Role.UNIT_HEAD], now=NOW)
    assert Monitoring.objects.get() == made
    assert facts_of("quarter", QUARTER).get(kind="monitoring_reviewed").data["left"] == 0
    done = monitoring.publish(profile=voe, quarter=QUARTER, employee=people[Role.DIRECTOR], now=NOW)
    assert done.results["items"] == []
