"""Who may enter the personal account: registration, a code by e-mail, a password."""

from __future__ import annotations

import base64
import datetime as dt
import secrets

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, override

from kindline.clients import queries as clients
from kindline.clients.login_models import Entry, Login, Ticket
from kindline.clients.models import Account
from kindline.correspondence import actions as mail
from kindline.correspondence.norms import Draft
from kindline.journal import actions as journal
from kindline.site import senders
from kindline.site.account import facts, joining, throttle
from kindline.site.account.errors import DisabledError, ElsewhereError, NotEnteredError
from kindline.site.account.owning import Shown, is_owner
from kindline.staff import typed_codes
from kindline.standard.profile import Profile

LIFE = dt.timedelta(minutes=10)
"""Of a code: the most that ASVS 6.5.5 allows."""
SALT = "kindline.site.account"
CHANGED = "email"
LETTER = "account "
"""How the keys of letters with a code begin."""
NOBODY = make_password(None)
ENTRY, PROOF = "entry", "proof"
"""What a code is good for: to enter, or to show anew that it is he; neither stands in for the other (ASVS 6.6.2)."""


@transaction.atomic
def register(
    *, profile: Profile, number: str, shown: Shown, email: str, language: str, sender: str, browser: str,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Send a code to whoever knows the account's number and the code of a bill of late, its owner or its address.

    Nobody else learns of it; nor does anybody while a joining of the account is being looked into. Once much was tried
    about the account today, the code of a bill alone is looked at. `browser`: the only one in which the code lets in.

    Clause: krc-5.7.3-09 (the log-in is issued at once).
    Raises: BadAddressError.
    """
    address, account = mail.checked_address(email), clients.by_account(number)
    about = senders.kept(f"account {account.number if account else number}")  # as it is kept, however it was typed
    today = now.astimezone(profile.zone).date()
    known = shown if throttle.may_guess(about, now) else Shown(bill_code=shown.bill_code)
    may = account is not None and is_owner(account, known, today) and not joining.is_held(account, now)
    made = Ticket(sender=sender, about=about, asked=asked_by(ENTRY, browser))
    _issue(profile, address, account if may else None, may, language, made, now)


@transaction.atomic
def send_code(
    *, profile: Profile, email: str, language: str, sender: str, browser: str, purpose: str = ENTRY, now: dt.datetime
) -> None:  # fmt: skip
    """Send a code to who is registered, to enter without a password or after it was forgotten.

    `purpose`: PROOF for who is in and shows anew that it is he; `browser`: the only one in which it is good.
    Raises: BadAddressError.
    """
    address = mail.checked_address(email)
    is_known = Login.objects.filter(email=address, disabled_at=None).exists()
    _issue(profile, address, None, is_known, language, Ticket(sender=sender, asked=asked_by(purpose, browser)), now)


@transaction.atomic
def redeem(*, profile: Profile, code: str, site: str, browser: str, now: dt.datetime) -> Login:
    """Let in by a code, once, in the browser that asked for it.

    The account for which it was sent belongs to the log-in from now on.
    Who had the account before is told, with a link to `site`.

    Raises: NotEnteredError; ElsewhereError; DisabledError, and then the account comes to nobody.
    """
    mine = Ticket.objects.select_for_update(of=("self",)).filter(asked=asked_by(ENTRY, browser)) if browser else None
    ticket = mine.filter(digest=digest_of(code)).first() if mine is not None else None
    if ticket is None and _is_good_elsewhere(code, browser, now):
        raise ElsewhereError
    if ticket is None or ticket.used_at or ticket.ends_at <= now:
        raise NotEnteredError
    if ticket.account and joining.is_held(ticket.account, now):
        raise NotEnteredError
    ticket.used_at = now
    ticket.save(update_fields=["used_at"])
    login, _ = Login.objects.get_or_create(email=ticket.email, defaults={"made_at": now})
    if login.disabled_at:
        raise DisabledError
    if ticket.account:
        joining.join(profile=profile, login=login, account=ticket.account, site=site, now=now)
    return login


def _is_good_elsewhere(code: str, browser: str, now: dt.datetime) -> bool:
    good = Ticket.objects.filter(digest=digest_of(code), used_at=None, ends_at__gt=now)
    return good.exclude(asked=asked_by(PROOF, browser)).exists()


def proven(*, email: str, password: str) -> Login:
    """The log-in whose password this is; it takes as long for one that does not exist.

    Raises: NotEnteredError; DisabledError for who knows the password.
    """
    login = Login.objects.filter(email=email.strip().lower()).first()
    kept = login.password if login and login.password else NOBODY
    if not check_password(password, kept) or login is None:
        raise NotEnteredError
    if login.disabled_at:
        raise DisabledError
    return login


@transaction.atomic
def prove(*, login: Login, typed: str, browser: str, now: dt.datetime) -> None:
    """Who is in shows anew that it is he: by the password, or by a code that was sent to his address for this.

    Raises: NotEnteredError.
    """
    codes = _living(Ticket(email=login.email, asked=asked_by(PROOF, browser)), now)
    if not codes.filter(digest=digest_of(typed)).update(used_at=now):
        proven(email=login.email, password=typed)


@transaction.atomic
def set_password(*, login: Login, password: str, now: dt.datetime) -> None:
    """Set a password; every other session of this log-in ends with it.

    Raises: ValidationError when it is short, common or like the address.
    """
    validate_password(password, login)  # type: ignore[arg-type]  # it compares the e-mail only
    login.password = make_password(password)
    login.save(update_fields=["password"])
    facts.note("account_password_set", login.pk, {}, now)


@transaction.atomic
def note(
    *, login: Login | None, way: str, entered: bool, known_device: bool, sender: str, browser: str, now: dt.datetime
) -> Entry:
    """Keep an attempt to enter, or a change of the address by which one enters (`email`); its owner sees it."""
    if login and entered and way != CHANGED:
        facts.note("account_entered", login.pk, {"way": way}, now)
    return Entry.objects.create(
        login=login, at=now, way=way, entered=entered, known_device=known_device, sender=sender, browser=browser[:200]
    )


def _issue(
    profile: Profile, email: str, account: Account | None, wanted: bool, language: str, made: Ticket, now: dt.datetime
) -> None:  # fmt: skip
    code = new_code()
    may = throttle.may_write_to(email, now)
    digest = digest_of(code) if wanted and may else secrets.token_hex(32)  # kept all the same: tries are counted
    ends_at = now + LIFE if wanted and may else now
    made.digest, made.email, made.account, made.made_at, made.ends_at = digest, email, account, now, ends_at
    if wanted and may:
        _living(made, now).update(used_at=now)
    made.save(force_insert=True)
    _fact("registration_filled", digest, {"matched": wanted and may}, now)
    if wanted and may:
        draft = code_letter(code, language)
        mail.queue_message(
            profile=profile, key=f"{LETTER}{digest}", recipient=email, draft=draft, employee=None, now=now
        )  # fmt: skip
        _fact("credentials_issued", digest, {"way": "email"}, now)


def _living(like: Ticket, now: dt.datetime) -> QuerySet[Ticket]:
    """The codes that are good where this one would be: of a browser, a purpose, an address and an account."""
    same = Ticket.objects.select_for_update(of=("self",)).filter(email=like.email, asked=like.asked)
    return same.filter(account=like.account_id, used_at=None, ends_at__gt=now)


def asked_by(purpose: str, browser: str) -> str:
    """A purpose in a browser, as it is kept with a code."""
    return senders.kept(f"code {purpose} {browser}")


def _fact(kind: str, digest: str, data: dict[str, object], now: dt.datetime) -> None:
    journal.record(kind=kind, subject_type="registration", subject_id=digest, data=data, at=now)


def new_code() -> str:
    """40 random bits in eight signs, as few as are typed from a letter: good for minutes, in one browser."""
    return base64.b32encode(secrets.token_bytes(5)).decode()


def code_letter(code: str, language: str) -> Draft:
    """The letter that brings a code."""
    code = f"{code[:4]}-{code[4:]}"
    with override(language):
        text = gettext("Your code for the personal account: %(code)s")
        rest = gettext(
            "It works once, within ten minutes, in the browser in which it was asked for. If you did not ask for it, do"
            " nothing: nobody enters without it."
        )
        return Draft(
            gettext("Code for the personal account"), f"{text % {'code': code}}\n\n{rest}", language, is_automatic=True
        )


def digest_of(code: str) -> str:
    """What is kept of a code: it is read as it looks, however it was typed."""
    return salted_hmac(SALT, typed_codes.signs(code), algorithm="sha256").hexdigest()
