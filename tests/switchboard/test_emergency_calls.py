"""An emergency message heard by real calls over SIP: what the voice said comes out of the client's telephone."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
TEXT = "Нет воды на улице Ленина. Бригада работает."
TURN_ON = """
import datetime as dt
from django.utils import timezone
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.switchboard import emergencies
now, vera = timezone.now(), Employee.objects.get(number=1)
until = now + dt.timedelta(hours=1)
emergencies.turn_on(
    profile=loader.load("krc"), line="", text="{text}", closes={closes}, until=until, employee=vera, now=now
)
"""
TURN_OFF = """
from django.utils import timezone
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.switchboard import emergencies
profile = loader.load("krc")
for one in emergencies.open_now(profile):
    emergencies.turn_off(profile=profile, emergency=one.pk, employee=Employee.objects.get(number=1), now=timezone.now())
"""
ALIKE = 0.8
"""So much of the sound of a message is found again in a recording of it; of any other one hardly anything."""


@pytest.fixture(scope="module")
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg, operators=1)
    made.start()
    yield made
    rigs.end(made)


def test_a_caller_hears_the_message_before_he_waits_and_not_when_it_is_off(rig: Rig) -> None:
    with rig.telephones() as phones:
        plain = recorded(phones)
        message = turned_on(rig, closes=False)
        [told] = until(lambda: heard_if_told(phones), 60, "no caller is told")
        assert likeness(message, told) > ALIKE
        assert likeness(message, plain) < ALIKE / 2
        rig.manage("shell", "-v", "0", "-c", TURN_OFF)
        until(lambda: not heard_if_told(phones), 60, "callers are told what is over")


def test_a_message_that_closes_the_line_keeps_callers_from_the_queue(rig: Rig) -> None:
    with rig.telephones() as phones:
        message = turned_on(rig, closes=True)
        [told] = until(lambda: heard_if_told(phones), 60, "no caller is told")
        assert likeness(message, told) > ALIKE
        [[contact]] = rig.rows("SELECT id FROM conversations_contact ORDER BY started_at DESC LIMIT 1")
        assert "queue_entered" not in rig.kinds(str(contact))
        rig.manage("shell", "-v", "0", "-c", TURN_OFF)


def turned_on(rig: Rig, *, closes: bool) -> Path:
    """Somebody in charge turns the message on; the sound that the voice made of it."""
    before = set((rig.folder / "prompts").rglob("*.wav"))
    rig.manage("shell", "-v", "0", "-c", TURN_ON.format(text=f"{TEXT} {closes}", closes=closes))
    [made] = set((rig.folder / "prompts").rglob("*.wav")) - before
    return made


def heard_if_told(phones: Telephones) -> list[Path]:
    """What a new caller hears; nothing where his call does not say that he was told the message."""
    heard = recorded(phones)
    [[contact]] = phones.rig.rows("SELECT id FROM conversations_contact ORDER BY started_at DESC LIMIT 1")
    return [heard] if "emergency_told" in phones.rig.kinds(str(contact)) else []


def recorded(phones: Telephones) -> Path:
    """What a caller hears from the answer until he waits, or is in the menu of a closed line."""
    client, number = phones.call()
    with client.hearing() as heard:
        contact = phones.rig.contact_of(number)
        until(lambda: {"queue_entered", "menu_entered"} & set(phones.rig.kinds(contact)), 40)
    client.hang_up()
    return heard.file


def samples(path: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The sound of a wave file of 8 kHz."""
    with wave.open(str(path), "rb") as file:
        assert (file.getframerate(), file.getsampwidth()) == (8000, 2)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)


def likeness(message: Path, recording: Path) -> float:
    """How well two seconds from the middle of a message fit the best place of a recording, 0 to 1."""
    whole, heard = samples(message), samples(recording)
    part = whole[len(whole) // 2 - 8000 : len(whole) // 2 + 8000]
    if len(heard) < len(part):
        return 0.0
    found = np.correlate(heard, part, mode="valid")
    energy = np.convolve(heard**2, np.ones(len(part)), mode="valid")
    return float(np.max(np.abs(found) / (np.sqrt(energy * np.sum(part**2)) + 1.0)))
