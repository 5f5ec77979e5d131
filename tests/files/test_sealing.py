"""Sealed contents: any part is read by itself, and nothing of it can be changed, moved, cut off or swapped."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindline.files import sealing
from kindline.files.errors import BrokenObjectError

PIECE = sealing.PIECE
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17]


def sealed(content: bytes, key: bytes, bound: bytes = b"talk") -> bytes:
    target = io.BytesIO()
    assert sealing.seal(io.BytesIO(content), target, key=key, bound=bound) == len(content)
    return target.getvalue()


def read(
    kept: bytes, key: bytes, size: int, first: int = 0, length: int | None = None, bound: bytes = b"talk"
) -> bytes:
    wanted = size if length is None else length
    return b"".join(sealing.unsealed(io.BytesIO(kept), key=key, bound=bound, size=size, first=first, length=wanted))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_comes_back_and_is_not_to_be_seen(size: int) -> None:
    content, key = random.Random(size).randbytes(size), sealing.new_key()
    kept = sealed(content, key)
    assert read(kept, key, size) == content
    assert size < 32 or content[:32] not in kept
    assert sealed(content, key) != kept, "the same salt twice"


CONTENT = random.Random(1).randbytes(2 * PIECE + 1000)
KEY = sealing.new_key()
KEPT = sealed(CONTENT, KEY)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(CONTENT) - 1), st.integers(1, len(CONTENT)))
def test_any_part_is_read_by_itself(first: int, length: int) -> None:
    assert read(KEPT, KEY, len(CONTENT), first, length) == CONTENT[first : first + length]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(KEPT) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, by: int) -> None:
    spoilt = KEPT[:at] + bytes([KEPT[at] ^ by]) + KEPT[at + 1 :]
    if at == sealing.HEAD - 1:
        return  # the last byte of the salt is not used
    with pytest.raises(BrokenObjectError):
        read(spoilt, KEY, len(CONTENT))


def test_pieces_cannot_be_swapped_cut_off_or_put_into_another_recording() -> None:
    one, other = (sealing.HEAD + n * (PIECE + sealing.TAG) for n in (0, 1))
    swapped = (
        KEPT[:one] + KEPT[other : other + PIECE + sealing.TAG] + KEPT[one:other] + KEPT[other + PIECE + sealing.TAG :]
    )
    cut = KEPT[: other + PIECE + sealing.TAG]
    for spoilt, size in ((swapped, len(CONTENT)), (cut, 2 * PIECE), (b"RIFF" + KEPT[4:], len(CONTENT))):
        with pytest.raises(BrokenObjectError):
            read(spoilt, KEY, size)
    with pytest.raises(BrokenObjectError):
        read(KEPT, KEY, len(CONTENT), bound=b"another talk")
    with pytest.raises(BrokenObjectError):
        read(KEPT, sealing.new_key(), len(CONTENT))
