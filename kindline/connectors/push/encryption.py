"""A notice sealed for one browser: RFC 8291 over the content coding aes128gcm of RFC 8188, in one record."""

from __future__ import annotations

import base64
import secrets
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
"""The longest body that every push service takes (RFC 8030, 7.2), and the size of our one record."""
SALT, TAG, LAST = 16, 16, b"\x02"
HEADER = SALT + 4 + 1 + 65
CONTENT_MAX = RECORD - HEADER - TAG - len(LAST)


def sealed(
    content: bytes, p256dh: str, auth: str, *, salt: bytes = b"", own: ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """The body of the request to the push service, which only the browser can open.

    `p256dh`, `auth`: the browser's public key and secret in base64url; `salt` and `own` are made anew for every notice
    and given in tests alone. Raises: ValueError for keys that are none, and for more than CONTENT_MAX octets.
    """
    if len(content) > CONTENT_MAX:
        raise ValueError(f"{len(content)} octets: a notice holds at most {CONTENT_MAX}")
    salt, own = salt or secrets.token_bytes(SALT), own or ec.generate_private_key(ec.SECP256R1())
    theirs, mine = unpacked(p256dh), point(own)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    key, nonce = keys(shared, unpacked(auth), theirs + mine, salt)
    return _header(salt, mine) + AESGCM(key).encrypt(nonce, content + LAST, None)


def keys(shared: bytes, auth: bytes, both: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """The key and the nonce of the record; `both`: the public keys of browser and sender, one after the other."""
    secret = _derived(shared, auth, b"WebPush: info\x00" + both, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    return key, _derived(secret, salt, b"Content-Encoding: nonce\x00", 12)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def _header(salt: bytes, public: bytes) -> bytes:
    return salt + struct.pack("!IB", RECORD, len(public)) + public


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key as browsers know it: an uncompressed point of 65 octets."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def unpacked(text: str) -> bytes:
    """What base64url without padding says. Raises: ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def packed(content: bytes) -> str:
    """Octets as base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
