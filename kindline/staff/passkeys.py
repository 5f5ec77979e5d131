"""Passkeys, the same at every door: a key pair that somebody's device or security key holds (WebAuthn level 2).

The browser signs by which address it reached us, so a page of another name gets nothing of use; what is kept here
opens nothing. Of the library (py_webauthn) only the formats and signatures are used; when, for whom and how often is
decided here.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kindline.staff.factor_models import KEY_MAX, Passkey

SALT = "kindline.staff.passkeys"
MOST, LONGEST = 20, 20_000
"""So many one person may have; so long an authenticator's answer may be, in characters."""
NAME_MAX = 60
TIMEOUT_MS = 120_000
ADDED, TAKEN_AWAY = "passkey_added", "passkey_taken_away"
Row = TypeVar("Row", bound=Passkey)
UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What the library, and the readers of JSON and CBOR below it, raise for an answer that is no answer."""


class NoHostNameError(Exception):
    """The page was opened by an address in figures: a passkey belongs to a name."""


class PasskeyRefusedError(Exception):
    """An authenticator's answer was not taken.

    `why`: unknown, unverified (it did not see to it that it is he), went_back (its counter: it may be a copy), known
    (is registered already), many, elsewhere (he has some, by another name of the site), gone (he has no such to take
    away), wrong (any other fault: another address, another challenge, a false signature).
    `row`: the passkey, where one of ours was named.
    """

    def __init__(self, why: str, row: Any = None) -> None:
        super().__init__(why)
        self.why, self.row = why, row


class Place(NamedTuple):
    """By which name a browser has reached us, and from which addresses of that name answers are taken."""

    host: str
    origins: list[str]


class Shown(NamedTuple):
    """A passkey that was shown, and whether it verified its user (by a PIN, a finger, a face)."""

    row: Any
    is_verified: bool


def place_of(request: HttpRequest) -> Place:
    """The name is one of `KINDLINE_HOSTS`; behind a proxy that ends HTTPS its origin is one of `KINDLINE_ORIGINS`.

    Raises: NoHostNameError.
    """
    told = request.get_host().lower()
    host = urlsplit(f"//{told}").hostname or ""
    if _is_figures(host):
        raise NoHostNameError
    trusted = [one for one in settings.CSRF_TRUSTED_ORIGINS if urlsplit(one).hostname == host]
    return Place(host, [f"{request.scheme}://{told}", *trusted])


def _is_figures(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Passkeys(Generic[Row]):
    """The passkeys of one door.

    `rows`: where they are kept, by the owner that `owner` names; `told`: is told of the owner, what was done (ADDED,
    TAKEN_AWAY) and the key of the passkey, within the same transaction.
    """

    rows: type[Row]
    owner: str
    told: Callable[[Any, str, int, dt.datetime], None]

    def of(self, owner: Any) -> QuerySet[Row]:
        """His passkeys, the oldest first."""
        return self.rows._default_manager.filter(**{self.owner: owner}).order_by("made_at", "pk")

    def to_add(self, owner: Any, *, place: Place, challenge: bytes, name: str, issuer: str) -> str:
        """What the browser is asked to make, as JSON."""
        asked = webauthn.generate_registration_options(
            rp_id=place.host, rp_name=issuer, user_id=self._handle(owner).encode(), user_name=name, challenge=challenge,
            timeout=TIMEOUT_MS, exclude_credentials=self._named(owner, place),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
        )  # fmt: skip
        return webauthn.options_to_json(asked)

    def to_show(self, owner: Any = None, *, place: Place, challenge: bytes) -> str:
        """What the browser is asked to show, as JSON; of nobody known: any passkey that verifies its user.

        Raises: PasskeyRefusedError where the owner has none by this name.
        """
        named = self._named(owner, place) if owner else []
        if owner and not named:
            raise PasskeyRefusedError("elsewhere")
        need = UserVerificationRequirement.PREFERRED if owner else UserVerificationRequirement.REQUIRED
        asked = webauthn.generate_authentication_options(
            rp_id=place.host, challenge=challenge, timeout=TIMEOUT_MS, user_verification=need,
            allow_credentials=named,
        )  # fmt: skip
        return webauthn.options_to_json(asked)

    @transaction.atomic
    def add(self, owner: Any, *, said: str, name: str, place: Place, challenge: bytes, now: dt.datetime) -> Row:
        """The browser has made a passkey: from now on it lets in. Raises: PasskeyRefusedError."""
        try:
            found = webauthn.verify_registration_response(
                credential=said[:LONGEST], expected_challenge=challenge, expected_rp_id=place.host,
                expected_origin=place.origins,
            )  # fmt: skip
        except UNREADABLE as error:
            raise PasskeyRefusedError("wrong") from error
        key = bytes_to_base64url(found.credential_id)
        if len(key) > KEY_MAX:
            raise PasskeyRefusedError("wrong")
        if self.of(owner).count() >= MOST:
            raise PasskeyRefusedError("many")
        kept = {self.owner: owner, "host": place.host, "handle": self._handle(owner), "name": name, "made_at": now}
        kept |= {"public_key": found.credential_public_key, "counter": found.sign_count}
        row, is_new = self.rows._default_manager.get_or_create(credential=key, defaults=kept)
        if not is_new:
            raise PasskeyRefusedError("known")
        self.told(owner, ADDED, row.pk, now)
        return row

    @transaction.atomic
    def shown(self, owner: Any = None, *, said: str, place: Place, challenge: bytes, now: dt.datetime) -> Shown:
        """The passkey that an answer is of. Nobody known before: it names its owner itself, and must have verified him.

        Raises: PasskeyRefusedError.
        """
        try:
            told = parse_authentication_credential_json(said[:LONGEST])
        except UNREADABLE as error:
            raise PasskeyRefusedError("wrong") from error
        row = self._held(told, owner, place)
        try:
            found = webauthn.verify_authentication_response(
                credential=told, expected_challenge=challenge, expected_rp_id=place.host,
                expected_origin=place.origins, credential_public_key=bytes(row.public_key),
                credential_current_sign_count=0,  # compared below, once the signature is known to be right
            )  # fmt: skip
        except UNREADABLE as error:
            raise PasskeyRefusedError("wrong", row) from error
        if owner is None and not found.user_verified:
            raise PasskeyRefusedError("unverified", row)
        if max(found.new_sign_count, row.counter) > 0 and found.new_sign_count <= row.counter:
            raise PasskeyRefusedError("went_back", row)
        row.counter, row.used_at = found.new_sign_count, now
        row.save(update_fields=["counter", "used_at"])
        return Shown(row, found.user_verified)

    @transaction.atomic
    def take_away(self, owner: Any, *, key: int, now: dt.datetime) -> bool:
        """It lets in no more; False where the owner has no such."""
        if not self.of(owner).filter(pk=key).delete()[0]:
            return False
        self.told(owner, TAKEN_AWAY, key, now)
        return True

    def _held(self, told: AuthenticationCredential, owner: Any, place: Place) -> Row:
        """The row that an answer names, held. Raises: PasskeyRefusedError."""
        found = (self.of(owner) if owner else self.rows._default_manager.all()).select_related(self.owner)
        key = bytes_to_base64url(told.raw_id)
        row = found.filter(credential=key, host=place.host).select_for_update(of=("self",)).first()
        if row is None:
            raise PasskeyRefusedError("unknown")
        handle = told.response.user_handle
        is_his = constant_time_compare(handle, row.handle.encode()) if handle else owner is not None
        if not is_his:
            raise PasskeyRefusedError("wrong", row)
        return row

    def _named(self, owner: Any, place: Place) -> list[PublicKeyCredentialDescriptor]:
        keys = self.of(owner).filter(host=place.host).values_list("credential", flat=True)
        return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(one)) for one in keys]

    def _handle(self, owner: Any) -> str:
        """By which an authenticator tells people apart: the same for all passkeys of one person, and no name."""
        known = self.of(owner).values_list("handle", flat=True).first()
        return known or salted_hmac(SALT, f"{self.rows._meta.label} {owner.pk}", algorithm="sha256").hexdigest()
