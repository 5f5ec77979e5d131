"""Which message a receipt is about: pure. A centre may write an id in decimal here and in hexadecimal there."""

from __future__ import annotations

from collections.abc import Mapping

DECIMAL, HEXADECIMAL = 10, 16


def same(given: str, told: str) -> bool:
    """Whether both are one id: letter by letter, or one in decimal and the other in hexadecimal."""
    if _plain(given) == _plain(told):
        return True
    crossed = ((DECIMAL, HEXADECIMAL), (HEXADECIMAL, DECIMAL))
    pairs = [(_number(given, ours), _number(told, theirs)) for ours, theirs in crossed]
    return any(one is not None and one == other for one, other in pairs)


def found(told: str, given: Mapping[int, str]) -> int | None:
    """The key of the message whose id was told; the same writing wins, a crossed one must be the only one."""
    exact = [key for key, one in given.items() if one and _plain(one) == _plain(told)]
    if exact:
        return exact[-1]
    crossed = [key for key, one in given.items() if one and same(one, told)]
    return crossed[0] if len(crossed) == 1 else None


def _plain(text: str) -> str:
    return text.strip().casefold().lstrip("0")


def _number(text: str, base: int) -> int | None:
    plain = text.strip()
    if not plain.isascii() or not plain.isalnum():
        return None
    try:
        return int(plain, base)
    except ValueError:
        return None
