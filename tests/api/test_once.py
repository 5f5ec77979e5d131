"""The same request twice is one deed (faults W1, D9)."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from kindline.api import once
from kindline.appeals import actions
from kindline.appeals.models import Appeal, NumberSeries
from kindline.conversations.errors import MissingFieldsError
from kindline.staff.models import Employee
from tests.api.calling import APPEAL, Program, program, somebody


@pytest.mark.db
class TestTheSameKey:
    def test_the_same_again_gives_the_same_answer(self, site: Program) -> None:
        first, again = site.post(key="k1"), site.post(key="k1")
        assert (first.status_code, first.content) == (again.status_code, again.content)
        assert first.get(once.REPLAYED) is None
        assert again[once.REPLAYED] == "true"
        assert Appeal.objects.count() == 1

    def test_a_day_later_too(self, site: Program) -> None:
        first = site.post(key="k1")
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=25)):
            assert site.post(key="k1").content == first.content
        assert Appeal.objects.count() == 1

    def test_another_body_is_refused(self, site: Program) -> None:
        site.post(key="k1")
        answer = site.post(body=APPEAL | {"substance": "Другое"}, key="k1")
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
        assert Appeal.objects.count() == 1

    def test_another_address_is_refused(self, site: Program) -> None:
        made = site.post(key="k1").json()
        answer = site.post(f"{made['href']}/messages", {"text": "x"}, key="k1")
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")

    def test_what_was_refused_may_come_corrected(self, site: Program) -> None:
        assert site.post(body=APPEAL | {"kind": "complaint", "in_court": True}, key="k1").status_code == 422
        assert site.post(key="k1").status_code == 201

    def test_what_has_become_wrong_since_is_answered_as_it_was(
        self, site: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = site.post(key="k1")
        monkeypatch.setattr(actions, "check_fields", _refuse)  # as after a change of the standard
        again = site.post(key="k1")
        assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
        assert site.post(key="k2").status_code == 422

    def test_keys_belong_to_tokens(self, site: Program) -> None:
        other = program(site.token.employee)
        assert site.post(key="k1").json()["id"] != other.post(key="k1").json()["id"]

    @pytest.mark.parametrize("key", [None, " ", "ключ", "x" * 256])
    def test_a_key_is_needed(self, site: Program, key: str | None) -> None:
        answer = site.post(key=key)
        assert (answer.status_code, answer.json()["code"]) == (400, "key_missing")


def _refuse(*_: Any) -> list[str]:
    raise MissingFieldsError({"phone": ()})


@pytest.fixture
def shared(transactional_db: None) -> Iterator[Program]:
    """A program whose requests are real transactions."""
    yield program(somebody("clerk", "specialist"))
    connection.close()


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_the_second_is_told_to_wait(self, shared: Program) -> None:
        caller = type("Caller", (), {"token": shared.token})()
        messages = f"{shared.post(key='k0').json()['href']}/messages"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [once._hold(once.Use(caller, "k1", ""))])
            answers: list[Any] = []
            thread = threading.Thread(
                target=lambda: answers.append(_posted(shared, "k1", path=messages, body={"text": "x"}))
            )
            thread.start()
            thread.join(20)
        assert (answers[0].status_code, answers[0].json()["code"]) == (409, "key_in_use")
        assert answers[0]["Retry-After"] == "1"
        assert shared.post(messages, {"text": "x"}, key="k1").status_code == 201

    def test_many_at_once_do_it_once(self, shared: Program) -> None:
        answers: list[Any] = []
        threads = [threading.Thread(target=lambda: answers.append(_posted(shared, "k1"))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert {answer.status_code for answer in answers} == {201}
        assert Appeal.objects.count() == NumberSeries.objects.get().last == 1
        assert len({answer.content for answer in answers}) == 1


def _posted(shared: Program, key: str, **what: Any) -> Any:
    try:
        return shared.post(key=key, **what)
    finally:
        connection.close()


@pytest.mark.django_db
def test_no_index_of_the_keys_is_the_beginning_of_another() -> None:
    """A shorter one is taken while the table is not analysed: every request read all that its token had ever sent."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "api_submission").values()
    led = [one["columns"] for one in found if one["index"] or one["unique"]]
    assert [columns for columns in led if columns[0] == "token_id"] == [["token_id", "key"]]


class GivesUp:
    """A database that gives up a share of the transactions, by its own error, at a random statement."""

    def __init__(self, share: float, seed: int, first: str = "FROM appeals_register", most: int = 1000) -> None:
        self.first, self.most = first, most
        self.share, self.chance, self.given_up, self.begun = share, random.Random(seed), 0, 0
        self.doomed = -1

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.first in sql and self.given_up < self.most:  # the first statement of a write
            self.begun += 1
            self.doomed = self.chance.randrange(4) if self.chance.random() < self.share else -1
        elif self.doomed >= 0:
            self.doomed -= 1
        if self.doomed == 0:
            self.doomed = -1
            self.given_up += 1
            state = self.chance.choice(["40P01", "40001"])
            sql = f"DO $$ BEGIN RAISE EXCEPTION 'as others' USING ERRCODE = '{state}'; END $$"
            params = None
        return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_database_that_gives_up_is_asked_again(clerk: Employee, seed: int) -> None:
    """D9: in 5 % of the transactions; nobody sees a 5xx, nothing is doubled, no number is lost."""
    site, wrong = program(clerk), GivesUp(0.05, seed)
    with connection.execute_wrapper(wrong):
        made = [site.post(key=f"k{n}") for n in range(120)]
    assert wrong.given_up >= 3, "the test must bite"
    assert wrong.begun == 120 + wrong.given_up
    assert {answer.status_code for answer in made} == {201}
    assert Appeal.objects.count() == 120
    assert NumberSeries.objects.get().last == 120
