"""The S3 store against a real server: what the folder does, it does; what the server lacks or loses is said."""

import datetime as dt
import hashlib
import io
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kindline.connectors.storage.s3 import S3
from kindline.files.errors import BrokenObjectError, MissingObjectError, StoreError
from kindline.files.stores import Disk, Spooled, put_bytes
from kindline.runtime import ports
from tests.plugins.swift import PAGE, STORING, Swift

CONTENT = b"words" * 100_000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(bucket: dict[str, Any]) -> S3:
    """An empty one."""
    return described(bucket)


def described(bucket: dict[str, Any], /, **other: str) -> S3:
    """The store of a bucket, with other words for some of its settings."""
    return S3(**{name: value for name, value in {**bucket, **other}.items() if name != "class"})


def all_of(store: S3) -> list[str]:
    """Whatever is listed."""
    return list(store.untouched(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)))


def test_keeps_once_by_content_and_gives_it_back(store: S3) -> None:
    for _ in range(2):
        kept = put_bytes(store, CONTENT)
    assert (kept.sha256, kept.size) == (SHA, len(CONTENT))
    assert store.holds(SHA)
    with store.opened(SHA) as found:
        assert found.read() == CONTENT
    assert all_of(store) == [SHA]


def test_a_list_of_several_pages_is_listed_whole(store: S3) -> None:
    kept = [put_bytes(store, b"%d" % number).sha256 for number in range(2 * PAGE + 1)]
    assert sorted(all_of(store)) == sorted(kept)


def test_an_empty_content_is_one_too(store: S3) -> None:
    empty = put_bytes(store, b"").sha256
    with store.opened(empty) as found:
        assert found.read() == b""


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


def test_another_folder_of_the_bucket_is_another_store(store: S3, bucket: dict[str, Any]) -> None:
    other = described(bucket, prefix="files/")
    put_bytes(store, CONTENT)
    assert (other.holds(SHA), all_of(other), other.remove(SHA)) == (False, [], True)
    assert store.holds(SHA)


def test_a_server_that_is_not_there_and_a_missing_bucket_are_said(bucket: dict[str, Any]) -> None:
    missing = described(bucket, bucket="nobody-made-it")
    with pytest.raises(StoreError, match="NoSuchBucket"):
        put_bytes(missing, CONTENT)
    with pytest.raises(StoreError, match="NoSuchBucket"):
        all_of(missing)
    away = described(bucket, url=f"http://127.0.0.1:{ports.choose()}")
    with pytest.raises(StoreError):
        away.holds(SHA)


@pytest.mark.parametrize("other", [{"secret": "another"}, {"key": "test:nobody"}], ids=["secret", "key"])
def test_who_has_another_key_is_refused_whatever_he_does(
    store: S3, bucket: dict[str, Any], other: dict[str, str]
) -> None:
    put_bytes(store, CONTENT)
    stranger = described(bucket, **other)
    tried: list[Callable[[], object]] = [
        lambda: put_bytes(stranger, b"other"), lambda: stranger.opened(SHA), lambda: all_of(stranger),
        lambda: stranger.holds(SHA), lambda: stranger.remove(SHA),
    ]  # fmt: skip
    for does in tried:
        with pytest.raises(StoreError, match=r"SignatureDoesNotMatch|InvalidAccessKeyId|403"):
            does()
    assert all_of(store) == [SHA]


def test_every_request_is_signed_by_the_fourth_version_with_its_content(store: S3) -> None:
    seen: list[tuple[bytes, bytes]] = []

    def note(request: Any, **_: Any) -> None:
        seen.append((request.headers["Authorization"], request.headers["X-Amz-Content-SHA256"]))

    store._client.meta.events.register("before-send.s3", note)
    put_bytes(store, CONTENT)
    store.holds(SHA)
    assert {signed[:17] for signed, _ in seen} == {b"AWS4-HMAC-SHA256 "}
    assert seen[0][1] == SHA.encode()


def test_what_was_changed_on_the_way_is_not_kept(store: S3) -> None:
    def change(request: Any, **_: Any) -> None:
        request.body = io.BytesIO(CONTENT.upper())

    store._client.meta.events.register("before-send.s3.PutObject", change)
    with pytest.raises(StoreError):
        put_bytes(store, CONTENT)
    assert all_of(store) == []


def test_half_a_content_is_none(store: S3, swift: Swift) -> None:
    """Whoever sends is killed in the middle: what has arrived is no object."""
    to = store._client.generate_presigned_url("put_object", {"Bucket": store.bucket, "Key": store.name(SHA)})
    head = f"PUT {to.removeprefix(swift.url)} HTTP/1.1\r\nHost: {swift.url.removeprefix('http://')}\r\n"
    with socket.create_connection(("127.0.0.1", swift.ports["proxy"]), timeout=60) as line:
        line.sendall(f"{head}Content-Length: {len(CONTENT)}\r\n\r\n".encode() + CONTENT[: len(CONTENT) // 2])
        line.shutdown(socket.SHUT_WR)
        assert b" 200 " not in line.recv(65_536)
    assert not store.holds(SHA)
    assert (all_of(store), swift.contents()) == ([], [])


def test_what_its_disk_changes_is_not_given(store: S3, swift: Swift) -> None:
    put_bytes(store, CONTENT)
    (lies,) = swift.contents()
    with lies.open("r+b") as file:
        file.write(b"W")
    with pytest.raises(BrokenObjectError):
        store.opened(SHA)


def test_what_its_disk_cuts_off_is_not_given(store: S3, swift: Swift) -> None:
    put_bytes(store, CONTENT)
    (lies,) = swift.contents()
    with lies.open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(MissingObjectError):
        store.opened(SHA)


@pytest.fixture
def lame(swift: Swift, bucket: dict[str, Any]) -> Iterator[Swift]:
    """The server whose disk does not answer any more; afterwards it does."""
    swift.stop("object")
    yield swift
    swift.start(*(name for name in STORING if name not in swift.processes))


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

    def test_a_server_that_dies_meanwhile_gets_it_once_it_is_back(self, spooled: Spooled, lame: Swift) -> None:
        put_bytes(spooled, CONTENT)
        with pytest.raises(StoreError, match=r"ServiceUnavailable|InternalError|SlowDown"):
            spooled.carry()
        assert spooled.near.holds(SHA)
        lame.start("object")
        assert spooled.carry() == 1
        with spooled.opened(SHA) as found:
            assert found.read() == CONTENT

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
