"""How a push service knows who sends: a key of this installation, and a signed word for each service (RFC 8292)."""

from __future__ import annotations

import datetime as dt
import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kindline.connectors.push.encryption import packed, point
from kindline.files import keys
from kindline.files.errors import LostKeyError

NAME = "vapid.pem"
HOLDS = dt.timedelta(hours=12)
"""For so long a signed word holds: a push service refuses more than a day."""
HALF = 32


def own_key() -> ec.EllipticCurvePrivateKey:
    """The installation's key, beside the instance keys; made once, by whoever asks first. Raises: LostKeyError.

    Browsers agree to notices signed by this key alone: with another one all subscriptions are over.
    """
    where = keys.folder()
    if not (where / NAME).exists():
        made = ec.generate_private_key(ec.SECP256R1())
        written = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        keys.write_once(where, NAME, written)
    try:
        found = load_pem_private_key((where / NAME).read_bytes(), None)
    except (OSError, ValueError) as error:
        raise LostKeyError(f"{where / NAME}: {error}; bring the key back from its safe copy") from error
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise LostKeyError(f"{where / NAME} is no key of the curve P-256")
    return found


def authorization(key: ec.EllipticCurvePrivateKey, audience: str, contact: str, now: dt.datetime) -> str:
    """The header for a push service; `audience`: its origin, `contact`: mailto: or https: of who answers for us."""
    claims = {"aud": audience, "exp": int((now + HOLDS).timestamp())} | ({"sub": contact} if contact else {})
    said = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    first, second = decode_dss_signature(key.sign(said.encode(), ec.ECDSA(SHA256())))
    signature = packed(first.to_bytes(HALF, "big") + second.to_bytes(HALF, "big"))
    return f"vapid t={said}.{signature}, k={packed(point(key))}"


def _part(said: dict[str, object] | dict[str, str]) -> str:
    return packed(json.dumps(said, separators=(",", ":")).encode())
