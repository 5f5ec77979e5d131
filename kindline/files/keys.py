"""Instance keys: files of 32 bytes in a folder of their own; the newest wraps data keys, older ones still open them."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings

from kindline.files import sealing
from kindline.files.errors import BrokenObjectError, LostKeyError

NAME = re.compile(r"instance-(\d+)\.key")


def folder() -> Path:
    """Where the keys lie: a folder of the instance, or one outside it by setting."""
    return Path(settings.KEYS or settings.KINDLINE["paths"]["keys"])


def newest() -> int:
    """The number of the key that wraps now; the first is made here, once, whoever asks first."""
    where = folder()
    found = [int(match[1]) for path in where.glob("*.key") if (match := NAME.fullmatch(path.name))]
    if not found:
        write_once(where, "instance-1.key", secrets.token_bytes(sealing.KEY))
    return max(found, default=1)


def wrap(key: bytes) -> tuple[int, bytes]:
    """A data key, wrapped by the newest instance key; with the number of that. Raises: LostKeyError."""
    number = newest()
    return number, aes_key_wrap(_read(number), key)


def unwrap(number: int, wrapped: bytes) -> bytes:
    """The data key. Raises: LostKeyError; BrokenObjectError for what was wrapped by another key."""
    try:
        return aes_key_unwrap(_read(number), wrapped)
    except (InvalidUnwrap, ValueError) as error:
        raise BrokenObjectError("the data key cannot be unwrapped") from error


def derived(number: int, purpose: bytes) -> bytes:
    """A key for one purpose out of an instance key, which it does not tell. Raises: LostKeyError."""
    return HKDF(algorithm=hashes.SHA256(), length=sealing.KEY, salt=None, info=purpose).derive(_read(number))


def _read(number: int) -> bytes:
    path = folder() / f"instance-{number}.key"
    try:
        key = path.read_bytes()
    except OSError as error:
        raise LostKeyError(f"{path}: {error}; bring the key back from its safe copy") from error
    if len(key) != sealing.KEY:
        raise LostKeyError(f"{path} is no key of {sealing.KEY} bytes")
    return key


def write_once(where: Path, name: str, content: bytes) -> None:
    """Write a key beside and link it into its place: two that begin at once agree on the one that was first."""
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = where / f".{secrets.token_hex(8)}"
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(beside, where / name)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
    _sync(where)


def _sync(where: Path) -> None:
    handle = os.open(where, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
