"""A telephone gets its settings through a link that opens once, and not for long."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee, PhoneSetup
from kindline.switchboard import extensions, phone_files
from kindline.switchboard.models import Operator
from kindline.switchboard.phone_files import FORMATS, Account, Format
from kindline.switchboard.phones import TELEPHONE, name_of

SIP_PORT = 5060
MINUTES = 15
"""How long a link holds: for whoever stands before the telephone."""


class NoPlaceError(Exception):
    """The employee has no place at the telephone: he needs a role that has one, and some seconds."""


class UnknownSetupError(Exception):
    """No link opens by this: it was never made, was opened already, or its time is over."""


def places() -> Iterable[Operator]:
    """Who may have a telephone."""
    found = Operator.objects.filter(employee__is_active=True).exclude(sip_password="")
    return found.select_related("employee").order_by("employee__surname", "employee__given_name", "pk")


def account_of(employee: int) -> Account:
    """What the telephone of an employee registers with. Raises: NoPlaceError."""
    row = next((one for one in places() if one.pk == employee), None)
    if row is None:
        raise NoPlaceError
    shown = extensions.shown_of([row.pk]).get(row.pk, "") or str(row.employee)
    name = shown.partition("<")[0].strip(' "')
    return Account(*_server(), name_of(row.pk, TELEPHONE), row.sip_password, name)


def _server() -> tuple[str, int]:
    """Where telephones register: at the proxy before the engines, else at the first engine."""
    if before := str(settings.KINDLINE.get("phones_at") or ""):
        return place_of(before)
    return str(settings.KINDLINE.get("sip_address") or "127.0.0.1"), int(settings.KINDLINE["ports"]["sip"])


def place_of(said: str) -> tuple[str, int]:
    """The host and the port that `KINDLINE_PHONES_AT` names. Raises: ValueError."""
    host, _, port = said.partition(":")
    port = port or str(SIP_PORT)
    if not (host and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(said)
    return host, int(port)


def make_setup(*, employee: int, kind: str, by: Employee, now: dt.datetime) -> tuple[PhoneSetup, str]:
    """A link for one telephone; its secret is told here and never again. His earlier links that nobody opened are void.

    Raises: NoPlaceError; KeyError for a format that there is not.
    """
    FORMATS[kind]
    account_of(employee)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        PhoneSetup.objects.filter(employee_id=employee, fetched_at=None, expires_at__gt=now).update(expires_at=now)
        made = PhoneSetup.objects.create(
            employee_id=employee, kind=kind, sha256=_hashed(secret), made_by=by, made_at=now,
            expires_at=now + dt.timedelta(minutes=MINUTES),
        )  # fmt: skip
        _keep("phone_setup_made", made, actor(by), {"kind": kind, "until": made.expires_at}, now)
    return made, secret


@transaction.atomic
def fetch_setup(*, secret: str, address: str, now: dt.datetime) -> tuple[Format, str]:
    """The file behind a link, once; who fetched it is kept.

    Raises: UnknownSetupError; NoPlaceError when he has lost his place meanwhile.
    """
    fresh = PhoneSetup.objects.select_for_update().filter(fetched_at=None, expires_at__gt=now)
    found = fresh.filter(sha256=_hashed(secret)).first()
    if found is None:
        raise UnknownSetupError
    format_, account = FORMATS[found.kind], account_of(found.employee_id)
    found.fetched_at = now
    found.save(update_fields=["fetched_at"])
    _keep("phone_setup_fetched", found, "nobody", {"kind": found.kind, "address": address}, now)
    return format_, format_.write(account)


def codecs() -> list[str]:
    """The codecs in the order in which a telephone should prefer them."""
    return [name for name, _ in phone_files.CODECS]


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _keep(kind: str, setup: PhoneSetup, who: str, data: dict[str, object], now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="employee", subject_id=setup.employee_id, actor=who, data=data, at=now)
