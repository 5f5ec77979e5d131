"""A call as its facts, under a profile."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import Settings

from kindline.journal import actions as journal
from kindline.journal.actions import NewFact
from kindline.quality import judging
from kindline.standard import loader
from kindline.standard.profile import Profile

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
"""A Monday at noon in Moscow."""


CLAUSES = {
    "krc": ("krc-5.6.4-03", "krc-5.6.4-12", "krc-5.6.4-07", "krc-5.5.2-05"),
    "court": ("court-1-11", "court-1-04"),
    "yumek": ("yumek-9.4-01", "yumek-9.4-27"),
    "voe": (),
}
"""A few clauses of each kind of rule: the planning of a whole standard takes seconds."""


@cache
def short(profile: str) -> Profile:
    """A standard with few of its clauses."""
    whole = loader.load(profile)
    return dataclasses.replace(whole, clauses={id_: whole.clauses[id_] for id_ in CLAUSES[profile]})


@pytest.fixture
def few_clauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by short standards."""
    monkeypatch.setattr(judging, "loader", SimpleNamespace(load=short, profile_ids=loader.profile_ids))


@pytest.fixture
def under(settings: Settings) -> Callable[[str], None]:
    """Run the instance under a profile."""

    def choose(profile: str) -> None:
        settings.KINDLINE = {**settings.KINDLINE, "profile": profile}

    return choose


def call_facts(
    profile: str,
    *,
    rings: int = 1,
    closed: bool = True,
    outcome: str = "answered",
    at: dt.datetime = NOW,
    more: tuple[NewFact, ...] = (),
) -> tuple[str, list[NewFact]]:
    """The facts of an ordinary call: its contact's id and what happened."""
    contact = str(uuid.uuid4())

    def fact(seconds: float, kind: str, **data: Any) -> NewFact:
        return NewFact(kind, "contact", contact, "switchboard", data, at + dt.timedelta(seconds=seconds))

    facts = [
        fact(
            0, "contact_opened", channel="phone", direction="in", profile=profile, version=loader.load(profile).version
        ),
        fact(0, "call_arrived", line="hotline", caller="+79271112233"),
        fact(5, "call_offered", employee=1, queue="general"),
        fact(5 + 5 * rings, "call_answered", employee=1, rings=rings, ring_s=5.0 * rings, wait_s=10.0),
        fact(7 + 5 * rings, "guide_started", script="incoming", version="1"),
        fact(9 + 5 * rings, "step_done", script="incoming", step="greet", by="click"),
        fact(120, "call_ended", by="client", outcome="answered", talk_s=100.0, hold_s=0.0),
    ]
    facts += [NewFact(one.kind, "contact", contact, one.actor, one.data, one.at) for one in more]
    if closed:
        facts.append(fact(150, "contact_closed", outcome=outcome, script="incoming", direction="in"))
    return contact, facts


@pytest.fixture
def call() -> Callable[..., str]:
    """Write the facts of a call; returns its contact's id."""

    def write(profile: str, **more: Any) -> str:
        contact, facts = call_facts(profile, **more)
        journal.record_many(facts)
        return contact

    return write
