"""A small piece of work that a browser does before a form is sent: a flood costs more than a question (pure)."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "kindline.site.puzzles"
LIFE_S = 2 * 3600
FIRST, MOST = 12, 22
"""Leading zero bits of a SHA-256: some thousands of tries, done unseen; at most some millions, seconds of work."""
EVERY, EVERY_OF_NET = 20, 200
"""Posts within an hour, from one browser and from its network, that make the work twice as long."""


def bits_for(posts: int, posts_of_net: int = 0) -> int:
    """How much work is asked of who has posted that much within the hour."""
    return min(FIRST + max(posts // EVERY, posts_of_net // EVERY_OF_NET), MOST)


def made(key: uuid.UUID, bits: int, now: dt.datetime) -> str:
    """A puzzle for one form; it is kept nowhere, its seal says that it is ours."""
    plain = f"{key}.{bits}.{int(now.timestamp())}"
    return f"{plain}.{_seal(plain)}"


def proven(proof: str, key: uuid.UUID, now: dt.datetime) -> int:
    """How many bits of work were shown for this form; 0 for none, another form's, an old or a false one.

    A proof is of use for its own form alone, and a form becomes one question however often it is sent.
    """
    puzzle, _colon, answer = proof[:200].rpartition(":")
    plain, _dot, seal = puzzle.rpartition(".")
    if not answer or not constant_time_compare(seal, _seal(plain)):
        return 0
    of, bits, since = plain.split(".")
    is_fresh = 0 <= now.timestamp() - int(since) + 1 <= LIFE_S
    return int(bits) if of == str(key) and is_fresh and zeros(proof) >= int(bits) else 0


def zeros(text: str) -> int:
    """With how many zero bits the SHA-256 of a text begins."""
    return 256 - int.from_bytes(hashlib.sha256(text.encode()).digest()).bit_length()


def _seal(plain: str) -> str:
    return salted_hmac(SALT, plain, algorithm="sha256").hexdigest()[:32]
