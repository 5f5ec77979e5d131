"""Scenarios are data that fit every profile's guide."""

import dataclasses
from pathlib import Path

import pytest

from kindline.runtime.demo_calls import deeds, scenario
from kindline.runtime.demo_calls.errors import DemoError
from kindline.runtime.demo_calls.play import WAYS
from kindline.standard import loader, vocabulary
from kindline.standard.scripts import Script

PROFILES = loader.profile_ids()
FOLDER = Path(scenario.__file__).with_name("scenarios")


def guide(profile: str) -> Script:
    found = loader.load(profile).script(channel="phone", direction="in", line="hotline")
    assert found is not None
    return found


def test_each_file_is_a_scenario_and_named_in_the_order() -> None:
    assert sorted(scenario.names()) == sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "common")


def test_an_unknown_scenario_is_refused_with_the_names() -> None:
    with pytest.raises(DemoError, match="consultation"):
        scenario.load("no-such")


def test_what_the_menu_does_not_serve_is_not_among_all() -> None:
    court, krc = (set(scenario.fitting(loader.load(profile))) for profile in ("court", "krc"))
    assert krc == set(scenario.names())
    assert krc - court == {"readings-by-keys"}


def test_where_no_queue_offers_a_call_nobody_waits_for_one() -> None:
    krc = loader.load("krc")
    assert krc.menu is not None
    queues = {name: dataclasses.replace(queue, callback=None) for name, queue in krc.menu.queues.items()}
    without = dataclasses.replace(krc, menu=dataclasses.replace(krc.menu, queues=queues))
    assert set(scenario.names()) - set(scenario.fitting(without)) == {"queue-callback"}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", scenario.names())
def test_it_fits_the_guide(name: str, profile: str) -> None:
    wanted, script = scenario.load(name), guide(profile)
    assert wanted.reach in WAYS
    assert wanted.to in ("colleague", "department")
    if wanted.reach == "person":
        assert wanted.turning_step(script), "the talk has no turning point"
        assert any(one.id in wanted.outcome for one in script.outcomes), "no outcome of this guide is named"
    assert all(kind in vocabulary.kinds() for one in wanted.expect if (kind := one.of(script)))


@pytest.mark.parametrize("name", scenario.names())
def test_its_step_and_branch_ids_are_those_of_some_guide(name: str) -> None:
    wanted = scenario.load(name)
    scripts = [guide(profile) for profile in PROFILES]
    steps = {step.id for script in scripts for step in script.all_steps()}
    branches = {branch.id for script in scripts for branch in script.branches}
    assert set(wanted.before) | set(wanted.also) | set(wanted.omit) <= steps
    assert set(wanted.turn) <= branches


@pytest.mark.parametrize("profile", PROFILES)
def test_every_taken_step_is_ticked_off_or_has_its_deed(profile: str) -> None:
    script = guide(profile)
    by_field = {"reason_recorded", "measure_taken", "language_agreed"}
    for name in scenario.names():
        branch = scenario.load(name).branch(script)
        taken = [step for step in (*script.steps, *(branch.steps if branch else ())) if step.required]
        for step in taken:
            known = step.done_by is None or step.done_by in deeds.DEEDS or step.done_by in by_field
            assert known, f"{name}: nobody brings about {step.done_by} of {step.id}"


@pytest.mark.parametrize("profile", PROFILES)
def test_who_is_abusive_is_cut_off_only_where_the_standard_grants_it(profile: str) -> None:
    script = guide(profile)
    expected = [one.of(script) for one in scenario.load("abuse").expect]
    granted = any(branch.id == "abuse" and branch.ends_call for branch in script.branches)
    assert ("call_terminated" in expected) == granted
    assert ("action_refused" in expected) != granted


def test_a_wrong_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "abuse.yaml").write_text("title: x\nturns: [abuse]\n", encoding="utf-8")
    monkeypatch.setattr(scenario, "FOLDER", tmp_path)
    scenario.load.cache_clear()
    try:
        with pytest.raises(DemoError, match=r"abuse\.yaml: unknown key turns"):
            scenario.load("abuse")
    finally:
        scenario.load.cache_clear()
