"""Voice menus: their shape, and what breaks the standard."""

# ruff: noqa: E501 - the broken menus are pieces of text

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kindline.standard import loader, menus, rules
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile
from tests.standard.conftest import Facts
from tests.standard.test_loader import spoil


def menu(profile: Profile) -> Menu:
    assert profile.menu is not None
    return profile.menu


def durations(found: Menu, seconds: float = 3.0) -> dict[str, float]:
    return {prompt.key: seconds for prompt in found.prompts()}


def test_a_good_menu(mini: Profile) -> None:
    found = menu(mini)
    assert menus.check(found, durations(found)) == []
    assert menus.shape(found, durations(found)) == {
        "branches_max": 2,
        "levels_max": 2,
        "longest_prompt_s": 3.0,
        "greeting": True,
        "off_hours_greeting": True,
        "off_hours_hours_told": True,
        "off_hours_intake": True,
        "voicemail": True,
        "return_to_menu": True,
        "deepest_to_operator": True,
        "switchable": True,
        "names_company": True,
    }


def test_the_shape_is_what_the_rules_judge(mini: Profile, facts: Facts) -> None:
    data = menus.shape(menu(mini), durations(menu(mini)))
    (row,) = rules.judge(facts((0, "menu_activated", data), subject_type="menu"), mini, ["mini-1-06"]).to_pylist()
    assert (row["verdict"], row["observed"], row["limit"]) == ("met", "2", "≤ 5")


BROKEN = [
    ("greeting: {text: \"Здравствуйте! Вы позвонили в компанию {company}.\", names_company: true}\n", "", "the menu has no greeting"),
    ("Мы работаем: {hours}.", "Мы закрыты.", "does not tell the hours"),
    ('      "*": {back: true}\n      "0": {operator: general}\n', '      "0": {operator: general}\n', "no key returns"),
    ('      "1": {voicemail: general}\nqueues', '      "1": {hangup: true}\nqueues', "nothing can be left outside"),
    ('      "1": {queue: general}\n      "5": {voicemail: general}\n      "*": {back: true}\n      "0": {operator: general}\n', '      "5": {voicemail: general}\n      "*": {back: true}\n', "does not lead to an operator"),
]  # fmt: skip


@pytest.mark.clause(
    "krc-5.6.6-09", "krc-5.6.6-13", "krc-5.6.6-15", "krc-5.6.6-16", "krc-5.6.6-18", "krc-5.6.6-19", "krc-5.6.6-20"
)
@pytest.mark.parametrize(("old", "new", "message"), BROKEN)
def test_what_is_missing_is_named_with_its_clause(folder: Path, old: str, new: str, message: str) -> None:
    spoil(folder, "menu.yaml", old, new)
    found = menu(loader.load_path(folder))
    faults = [fault for fault in menus.check(found, durations(found)) if message in fault.message]
    assert [fault.clause for fault in faults] == ["mini-1-06"]
    assert all(fault.cure and fault.level == "error" for fault in faults)


@pytest.mark.clause("krc-5.6.6-05")
@pytest.mark.parametrize(("seconds", "level"), [(5.0, None), (5.1, "warning"), (15.0, "warning"), (15.1, "error")])
def test_the_length_of_a_message(mini: Profile, seconds: float, level: str | None) -> None:
    found = menu(mini)
    faults = menus.check(found, {"nodes.main": seconds})
    assert [fault.level for fault in faults] == ([level] if level else [])


@pytest.mark.clause("krc-5.6.6-07", "krc-5.6.6-08")
def test_branches_and_levels_are_counted(mini: Profile) -> None:
    found = menu(mini)
    main = found.nodes["main"]
    option = main.options["1"]
    six = {**main.options, **{digit: replace(option, digit=digit) for digit in "3456"}}
    wide = replace(found, nodes={**found.nodes, "main": replace(main, options=six)})
    assert [fault.message for fault in menus.check(wide, {})] == ["6 branches, at most 5"]
    off = {digit: replace(one, enabled=digit not in "56") for digit, one in six.items()}
    assert menus.check(replace(found, nodes={**found.nodes, "main": replace(main, options=off)}), {}) == []
    deep = dict(found.nodes)
    for number in range(3):
        target = f"deep{number}"
        source = "readings" if number == 0 else f"deep{number - 1}"
        deep[source] = replace(
            deep[source], options={**deep[source].options, "7": replace(option, digit="7", target=target)}
        )
        deep[target] = replace(found.nodes["readings"], id=target)
    deeper = replace(found, nodes=deep)
    assert menus.levels(deeper)["deep2"] == 5
    assert [fault.message for fault in menus.check(deeper, {})] == ["level 5, at most 4"]


def test_a_menu_that_leaves_its_limits_out_is_still_bound_by_its_clauses(folder: Path) -> None:
    path = folder / "menu.yaml"
    path.write_text(path.read_text(encoding="utf-8").partition("limits:")[0], encoding="utf-8")
    assert menu(loader.load_path(folder)).limits["branches_max"].value == 5


@pytest.mark.parametrize("name", loader.profile_ids())
def test_the_shipped_menus_are_sound(name: str) -> None:
    found = loader.load(name).menu
    if found is not None:
        spoken = {prompt.key: len(prompt.text) / 15 for prompt in found.prompts()}
        assert [str(fault) for fault in menus.check(found, spoken) if fault.level == "error"] == []
