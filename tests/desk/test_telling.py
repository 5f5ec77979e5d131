"""A time line asks for the names of its people and topics once, and tells them as they are called now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from kindline.conversations.models import Topic
from kindline.desk import appeal_history, telling
from kindline.desk.templatetags import desk as tags
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Unit
from tests.desk.test_registry import _as, here

pytestmark = pytest.mark.db
__all__ = ["here"]
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def people(many: int) -> list[Employee]:
    """So many employees, each with a name of his own."""
    rows = [Employee(username=f"e{n}", number=500 + n, surname=f"Коваль{n}", given_name="Анна") for n in range(many)]
    return Employee.objects.bulk_create(rows)


def line(who: list[Employee], topics: list[Topic]) -> list[Fact]:
    """A fact of each employee about each topic."""
    return [
        Fact(at=NOW, kind="topic_set", actor=f"employee:{one.pk}", data={"topic": topic.code})
        for one in who for topic in topics
    ]  # fmt: skip


@pytest.mark.parametrize("many", [1, 12])
def test_names_are_asked_for_once_however_many_facts_there_are(krc: Any, many: int) -> None:
    topics = [Topic.objects.create(profile="krc", code=f"t{n}", title=f"Тема {n}") for n in range(many)]
    rows = line(people(many), topics)
    with CaptureQueriesContext(connection) as asked:
        told = telling.all_told(rows, NOW)
    assert len(asked) == 2
    assert [one["data"] for one in told[:many]] == [[f"Тема {n}"] for n in range(many)]
    assert len({one["actor"] for one in told}) == many


def test_facts_without_people_and_topics_ask_for_nothing(krc: Any) -> None:
    rows = [Fact(at=NOW, kind="appeal_closed", actor="system", data={"way_out": "answered"}) for _ in range(5)]
    with CaptureQueriesContext(connection) as asked:
        told = telling.all_told(rows, None)
    assert len(asked) == 0
    assert {(one["actor"], one["since_s"]) for one in told} == {("", 0.0)}


def test_a_topic_that_is_gone_is_told_by_its_code_and_a_new_name_at_once(krc: Any) -> None:
    (anna,) = people(1)
    gone = Topic(profile="krc", code="gone", title="Старая")
    assert telling.told(line([anna], [gone])[0], NOW)["data"] == ["gone"]
    Employee.objects.filter(pk=anna.pk).update(surname="Мельник")
    assert "Мельник" in telling.told(line([anna], [gone])[0], NOW)["actor"]


def test_the_card_of_an_appeal_asks_as_often_with_a_long_history(here: Any, krc: Any) -> None:
    appeal, browser = here.register(), _as(here, "specialist")

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert browser.get(f"/desk/appeals/{appeal.pk}/").status_code == 200
        return len(found)

    asked()
    few = asked()
    topics = [Topic.objects.create(profile="krc", code=f"t{n}", title=f"Тема {n}") for n in range(6)]
    for one in line(people(5), topics):
        journal.record(
            kind="appeal_sorted", subject_type="appeal", subject_id=appeal.pk, actor=one.actor, data=one.data, at=NOW
        )  # fmt: skip
    assert asked() <= few + 1, "one more for the topics"


def test_an_assignment_tells_the_unit_and_the_executor_by_name(krc: Any) -> None:
    """Seen on a card: "Обращение назначено ... 3"."""
    head, anna = people(2)
    unit = Unit.objects.create(code="debts", name="Отдел начислений")
    data = {"unit": unit.pk, "employee": anna.pk}
    told = telling.told(Fact(at=NOW, kind="appeal_assigned", actor=f"employee:{head.pk}", data=data), NOW)
    assert (told["actor"], told["data"]) == (str(head), ["Отдел начислений", str(anna)])


@pytest.mark.parametrize(
    ("at", "shown"),
    [(dt.datetime(2026, 3, 1, 21, 0, tzinfo=dt.UTC), "02.03.2026"), (NOW, "02.03.2026 12:00"), (None, "")],
)
def test_a_stamp_of_which_only_the_day_is_known_has_no_hour(krc: Any, at: dt.datetime | None, shown: str) -> None:
    with translation.override("ru"):
        assert tags.stamp(at) == shown


def test_what_happened_in_the_contact_stands_among_what_happened_to_the_appeal_by_its_time(here: Any, krc: Any) -> None:
    """Seen on a card: a correction of today stood before what was taken over a week ago."""
    appeal = here.register()
    early, late = appeal.registered_at + dt.timedelta(hours=1), appeal.registered_at + dt.timedelta(days=7)
    data: dict[str, Any] = {"limit_at": "2026-11-26T20:59:59+00:00", "old_limit_at": "2026-12-23T20:59:59+00:00"}
    about: list[tuple[Any, ...]] = [("appeal", appeal.pk, "appeal_recomputed", late, data)]
    about.append(("contact", appeal.contact_id, "appeal_taken_over", early, {"appeal": appeal.pk, "by": 1}))
    for subject, pk, kind, at, said in about:
        journal.record(kind=kind, subject_type=subject, subject_id=pk, actor="system", data=said, at=at)
    with translation.override("ru"):
        rows = appeal_history.told(appeal)
    assert [one["kind"] for one in rows][-2:] == ["appeal_taken_over", "appeal_recomputed"]
    assert rows[-1]["data"] == ["26.11.2026 23:59", "было: 23.12.2026 23:59"]


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("notice_prepared", {"notice": 1, "about": "extension"}, []),
        ("notice_signed", {"notice": 1, "signer": 9}, []),
        ("queue_entered", {"queue": "unknown", "priority": 5, "position": 2}, ["unknown", "место в очереди: 2"]),
        ("media_measured", {"received": 900, "lost": 3, "loss_share": 0.0033}, []),
        ("call_answered", {"ring_s": 4.0, "rings": 2}, ["звонило 4,0 с", "гудков: 2"]),
    ],
)
def test_a_number_is_told_with_what_it_counts_and_the_key_of_a_row_is_not(
    krc: Any, kind: str, data: dict[str, Any], words: list[str]
) -> None:
    """Seen on a card: "Уведомление заявителю подписано ... 1 · 9"."""
    with translation.override("ru"):
        assert telling.told(Fact(at=NOW, kind=kind, actor="system", data=data), NOW)["data"] == words


def test_who_signed_in_place_of_somebody_is_told_by_name(krc: Any) -> None:
    head, anna = people(2)
    fact = Fact(at=NOW, kind="answer_signed", actor=f"employee:{head.pk}", data={"signed_for": anna.pk})
    with translation.override("ru"):
        assert telling.told(fact, NOW)["data"] == [f"вместо: {anna}"]
