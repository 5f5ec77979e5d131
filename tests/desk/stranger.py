"""A stranger at the port of a browser's call: DTLS greetings of his own, and what looks like its sound; seeded."""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

HELLO = bytes.fromhex(
    "0010 c02bc02fcca9cca8c00ac014002f0035 0100"  # the usual ciphers, elliptic and not; no compression
    "0032"
    "000a 0006 0004 001d0017"  # groups: x25519, P-256
    "000b 0002 0100"
    "000d 000a 0008 0403 0401 0503 0601"  # signatures: ECDSA and RSA
    "000e 0007 0004 0001 0007 00"  # DTLS-SRTP: AES-128 with a tag of 80 bits, AEAD
    "0017 0000"  # extended master secret
    "ff01 0001 00"
)
HANDSHAKE, ALERT = 22, 21
CLIENT_HELLO, SERVER_HELLO, HELLO_VERIFY_REQUEST = 1, 2, 3
RECORD, MESSAGE = 13, 12
"""Octets before what a record and a message of the handshake say."""
DTLS_1_2 = 0xFEFD
PAUSE_S = 0.02


def client_hello(order: random.Random, cookie: bytes = b"") -> bytes:
    """The first message of DTLS 1.2, as any server answers it; with a cookie the second, after a server asked for that.

    RFC 6347, 4.2.
    """
    body = struct.pack("!H", DTLS_1_2) + order.randbytes(32) + bytes([0, len(cookie)]) + cookie + HELLO
    size, number = _three(len(body)), bool(cookie)
    told = struct.pack("!B3sH3s3s", CLIENT_HELLO, size, number, _three(0), size) + body
    return _record(HANDSHAKE, told, number)


def alert() -> bytes:
    """The end of a DTLS connection, told by somebody who has no part in it."""
    return _record(ALERT, b"\x02\x00")


def _record(kind: int, told: bytes, number: int = 0) -> bytes:
    return struct.pack("!BHH6sH", kind, DTLS_1_2, 0, number.to_bytes(6, "big"), len(told)) + told


def _three(number: int) -> bytes:
    return number.to_bytes(3, "big")


def malformed(ssrc: int, order: random.Random) -> Iterator[bytes]:
    """Packets as of the stream itself, none of which its key made (RFC 3550, 3711), and what is no packet at all."""
    for first in (0x80, 0x90, 0x8F, 0xA0, 0xBF, 0x00, 0x40, 0xFF, 0x14, 0x17):
        for kind in (111, 0x80 | 111, 0, 200, 201, 206, 255):  # opus, with its mark, u-law, RTCP
            for size in (0, 1, 4, 10, 14, 160, 1300):
                head = struct.pack("!BBHII", first, kind, order.getrandbits(16), order.getrandbits(32), ssrc)
                yield head + order.randbytes(size)
    for size in range(1, 12):
        yield order.randbytes(size)


@dataclass
class Stranger:
    """Somebody who can send to the engine's ports: from an address of another, or from the client's own machine."""

    order: random.Random
    addresses: Sequence[str] = ("127.0.0.1", "127.0.0.2")
    answers: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sockets = [_bound(address) for address in self.addresses]

    def close(self) -> None:
        """Leave."""
        for one in self.sockets:
            one.close()

    def send(self, packets: Iterable[bytes], ports: Sequence[int]) -> int:
        """Each packet to each port, from each of his addresses; how many went."""
        sent = 0
        for packet in packets:
            for port in ports:
                for one in self.sockets:
                    one.sendto(packet, ("127.0.0.1", port))
                    sent += 1
        self._listen()
        return sent

    @contextmanager
    def greeting(self, ports: Sequence[int]) -> Iterator[None]:
        """Greet the ports over and over until the block ends."""
        over = threading.Event()

        def greet() -> None:
            while not over.wait(PAUSE_S):
                self.send([client_hello(self.order)], ports)

        greeter = threading.Thread(target=greet, daemon=True)
        greeter.start()
        try:
            yield
        finally:
            over.set()
            greeter.join(10)
            self._listen()

    def _listen(self) -> None:
        for one in self.sockets:
            while True:
                try:
                    self.answers.append(one.recv(4096))
                except BlockingIOError:
                    break


def _bound(address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, 0))
    made.setblocking(False)
    return made


def as_if_from(source: int, target: int, packets: Iterable[bytes]) -> None:
    """Packets with the address and port of the browser itself, as who shares its network can forge them (root alone).

    Raises: PermissionError where this user may not.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        for packet in packets:
            raw.sendto(struct.pack("!HHHH", source, target, 8 + len(packet), 0) + packet, ("127.0.0.1", 0))
