"""Workflows: read with all faults at once; no state without a way in and a way out; the shipped ones hold together."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from kindline.staff.models import Role
from kindline.standard import acts, coverage, loader
from kindline.standard.profile import Profile
from kindline.standard.workflows import Workflow

GOOD: dict[str, Any] = {
    "start": "registered",
    "states": [
        {"id": "registered", "title": {"uk": "а", "ru": "а", "en": "a"}},
        {"id": "notice", "title": {"uk": "б", "ru": "б", "en": "b"}},
        {"id": "closed", "title": {"uk": "в", "ru": "в", "en": "c"}, "final": True},
    ],
    "transitions": [
        {"act": "give_notice", "from": ["registered"], "to": "notice", "by": ["unit_head"], "ends": ["elsewhere"]},
        {"act": "mark_notified", "from": ["notice"], "to": "closed", "by": ["system"]},
        {"act": "close_silently", "from": ["registered"], "to": "closed", "by": ["unit_head"], "ends": ["empty"]},
    ],
    "ends": [
        {"id": "elsewhere", "title": {"uk": "г", "ru": "г", "en": "d"}, "how": "referred", "notice": True,
         "demands": ["bodies"], "clauses": ["mini-1-01"]},
        {"id": "empty", "title": {"uk": "ґ", "ru": "ґ", "en": "e"}, "how": "ground", "clauses": ["mini-1-02"]},
    ],
    "ladder": [{"id": "one", "before": {"n": 2, "unit": "working_days"}, "to": ["executor"]}],
    "reply_term": {"n": 5, "unit": "working_days"},
}  # fmt: skip


def _written(folder: Path, **changed: Any) -> list[str]:
    """What is wrong with the mini profile under a workflow changed at some keys."""
    (folder / "workflow.yaml").write_text(yaml.safe_dump({**GOOD, **changed}, allow_unicode=True), encoding="utf-8")
    return [f"{fault.key}: {fault.message}" for fault in loader.check(folder) if "workflow" in fault.file]


def _with(part: str, index: int, **fields: Any) -> dict[str, Any]:
    """The part of the good workflow with one entry changed."""
    rows = [dict(one) for one in GOOD[part]]
    rows[index] = {key: value for key, value in {**rows[index], **fields}.items() if value is not None}
    return {part: rows}


def test_a_good_one_is_read(folder: Path) -> None:
    assert _written(folder) == []
    flow = loader.load_path(folder).workflow
    assert flow is not None
    assert flow.find("give_notice", "registered") is not None
    assert flow.find("give_notice", "closed") is None
    assert [one.act for one in flow.acts_from("registered")] == ["give_notice", "close_silently"]
    assert flow.is_final("closed")
    assert not flow.is_final("unheard_of")
    assert flow.reply_term is not None
    assert flow.cited() == {"mini-1-01", "mini-1-02"}
    assert flow.way("paper") is None, "nothing said is no norm"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"start": "begun"}, "start: no state 'begun'"),
        (_with("transitions", 0, to="nowhere"), "transitions[0].to: no state 'nowhere'"),
        (_with("transitions", 0, ends=["lost"]), "transitions[0].ends: no end 'lost'"),
        (_with("transitions", 0, ends=None), "transitions[0].ends: a notice of what?"),
        (_with("transitions", 0, act="burn"), "transitions[0].act: 'burn' is not known here"),
        (_with("transitions", 0, by=["king"]), "transitions[0].by[0]: 'king' is not known here"),
        (_with("transitions", 0, ends=["empty"]), "transitions[0].ends: the client is not told of 'empty'"),
        (_with("transitions", 2, ends=["elsewhere"]), "transitions[2].ends: the client is told of 'elsewhere'"),
        (_with("transitions", 2, ends=None), "transitions[2].ends: it leaves the registry on no end"),
        (_with("transitions", 1, **{"from": ["closed"], "to": "notice"}), "transitions[1].from: 'closed' is final"),
        (_with("transitions", 1, to=None), "states[1]: nothing leads out of 'notice'"),
        (_with("transitions", 0, to=None), "states[1]: nothing leads to 'notice'"),
        (_with("states", 2, final=None), "states: no state is final"),
        (_with("states", 1, id="registered"), "states[1].id: 'registered' is there twice"),
        (_with("ends", 0, clauses=["mini-1-98"]), "ends[0].clauses: no clause 'mini-1-98'"),
        (_with("ends", 0, clauses=None), "ends[0].clauses: 'clauses' is missing"),
        (_with("ladder", 0, before=None), "ladder[0]: either before or after"),
        (_with("ladder", 0, to=["responsible"]), "ladder[0].to: only a measure or an enquiry"),
        (_with("ladder", 0, of="soup"), "ladder[0].of: 'soup' is not known here"),
        ({"reply_term": "soon"}, "reply_term: not a term"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, changed: dict[str, Any], said: str) -> None:
    assert [one for one in _written(folder, **changed) if one.startswith(said)]


def test_all_faults_come_at_once(folder: Path) -> None:
    faults = _written(folder, start="begun", reply_term="soon", **_with("ends", 0, clauses=["mini-1-98"]))
    assert len(faults) >= 3


def test_an_act_from_a_state_leads_to_one_place(folder: Path) -> None:
    doubled = {"transitions": [*GOOD["transitions"], GOOD["transitions"][2]]}
    assert any("is there twice" in one for one in _written(folder, **doubled))


def test_the_roles_are_those_of_the_staff() -> None:
    assert set(acts.STAFF_ROLES) == set(Role.values)


@pytest.fixture(params=loader.profile_ids())
def shipped(request: pytest.FixtureRequest) -> Profile:
    """Each shipped profile."""
    return loader.load(request.param)


def _flow(profile: Profile) -> Workflow:
    assert profile.workflow is not None
    return profile.workflow


def test_every_shipped_profile_has_a_workflow_whose_clauses_are_cited(shipped: Profile) -> None:
    cited = coverage.citations(shipped)
    assert all("workflow" in cited[clause] for clause in _flow(shipped).cited())


def test_an_appeal_leaves_only_answered_referred_or_on_a_ground(shipped: Profile) -> None:
    flow = _flow(shipped)
    for one in flow.transitions:
        if one.target is not None and flow.is_final(one.target) and one.act != "mark_notified":
            assert one.ends, f"{shipped.id}: {one.act}"
    assert all(end.how in acts.WAYS_OUT and end.clauses for end in flow.ends.values())


def test_the_clock_is_not_stopped_by_a_request_for_data(shipped: Profile) -> None:
    assert all(one.target is None for one in _flow(shipped).named("request_data"))
