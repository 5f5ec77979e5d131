"""Many at once on a real database: numbers without gaps and doubles, one winner where two do the same."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from kindline.appeals import moves
from kindline.appeals.models import Answer, Appeal
from kindline.journal.queries import facts_of
from tests.appeals.registry import Registry, registry

THREADS, EACH = 4, 8


@pytest.fixture
def krc(transactional_db: None) -> Iterator[Registry]:
    """The settlement centre, visible to every connection."""
    yield registry("krc")
    connection.close()


def _together(work: Callable[[int], None], count: int) -> list[BaseException]:
    """Run it in so many threads that begin at one moment; what they raised."""
    raised: list[BaseException] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait(30)
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 - counted by the test
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
def test_appeals_registered_at_once_have_numbers_without_gaps_and_doubles(krc: Registry) -> None:
    def work(number: int) -> None:
        for n in range(EACH):
            with transaction.atomic():
                krc.register(channel="web" if n % 2 else "paper")
                if (number + n) % 4 == 0:
                    transaction.set_rollback(True)

    assert _together(work, THREADS) == []
    kept = Appeal.objects.count()
    assert 0 < kept < THREADS * EACH
    numbers = sorted(Appeal.objects.values_list("number", flat=True))
    assert numbers == [f"krc-2026/{n:05}" for n in range(1, kept + 1)]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_sign_at_once_one_does(krc: Registry) -> None:
    appeal = krc.at("sign")
    raised = _together(lambda _number: krc.perform("sign", appeal, krc.people["director"]), THREADS)
    assert [type(error) for error in raised] == [moves.WrongStateError] * (THREADS - 1)
    assert facts_of("appeal", appeal.pk).filter(kind="answer_signed").count() == 1
    assert Answer.objects.get(appeal=appeal).sha256
