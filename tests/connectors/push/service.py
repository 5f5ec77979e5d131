"""A push service of the tests' own: it checks who sends, keeps what came, and browsers with real keys open it.

Opening is written by HMAC alone (RFC 8291, 3.4), so that it does not repeat the code under test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Receiver:
    """The keys of one browser."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def p256dh(self) -> str:
        return packed(self.point)

    @property
    def auth(self) -> str:
        return packed(self.secret)

    def opened(self, body: bytes) -> bytes:
        """What a sealed body holds; raises where it was not sealed for this browser."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        first = _mac(self.secret, self.key.exchange(ec.ECDH(), theirs))
        second = _mac(salt, _mac(first, b"WebPush: info\x00" + self.point + sender + b"\x01"))
        key = _mac(second, b"Content-Encoding: aes128gcm\x00\x01")[:16]
        nonce = _mac(second, b"Content-Encoding: nonce\x00\x01")[:12]
        padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        assert padded[-1:] == b"\x02"
        return padded[:-1]


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)


@dataclass
class Came:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    claims: dict[str, Any]
    sender: str


@dataclass
class PushServer:
    """What came, and what is answered: by path a status with its headers, 201 by itself."""

    url: str = ""
    came: list[Came] = field(default_factory=list)
    answers: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)

    def answer(self, path: str, *several: tuple[int, dict[str, str]]) -> None:
        self.answers[path] = list(several)

    def told(self, receiver: Receiver) -> list[dict[str, Any]]:
        """What a browser was told, in order."""
        return [json.loads(receiver.opened(one.body)) for one in self.came]


def checked_claims(header: str) -> tuple[dict[str, Any], str]:
    """What the sender's word says and his key; raises where the signature is not his (RFC 8292)."""
    scheme, _, rest = header.partition(" ")
    parts = dict(one.strip().split("=", 1) for one in rest.split(","))
    said, _, signature = parts["t"].rpartition(".")
    both = unpacked(signature)
    der = encode_dss_signature(int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpacked(parts["k"]))
    public.verify(der, said.encode(), ec.ECDSA(SHA256()))
    head, claims = (json.loads(unpacked(one)) for one in said.split("."))
    assert scheme == "vapid"
    assert len(both) == 64
    assert head == {"typ": "JWT", "alg": "ES256"}
    return claims, parts["k"]


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[PushServer]:
    """Serve on a free port until the end of the block."""
    known = PushServer()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                claims, sender = checked_claims(self.headers["Authorization"])
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the service refuses
                self.send_error(401, repr(error))
                return
            known.came.append(Came(self.path, dict(self.headers), body, claims, sender))
            waiting = known.answers.get(self.path) or [(201, {})]
            status, headers = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Nothing is said of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    known.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
