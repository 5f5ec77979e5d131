"""Talks with recordings as the engine leaves them, a vault and keys of this test."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import recording as recordings
from kindline.switchboard import sounds
from kindline.switchboard.models import Recording

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Path:
    """Everything of recordings below a folder of this test."""
    mine = {name: str(tmp_path / name) for name in ("recordings", "vault", "keys")}
    paths = {**settings.KINDLINE["paths"], **mine, "asterisk_spool": str(tmp_path / "spool")}
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc", "paths": paths}
    settings.RECORDINGS, settings.KEYS = {"far": {}}, ""
    (tmp_path / "recordings").mkdir()
    return tmp_path


@pytest.fixture
def krc() -> Profile:
    return loader.load("krc")


@pytest.fixture
def head(db: None) -> Employee:
    """Somebody in charge."""
    return Employee.objects.create(username="head", surname="Орлова", roles=["unit_head"])


Make = Callable[..., Recording]


@pytest.fixture
def recorded(db: None, place: Path, krc: Profile) -> Make:
    """A recording in its place, of a contact of its own or of one that is given."""

    def make(
        seconds: float = 2.0, *, leg: str = "client", start: dt.datetime = NOW, contact: Contact | None = None,
        profile: Profile = krc, **fields: Any,
    ) -> Recording:  # fmt: skip
        talk = contact or conversations.open_contact(
            profile=profile, channel="phone", caller="+79271112233", contact_id=uuid.uuid4(), now=start
        )
        name = f"{talk.pk}/{leg}-{Recording.objects.count()}"
        path = place / "recordings" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        sounds.write(path, [1000 + (number % 500) for number in range(int(seconds * sounds.RATE_HZ))])
        values = {
            "path": f"{name}.wav", "started_at": start, "ended_at": start + dt.timedelta(seconds=seconds),
            "duration_s": seconds, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "complete": True,
            "retention_until": recordings.until(profile, start.astimezone(profile.zone).date(), leg), **fields,
        }  # fmt: skip
        return Recording.objects.create(contact=talk, leg=leg, name=name, **values)

    return make
