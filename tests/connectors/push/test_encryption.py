"""A notice sealed for a browser: the published example to the octet, and whatever is sealed is opened again."""

from __future__ import annotations

import binascii

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as some

from kindline.connectors.push import encryption
from tests.connectors.push.service import Receiver, packed, unpacked

TEXT = b"When I grow up, I want to be a watermelon"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(text: str) -> ec.EllipticCurvePrivateKey:
    """A private key of the example."""
    return ec.derive_private_key(int.from_bytes(unpacked(text), "big"), ec.SECP256R1())


@pytest.mark.clause("krc-5.7.1-39")
def test_the_example_of_rfc_8291_appendix_a() -> None:
    browser = Receiver(private(BROWSER), unpacked("BTBZMqHH6r4Tts7J_aSIgg"))
    assert browser.p256dh == ("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    body = encryption.sealed(
        TEXT, browser.p256dh, browser.auth, salt=unpacked("DGv6ra1nlYgDCS1FRnbzlw"), own=private(SENDER)
    )
    assert packed(body) == SEALED
    assert browser.opened(body) == TEXT


@given(some.binary(max_size=encryption.CONTENT_MAX).filter(lambda one: not one.endswith(b"\x00")))
def test_what_is_sealed_is_opened_by_its_browser_alone(content: bytes) -> None:
    browser, other = Receiver(), Receiver()
    body = encryption.sealed(content, browser.p256dh, browser.auth)
    assert len(body) <= encryption.RECORD
    assert browser.opened(body) == content
    assert body[:16] != encryption.sealed(content, browser.p256dh, browser.auth)[:16], "the salt is new each time"
    with pytest.raises(InvalidTag):
        other.opened(body)


def test_what_is_too_long_or_has_no_keys_is_refused() -> None:
    browser = Receiver()
    with pytest.raises(ValueError, match="at most"):
        encryption.sealed(b"x" * (encryption.CONTENT_MAX + 1), browser.p256dh, browser.auth)
    with pytest.raises(ValueError, match="Invalid EC key"):
        encryption.sealed(b"x", packed(b"\x04" + b"\x01" * 64), browser.auth)
    with pytest.raises(binascii.Error):
        encryption.sealed(b"x", "not base64!", browser.auth)
