"""Marks of telephones from which readings come: equal for one number, and telling it to nobody without our key."""

from __future__ import annotations

import hashlib

from django.utils.crypto import salted_hmac

SALT = "kindline.readings.phone"


def of_phone(phone: str) -> str:
    """The mark of a number in E.164."""
    return keyed(hashlib.sha256(f"sms {phone}".encode()).hexdigest())


def keyed(digest: str) -> str:
    """The mark for what was kept before: the bare hash, out of which a number is found by trying all of them."""
    return salted_hmac(SALT, digest, algorithm="sha256").hexdigest()
