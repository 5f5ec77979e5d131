"""The services of the menu: who answers them, and that the same words are spoken once."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kindline.standard import building, loader, menus
from kindline.switchboard import inquiries, prompts
from kindline.switchboard.machine.commands import LookUp
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.models import Guess
from kindline.switchboard.self_service import dialogues

CALLER, CONTACT = "+380501112233", str(uuid.UUID(int=5))
COURT = loader.load("court")
OPEN, SHUT = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> list[str]:
    """What the voice was asked to say."""
    said: list[str] = []

    def make(messages: Sequence[prompts.Spoken], *_args: Any, **_named: Any) -> dict[str, Sound]:
        said.extend(one.text for one in messages)
        return {one.key: Sound("sound:/x", 2.0) for one in messages}

    monkeypatch.setattr(prompts, "make", make)
    settings.KINDLINE = {"paths": {"prompts": str(tmp_path)}}
    return said


def ask(service: str, now: dt.datetime = OPEN, **answers: str) -> inquiries.Answer:
    question = next(reversed(answers), "")
    return inquiries.answer(COURT, LookUp(service, answers, question, 1), contact=CONTACT, caller=CALLER, now=now)


@pytest.mark.parametrize(("now", "told"), [(OPEN, "Зараз ми працюємо."), (SHUT, "Зараз ми не працюємо.")])
def test_the_hours_are_told_as_they_are_now(spoken: list[str], now: dt.datetime, told: str) -> None:
    found = ask("hours", now=now)
    assert found.sound == Sound("sound:/x", 2.0)
    assert found.reply.done
    assert spoken[0].startswith(told)
    assert "{hours}" not in spoken[0]
    assert not any(one.isdecimal() for one in spoken[0])


@pytest.mark.db
def test_what_nobody_knows_is_not_spoken_and_counts_as_a_guess(db: None, spoken: list[str], settings: Any) -> None:
    settings.SELF_SERVICE = {"appeal_status": "tests.switchboard.test_inquiries.nothing"}
    found = ask("appeal_status", appeal_status="5")
    assert (found.sound, found.reply.wrong, found.reply.ask) == (None, True, "appeal_status")
    assert spoken == []
    assert Guess.objects.get().caller == CALLER
    settings.SELF_SERVICE = {"appeal_status": "tests.switchboard.test_inquiries.something"}
    assert ask("appeal_status", appeal_status="5").reply.done
    assert spoken == ["5"]


def nothing(_profile: object, _figures: str, _now: dt.datetime) -> None:
    return None


def something(_profile: object, figures: str, _now: dt.datetime) -> str:
    return figures


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_every_profile_offers_a_call_and_tells_the_state_of_appeals_by_night(profile: str) -> None:
    menu = loader.load(profile).menu
    assert menu is not None
    assert all(queue.callback for queue in menu.queues.values())
    assert menu.off_hours is not None
    closed = menu.nodes[menu.off_hours.node or ""]
    assert "appeal_status" in [one.target for one in closed.options.values() if one.action == "self"]
    keys = {one.key for one in prompts.system_messages(loader.load(profile))}
    assert {"callback.offer.1", "callback.accepted", "digit.0", "digit.9", "self.appeal_status", "self.failed"} <= keys


def test_a_service_is_an_action_of_a_key() -> None:
    made = building.option("k", "3", {"self": "hours"})
    assert (made.action, made.target) == ("self", "hours")
    assert set(menus.SERVICES) == set(dialogues.names())


@pytest.mark.parametrize(
    ("what", "instead", "key"),
    [
        ("{self: appeal_status,", "{self: weather,", "options.3.self"),
        ('after_s: 60, key: "1"', 'after_s: 60, key: "*"', "callback.key"),
        ("abandoned: {after_s: 20", "abandoned: {after: 20", "abandoned"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path: Path, what: str, instead: str, key: str) -> None:

    folder = shutil.copytree(loader.profiles_dir() / "krc", tmp_path / "krc")
    menu = folder / "menu.yaml"
    text = menu.read_text(encoding="utf-8")
    assert what in text
    menu.write_text(text.replace(what, instead, 1), encoding="utf-8")
    faults = [one for one in loader.check(folder) if one.file.endswith("menu.yaml")]
    assert [one for one in faults if key in one.key], [(one.key, one.message) for one in faults]
