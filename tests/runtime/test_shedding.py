"""O1, the web's part: what is put off when too much is asked, in which order, and that taking in never is. Seeded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from kindline.runtime import shedding

SEED, NOW = 20261129, 1_800_000_000.0
REPORTS = ["/desk/appeals/?format=xlsx", "/desk/comparison/", "/desk/goals/", "/desk/standard.csv", "/account/export/",
           "/open-data/appeals.json", "/desk/appeals/5/card.pdf"]  # fmt: skip
TALKS = ["/consultation/", "/meeting/", "/search/?q=вода"]
INTAKE = ["/ask/", "/readings/", "/status/", "/desk/appeals/", "/desk/", "/account/", "/api/v1/appeals", "/login/",
          "/open311/v2/requests.json", "/consultation/7d6f8b1e-0c52-4e0e-8f0e-2b5b6f3b2a11/room/"]  # fmt: skip


def view(request: HttpRequest) -> HttpResponse:
    """What is behind: it answers."""
    return HttpResponse("served")


@pytest.fixture
def proxied(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], HttpRequest]:
    """A request that has waited so many seconds since our proxy took it."""
    settings.PROXY_HOPS = 1
    monkeypatch.setattr(shedding, "clock", lambda: NOW)

    def asked(path: str, waited_s: float, method: str = "get") -> HttpRequest:
        found = getattr(RequestFactory(), method)(path, headers={"x-request-start": f"t={NOW - waited_s:.3f}"})
        assert isinstance(found, HttpRequest)
        return found

    return asked


def test_the_order_is_reports_and_exports_then_new_talks_and_intake_never(
    proxied: Callable[[str, float], HttpRequest],
) -> None:
    """Twenty times as much: the wait grows and falls again; a ledger says who was served at which wait."""
    chance, shed = Random(SEED), shedding.Shed(view)
    ledger: dict[str, Counter[int]] = {"reports": Counter(), "talks": Counter(), "intake": Counter()}
    kinds = {"reports": REPORTS, "talks": TALKS, "intake": INTAKE}
    put_off: dict[str, set[float]] = {"reports": set(), "talks": set(), "intake": set()}
    for tenth in [*range(40), *range(40, -1, -1)]:
        for _ in range(20):
            kind = chance.choice([*kinds])
            answer = shed(proxied(chance.choice(kinds[kind]), tenth / 10))
            ledger[kind][answer.status_code] += 1
            if answer.status_code == 503:
                put_off[kind].add(tenth / 10)
                assert int(answer.headers["Retry-After"]) >= 1
    assert set(ledger["intake"]) == {200}
    assert 0 < min(put_off["reports"]) < min(put_off["talks"]), "reports go first"
    assert put_off["talks"] < put_off["reports"], "when talks wait, reports wait as well"
    assert all(ledger[kind][200] for kind in kinds), "with no wait all are served"


@pytest.mark.parametrize("path", [*REPORTS, *TALKS, *INTAKE])
def test_what_was_typed_is_never_put_off(proxied: Any, path: str) -> None:
    assert shedding.Shed(view)(proxied(path, 60, "post")).status_code == 200


def test_without_a_proxy_of_ours_nobody_says_how_long_he_has_waited(proxied: Any, settings: Any) -> None:
    settings.PROXY_HOPS = 0
    assert shedding.Shed(view)(proxied(REPORTS[0], 60)).status_code == 200


@pytest.mark.parametrize("said", ["t=", "t=x", "t=nan", "", "t=99999999999999"])
def test_a_wait_that_is_no_number_is_none(proxied: Any, said: str) -> None:
    asked = RequestFactory().get(REPORTS[0], headers={"x-request-start": said})
    assert shedding.Shed(view)(asked).status_code == 200


def test_half_of_the_threads_are_left_while_long_answers_are_made() -> None:
    inside, go_on = threading.Semaphore(0), threading.Event()

    def slow(request: HttpRequest) -> HttpResponse:
        if shedding.rank_of(request) == shedding.REPORTS:
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
