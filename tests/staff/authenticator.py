"""An authenticator of a test's own: it signs what it is asked to, for whichever address and counter the test says."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def told(value: bytes) -> str:
    """As browsers write bytes in JSON."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class Authenticator:
    """One passkey for one name of a site."""

    origin: str = "http://testserver"
    host: str = "testserver"
    verifies: bool = True
    counter: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: os.urandom(32))
    handle: str | None = None

    def make(self, asked: dict[str, Any]) -> str:
        """What `navigator.credentials.create` gives for these options, as the page sends it."""
        self.handle = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = (one.to_bytes(32) for one in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        known = b"\0" * 16 + struct.pack(">H", len(self.credential)) + self.credential + public
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._said(ATTESTED) + known})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": told(client), "attestationObject": told(attested)})

    def show(self, asked: dict[str, Any]) -> str:
        """What `navigator.credentials.get` gives for these options, as the page sends it."""
        client, about = self._client("webauthn.get", asked["challenge"]), self._said()
        signature = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"clientDataJSON": told(client), "authenticatorData": told(about), "signature": told(signature)}
        return self._answer(answer | ({"userHandle": self.handle} if self.handle else {}))

    def _said(self, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        key = told(self.credential)
        return json.dumps({"id": key, "rawId": key, "type": "public-key", "response": response})
