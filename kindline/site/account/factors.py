"""The second factor of the account: an app that shows six figures, and codes on paper that stand in for it."""

from __future__ import annotations

import datetime as dt

from kindline.clients.login_models import Login
from kindline.site.account import facts
from kindline.site.account.errors import NotEnteredError
from kindline.site.models import SecondFactor
from kindline.staff import totp

KINDS = {totp.SET: "account_factor_set", totp.REMOVED: "account_factor_removed"}


def _told(login: Login, what: str, now: dt.datetime) -> None:
    facts.note(KINDS[what], login.pk, {}, now)


FACTORS = totp.Factors(SecondFactor, "login", "kindline.site.account.factors", NotEnteredError, _told)
"""Those of the account: what they refuse is NotEnteredError."""
of, begin, confirm, check = FACTORS.of, FACTORS.begin, FACTORS.confirm, FACTORS.check
renew_codes, remove = FACTORS.renew_codes, FACTORS.remove
secret_of, spelled, picture_of = FACTORS.secret_of, FACTORS.spelled, FACTORS.picture_of
