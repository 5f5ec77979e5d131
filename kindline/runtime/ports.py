"""Free ports on the loopback address: chosen once, kept for as long as they stay free."""

import math
import os
import random
import socket
from collections.abc import Collection, Iterator

LOOPBACK = "127.0.0.1"
CALLS_MAX = 200
"""Calls from outside that an engine takes at once, where KINDLINE_CALLS_MAX does not say it."""
PORTS_A_CALL = 5
"""Two a leg (RTP and RTCP), two legs, and one to spare for consultations and transfers."""
RTP_LOWEST = 10_000
EPHEMERAL_LOWEST = 32_000
"""Below the usual range of the kernel, so that no client socket takes a media port."""


def is_free(port: int, *, udp: bool = False, address: str = LOOPBACK) -> bool:
    """Whether nobody listens on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as probe:
        if not udp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def choose(*, udp: bool = False) -> int:
    """A port that the kernel says is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def keep_or_choose(wanted: int | None, *, udp: bool = False) -> int:
    """The wanted port if it is still free, else another one."""
    if wanted and is_free(wanted, udp=udp):
        return wanted
    return choose(udp=udp)


def calls_max() -> int:
    """Calls from outside that an engine takes at once; further ones are refused with 503."""
    return int(os.environ.get("KINDLINE_CALLS_MAX", CALLS_MAX))


def lines() -> dict[str, int]:
    """How many calls an engine and the trunk carry (0: as many as the engines); what limits the house's own."""
    return {
        "an_engine": calls_max(),
        "trunk": int(os.environ.get("KINDLINE_TRUNK_LINES") or 0),
        "an_hour": int(os.environ.get("KINDLINE_CALLS_HOUR_MAX") or 1000),
        "reserve_percent": int(os.environ.get("KINDLINE_TRUNK_RESERVE") or 25),
    }


def rtp_block() -> int:
    """How many media ports an engine has: enough for the calls that it takes, in whole thousands."""
    return 1000 * max(1, math.ceil(calls_max() * PORTS_A_CALL / 1000))


def _blocks(size: int) -> Iterator[int]:
    starts = list(range(RTP_LOWEST, EPHEMERAL_LOWEST - size, size))
    random.shuffle(starts)
    yield from starts


def _block_is_free(start: int, size: int) -> bool:
    fits = start >= RTP_LOWEST and start + size <= EPHEMERAL_LOWEST
    return fits and all(is_free(port, udp=True) for port in range(start, start + size, 16))


def keep_or_choose_rtp(wanted: int | None, taken: Collection[int] = ()) -> tuple[int, int]:
    """The first and the last port of a block for media (`rtp_block`): the wanted block if free, else a random one.

    `taken` are blocks of our own other engines, which may not listen yet.

    Raises: OSError when no block is free.
    """
    size = rtp_block()
    for start in ([wanted] if wanted else []) + list(_blocks(size)):
        if all(abs(start - other) >= size for other in taken) and _block_is_free(start, size):
            return start, start + size - 1
    raise OSError(f"no free block of {size} UDP ports for media: stop another instance or lower KINDLINE_CALLS_MAX")
