"""The telephone of a browser as the engine sees it: SIP in a web socket, with a password (RFC 7118)."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import struct
import uuid
from dataclasses import dataclass, field

PATIENCE_S = 5
TEXT = 0x81


@dataclass
class Browser:
    """One page that registers; its socket stays open until it is closed."""

    name: str
    password: str
    port: int
    host: str = "127.0.0.1"
    call: str = field(default_factory=lambda: uuid.uuid4().hex)
    number: int = 0

    def __post_init__(self) -> None:
        self._socket = socket.create_connection((self.host, self.port), PATIENCE_S)
        self._left = b""
        key = base64.b64encode(os.urandom(16)).decode()
        asked = (
            f"GET /ws HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
        )
        self._socket.sendall(asked.encode())
        while b"\r\n\r\n" not in self._left:
            self._left += self._socket.recv(4096)
        head, _, self._left = self._left.partition(b"\r\n\r\n")
        assert b" 101 " in head.splitlines()[0], head

    def close(self) -> None:
        """The page is gone."""
        self._socket.close()

    def registers(self) -> int:
        """Register with the password; the status that the engine answers in the end."""
        status, said = self._ask("")
        challenge = re.search(r"^WWW-Authenticate: Digest (.*)$", said, re.MULTILINE | re.IGNORECASE)
        if status != 401 or challenge is None:
            return status
        return self._ask(f"Authorization: Digest {self._proof(challenge[1])}\r\n")[0]

    def _proof(self, challenge: str) -> str:
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
        uri, nonce, own = f"sip:{self.host}", told["nonce"], uuid.uuid4().hex
        who = _md5(f"{self.name}:{told['realm']}:{self.password}")
        proof = _md5(f"{who}:{nonce}:00000001:{own}:auth:{_md5(f'REGISTER:{uri}')}")
        said = {"username": self.name, "realm": told["realm"], "nonce": nonce, "uri": uri, "response": proof}
        said |= {"cnonce": own} | ({"opaque": told["opaque"]} if "opaque" in told else {})
        return ", ".join(f'{key}="{value}"' for key, value in said.items()) + ", algorithm=MD5, qop=auth, nc=00000001"

    def _ask(self, more: str) -> tuple[int, str]:
        self.number += 1
        via = f"SIP/2.0/WS browser.invalid;branch=z9hG4bK{uuid.uuid4().hex}"
        self._send(
            f"REGISTER sip:{self.host} SIP/2.0\r\nVia: {via}\r\nMax-Forwards: 70\r\n"
            f"From: <sip:{self.name}@{self.host}>;tag={self.call[:8]}\r\nTo: <sip:{self.name}@{self.host}>\r\n"
            f"Call-ID: {self.call}\r\nCSeq: {self.number} REGISTER\r\nExpires: 120\r\n"
            f"Contact: <sip:{self.call[:8]}@browser.invalid;transport=ws>\r\n{more}Content-Length: 0\r\n\r\n"
        )
        while True:
            said = self._frame().decode(errors="replace")
            if f"CSeq: {self.number} REGISTER" in said:
                return int(said.split(maxsplit=2)[1]), said

    # --- RFC 6455 ---
    def _send(self, text: str) -> None:
        content, mask = text.encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(content))
        self._socket.sendall(struct.pack("!BBH", TEXT, 0x80 | 126, len(content)) + mask + masked)

    def _frame(self) -> bytes:
        length = self._take(2)[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        return self._take(length)

    def _take(self, count: int) -> bytes:
        while len(self._left) < count:
            came = self._socket.recv(65536)
            assert came, "the engine has closed the socket"
            self._left += came
        taken, self._left = self._left[:count], self._left[count:]
        return taken


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
