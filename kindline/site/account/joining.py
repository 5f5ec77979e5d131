"""An account comes to a log-in: whoever had it before is told, and one press says that it was not his doing."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext, override

from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.correspondence import actions as mail
from kindline.correspondence.norms import Draft
from kindline.site import form
from kindline.site.account import asking, facts, own
from kindline.site.errors import NotAcceptedError
from kindline.site.models import Joining, Submission
from kindline.standard.profile import Profile

SALT = "kindline.site.account.joining"
LASTS = dt.timedelta(days=30)
"""So long the link of the letter works; and so long nobody else comes to the account where no appeal could be made."""
ABOUT = "joining"


@transaction.atomic
def join(*, profile: Profile, login: Login, account: Account, site: str, now: dt.datetime) -> None:
    """Give an account to a log-in, tell who had it and may enter; `site`: under which address they reach us."""
    if login.accounts.filter(pk=account.pk).exists():
        return
    earlier = list(account.logins.filter(disabled_at=None).order_by("pk"))
    login.accounts.add(account)
    made = Joining.objects.create(login=login, account=account, joined_at=now)
    facts.note("account_joined", login.pk, {"account": account.pk, "told": len(earlier)}, now)
    for one in earlier:
        token = signing.dumps([made.pk, one.pk], salt=SALT)
        link = f"{site}{reverse('account_not_me', args=[token])}"
        draft = _told(profile, made, link)
        key = f"account-joined {made.pk} {one.pk}"
        mail.queue_message(profile=profile, key=key, recipient=one.email, draft=draft, employee=None, now=now)


def is_held(account: Account, now: dt.datetime) -> bool:
    """Whether somebody said of a joining that it was not his doing, and it is not found out yet."""
    open_ones = Q(appeal__isnull=False, appeal__closed_at=None) | Q(appeal=None, disowned_at__gt=now - LASTS)
    return Joining.objects.filter(open_ones, account=account, disowned_at__isnull=False).exists()


def by_token(token: str, now: dt.datetime) -> tuple[Joining, Login] | None:
    """The joining of a link and who was told of it.

    None for a forged or old one, for who has lost the account, and for a log-in that was shut since.
    """
    try:
        joining, told = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    rows = Joining.objects.select_related("login", "account__client", "account__premise", "appeal")
    found = rows.filter(pk=joining, joined_at__gt=now - LASTS).first()
    who = Login.objects.filter(pk=told, accounts=found.account, disabled_at=None).first() if found else None
    return (found, who) if found and who else None


@transaction.atomic
def disown(*, profile: Profile, joining: Joining, told: Login, now: dt.datetime) -> Joining:
    """The log-in loses the account at once, and an employee finds out who it was: an appeal; pressed twice is once."""
    held = Joining.objects.select_for_update(of=("self",)).select_related("login", "account").get(pk=joining.pk)
    if held.disowned_at is None:
        held.login.accounts.remove(held.account)
        made = _appeal(profile, held, told, now)
        held.disowned_at, held.appeal = now, made.appeal if made else None
        held.save(update_fields=["disowned_at", "appeal"])
        facts.note("account_joining_disowned", held.login.pk, {"account": held.account.pk, "by": told.pk}, now)
        key, draft = f"account-disowned {held.pk}", _suspended(profile, held)
        mail.queue_message(
            profile=profile, key=key, recipient=held.login.email, draft=draft, employee=None, now=now
        )  # fmt: skip
    return held


def _appeal(profile: Profile, held: Joining, told: Login, now: dt.datetime) -> Submission | None:
    """None where the card lacks what an appeal requires: the log-in has lost the account all the same."""
    with override(profile.language):
        text = gettext(
            "A log-in (%(email)s) was joined to account %(number)s on %(day)s. Who had the account before says that it"
            " was not his doing. The log-in has lost the account; until this is closed no other comes to it."
        ) % {
            "email": held.login.email,
            "number": held.account.number,
            "day": f"{_day(held.joined_at, profile):%d.%m.%Y}",
        }
    asked = form.Asked(own.kind_of(profile), "", None, text, "email", consented=True)
    try:
        with transaction.atomic():
            return asking.ask(
                profile=profile, login=told, account=held.account, asked=asked, key=uuid.uuid4(), about=ABOUT, now=now
            )
    except (NotAcceptedError, MissingFieldsError, RefusedError):
        return None


def _day(at: dt.datetime, profile: Profile) -> dt.date:
    return at.astimezone(profile.zone).date()


def _told(profile: Profile, made: Joining, link: str) -> Draft:
    with override(_language(profile, made.account)):
        words = {"email": own.hidden(made.login.email), "number": made.account.number, "link": link}
        subject = gettext("Another log-in came to your account")
        text = gettext("Account %(number)s is from now on seen by another log-in too: %(email)s.") % words
        rest = gettext(
            "If it is you or one of yours, do nothing. If not, open this page and press the button: %(link)s"
        )
        return Draft(subject, f"{text}\n\n{rest % words}", _language(profile, made.account), is_automatic=True)


def _suspended(profile: Profile, made: Joining) -> Draft:
    with override(_language(profile, made.account)):
        words = {"number": made.account.number, "phone": profile.variable("phone") or ""}
        subject = gettext("Your access to an account is suspended")
        text = gettext(
            "Who had account %(number)s before says that he does not know your log-in, so you do not see it for now."
            " We find out whose it is. Call us if there is a mistake: %(phone)s."
        )
        return Draft(subject, text % words, _language(profile, made.account), is_automatic=True)


def _language(profile: Profile, account: Account) -> str:
    return account.client.language or profile.language
