"""O1, the web's part: twenty times as much at once, lost answers, pressed again. Intake is last to go. Seeded."""

import threading
from collections import Counter
from random import Random
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from kindline.api import limits
from kindline.api.models import Submission
from kindline.appeals.models import Appeal
from kindline.site.models import Submission as Forms
from kindline.staff import tokens
from tests.api.calling import APPEAL, program, somebody
from tests.plugins import faults
from tests.site.conftest import site
from tests.site.fields import fields_on
from tests.site.test_reception import TYPED

__all__ = ["site"]
pytestmark = pytest.mark.fault("O1")
SEED = faults.seed(20261130)
SENDERS, EACH, AGAIN = 6, 12, 0.4
VISITORS, FORMS = 20, 3


@pytest.mark.db(transaction=True)
def test_what_was_acknowledged_is_there_once_and_whoever_must_wait_is_told_how_long(settings: Any) -> None:
    """Each sender presses again after a lost answer, under the same key; some are over their rate and come later."""
    tokens.forget()
    limits.handfuls.left.clear()
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
    clerk = somebody("clerk", "specialist")
    programs = [program(clerk, rate=60_000 if number else 30) for number in range(SENDERS)]
    ledger: dict[str, set[str]] = {}
    refused: Counter[int] = Counter()
    held = threading.Lock()

    def send(number: int) -> None:
        chance = Random(SEED + number)
        try:
            for one in range(EACH):
                for _ in range(2 if chance.random() < AGAIN else 1):
                    key = f"{number}-{one}"
                    answer = programs[number].post(body=APPEAL | {"substance": f"звернення {key}"}, key=key)
                    with held:
                        if answer.status_code == 201:
                            ledger.setdefault(key, set()).add(answer.json()["number"])
                        else:
                            refused[answer.status_code] += 1
                            assert int(answer["Retry-After"]) >= 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(SENDERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(refused) == {429}, "nothing but the rate of the slow one"
    assert len(ledger) >= (SENDERS - 1) * EACH
    assert all(len(numbers) == 1 for numbers in ledger.values()), "pressed again it is the same appeal"
    stored = dict(Submission.objects.values_list("key", "appeal__number"))
    assert stored == {key: next(iter(numbers)) for key, numbers in ledger.items()}
    assert Appeal.objects.count() == len(ledger)


@pytest.mark.db(transaction=True)
def test_of_many_forms_at_once_each_that_was_acknowledged_is_there_once(site: Any) -> None:
    """Visitors of as many addresses send forms all at once, and each again whose answer was lost, under its key."""
    site("krc")
    ledger: dict[str, set[str]] = {}
    held = threading.Lock()

    def send(number: int) -> None:
        chance = Random(SEED - number)
        visitor = Client(REMOTE_ADDR=f"198.51.100.{number}", headers={"accept-language": "en"})
        try:
            for one in range(FORMS):
                fields = fields_on(visitor.get("/ask/").content.decode()) | TYPED
                for _ in range(2 if chance.random() < AGAIN else 1):
                    answer = visitor.post("/ask/", fields | {"substance": f"вопрос {number}-{one}"})
                    assert answer.status_code == 302
                    with held:
                        ledger.setdefault(fields["key"], set()).add(answer["Location"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(1, VISITORS + 1)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(ledger) == VISITORS * FORMS
    assert all(len(places) == 1 for places in ledger.values()), "pressed again it is the same question"
    assert {str(key) for key in Forms.objects.values_list("key", flat=True)} == set(ledger)
    numbers = sorted(Appeal.objects.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers) == len(ledger)
    assert int(numbers[-1][-5:]) == len(ledger), "no number is left out"
