"""Money as it is shown, and the requisites by which it is paid: both out of the profile's variable `payment`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.utils import formats

from kindline.standard.profile import Profile


@dataclass(frozen=True)
class Requisites:
    """Where a bill is paid, and in which form its code says so (`qr`: a name of kindline.readings.codes.FORMS)."""

    name: str
    account: str
    qr: str = ""
    purpose: str = ""  # with {account} and {month}
    code: str = ""  # of the organisation: ИНН, ЄДРПОУ
    bank_name: str = ""
    bank_code: str = ""  # БИК
    bank_account: str = ""  # correspondent account
    kpp: str = ""

    @classmethod
    def of(cls, profile: Profile) -> Requisites | None:
        """Those of the organisation; None where the profile has none."""
        found: dict[str, Any] = profile.variable("payment") or {}
        if not found.get("account"):
            return None
        known = {one.name: str(found[one.name]) for one in fields(cls) if one.name in found}
        return cls(**{"name": str(profile.variable("company") or profile.body), **known})


def sign(profile: Profile) -> str:
    """The sign of the organisation's currency; empty where the profile names none."""
    return str((profile.variable("payment") or {}).get("currency_sign", ""))


def bare(amount: Decimal) -> str:
    """An amount without its currency, in the language of the page."""
    return formats.number_format(amount, 2, force_grouping=True).replace("-", "\N{MINUS SIGN}")


def shown(amount: Decimal, profile: Profile) -> str:
    """An amount in the organisation's currency, in the language of the page."""
    return f"{bare(amount)} {sign(profile)}".rstrip()


def plain(number: Decimal) -> str:
    """A volume or a tariff without the noughts that say nothing."""
    digits = f"{number:f}"
    bare = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return formats.number_format(Decimal(bare), force_grouping=True)
