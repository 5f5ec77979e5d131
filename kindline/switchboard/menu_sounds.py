"""Messages of the menu that somebody recorded: looked at, brought into the telephone's form, kept by their hash."""

from __future__ import annotations

import array
import datetime as dt
import hashlib
import secrets
import sys
import tempfile
import wave
from pathlib import Path

from django.db import transaction

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import prompts, sounds
from kindline.switchboard.models import MenuSound

SIZE_MAX = 20 * 2**20
LEAST_S, MOST_S = 0.3, 180.0
HEARD = 300
"""How far from silence the loudest sample must be; a microphone that is off gives less."""
WAYS = ("upload", "microphone")


class SoundRefusedError(Exception):
    """The file cannot be a message; `code` says why: large, no_sound, short, long, silent."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def keep_sound(
    *, profile: Profile, content: bytes, way: str, name: str, employee: Employee, now: dt.datetime
) -> MenuSound:
    """Keep a recording for messages of the menu; the same sound twice is one.

    Raises: SoundRefusedError.
    """
    if len(content) > SIZE_MAX:
        raise SoundRefusedError("large")
    _look(content)
    digest, duration_s = _put(content)
    return _written(profile, digest, duration_s, way if way in WAYS else "upload", name, employee, now)


def _look(content: bytes) -> None:
    """Only a wave file of a person's voice goes on to the converter."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(content)
        file.flush()
        try:
            with wave.open(file.name, "rb") as sound:
                length_s = sound.getnframes() / sound.getframerate()
                width, frames = sound.getsampwidth(), sound.readframes(sound.getnframes())
        except (wave.Error, EOFError, ZeroDivisionError) as error:
            raise SoundRefusedError("no_sound") from error
    if not LEAST_S <= length_s <= MOST_S:
        raise SoundRefusedError("short" if length_s < LEAST_S else "long")
    if width == 2 and _loudest(frames) < HEARD:
        raise SoundRefusedError("silent")


def _loudest(frames: bytes) -> int:
    samples = array.array("h", frames[: len(frames) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return max(max(samples, default=0), -min(samples, default=0))


def _put(content: bytes) -> tuple[str, float]:
    """The file in its place, named by the hash of what was given; the hash and the length in seconds."""
    digest = hashlib.sha256(content).hexdigest()
    path = prompts.kept_path(digest)
    if path.is_file():
        return digest, sounds.duration_s(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{secrets.token_hex(8)}.new.wav")
    try:
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            file.write(content)
            file.flush()
            sounds.convert(Path(file.name), beside)
        duration_s = sounds.duration_s(beside)
        beside.replace(path)
    except (sounds.SoundError, OSError) as error:
        raise SoundRefusedError("no_sound") from error
    finally:
        beside.unlink(missing_ok=True)
    return digest, duration_s


@transaction.atomic
def _written(
    profile: Profile, digest: str, duration_s: float, way: str, name: str, employee: Employee, now: dt.datetime
) -> MenuSound:
    fields = {"way": way, "name": name[:200], "duration_s": duration_s, "made_by": employee, "made_at": now}
    made, fresh = MenuSound.objects.get_or_create(sha256=digest, defaults=fields)
    if fresh:
        data = {"sha256": digest, "way": way, "duration_s": duration_s, "employee": employee.pk}
        by, subject = actor(employee), profile.id
        journal.record(kind="menu_sound_kept", subject_type="menu", subject_id=subject, actor=by, data=data, at=now)
    return made
