"""What is wrong with what was typed at the doors of the account, before anything of ours is asked."""

from __future__ import annotations

from collections.abc import Mapping

from kindline.site import form, here, words

REGISTER, LETTER, ENTER = ("number", "bill_code", "email"), ("email",), ("email", "password")
"""The fields that a form needs; in the place of the code of the bill another sign of the owner does."""
SIGNS = ("bill_code", "surname", "address")


def faults(typed: Mapping[str, str], needed: tuple[str, ...]) -> list[dict[str, str]]:
    """All at once, by field; nothing of it tells whether an account or a log-in is known."""
    found = {name: _fault(name, typed) for name in needed}
    return [words.fault(name, code, here.profile()) for name, code in found.items() if code]


def _fault(name: str, typed: Mapping[str, str]) -> str:
    if name == "bill_code":
        return "" if any(typed.get(sign, "").strip() for sign in SIGNS) else "sign"
    value = typed.get(name, "").strip()
    if not value:
        return "needed"
    return "not_email" if name == "email" and not form.is_address(value) else ""
