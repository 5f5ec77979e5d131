"""Contents sealed by AES-256-GCM in pieces, so that any part can be read by itself; no piece can be moved or cut off.

A head of 16 bytes (mark, salt), then pieces of PIECE bytes, each with its tag. The nonce is the salt, the number of the
piece and whether it is the last; what the content belongs to is bound into every piece.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kindline.files.errors import BrokenObjectError

MARK = b"KLSEAL1\n"
HEAD = 16
PIECE = 64 * 1024
TAG = 16
KEY = 32


def new_key() -> bytes:
    """A key for one content alone."""
    return AESGCM.generate_key(bit_length=KEY * 8)


def seal(source: BinaryIO, target: BinaryIO, *, key: bytes, bound: bytes) -> int:
    """Write the sealed form of a content; returns the size of the content."""
    cipher, salt, size, number = AESGCM(key), os.urandom(HEAD - len(MARK)), 0, 0
    target.write(MARK + salt)
    piece = source.read(PIECE)
    while True:
        following = source.read(PIECE) if len(piece) == PIECE else b""
        target.write(cipher.encrypt(_nonce(salt, number, last=not following), piece, bound))
        size += len(piece)
        if not following:
            return size
        piece, number = following, number + 1


def unsealed(file: BinaryIO, *, key: bytes, bound: bytes, size: int, first: int = 0, length: int) -> Iterator[bytes]:
    """The bytes of a content of `size` from `first` on, piece by piece, each found untouched.

    Raises: BrokenObjectError.
    """
    file.seek(0)
    head = file.read(HEAD)
    if head[: len(MARK)] != MARK:
        raise BrokenObjectError("no sealed content")
    cipher, salt, last = AESGCM(key), head[len(MARK) :], _pieces(size) - 1
    end = min(size, first + length)
    for number in range(first // PIECE, (max(first, end - 1)) // PIECE + 1):
        file.seek(HEAD + number * (PIECE + TAG))
        piece = file.read(PIECE + TAG)
        try:
            plain = cipher.decrypt(_nonce(salt, number, last=number == last), piece, bound)
        except (InvalidTag, ValueError) as error:
            raise BrokenObjectError(f"piece {number} was changed") from error
        begins = number * PIECE
        yield plain[max(0, first - begins) : end - begins]


def _pieces(size: int) -> int:
    return max(1, -(-size // PIECE))


def _nonce(salt: bytes, number: int, *, last: bool) -> bytes:
    """Twelve bytes that no two pieces under one key share."""
    return salt[:7] + struct.pack(">I?", number, last)
