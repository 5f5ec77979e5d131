"""The kinds of service that a standard promises are served, and nobody who calls is left without a connection."""

from dataclasses import replace

import pytest

from kindline.standard import loader, service_kinds
from kindline.standard.profile import Profile

clause = pytest.mark.clause


@pytest.fixture
def voe() -> Profile:
    """The distributor of electricity, which promises four kinds."""
    return loader.load("voe")


@clause("voe-2-02")
def test_every_promised_kind_is_served(voe: Profile) -> None:
    assert service_kinds.promised(voe) == ["office", "phone", "post", "web"]
    assert service_kinds.unserved(voe) == []


@clause("voe-2-02")
@pytest.mark.parametrize(
    ("taken", "kinds"),
    [
        ({"scripts": {}}, ["office", "phone"]),
        ({"menu": None}, ["phone"]),
        ({"workflow": None}, ["post", "web"]),
        ({"publication": None}, ["web"]),
    ],
)
def test_a_kind_whose_part_is_missing_is_told(voe: Profile, taken: dict[str, object], kinds: list[str]) -> None:
    assert service_kinds.unserved(replace(voe, **taken)) == kinds  # type: ignore[arg-type] # some field of it


@clause("voe-2-02")
def test_a_kind_that_nobody_knows_is_not_served(voe: Profile) -> None:
    named = voe.clauses["voe-2-02"]
    clauses = {**voe.clauses, named.id: replace(named, value={"service_kinds": ["office", "pigeon"]})}
    assert service_kinds.unserved(replace(voe, clauses=clauses)) == ["pigeon"]


@clause("voe-2-01")
def test_whoever_calls_gets_a_person_a_call_or_leaves_a_message(voe: Profile) -> None:
    assert service_kinds.dead_ends(voe) == []
    assert voe.menu is not None
    queue = next(iter(voe.menu.queues.values()))
    bare = replace(queue, overflow=None, callback=None)
    menu = replace(voe.menu, queues={**voe.menu.queues, queue.id: bare}, off_hours=None)
    assert service_kinds.dead_ends(replace(voe, menu=menu)) == ["off_hours", queue.id]


def test_a_standard_that_promises_none_has_no_norm() -> None:
    assert service_kinds.promised(loader.load("court")) == []
    assert service_kinds.unserved(loader.load("court")) == []
