"""Talks with recordings as the engine leaves them, a vault and keys of this test, a real S3 server."""

import datetime as dt
import hashlib
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import recording as recordings
from kindline.switchboard import sounds
from kindline.switchboard.models import Recording
from tests.plugins.rude import until

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
BUCKET = "talks"


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


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server of the S3 protocol, as a process of its own."""
    port, log = free_port(), tmp_path_factory.mktemp("s3") / "moto.log"
    words = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out)
    try:
        until(lambda: _answers(port), 60, log.read_text())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        tried.settimeout(1)
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def bucket(s3_url: str) -> Iterator[dict[str, Any]]:
    """An empty bucket, described as the settings do."""
    config = Config(s3={"addressing_style": "path"})
    made: Any = boto3.client(
        "s3", endpoint_url=s3_url, aws_access_key_id="key", aws_secret_access_key="secret", region_name="us-east-1",
        config=config,
    )  # fmt: skip
    made.create_bucket(Bucket=BUCKET)
    yield {
        "class": "kindline.connectors.storage.s3.S3", "url": s3_url, "bucket": BUCKET, "key": "key", "secret": "secret",
        "prefix": "recordings/",
    }  # fmt: skip
    for one in made.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        made.delete_object(Bucket=BUCKET, Key=one["Key"])
    made.delete_bucket(Bucket=BUCKET)
    made.close()
