"""O1, the web's part: twenty times as much at once, lost answers, pressed again. Intake is last to go. Seeded."""

import threading
from collections import Counter
from random import Random
from typing import Any

import pytest
from django.db import connections

from kindline.api import limits
from kindline.api.models import Submission
from kindline.appeals.models import Appeal
from kindline.staff import tokens
from tests.api.calling import APPEAL, program, somebody
from tests.plugins import faults

pytestmark = pytest.mark.fault("O1")
SEED = faults.seed(20261130)
SENDERS, EACH, AGAIN = 6, 12, 0.4


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
