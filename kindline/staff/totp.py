"""The second factor, the same at every door: an app that shows six figures (TOTP, RFC 6238), and codes on paper.

A code is good once (ASVS 6.5.1) and for half a minute (6.5.5); a copy of the database alone gives no secret away.
Who asks tells the time of the database (`journal.sweeping`): a machine's clock may be wrong (C2), and codes with it.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pyotp
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from kindline.staff.factor_models import AppFactor
from kindline.staff.typed_codes import figures, signs

STEP_S, AROUND = 30, 1
"""A code lives half a minute; clocks may differ by one more, before and after."""
CODES = 10
Row = TypeVar("Row", bound=AppFactor)
SET, REMOVED = "set", "removed"


@dataclass(frozen=True, slots=True)
class Factors(Generic[Row]):
    """The second factors of one door.

    `rows`: where they are kept, by the owner that `owner` names; `refused`: what is raised for a code that does not let
    in; `told`: is told of the owner whose factor was set or removed, within the same transaction.
    """

    rows: type[Row]
    owner: str
    salt: str
    refused: type[Exception]
    told: Callable[[Any, str, dt.datetime], None]

    def of(self, owner: Any) -> Row | None:
        """The factor that is asked for at each entry; None where there is none."""
        return self._all(owner).exclude(confirmed_at=None).first()

    @transaction.atomic
    def begin(self, owner: Any, *, now: dt.datetime) -> Row:
        """A new secret, to be read by an app and confirmed. Raises: `refused` where one is confirmed already."""
        if self.of(owner) is not None:
            raise self.refused
        self._all(owner).delete()
        return self.rows._default_manager.create(**{self.owner: owner}, seed=secrets.token_hex(32), made_at=now)

    def secret_of(self, factor: Row) -> str:
        """What the app is told."""
        made = salted_hmac(self.salt, f"secret {factor.seed}", algorithm="sha256").digest()
        return base64.b32encode(made[:20]).decode()

    def spelled(self, factor: Row) -> str:
        """The secret in groups of four, as one types it."""
        secret = self.secret_of(factor)
        return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))

    def picture_of(self, factor: Row, name: str, issuer: str) -> str:
        """The picture that an app reads, as an address of its own (`data:`)."""
        import segno  # noqa: PLC0415 - a factor is set up seldom

        address = pyotp.TOTP(self.secret_of(factor)).provisioning_uri(name=name, issuer_name=issuer)
        return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=5, light="white"))

    @transaction.atomic
    def confirm(self, owner: Any, *, code: str, now: dt.datetime) -> list[str]:
        """The app shows the right figures: from now on they are asked for; the codes on paper, shown once.

        Raises: `refused`.
        """
        factor = self._held(owner)
        if factor is None or factor.confirmed_at or not self._is_right(factor, code, now):
            raise self.refused
        factor.confirmed_at = now
        factor.save(update_fields=["confirmed_at"])
        self.told(owner, SET, now)
        return self._new_codes(factor)

    @transaction.atomic
    def check(self, owner: Any, *, code: str, now: dt.datetime) -> None:
        """Six figures of now, or a code on paper; each is good once. Raises: `refused`."""
        factor = self._held(owner)
        if factor is None or factor.confirmed_at is None:
            raise self.refused
        if not (self._is_right(factor, code, now) if is_short(code) else self._is_on_paper(factor, code, now)):
            raise self.refused

    @transaction.atomic
    def renew_codes(self, owner: Any, *, code: str, now: dt.datetime) -> list[str]:
        """Other codes on paper in place of the old ones. Raises: `refused`."""
        self.check(owner, code=code, now=now)
        factor = self._all(owner).get()
        factor.codes.all().delete()
        return self._new_codes(factor)

    @transaction.atomic
    def remove(self, owner: Any, *, code: str, now: dt.datetime) -> None:
        """The factor is not asked for any more. Raises: `refused` without a right code."""
        self.check(owner, code=code, now=now)
        self._all(owner).delete()
        self.told(owner, REMOVED, now)

    def _all(self, owner: Any) -> QuerySet[Row]:
        return self.rows._default_manager.filter(**{self.owner: owner})

    def _held(self, owner: Any) -> Row | None:
        return self._all(owner).select_for_update().first()

    def _is_right(self, factor: Row, code: str, now: dt.datetime) -> bool:
        """Whether it is the code of this step or a neighbour later than the last one taken; then it is used up."""
        totp, step = pyotp.TOTP(self.secret_of(factor)), int(now.timestamp()) // STEP_S
        for one in range(step - AROUND, step + AROUND + 1):
            if one > factor.last_step and constant_time_compare(totp.generate_otp(one), figures(code)):
                factor.last_step = one
                factor.save(update_fields=["last_step"])
                return True
        return False

    def _is_on_paper(self, factor: Row, code: str, now: dt.datetime) -> bool:
        return bool(factor.codes.filter(digest=self._digest(code), used_at=None).update(used_at=now))

    def _new_codes(self, factor: Row) -> list[str]:
        made = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(CODES)]
        factor.codes.bulk_create(factor.codes.model(factor=factor, digest=self._digest(one)) for one in made)
        return ["-".join(one[at : at + 4] for at in range(0, 16, 4)) for one in made]

    def _digest(self, code: str) -> str:
        return salted_hmac(self.salt, f"paper {signs(code)}", algorithm="sha256").hexdigest()


def is_short(code: str) -> bool:
    """Whether it is figures of the app, which can be guessed; codes on paper cannot."""
    told = figures(code)
    return told.isascii() and told.isdecimal() and len(told) <= 8
