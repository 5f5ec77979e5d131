"""The menu that callers hear under each standard, and its options switched by hand while it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import in_force, menu, work
from kindline.switchboard.machine.plan import Plan
from kindline.switchboard.machine.state import Phase
from kindline.switchboard.models import MenuSwitch
from tests.switchboard.calls import Call
from tests.switchboard.people import at, employee, plan_of

clause = pytest.mark.clause
PROFILES = loader.profile_ids()


def called(plan: Plan) -> Call:
    """A caller who has heard everything up to the first level."""
    return Call(plan).arrives().plays_out()


def paths_of(plan: Plan, node: str, keys: str = "", seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every way of keys through the menu that leads on, with what its last key does."""
    found: dict[str, Any] = {}
    for digit, key in plan.levels[node].keys.items():
        found[keys + digit] = key
        if key.action == "goto" and key.target not in (*seen, node):
            found |= paths_of(plan, key.target, keys + digit, (*seen, node))
    return found


@clause("krc-2-19", "krc-2-55")
@pytest.mark.parametrize("profile", PROFILES)
def test_every_key_leads_where_the_profile_says(profile: str) -> None:
    plan = plan_of(loader.load(profile))
    reached = set()
    for keys, key in paths_of(plan, plan.root).items():
        call = called(plan).presses(keys)
        chosen = call.facts("menu_choice")[-1].data
        assert (chosen["digit"], chosen["action"], chosen["target"]) == (keys[-1], key.action, key.target), keys
        reached.add(key.action)
        if key.action in ("queue", "operator"):
            assert call.state.phase is Phase.QUEUED, keys
            assert call.fact("queue_entered")["queue"] == key.target
        elif key.action == "goto":
            assert (call.state.phase, call.state.place and call.state.place.node) == (Phase.MENU, key.target), keys
    assert {"queue", "goto", "operator"} <= reached


@clause("krc-2-56")
@pytest.mark.parametrize("profile", PROFILES)
def test_information_is_played_by_a_key_and_the_caller_comes_back_or_to_an_operator(profile: str) -> None:
    plan = plan_of(loader.load(profile))
    told = {keys: key for keys, key in paths_of(plan, plan.root).items() if key.action == "info"}
    for keys, key in told.items():
        call = called(plan).presses(keys)
        node = call.state.place.node if call.state.place else ""
        assert call.state.playing == key.sound, keys
        call.plays_out()
        assert key.sound in [note.data["prompt"] for note in call.facts("prompt_played")]
        if key.on_end == "operator":
            assert call.state.phase is Phase.QUEUED
        else:
            assert (call.state.phase, call.state.place and call.state.place.node) == (Phase.MENU, node)
    assert told or profile == "yumek", "of the four only yumek tells nothing by itself"


@pytest.mark.parametrize("profile", PROFILES)
def test_back_leads_one_level_up_from_everywhere(profile: str) -> None:
    plan = plan_of(loader.load(profile))
    ways = [keys for keys, key in paths_of(plan, plan.root).items() if key.action == "back"]
    assert ways
    for keys in ways:
        call = called(plan).presses(keys[:-1])
        path = call.state.place.path if call.state.place else ()
        call.presses(keys[-1])
        assert (call.state.place and call.state.place.node) == path[-2], keys


@pytest.mark.parametrize("profile", PROFILES)
def test_who_presses_nothing_comes_to_an_operator(profile: str) -> None:
    plan = plan_of(loader.load(profile))
    call = called(plan)
    for _ in range(plan.levels[plan.root].tries):
        call.fires("menu").plays_out()
    assert call.state.phase is Phase.QUEUED
    assert call.fact("queue_entered")["queue"] in plan.queues


@pytest.mark.parametrize("profile", PROFILES)
def test_outside_the_hours_a_message_can_be_left(profile: str) -> None:
    plan = plan_of(loader.load(profile))
    keys = [digit for digit, key in plan.levels[plan.closed_level].keys.items() if key.action == "voicemail"]
    assert keys
    call = Call(plan).arrives(closed="off_hours").plays_out().presses(keys[0]).plays_out()
    assert call.state.phase is Phase.MESSAGE
    assert call.state.tracks[0].leg == "voicemail"


def test_numbers_of_the_machine_are_the_profile_s_or_none() -> None:
    krc, court = plan_of(loader.load("krc")), plan_of(loader.load("court"))
    rings, period = loader.load("krc").variables["offer_rings"], loader.load("krc").variables["ring_period_s"]
    assert {queue.ring_timeout_s for queue in krc.queues.values()} == {rings * period}
    assert court.ring_period_s is None
    assert {queue.ring_timeout_s for queue in court.queues.values()} == {loader.load("court").variables["offer_s"]}
    assert court.bad_line_retry_s == 10
    assert court.bad_line_may_end


# --- the menu in service ---
@pytest.fixture
def krc(settings: Any, tmp_path: Path) -> Profile:
    """The standard of krc where no message has been made yet."""
    settings.KINDLINE = {**settings.KINDLINE, "paths": {**settings.KINDLINE["paths"], "prompts": str(tmp_path)}}
    settings.VOICES = []
    return loader.load("krc")


@pytest.fixture
def switch(db: None, krc: Profile) -> Callable[..., MenuSwitch]:
    """Switch an option as somebody in charge."""
    who: Employee = employee("in_charge", Role.SUPERVISOR)

    def turn(node: str, digit: str, enabled: bool) -> MenuSwitch:
        return work.switch_menu_option(profile=krc, node=node, digit=digit, enabled=enabled, employee=who, now=at(1))

    return turn


def running(profile: Profile) -> Plan:
    """The plan of the menu that is in service now."""
    found = in_force.menu_in_force(profile, at(2))
    assert found is not None
    return menu.plan(profile, found.menu, plan_of(profile).sounds, switchboard="sb-test", number=found.number)


@pytest.mark.db
@clause("krc-5.6.6-14")
def test_an_option_is_taken_out_and_back_without_a_restart(krc: Profile, switch: Callable[..., MenuSwitch]) -> None:
    row = switch("main", "1", False)
    call = called(running(krc)).presses("1")
    assert call.facts("menu_digit")[-1].data["valid"] is False
    assert call.state.phase is not Phase.QUEUED
    assert switch("main", "1", True).pk == row.pk
    assert called(running(krc)).presses("12").state.phase is Phase.QUEUED
    said = [fact.data for fact in facts_of("menu", "krc")]
    assert [(one["node"], one["digit"], one["enabled"]) for one in said] == [("main", "1", False), ("main", "1", True)]
    assert said[0]["employee"] == row.employee_id


@pytest.mark.db
@clause("krc-5.6.6-14")
@pytest.mark.parametrize(
    ("node", "digit", "broken"),
    [("closed", "1", "krc-5.6.6-20"), ("bills", "*", "krc-5.6.6-16"), ("offices", "0", "krc-5.6.6-09")],
)
def test_a_switch_that_would_break_the_standard_is_refused(
    switch: Callable[..., MenuSwitch], node: str, digit: str, broken: str
) -> None:
    with pytest.raises(work.MenuBreaksError, match=broken) as refused:
        switch(node, digit, False)
    assert broken in {fault.clause for fault in refused.value.faults}
    assert not MenuSwitch.objects.exists()
    assert not Fact.objects.exists()


@pytest.mark.db
def test_what_is_broken_already_hinders_no_other_switch(krc: Profile, switch: Callable[..., MenuSwitch]) -> None:
    MenuSwitch.objects.create(
        profile="krc", node="closed", digit="1", enabled=False, employee=employee("before"), at=at(0)
    )
    switch("main", "1", False)
    switch("closed", "1", True)
    assert MenuSwitch.objects.filter(enabled=True).get().node == "closed"


@pytest.mark.db
@pytest.mark.parametrize("profile", PROFILES)
def test_the_menu_in_service_is_written_down_as_it_was_measured(profile: str) -> None:
    standard = loader.load(profile)
    assert standard.menu is not None
    lengths = dict.fromkeys((prompt.key for prompt in standard.menu.prompts()), 4.0)
    longest = next(iter(lengths))
    lengths[longest] = 11.237
    menu.activated(standard, standard.menu, {**lengths, "system.fallback": 99.0}, at(0))
    [fact] = facts_of("menu", profile)
    first = standard.menu.nodes[standard.menu.root or ""]
    assert fact.kind == "menu_activated"
    assert (fact.data["profile"], fact.data["longest_prompt_s"]) == (profile, 11.24)
    assert fact.data["branches_max"] >= len(first.branches())
    assert (fact.data["voicemail"], fact.data["off_hours_intake"], fact.data["switchable"]) == (True, True, True)


@pytest.mark.db
def test_a_message_that_lasts_too_long_is_a_fault_with_its_clause_and_where_there_is_no_norm_none() -> None:
    for profile, found in (("krc", {"krc-5.6.6-05"}), ("voe", set())):
        standard = loader.load(profile)
        assert standard.menu is not None
        faults = menu.activated(standard, standard.menu, {standard.menu.nodes["main"].prompt.key: 15.1}, at(0))
        assert {fault.clause for fault in faults if fault.level == "error"} == found
