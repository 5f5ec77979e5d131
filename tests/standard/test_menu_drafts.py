"""Menus while they are edited: the same menu there and back, what is wrong with one, what differs between two."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from kindline.standard import loader, menu_changes, menu_drafts, menu_faults, menus
from kindline.standard.menu_drafts import UnreadableMenuError
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile

PROFILES = loader.profile_ids()
clause = pytest.mark.clause


def menu(profile: Profile) -> Menu:
    assert profile.menu is not None
    return profile.menu


@pytest.fixture
def krc() -> Profile:
    return loader.load("krc")


@pytest.fixture
def content(krc: Profile) -> dict[str, Any]:
    """The menu of krc as people edit it."""
    return menu_drafts.content_of(menu(krc))


def level(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in content["nodes"] if one["id"] == name)


def option(content: dict[str, Any], name: str, digit: str) -> dict[str, Any]:
    return next(one for one in level(content, name)["options"] if one["digit"] == digit)


def told(content: dict[str, Any], profile: Profile, **durations: float) -> list[tuple[str, str, str]]:
    """The errors of an edited menu: where, what, by which clause; each message lasts three seconds."""
    lengths = dict.fromkeys((key for key, _ in menu_drafts.prompts_of(content)), 3.0) | durations
    found = menu_faults.faults(menu_drafts.tidied(content), profile, lengths)
    return [(one.key, one.message, one.clause) for one in found if one.level == "error"]


@pytest.mark.parametrize("name", PROFILES)
def test_a_menu_is_the_same_after_it_was_content(name: str) -> None:
    own = menu(loader.load(name))
    content = menu_drafts.tidied(menu_drafts.content_of(own))
    again = menu_drafts.menu_of(content, own)
    assert (again.nodes, again.greeting, again.off_hours) == (own.nodes, own.greeting, own.off_hours)
    assert [list(node.options) for node in again.nodes.values()] == [list(node.options) for node in own.nodes.values()]
    assert menu_drafts.content_of(again) == content


@pytest.mark.parametrize("name", PROFILES)
def test_the_menus_of_the_standards_have_no_errors_as_content(name: str) -> None:
    profile = loader.load(name)
    assert told(menu_drafts.content_of(menu(profile)), profile) == []


@clause("krc-5.6.6-05", "krc-5.6.6-07", "krc-5.6.6-09", "krc-5.6.6-13", "krc-5.6.6-15", "krc-5.6.6-16")
@clause("krc-5.6.6-18", "krc-5.6.6-19", "krc-5.6.6-20")
def test_what_breaks_a_clause_is_said_with_it(content: dict[str, Any], krc: Profile) -> None:
    content["greeting"] = None
    content["off_hours"]["greeting"]["text"] = "Сейчас нерабочее время."
    level(content, "closed")["options"] = [option(content, "closed", "9")]
    level(content, "quality")["options"] = [option(content, "quality", "1"), option(content, "quality", "0")]
    level(content, "bills")["options"].remove(option(content, "bills", "*"))
    for digit in "5678":
        level(content, "main")["options"].append({**option(content, "main", "1"), "digit": digit})
    found = told(content, krc, **{"nodes.main": 16.0})
    assert {one[2] for one in found} == {
        "krc-5.6.6-05", "krc-5.6.6-07", "krc-5.6.6-13", "krc-5.6.6-15", "krc-5.6.6-16", "krc-5.6.6-19", "krc-5.6.6-20",
    }  # fmt: skip
    content["off_hours"] = None
    level(content, "offices")["options"].remove(option(content, "offices", "0"))
    assert {"krc-5.6.6-09", "krc-5.6.6-18"} <= {one[2] for one in told(content, krc)}


@clause("krc-5.6.6-08")
def test_a_level_too_deep_is_said_with_its_clause(content: dict[str, Any], krc: Profile) -> None:
    above = "payment"
    for name in ("deep1", "deep2"):
        level(content, above)["options"].append({**option(content, "main", "2"), "digit": "7", "target": name})
        content["nodes"].append(copy.deepcopy(level(content, "payment")) | {"id": name})
        level(content, name)["options"] = [one for one in level(content, name)["options"] if one["digit"] in "*0"]
        above = name
    assert [(where, by) for where, _, by in told(content, krc)] == [("nodes.deep2", "krc-5.6.6-08")]


def test_what_a_file_could_not_have_is_said_too(content: dict[str, Any], krc: Profile) -> None:
    option(content, "bills", "2")["digit"] = "1"
    option(content, "main", "1")["target"] = ""
    option(content, "main", "9")["digit"] = ""
    level(content, "offices")["prompt"]["text"] = ""
    content["greeting"]["text"] = "Здравствуйте, {company}!"
    said = {(where, what) for where, what, _ in told(content, krc)}
    assert {
        ("nodes.bills.options.1", "the key 1 is taken twice"),
        ("nodes.main.options.1", "it is not said where the key leads"),
        ("nodes.main.options.", "it is not said which key"),
        ("nodes.offices", "the message has no words"),
        ("greeting", "{company} is not put in"),
    } <= said


def test_targets_that_are_not_there_are_said_as_in_a_file(content: dict[str, Any], krc: Profile) -> None:
    option(content, "bills", "1")["target"] = "nobody"
    option(content, "main", "2")["target"] = "nowhere"
    said = [(where, what) for where, what, _ in told(content, krc)]
    assert ("nodes.bills.options.1.queue", "no queue 'nobody'") in said
    assert ("nodes.main.options.2.goto", "no node 'nowhere'") in said


def test_the_editor_and_the_command_find_the_same_clauses(
    content: dict[str, Any], krc: Profile, tmp_path: Path
) -> None:
    level(content, "bills")["options"].remove(option(content, "bills", "*"))
    content["greeting"] = None
    raw = menu_drafts.raw_of(content, menu(krc))
    file = tmp_path / "menu.yaml"
    file.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    faults, read = loader.menu(krc.path, file)
    assert read is not None, faults
    lengths = dict.fromkeys((prompt.key for prompt in read.prompts()), 3.0)
    by_file = {(one.key, one.clause) for one in menus.check(read, lengths) if one.level == "error"}
    assert by_file == {(where, by) for where, _, by in told(content, krc)} != set()


def test_what_is_not_measured_counts_as_long_as_its_letters_take(content: dict[str, Any], krc: Profile) -> None:
    content["greeting"]["text"] = "а" * 300
    assert [one.clause for one in menu_faults.faults(content, krc, {}) if one.key == "greeting"] == ["krc-5.6.6-05"]
    assert not [one for one in menu_faults.faults(content, krc, {"greeting": 4.0}) if one.key == "greeting"]


@pytest.mark.parametrize(
    "raw",
    [
        None, [], "menu", {}, {"nodes": {}}, {"nodes": [None]}, {"nodes": [{"id": "a"}]},
        {"nodes": [{"id": "../a", "options": []}]}, {"nodes": [{"id": "a", "options": [{"action": "rm"}]}]},
        {"nodes": [{"id": "a", "options": []}] * 2}, {"nodes": [{"id": str(n), "options": []} for n in range(81)]},
        {"nodes": [{"id": "a", "options": [], "prompt": {"text": "x" * 1001}}]},
        {"nodes": [{"id": "a", "options": [], "prompt": {"text": 7}}]},
        {"nodes": [{"id": "a", "options": [{"action": "back", "digit": "12"}]}]},
        {"nodes": [], "root": "a\x00"}, {"nodes": [], "greeting": "hello"},
    ],
)  # fmt: skip
def test_what_is_no_menu_is_refused(raw: Any) -> None:
    with pytest.raises(UnreadableMenuError):
        menu_drafts.tidied(raw)


def test_what_a_page_sends_is_tidied() -> None:
    raw = {
        "root": "a", "more": 1, "off_hours": {"greeting": None},
        "nodes": [{
            "id": "a", "title": {"ru": " Меню "}, "prompt": {"text": " да \n нет ", "sound": "../../etc"},
            "timeout_s": "long", "tries": 99, "options": [{"digit": "1", "action": "info", "on_end": "explode"}],
        }],
    }  # fmt: skip
    content = menu_drafts.tidied(raw)
    [node] = content["nodes"]
    assert node["title"] == {"uk": "Меню", "ru": "Меню", "en": "Меню"}
    assert (node["prompt"]["text"], node["prompt"]["sound"]) == ("да нет", "")
    assert (node["timeout_s"], node["tries"]) == (5, 3)
    assert (node["options"][0]["on_end"], node["options"][0]["prompt"]["text"]) == ("back", "")
    assert "more" not in content


def test_every_difference_is_named(content: dict[str, Any]) -> None:
    other = copy.deepcopy(content)
    assert menu_changes.differences(content, other) == []
    other["greeting"]["text"] = "Добрый день!"
    other["greeting"]["sound"] = "a" * 64
    level(other, "bills")["tries"] = 2
    option(other, "main", "1")["enabled"] = False
    option(other, "offices", "2")["prompt"]["text"] = "Возьмите паспорт."
    level(other, "main")["options"].remove(option(other, "main", "9"))
    level(other, "bills")["options"].append({**option(other, "main", "1"), "digit": "5"})
    level(other, "quality")["options"].reverse()
    other["nodes"].remove(level(other, "payment"))
    other["nodes"].append(copy.deepcopy(level(other, "bills")) | {"id": "fresh"})
    found = {(one.key, one.what) for one in menu_changes.differences(content, other)}
    assert found == {
        ("greeting", "text"), ("greeting", "sound"), ("nodes.bills", "tries"), ("nodes.main.options.1", "enabled"),
        ("nodes.offices.options.2", "text"), ("nodes.main.options.9", "option_removed"),
        ("nodes.bills.options.5", "option_added"), ("nodes.quality", "order"), ("nodes.payment", "level_removed"),
        ("nodes.fresh", "level_added"),
    }  # fmt: skip
