"""Another e-mail address for a log-in: asked for, confirmed by a code to it, told to the old one."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext, override

from kindline.clients.login_models import Login, Ticket
from kindline.correspondence import actions as mail
from kindline.correspondence.norms import Draft
from kindline.journal.queries import facts_of
from kindline.site.account import actions, facts, throttle
from kindline.site.account.errors import AddressTakenError, NotEnteredError
from kindline.site.models import EmailChange
from kindline.standard.profile import Profile

KEPT = dt.timedelta(days=30)
"""So long the address of before is not forgotten for another one: who changes twice does not hide whose it was."""
CHANGED = "account_email_changed"


@transaction.atomic
def ask(*, profile: Profile, login: Login, email: str, language: str, sender: str, now: dt.datetime) -> None:
    """Send a code to the new address; nothing is told of whether somebody else enters by it already.

    Raises: BadAddressError.
    """
    address = mail.checked_address(email)
    may = throttle.may_write_to(address, now) and not Login.objects.filter(email=address).exists()
    code = actions.new_code()
    counted = secrets.token_hex(32)  # lets nobody in: letters to one address are counted by it
    ends_at = now + actions.LIFE if may else now
    Ticket.objects.create(digest=counted, email=address, sender=sender, made_at=now, ends_at=ends_at)
    digest = actions.digest_of(code) if may else secrets.token_hex(32)
    told = {"email": address, "digest": digest, "ends_at": now + actions.LIFE}
    EmailChange.objects.update_or_create(login=login, defaults=told)
    facts.note("account_email_asked", login.pk, {"sent": may}, now)
    if may:
        draft = actions.code_letter(code, language)
        key = f"{actions.LETTER}{digest}"
        mail.queue_message(profile=profile, key=key, recipient=address, draft=draft, employee=None, now=now)


def waiting(login: Login, now: dt.datetime) -> str:
    """The address that waits for its code; empty where none does."""
    found = EmailChange.objects.filter(login=login, ends_at__gt=now).first()
    return found.email if found else ""


@transaction.atomic
def confirm(*, profile: Profile, login: Login, code: str, language: str, now: dt.datetime) -> None:
    """From now on one enters by the new address; the old one is told, and its codes let in no more (ASVS 6.3.7).

    Raises: NotEnteredError; AddressTakenError where somebody else enters by it meanwhile.
    """
    waits = EmailChange.objects.select_for_update().filter(login=login, ends_at__gt=now)
    change = waits.filter(digest=actions.digest_of(code)).first()
    if change is None:
        raise NotEnteredError
    old = login.email
    rename(login, change.email, former=_kept(login, now))
    change.delete()
    Ticket.objects.filter(email=old, used_at=None).update(used_at=now)
    facts.note(CHANGED, login.pk, {}, now)
    draft, key = _letter(profile, login.email, language), f"account-email {login.pk} {now.isoformat()}"
    mail.queue_message(profile=profile, key=key, recipient=old, draft=draft, employee=None, now=now)


def rename(login: Login, email: str, *, former: str = "") -> None:
    """Let a log-in be entered by another address; the database decides between two who want one at once.

    `former`: the earlier address to be kept, if not the present one. Raises: AddressTakenError.
    """
    former = former or login.email
    try:
        with transaction.atomic():
            Login.objects.filter(pk=login.pk).update(email=email, former_email=former)
    except IntegrityError as error:
        raise AddressTakenError from error
    login.email, login.former_email = email, former


def _kept(login: Login, now: dt.datetime) -> str:
    """The earlier address, while it goes on being kept; empty after that, and once an employee has given it back."""
    changes = Q(kind=CHANGED) | Q(kind="account_led", data__what="restore_email")
    last = facts_of("login", login.pk).filter(changes, at__gt=now - KEPT).last()
    return login.former_email if last and last.kind == CHANGED else ""


def _letter(profile: Profile, email: str, language: str) -> Draft:
    """What the old address is told: whoever reads it there sees no more of the new one than both ends."""
    name, _, host = email.partition("@")
    with override(language):
        words = {"email": f"{name[:1]}…@{host}", "phone": profile.variable("phone") or ""}
        text = gettext("From now on the personal account is entered by another e-mail address: %(email)s.") % words
        rest = gettext("If it was not you who changed it, call us at once: %(phone)s.") % words
        subject = gettext("The e-mail address of your personal account was changed")
    return Draft(subject, f"{text}\n\n{rest}", language, is_automatic=True)
