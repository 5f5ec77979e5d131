"""The second factor of the account: an app that shows six figures (TOTP), and codes on paper that stand in for it."""

from __future__ import annotations

import base64
import datetime as dt
import secrets

import pyotp
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from kindline.clients.login_models import Login
from kindline.journal import actions as journal
from kindline.site.account.errors import NotEnteredError
from kindline.site.models import RecoveryCode, SecondFactor

SALT = "kindline.site.account.factors"
STEP_S, AROUND = 30, 1
"""A code lives half a minute; clocks may differ by one more, before and after."""
CODES = 10


def of(login: Login) -> SecondFactor | None:
    """The factor that is asked for at each entry; None where there is none."""
    return SecondFactor.objects.filter(login=login).exclude(confirmed_at=None).first()


@transaction.atomic
def begin(*, login: Login, now: dt.datetime) -> SecondFactor:
    """A new secret, to be read by an app and confirmed. Raises: NotEnteredError where one is confirmed already."""
    if of(login) is not None:
        raise NotEnteredError
    SecondFactor.objects.filter(login=login).delete()
    return SecondFactor.objects.create(login=login, seed=secrets.token_hex(32), made_at=now)


def secret_of(factor: SecondFactor) -> str:
    """What the app is told; a copy of the database alone does not give it away."""
    made = salted_hmac(SALT, f"secret {factor.seed}", algorithm="sha256").digest()
    return base64.b32encode(made[:20]).decode()


def address_of(factor: SecondFactor, issuer: str) -> str:
    """What stands in the picture that an app reads."""
    return pyotp.TOTP(secret_of(factor)).provisioning_uri(name=factor.login.email, issuer_name=issuer)


@transaction.atomic
def confirm(*, login: Login, code: str, now: dt.datetime) -> list[str]:
    """The app shows the right figures: from now on they are asked for; the codes that stand in for it, shown once.

    Raises: NotEnteredError.
    """
    factor = _held(login)
    if factor is None or factor.confirmed_at or not _is_right(factor, code, now):
        raise NotEnteredError
    factor.confirmed_at = now
    factor.save(update_fields=["confirmed_at"])
    _fact("account_factor_set", login, now)
    return _new_codes(factor)


@transaction.atomic
def check(*, login: Login, code: str, now: dt.datetime) -> None:
    """Six figures of now, or a code on paper; each is good once. Raises: NotEnteredError."""
    factor = _held(login)
    if factor is None or factor.confirmed_at is None:
        raise NotEnteredError
    if not (_is_right(factor, code, now) if is_short(code) else _is_on_paper(factor, code, now)):
        raise NotEnteredError


@transaction.atomic
def renew_codes(*, login: Login, code: str, now: dt.datetime) -> list[str]:
    """Other codes on paper in place of the old ones. Raises: NotEnteredError."""
    check(login=login, code=code, now=now)
    factor = SecondFactor.objects.get(login=login)
    factor.codes.all().delete()
    return _new_codes(factor)


@transaction.atomic
def remove(*, login: Login, code: str, now: dt.datetime) -> None:
    """The factor is not asked for any more. Raises: NotEnteredError without a right code."""
    check(login=login, code=code, now=now)
    SecondFactor.objects.filter(login=login).delete()
    _fact("account_factor_removed", login, now)


def is_short(code: str) -> bool:
    """Whether it is figures of the app, which can be guessed; codes on paper cannot."""
    plain = _plain(code)
    return plain.isascii() and plain.isdecimal() and len(plain) <= 8


def _held(login: Login) -> SecondFactor | None:
    rows = SecondFactor.objects.select_for_update(of=("self",)).select_related("login")
    return rows.filter(login=login).first()


def _is_right(factor: SecondFactor, code: str, now: dt.datetime) -> bool:
    """Whether it is the code of this step or a neighbour that is later than the last one taken; then it is used up."""
    totp, step = pyotp.TOTP(secret_of(factor)), int(now.timestamp()) // STEP_S
    for one in range(step - AROUND, step + AROUND + 1):
        if one > factor.last_step and constant_time_compare(totp.generate_otp(one), _plain(code)):
            factor.last_step = one
            factor.save(update_fields=["last_step"])
            return True
    return False


def _is_on_paper(factor: SecondFactor, code: str, now: dt.datetime) -> bool:
    return bool(factor.codes.filter(digest=_digest(code), used_at=None).update(used_at=now))


def _new_codes(factor: SecondFactor) -> list[str]:
    made = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, digest=_digest(one)) for one in made)
    return ["-".join(one[at : at + 4] for at in range(0, 16, 4)) for one in made]


def _digest(code: str) -> str:
    return salted_hmac(SALT, f"paper {_plain(code)}", algorithm="sha256").hexdigest()


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()


def _fact(kind: str, login: Login, now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="login", subject_id=login.pk, actor="client", at=now)
