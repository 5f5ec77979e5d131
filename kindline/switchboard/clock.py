"""A moment that a demonstration claims for one call, signed, so that no caller can move the clock of the house."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

HEADER = "X-Kindline-Clock"
VALID_S = 60
"""So long after it was signed a claim is believed."""


def signed(moment: dt.datetime, issued: dt.datetime, token: str) -> str:
    """The claim as it goes with the call: the moment, when it was signed, and the proof."""
    said = f"{int(moment.timestamp())}.{int(issued.timestamp())}"
    return f"{said}.{_proof(said, token)}"


def told(claim: str, token: str, now: dt.datetime) -> dt.datetime | None:
    """The moment that a claim names; None when it is not signed with our token, or not lately."""
    said, _, proof = claim.rpartition(".")
    moment, _, issued = said.partition(".")
    if not (moment.isdecimal() and issued.isdecimal() and moment.isascii() and issued.isascii()):
        return None
    if not hmac.compare_digest(proof.encode(), _proof(said, token).encode()):
        return None
    if abs(now.timestamp() - int(issued)) > VALID_S:
        return None
    return dt.datetime.fromtimestamp(int(moment), dt.UTC)


def _proof(said: str, token: str) -> str:
    return hmac.new(token.encode(), said.encode(), hashlib.sha256).hexdigest()
