"""Free ports on the loopback address: chosen once, kept for as long as they stay free."""

import random
import socket
from collections.abc import Collection, Iterator

LOOPBACK = "127.0.0.1"
RTP_BLOCK = 1000
"""RTP ports for one instance: two a leg (RTP and RTCP), so five hundred legs (250 calls at once)."""
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


def _blocks() -> Iterator[int]:
    starts = list(range(RTP_LOWEST, EPHEMERAL_LOWEST - RTP_BLOCK, RTP_BLOCK))
    random.shuffle(starts)
    yield from starts


def _block_is_free(start: int) -> bool:
    return all(is_free(port, udp=True) for port in range(start, start + RTP_BLOCK, 16))


def keep_or_choose_rtp(wanted: int | None, taken: Collection[int] = ()) -> int:
    """The first port of a block of `RTP_BLOCK` media ports: the wanted block if free, else a random one.

    `taken` are blocks of our own other engines, which may not listen yet.

    Raises: OSError when no block is free.
    """
    for start in ([wanted] if wanted else []) + list(_blocks()):
        if start not in taken and _block_is_free(start):
            return start
    raise OSError("no free block of UDP ports for media: stop another instance or free some ports")
