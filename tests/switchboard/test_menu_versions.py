"""The life of a menu's versions: drafted, changed by two at once, approved by another, turned to and back."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role
from kindline.standard import loader, menu_drafts
from kindline.standard.profile import Profile
from kindline.switchboard import in_force, menu_sounds, menu_versions, prompts, sounds, work
from kindline.switchboard.menu_sounds import SoundRefusedError
from kindline.switchboard.menu_versions import MenuChangedError, MenuFaultsError, MenuVersionError
from kindline.switchboard.models import MenuSound, MenuVersion
from tests.switchboard.people import at, employee
from tests.switchboard.test_prompts import tone

pytestmark = pytest.mark.db
clause = pytest.mark.clause


@pytest.fixture
def krc(settings: Any, tmp_path: Path) -> Profile:
    """The standard of krc where no message has been made yet."""
    settings.KINDLINE = {**settings.KINDLINE, "paths": {**settings.KINDLINE["paths"], "prompts": str(tmp_path)}}
    settings.VOICES = []
    return loader.load("krc")


@pytest.fixture
def vera(db: None) -> Employee:
    """Who writes drafts."""
    return employee("vera", Role.SUPERVISOR)


@pytest.fixture
def olha(db: None) -> Employee:
    """Who approves them."""
    return employee("olha", Role.DIRECTOR)


@pytest.fixture
def draft(krc: Profile, vera: Employee) -> MenuVersion:
    """A draft out of the standard's own menu."""
    return menu_versions.draft_menu(profile=krc, based_on=1, employee=vera, now=at(0))


def without_repeat(version: MenuVersion) -> dict[str, Any]:
    """The draft's content without the key 9 of the first level."""
    content: dict[str, Any] = copy.deepcopy(version.content)
    main = next(one for one in content["nodes"] if one["id"] == "main")
    main["options"] = [one for one in main["options"] if one["digit"] != "9"]
    return content


def save(version: MenuVersion, krc: Profile, who: Employee, content: Any = None, revision: int = 1) -> MenuVersion:
    """Save a draft as the page does."""
    asked = content if content is not None else without_repeat(version)
    return menu_versions.save_menu_draft(
        version=version, profile=krc, content=menu_drafts.tidied(asked), revision=revision, employee=who, now=at(1)
    )


def approve(version: MenuVersion, krc: Profile, who: Employee, revision: int = 1, **durations: float) -> MenuVersion:
    """Approve a draft whose messages last three seconds."""
    lengths = dict.fromkeys((key for key, _ in menu_drafts.prompts_of(version.content)), 3.0) | durations
    return menu_versions.approve_menu(
        version=version, profile=krc, durations=lengths, revision=revision, employee=who, now=at(2)
    )


def turn(krc: Profile, who: Employee, number: int, seconds: float = 3, *, now: float = 3) -> Any:
    """Let a version hold from a moment on."""
    return menu_versions.turn_to_menu(profile=krc, number=number, from_at=at(seconds), employee=who, now=at(now))


def kinds(krc: Profile) -> list[str]:
    """What the journal says of the menu."""
    return [one.kind for one in facts_of("menu", krc.id)]


def number_at(krc: Profile, seconds: float) -> int:
    """The version in force at a moment."""
    return in_force.number_now(krc, at(seconds))


def test_the_first_version_is_the_standard_s_own_menu(krc: Profile) -> None:
    found = in_force.menu_in_force(krc, at(0))
    assert found is not None
    assert krc.menu is not None
    assert (found.number, found.menu.nodes) == (1, krc.menu.nodes)
    assert in_force.menu_of_version(krc, 2) is None


def test_a_draft_begins_as_the_menu_is_now_switches_included(krc: Profile, vera: Employee) -> None:
    work.switch_menu_option(profile=krc, node="main", digit="1", enabled=False, employee=vera, now=at(0))
    made = menu_versions.draft_menu(profile=krc, based_on=1, title=" Летнее ", employee=vera, now=at(1))
    main = next(one for one in made.content["nodes"] if one["id"] == "main")
    assert {one["digit"]: one["enabled"] for one in main["options"]}["1"] is False
    assert (made.number, made.title, made.state, made.based_on and made.based_on.number) == (2, "Летнее", "draft", 1)
    assert [one.number for one in in_force.versions(krc)] == [2, 1]
    with pytest.raises(MenuVersionError, match="no_version"):
        menu_versions.draft_menu(profile=krc, based_on=9, employee=vera, now=at(1))


def test_two_at_once_lose_nothing(krc: Profile, draft: MenuVersion, vera: Employee, olha: Employee) -> None:
    saved = save(draft, krc, vera)
    assert saved.revision == 2
    with pytest.raises(MenuChangedError) as refused:
        save(draft, krc, olha, draft.content, revision=1)
    assert refused.value.version.changed_by == vera
    assert MenuVersion.objects.get(number=2).content == saved.content
    kept = menu_versions.draft_menu(profile=krc, based_on=2, content=draft.content, employee=olha, now=at(2))
    assert kept.content == draft.content
    changed = [one.data for one in facts_of("menu", "krc") if one.kind == "menu_draft_changed"]
    assert [one["changed"] for one in changed] == [["nodes.main.options.9"]]


def test_saving_what_is_there_already_changes_nothing(krc: Profile, draft: MenuVersion, vera: Employee) -> None:
    assert save(draft, krc, vera, draft.content).revision == 1
    assert kinds(krc) == ["menu_drafted"]


def test_another_than_the_author_with_the_right_approves(
    krc: Profile, draft: MenuVersion, vera: Employee, olha: Employee
) -> None:
    save(draft, krc, vera)
    for who, why in ((vera, "another"), (employee("admin", Role.ADMINISTRATOR), "not_yours")):
        with pytest.raises(MenuVersionError, match=why):
            approve(draft, krc, who, revision=2)
    with pytest.raises(MenuChangedError):
        approve(draft, krc, olha, revision=1)
    done = approve(draft, krc, olha, revision=2)
    assert (done.state, done.approved_by) == ("approved", olha)
    with pytest.raises(MenuVersionError, match="not_draft"):
        save(draft, krc, vera, revision=2)


@clause("krc-5.6.6-05", "krc-5.6.6-16")
def test_a_draft_that_breaks_a_clause_is_not_approved(
    krc: Profile, draft: MenuVersion, vera: Employee, olha: Employee
) -> None:
    content = copy.deepcopy(draft.content)
    bills = next(one for one in content["nodes"] if one["id"] == "bills")
    bills["options"] = [one for one in bills["options"] if one["action"] != "back"]
    row = save(draft, krc, vera, content)
    with pytest.raises(MenuFaultsError) as refused:
        approve(row, krc, olha, revision=2, **{"nodes.main": 15.1})
    assert {one.clause for one in refused.value.faults} == {"krc-5.6.6-05", "krc-5.6.6-16"}
    assert MenuVersion.objects.get(number=2).state == "draft"
    assert "menu_approved" not in kinds(krc)


def test_what_is_only_advised_against_is_approved_and_written_down(
    krc: Profile, draft: MenuVersion, vera: Employee, olha: Employee
) -> None:
    approve(save(draft, krc, vera), krc, olha, revision=2, **{"nodes.main": 7.0})
    [fact] = [one for one in facts_of("menu", "krc") if one.kind == "menu_approved"]
    assert fact.data["advice"] == ["krc-5.6.6-05"]


def test_a_version_comes_into_force_at_its_time_and_an_earlier_one_comes_back(
    krc: Profile, draft: MenuVersion, vera: Employee, olha: Employee
) -> None:
    row = save(draft, krc, vera)
    with pytest.raises(MenuVersionError, match="not_approved"):
        turn(krc, vera, 2)
    approve(row, krc, olha, revision=2)
    turn(krc, vera, 2, seconds=100)
    assert [number_at(krc, moment) for moment in (99, 100, 500)] == [1, 2, 2]
    found = in_force.menu_in_force(krc, at(100))
    assert found is not None
    assert "9" not in found.menu.nodes["main"].options
    assert [one.version.number for one in in_force.turns_to_come(krc, at(50))] == [2]
    turn(krc, vera, 1, seconds=200, now=200)
    assert [number_at(krc, moment) for moment in (199, 200)] == [2, 1]
    said = [(one.data["version"], one.data["back"]) for one in facts_of("menu", "krc") if one.kind == "menu_turn_set"]
    assert said == [(2, False), (1, True)]


def test_a_turn_that_has_not_come_is_called_off(
    krc: Profile, draft: MenuVersion, vera: Employee, olha: Employee
) -> None:
    approve(save(draft, krc, vera), krc, olha, revision=2)
    row = turn(krc, vera, 2, seconds=100)
    menu_versions.call_off_turn(turn=row, employee=vera, now=at(50))
    menu_versions.call_off_turn(turn=row, employee=vera, now=at(51))
    assert number_at(krc, 500) == 1
    assert kinds(krc).count("menu_turn_called_off") == 1
    late = turn(krc, vera, 2, seconds=600, now=599)
    with pytest.raises(MenuVersionError, match="past"):
        menu_versions.call_off_turn(turn=late, employee=vera, now=at(601))


@pytest.mark.parametrize(("number", "seconds", "why"), [(7, 5, "no_version"), (1, -120, "past"), (1, 3, "in_force")])
def test_a_turn_that_makes_no_sense_is_refused(
    krc: Profile, draft: MenuVersion, vera: Employee, number: int, seconds: float, why: str
) -> None:
    with pytest.raises(MenuVersionError, match=why):
        turn(krc, vera, number, seconds)


@clause("krc-5.6.6-14")
def test_a_switch_belongs_to_the_version_in_force(
    krc: Profile, draft: MenuVersion, vera: Employee, olha: Employee
) -> None:
    approve(save(draft, krc, vera), krc, olha, revision=2)
    turn(krc, vera, 2)
    work.switch_menu_option(profile=krc, node="main", digit="1", enabled=False, employee=vera, now=at(4))
    second, first = in_force.menu_of_version(krc, 2), in_force.menu_of_version(krc, 1)
    assert second is not None
    assert first is not None
    assert (second.nodes["main"].options["1"].enabled, first.nodes["main"].options["1"].enabled) == (False, True)


def test_a_draft_is_thrown_away_and_no_other_version(krc: Profile, draft: MenuVersion, vera: Employee) -> None:
    menu_versions.discard_menu(version=draft, employee=vera, now=at(1))
    assert [one.number for one in in_force.versions(krc)] == [1]
    with pytest.raises(MenuVersionError, match="not_draft"):
        menu_versions.discard_menu(version=draft, employee=vera, now=at(2))


# --- recordings ---
def keep(krc: Profile, who: Employee, content: bytes, way: str = "upload") -> MenuSound:
    """Keep a recording as the page sends it."""
    return menu_sounds.keep_sound(profile=krc, content=content, way=way, name="a.wav", employee=who, now=at(1))


@pytest.fixture
def recorded(tmp_path: Path) -> bytes:
    """A second and a half of sound."""
    tone(tmp_path / "in.wav", 1.5, 44100)
    return (tmp_path / "in.wav").read_bytes()


def test_a_recording_is_what_callers_hear_and_its_length_is_measured(
    krc: Profile, draft: MenuVersion, vera: Employee, recorded: bytes, tmp_path: Path
) -> None:
    made = keep(krc, vera, recorded, "microphone")
    assert keep(krc, vera, recorded).pk == made.pk
    assert made.duration_s == pytest.approx(1.5, abs=0.01)
    content = without_repeat(draft)
    content["greeting"]["sound"] = made.sha256
    save(draft, krc, vera, content)
    found = in_force.menu_of_version(krc, 2)
    assert work.make_prompts(krc, found) == {"greeting": pytest.approx(1.5, abs=0.01)}
    assert work.prompt_durations(krc, found) == {"greeting": pytest.approx(1.5, abs=0.01)}
    assert kinds(krc).count("menu_sound_kept") == 1
    prompts.kept_path(made.sha256).unlink()
    [greeting] = [one for one in prompts.menu_messages(krc, found) if one.key == "greeting"]
    assert greeting.kept is None, "a recording that has gone is said by the voice"


def test_a_recording_that_is_not_there_cannot_be_saved(krc: Profile, draft: MenuVersion, vera: Employee) -> None:
    content = without_repeat(draft)
    content["greeting"]["sound"] = "a" * 64
    with pytest.raises(MenuVersionError, match="no_sound"):
        save(draft, krc, vera, content)


@pytest.mark.parametrize("sox", [True, False])
def test_wrong_files_are_refused_with_the_reason(
    krc: Profile, vera: Employee, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sox: bool
) -> None:
    if not sox:
        monkeypatch.setattr(shutil, "which", lambda _: None)
    tone(tmp_path / "short.wav", 0.1)
    tone(tmp_path / "long.wav", 181, 8000)
    sounds.write(tmp_path / "silent.wav", [3, -3] * 8000)
    said = {name: (tmp_path / f"{name}.wav").read_bytes() for name in ("short", "long", "silent")}
    said |= {"no_sound": b"ID3\x04 not a wave", "large": b"x" * (menu_sounds.SIZE_MAX + 1)}
    for code, content in said.items():
        with pytest.raises(SoundRefusedError, match=code):
            keep(krc, vera, content)
    with pytest.raises(SoundRefusedError, match="no_sound"):
        keep(krc, vera, b"")
    assert not MenuSound.objects.exists()
    assert not list((tmp_path / "kept").glob("*")) if (tmp_path / "kept").exists() else True


def test_days_are_a_matter_of_moments(krc: Profile, vera: Employee, draft: MenuVersion) -> None:
    """A form that took some seconds to be sent still means now."""
    approve(draft, krc, employee("third", Role.DIRECTOR))
    made = menu_versions.turn_to_menu(
        profile=krc, number=2, from_at=at(0) - dt.timedelta(seconds=30), employee=vera, now=at(0)
    )
    assert made.from_at == at(0)
