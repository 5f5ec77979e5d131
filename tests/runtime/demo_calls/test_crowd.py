"""Several demonstration calls at once: nobody has another's client or operator."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kindline.runtime.demo_calls.crowd import Crowd
from kindline.runtime.demo_calls.errors import DemoError


def free(crowd: Crowd, *all_of_them: int) -> int:
    """The first employee whom nobody has. Raises: DemoError."""
    found = next((one for one in all_of_them if one not in crowd.employees), None)
    if found is None:
        raise DemoError("nobody is free")
    return found


def test_no_client_calls_twice() -> None:
    crowd = Crowd()

    def choose() -> int | None:
        return next((one for one in (1, 2) if one not in crowd.clients), None)

    assert [crowd.one_client(choose, int) for _ in range(3)] == [1, 2, None]


def test_a_call_waits_for_the_operator_of_another() -> None:
    crowd = Crowd()
    served = []

    def call(name: str) -> None:
        with crowd.staff(lambda: free(crowd, 7), lambda one: {one}):
            served.append(name)

    with ThreadPoolExecutor(1) as pool:
        with crowd.staff(lambda: free(crowd, 7), lambda one: {one}):
            waiting = pool.submit(call, "second")
            served.append("first")
        waiting.result(10)
    assert served == ["first", "second"]
    assert crowd.employees == set()


def test_where_nobody_will_ever_be_free_it_is_said_at_once() -> None:
    crowd = Crowd()
    with pytest.raises(DemoError, match="nobody is free"), crowd.staff(lambda: free(crowd), lambda one: {one}):
        pytest.fail("somebody was found")
