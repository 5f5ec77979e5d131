"""The distributor's letters and electronic appeals: a way of steps with doers, a term for every kind."""

import datetime as dt

import pytest

from kindline.standard import deadlines, loader
from kindline.standard.profile import Profile

clause = pytest.mark.clause
START = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return loader.load("voe")


@clause("voe-7-03", "voe-8-05", "voe-8-06")
def test_every_step_of_the_way_has_its_doers(profile: Profile) -> None:
    flow = profile.workflow
    assert flow is not None
    way = ["assign", "draft", "submit", "approve", "sign", "mark_sent", "close"]
    assert all(flow.named(act)[0].by for act in way)
    assert flow.named("draft")[0].by == ("executor",), "nobody but the authorised employee considers it"
    state = flow.start
    for act in way:
        found = flow.find(act, state)
        assert found is not None
        assert found.target is not None
        state = found.target
    assert flow.is_final(state)


@clause("voe-7-04", "voe-8-07")
@pytest.mark.parametrize("channel", ["paper", "web", "email", "account"])
@pytest.mark.parametrize("kind", deadlines.KINDS)
def test_every_kind_has_a_term(profile: Profile, kind: str, channel: str) -> None:
    found = deadlines.derive(profile, kind=kind, channel=channel, sent=START, received=START, registered=START)
    assert found.limit is not None
    assert found.limit > START
