"""O1, the web's part: what is put off when too much is asked, in which order, and that taking in never is. Seeded."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory

from kindline.journal import strain
from kindline.runtime import shedding

pytestmark = pytest.mark.fault("O1")
NOW = dt.datetime(2027, 1, 15, 8, 0, tzinfo=dt.UTC)
REPORTS = ["/desk/comparison/", "/desk/goals/", "/desk/key-figures/", "/desk/reasons/?month=2027-01"]
EXPORTS = ["/desk/appeals/?format=xlsx", "/desk/standard.csv", "/account/export/", "/open-data/appeals.json",
           "/desk/appeals/5/card.pdf", "/desk/comparison/?format=csv"]  # fmt: skip
TALKS = ["/consultation/", "/meeting/", "/search/?q=вода"]
INTAKE = ["/ask/", "/readings/", "/status/", "/desk/appeals/", "/desk/", "/account/", "/api/v1/appeals", "/login/",
          "/open311/v2/requests.json", "/consultation/7d6f8b1e-0c52-4e0e-8f0e-2b5b6f3b2a11/room/"]  # fmt: skip
KINDS = {strain.REPORTS: REPORTS, strain.EXPORTS: EXPORTS, strain.TALKS: TALKS, "intake": INTAKE}
CALM = dt.timedelta(seconds=strain.HOLDS_S)


def view(request: HttpRequest) -> HttpResponse:
    """What is behind: it answers."""
    return HttpResponse("served")


class Machine:
    """Several web processes of one machine, and their clock."""

    def __init__(self, processes: int = 3) -> None:
        self.now = NOW
        self.processes = [shedding.Shed(view) for _ in range(processes)]

    def ask(self, path: str, waited_s: float = 0, *, process: int = 0, method: str = "get") -> HttpResponseBase:
        """Ask one of them; the proxy says that it took the request so long ago."""
        said = f"t={self.now.timestamp() - waited_s:.3f}"
        asked = getattr(RequestFactory(), method)(path, headers={"x-request-start": said})
        return self.processes[process](asked)


@pytest.fixture
def machine(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """Behind our own proxy."""
    settings.PROXY_HOPS, settings.STRAIN_FOLDER = 1, tmp_path / "strain"
    found = Machine()
    monkeypatch.setattr(shedding, "clock", lambda: found.now)
    monkeypatch.setattr(strain, "clock", lambda: found.now)
    return found


def test_the_order_is_reports_exports_bulk_mail_then_new_talks_and_intake_never(
    machine: Machine, chance: Random
) -> None:
    """Twenty times as much: the wait grows and falls again; a ledger says who was served at which wait."""
    ledger: dict[str, Counter[int]] = {kind: Counter() for kind in [*KINDS, strain.BULK]}
    put_off: dict[str, set[float]] = {kind: set() for kind in ledger}

    def note(kind: str, status: int, wait: float) -> None:
        ledger[kind][status] += 1
        if status == 503:
            put_off[kind].add(wait)

    for tenth in [*range(40), *range(40, -1, -1)]:
        machine.now += CALM
        for _ in range(20):
            kind = chance.choice([*KINDS])
            answer = machine.ask(chance.choice(KINDS[kind]), tenth / 10, process=chance.randrange(3))
            note(kind, answer.status_code, tenth / 10)
            note(strain.BULK, 503 if strain.holds(strain.BULK) else 200, tenth / 10)
            assert answer.status_code == 200 or int(answer.headers["Retry-After"]) >= 1
    assert set(ledger["intake"]) == {200}
    order = [strain.REPORTS, strain.EXPORTS, strain.BULK, strain.TALKS]
    assert 0 < min(put_off[order[0]]) < min(put_off[order[1]]) < min(put_off[order[2]]) < min(put_off[order[3]])
    assert put_off[order[3]] <= put_off[order[2]] <= put_off[order[1]] <= put_off[order[0]], "none before those ahead"
    assert all(ledger[kind][200] for kind in ledger), "with no wait all are served"


def test_what_one_process_has_met_all_of_the_machine_put_off_until_it_is_over(machine: Machine) -> None:
    assert machine.ask(INTAKE[0], 0.6, process=1).status_code == 200
    assert [machine.ask(path).status_code for path in (REPORTS[0], EXPORTS[0], TALKS[0])] == [503, 200, 200]
    assert machine.ask(INTAKE[0], 2, process=2).status_code == 200
    assert {machine.ask(path).status_code for path in (REPORTS[0], EXPORTS[0], TALKS[0])} == {503}
    assert strain.holds(strain.BULK)
    assert {machine.ask(path).status_code for path in INTAKE} == {200}
    machine.now += CALM
    assert {machine.ask(path).status_code for path in (REPORTS[0], EXPORTS[0], TALKS[0])} == {200}
    assert not strain.holds(strain.BULK)


def test_waits_of_any_order_put_off_nothing_before_what_goes_ahead_of_it(machine: Machine, chance: Random) -> None:
    """An injected state of load: any waits, met by any process; what each of them says then, by the seed."""
    order = list(strain.WAITED_S)
    for _ in range(300):
        machine.now += dt.timedelta(seconds=chance.choice([0.1, 1, 3, 8]))
        machine.ask(INTAKE[0], chance.choice([0, 0, 0.4, 0.6, 0.9, 1.2, 3]), process=chance.randrange(3))
        held = [strain.holds(sort) for sort in order]
        assert held == sorted(held, reverse=True)
        for sort, is_held in zip(order, held, strict=True):
            if sort != strain.BULK:
                answer = machine.ask(KINDS[sort][0], process=chance.randrange(3))
                assert answer.status_code == (503 if is_held else 200)


def test_a_disk_that_takes_nothing_leaves_each_request_its_own_wait(machine: Machine, settings: Any) -> None:
    settings.STRAIN_FOLDER.write_text("a file where the folder should be")
    assert machine.ask(INTAKE[0], 60).status_code == 200
    assert (machine.ask(REPORTS[0], 60).status_code, machine.ask(REPORTS[0]).status_code) == (503, 200)


def test_a_clock_that_was_set_back_puts_nothing_off_for_ever(machine: Machine) -> None:
    machine.ask(INTAKE[0], 60)
    machine.now -= dt.timedelta(days=1)
    assert machine.ask(REPORTS[0]).status_code == 200


@pytest.mark.parametrize("path", [*REPORTS, *EXPORTS, *TALKS, *INTAKE])
def test_what_was_typed_is_never_put_off(machine: Machine, path: str) -> None:
    assert machine.ask(path, 60, method="post").status_code == 200


def test_without_a_proxy_of_ours_nobody_says_how_long_he_has_waited(machine: Machine, settings: Any) -> None:
    settings.PROXY_HOPS = 0
    assert machine.ask(REPORTS[0], 60).status_code == 200


@pytest.mark.parametrize("said", ["t=", "t=x", "t=nan", "", "t=99999999999999"])
def test_a_wait_that_is_no_number_is_none(machine: Machine, said: str) -> None:
    asked = RequestFactory().get(REPORTS[0], headers={"x-request-start": said})
    assert shedding.Shed(view)(asked).status_code == 200


def test_half_of_the_threads_are_left_while_long_answers_are_made() -> None:
    inside, go_on = threading.Semaphore(0), threading.Event()

    def slow(request: HttpRequest) -> HttpResponse:
        if shedding.sort_of(request) == strain.REPORTS:
            inside.release()
            assert go_on.wait(30)
        return HttpResponse("served")

    shed, answers = shedding.Shed(slow), []
    makers = [
        threading.Thread(target=lambda: answers.append(shed(RequestFactory().get(REPORTS[0])).status_code))
        for _ in range(shedding.LONG_AT_ONCE)
    ]
    for one in makers:
        one.start()
    try:
        assert all(inside.acquire(timeout=30) for _ in makers)
        assert shed(RequestFactory().get(REPORTS[1])).status_code == 503
        assert {shed(RequestFactory().get(path)).status_code for path in INTAKE} == {200}
    finally:
        go_on.set()
        for one in makers:
            one.join()
    assert answers == [200] * shedding.LONG_AT_ONCE
    assert shed(RequestFactory().get(REPORTS[1])).status_code == 200


@pytest.mark.db  # an answer that is closed lets Django look at its connections
def test_what_streams_holds_its_place_until_it_has_gone_out_or_its_reader_has_gone() -> None:
    def streaming(request: HttpRequest) -> StreamingHttpResponse:
        def pieces() -> Iterator[bytes]:
            yield b"a"

        return StreamingHttpResponse(pieces())

    shed = shedding.Shed(streaming)
    long = [shed(RequestFactory().get(REPORTS[0])) for _ in range(shedding.LONG_AT_ONCE)]
    assert shed(RequestFactory().get(REPORTS[0])).status_code == 503
    assert isinstance(long[0], StreamingHttpResponse)
    assert list(long[0]) == [b"a"]
    for one in [*long, long[0]]:
        one.close()  # twice is not two places
    again = [shed(RequestFactory().get(REPORTS[0])).status_code for _ in range(shedding.LONG_AT_ONCE + 1)]
    assert again == [200] * shedding.LONG_AT_ONCE + [503]


def test_a_report_that_fails_gives_its_place_back() -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    shed = shedding.Shed(broken)
    for _ in range(shedding.LONG_AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            shed(RequestFactory().get(REPORTS[0]))
