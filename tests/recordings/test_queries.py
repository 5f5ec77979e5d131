"""Talks are found by when, who, what about, how it ended, how long, which clause was not met; the removed are not."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from kindline.clients import actions as clients
from kindline.conversations.models import Contact, Topic
from kindline.journal import actions as journal
from kindline.quality.models import Measurement
from kindline.recordings import actions, queries
from kindline.recordings.queries import Asked
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording
from tests.recordings.conftest import NOW, Make

pytestmark = pytest.mark.db


@pytest.fixture
def talks(recorded: Make, head: Employee) -> dict[str, Contact]:
    """Three talks, each other than the rest in everything."""
    client = clients.create_client(
        fields={"surname": "Ёлкин", "given_name": "Пётр"}, points=[("phone", "+79991234567")], country="RU",
        via="office", actor="system", now=NOW,
    )  # fmt: skip
    clients.reindex(client=client)
    topic = Topic.objects.create(profile="krc", code="bills", title="Начисления")
    made = {}
    for number, name in enumerate(("first", "second", "third")):
        start = NOW + dt.timedelta(days=number)
        contact = recorded(start=start).contact
        values: dict[str, Any] = {"answered_at": start, "ended_at": start + dt.timedelta(minutes=number + 1)}
        if name == "second":
            values |= {"employee": head, "client": client, "topic": topic, "outcome": "resolved"}
        Contact.objects.filter(pk=contact.pk).update(**values)
        made[name] = Contact.objects.get(pk=contact.pk)
    Measurement.objects.create(
        profile="krc", clause="krc-5.6.4-03", version="1", subject_type="contact", subject_id=str(made["second"].pk),
        verdict="not_met", at=NOW, judged_at=NOW,
    )  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["third", "second", "first"]),
        ({"since": NOW + dt.timedelta(days=1), "until": NOW + dt.timedelta(days=2)}, ["second"]),
        ({"text": "Елкин"}, ["second"]),
        ({"text": "123-45-67"}, ["second"]),
        ({"text": "927 111"}, ["third", "second", "first"]),
        ({"text": "Иванов"}, []),
        ({"topic": "bills"}, ["second"]),
        ({"outcome": "resolved"}, ["second"]),
        ({"lasts_min_s": 90}, ["third", "second"]),
        ({"lasts_min_s": 90, "lasts_max_s": 130}, ["second"]),
        ({"clause": "krc-5.6.4-03"}, ["second"]),
        ({"clause": "krc-5.6.4-04"}, []),
        ({"is_incomplete": True}, ["first"]),
        ({"is_held": True}, ["third"]),
    ],
)
def test_each_wish_narrows(asked: dict[str, Any], names: list[str], talks: dict[str, Contact], head: Employee) -> None:
    Recording.objects.filter(contact=talks["first"]).update(complete=False)
    actions.place_hold(contact=talks["third"], ground="суд", employee=head, now=NOW)
    found = list(queries.recorded(Asked(**asked)))
    assert [name for one in found for name, contact in talks.items() if contact == one] == names


def test_a_search_of_a_past_time_is_not_crowded_out_by_later_talks(
    talks: dict[str, Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "CONTACTS_MOST", 1)
    for name in ("first", "third"):
        at = (talks[name].ended_at or NOW) + dt.timedelta(seconds=1)
        data = {"leg": "client", "loss_share": 0.2}
        journal.record(kind="media_measured", subject_type="contact", subject_id=talks[name].pk, data=data, at=at)
        Measurement.objects.create(
            profile="krc", clause="krc-5.6.4-04", version="1", subject_type="contact", subject_id=str(talks[name].pk),
            verdict="not_met", at=at, judged_at=at,
        )  # fmt: skip
    past = Asked(since=NOW, until=NOW + dt.timedelta(seconds=30))
    assert list(queries.recorded(replace(past, lost_min=0.1))) == [talks["first"]]
    assert list(queries.recorded(replace(past, clause="krc-5.6.4-04"))) == [talks["first"]]


def test_one_employee_finds_his_own(talks: dict[str, Contact], head: Employee) -> None:
    assert list(queries.recorded(Asked(), only=head)) == [talks["second"]]
    assert list(queries.recorded(Asked(employee=head.pk))) == [talks["second"]]


def test_what_is_removed_is_not_found(talks: dict[str, Contact]) -> None:
    Recording.objects.filter(contact=talks["third"]).update(removed_at=NOW, path="")
    assert list(queries.recorded(Asked())) == [talks["second"], talks["first"]]


@pytest.mark.parametrize(("offset_s", "text"), [(-1, "x"), (99, "x"), (1, " "), (1, "x" * 2001), (float("nan"), "x")])
def test_a_remark_is_about_a_moment_of_the_talk(offset_s: float, text: str, talks: Any, head: Employee) -> None:
    from kindline.recordings.errors import UnfitError

    with pytest.raises(UnfitError):
        actions.add_remark(contact=talks["first"], offset_s=offset_s, text=text, employee=head, now=NOW)
    assert not queries.remarks_of(talks["first"]).exists()
