"""The S3 store against a real server: what the folder does, it does; what the server lacks or loses is said."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest

from kindline.connectors.storage.s3 import S3
from kindline.files.errors import BrokenObjectError, MissingObjectError, StoreError
from kindline.files.stores import Disk, Spooled, put_bytes
from tests.recordings.conftest import bucket, free_port, s3_url

__all__ = ["bucket", "s3_url"]
CONTENT = b"words" * 100_000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(bucket: dict[str, Any]) -> S3:
    """An empty one."""
    return S3(**{name: value for name, value in bucket.items() if name != "class"})


def test_keeps_once_by_content_and_gives_it_back(store: S3) -> None:
    for _ in range(2):
        kept = put_bytes(store, CONTENT)
    assert (kept.sha256, kept.size) == (SHA, len(CONTENT))
    assert store.holds(SHA)
    with store.opened(SHA) as found:
        assert found.read() == CONTENT
    assert list(store.untouched(dt.datetime.now(dt.UTC) + dt.timedelta(days=1))) == [SHA]


def test_what_is_not_there_is_named(store: S3) -> None:
    assert not store.holds(SHA)
    with pytest.raises(MissingObjectError):
        store.opened(SHA)
    with pytest.raises(ValueError, match="SHA"):
        store.holds("../../etc/passwd")


def test_what_was_changed_is_not_given(store: S3) -> None:
    store._client.put_object(Bucket=store.bucket, Key=store.name(SHA), Body=b"other")
    with pytest.raises(BrokenObjectError):
        store.opened(SHA)


def test_only_old_contents_are_removed(store: S3) -> None:
    put_bytes(store, CONTENT)
    now = dt.datetime.now(dt.UTC)
    assert list(store.untouched(now - dt.timedelta(hours=1))) == []
    assert not store.remove(SHA, untouched_since=now - dt.timedelta(hours=1))
    assert store.remove(SHA, untouched_since=now + dt.timedelta(hours=1))
    assert store.remove(SHA)
    assert not store.holds(SHA)


def test_a_server_that_is_not_there_and_a_missing_bucket_are_said(store: S3, bucket: dict[str, Any]) -> None:
    words = {name: value for name, value in bucket.items() if name != "class"}
    with pytest.raises(StoreError):
        put_bytes(S3(**{**words, "bucket": "nobody-made-it"}), CONTENT)
    away = S3(**{**words, "url": f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(StoreError):
        away.holds(SHA)


class TestSpool:
    """A folder first, the server later; killed in between nothing is lost."""

    @pytest.fixture
    def spooled(self, store: S3, tmp_path: Path) -> Spooled:
        return Spooled(Disk(tmp_path / "near"), store)

    def test_is_carried_and_let_go_here_once_it_was_read_there(self, spooled: Spooled, store: S3) -> None:
        put_bytes(spooled, CONTENT)
        assert not store.holds(SHA)
        with spooled.opened(SHA) as here:
            assert here.read() == CONTENT
        now = dt.datetime.now(dt.UTC)
        assert [spooled.carry() for _ in range(2)] == [1, 0]
        assert store.holds(SHA)
        assert not spooled.near.holds(SHA)
        with spooled.opened(SHA) as found:
            assert found.read() == CONTENT
        assert list(spooled.untouched(now + dt.timedelta(days=1))) == [SHA]
        assert spooled.remove(SHA)
        assert not spooled.holds(SHA)

    def test_what_the_server_keeps_wrongly_stays_here(self, spooled: Spooled, monkeypatch: Any) -> None:
        put_bytes(spooled, CONTENT)

        def loses(_: Path) -> None:
            return None

        monkeypatch.setattr(spooled.far, "put", loses)
        with pytest.raises(StoreError):
            spooled.carry()
        assert spooled.near.holds(SHA)

    def test_killed_between_putting_and_letting_go_it_is_carried_again(
        self, spooled: Spooled, monkeypatch: Any
    ) -> None:
        put_bytes(spooled, CONTENT)

        def dies(*_: Any, **__: Any) -> bool:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(Disk, "remove", dies)
            with pytest.raises(KeyboardInterrupt):
                spooled.carry()
        assert spooled.near.holds(SHA)
        assert spooled.carry() == 1
        with spooled.opened(SHA) as here:
            assert here.read() == CONTENT
