"""What an employee does to a client's log-in: shut it, let him in again, give readings of a house to its manager.

Each act has a ground, is a fact, and is told to the client by e-mail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from kindline.appeals import rights
from kindline.clients.login_models import Login, Ticket
from kindline.clients.models import Account, Premise
from kindline.correspondence import actions as mail
from kindline.correspondence.norms import Draft
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.readings import checking
from kindline.site.account import emails
from kindline.site.account.sessions import SESSIONS
from kindline.site.models import EmailChange, SecondFactor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

RIGHT = "lead_logins"
FOUND_MAX = 20
ACCOUNTS_MAX = 2000
"""So many a log-in is given to send readings for at once: what is named, with all others of their houses."""
MISUSE = "misuse"
GROUNDS = {
    "in_person": _("He asked in person and showed a document"),
    "by_phone": _("He asked by telephone and was identified"),
    MISUSE: _("Somebody else seems to use the log-in"),
    "holder_changed": _("The account has another holder"),
    "agreement": _("An agreement with the firm"),
}
WHAT = {
    "end_sessions": _("You were logged out in every browser."),
    "disable": _("Your log-in was shut: nobody enters by it until it is opened again."),
    "enable": _("Your log-in was opened again."),
    "enable_anew": _(
        "Your log-in was opened again. Password and second factor were taken away, since somebody else seemed to use"
        " it: enter by a code sent to this address and set them anew. You were logged out everywhere. %(link)s"
    ),
    "reset_factor": _("The second factor is not asked for any more: set it up anew. You were logged out everywhere."),
    "restore_email": _(
        "You enter by your earlier e-mail address again. Password and second factor were taken away: enter by a code"
        " sent to that address and set them anew. You were logged out everywhere."
    ),
    "drop_account": _("Account %(number)s is not seen by your log-in any more."),
    "give_readings": _("Your log-in may send readings by file for more accounts: %(count)s."),
    "end_readings": _("Your log-in does not send readings for accounts of others any more."),
}
"""What the client is told."""


class NoGroundError(Exception):
    """An act on a client's log-in needs a ground."""


class NothingToDoError(Exception):
    """There is no such account, address or factor: nothing would change."""


class TooManyAccountsError(Exception):
    """More accounts are named, or are in their houses, than are given at once."""


def found(asked: str) -> list[Login]:
    """The log-ins of an e-mail address, earlier ones too, or of an account's number."""
    plain = asked.strip().lower()
    if not plain:
        return []
    number = checking.account(plain)
    ways = (Q(email=plain), Q(former_email=plain), Q(accounts__number=number), Q(reads__number=number))
    first, *others = (Login.objects.filter(way).values("pk") for way in ways)  # each by itself: joined they multiply
    return list(Login.objects.filter(pk__in=first.union(*others)).order_by("email")[:FOUND_MAX])


def was_misused(login: Login) -> bool:
    """Whether the log-in is shut because somebody else seemed to use it: it is opened without what he may know."""
    shut = facts_of("login", login.pk).filter(kind="account_led", data__what="disable").last()
    return login.disabled_at is not None and shut is not None and shut.data["ground"] == MISUSE


@transaction.atomic
def lead(
    *, profile: Profile, login: Login, what: str, ground: str, employee: Employee, accounts: Sequence[Account] = (),
    site: str = "", now: dt.datetime,
) -> None:  # fmt: skip
    """Do one of `WHAT` to a log-in; `accounts`: those to drop, or to send readings for; `site`: where clients enter.

    What was shut for misuse, or is opened after it, is opened with password and second factor to be set anew.
    Raises: NotYoursError; NoGroundError; NothingToDoError; AddressTakenError.
    """
    rights.check(profile, RIGHT, employee)
    if ground not in GROUNDS:
        raise NoGroundError
    held = Login.objects.select_for_update().get(pk=login.pk)
    recipients = [held.email]
    if what == "enable" and (ground == MISUSE or was_misused(held)):
        what = "enable_anew"
    if what == "restore_email":
        if held.former_email != login.former_email:  # given back already, by a press just before: not back to the other
            raise NothingToDoError
        recipients.append(held.former_email)
    DEEDS[what](held, accounts, now)
    data = {"what": what, "ground": ground, "accounts": [one.pk for one in accounts], "employee": employee.pk}
    fact = journal.record(
        kind="account_led", subject_type="login", subject_id=held.pk, actor=f"employee:{employee.pk}", data=data, at=now
    )  # fmt: skip
    for address in dict.fromkeys(recipients):
        key, draft = f"account-led {fact} {address}", _letter(profile, what, accounts, site)
        mail.queue_message(profile=profile, key=key, recipient=address, draft=draft, employee=None, now=now)


def _of_houses(accounts: Iterable[Account]) -> QuerySet[Account]:
    """The accounts of all premises in the houses of these."""
    houses = {(place.city, place.street, place.house) for place in (one.premise for one in accounts)}
    same = (Q(city=city, street=street, house=house) for city, street, house in sorted(houses))
    return Account.objects.filter(premise__in=Premise.objects.filter(Q(*same, _connector=Q.OR)))


def named(typed: str, *, with_houses: bool) -> list[Account]:
    """The accounts of the numbers that were typed; `with_houses`: all others of their houses too.

    Raises: NothingToDoError where one of them is none; TooManyAccountsError.
    """
    numbers = {checking.account(one) for one in typed.replace(",", " ").replace(";", " ").split()}
    if len(numbers) > ACCOUNTS_MAX:
        raise TooManyAccountsError
    accounts = list(Account.objects.select_related("premise").filter(number__in=numbers))
    if not numbers or len(accounts) != len(numbers):
        raise NothingToDoError
    if with_houses:
        accounts = list(_of_houses(accounts)[: ACCOUNTS_MAX + 1])
    if len(accounts) > ACCOUNTS_MAX:
        raise TooManyAccountsError
    return sorted(accounts, key=lambda one: one.number)


def _end_sessions(login: Login, _accounts: Sequence[Account], now: dt.datetime) -> None:
    SESSIONS.end_others(login, but="", reason="employee", now=now)


def _disable(login: Login, _accounts: Sequence[Account], now: dt.datetime) -> None:
    if login.disabled_at:
        raise NothingToDoError
    login.disabled_at = now
    login.save(update_fields=["disabled_at"])
    _end_sessions(login, (), now)


def _enable(login: Login, _accounts: Sequence[Account], _now: dt.datetime) -> None:
    if not login.disabled_at:
        raise NothingToDoError
    login.disabled_at = None
    login.save(update_fields=["disabled_at"])


def _reset_factor(login: Login, _accounts: Sequence[Account], now: dt.datetime) -> None:
    if not SecondFactor.objects.filter(login=login).delete()[0]:
        raise NothingToDoError
    _end_sessions(login, (), now)


def _enable_anew(login: Login, _accounts: Sequence[Account], now: dt.datetime) -> None:
    _enable(login, (), now)
    _shut_out(login, login.email, now)


def _restore_email(login: Login, _accounts: Sequence[Account], now: dt.datetime) -> None:
    if login.former_email in ("", login.email):
        raise NothingToDoError
    other = login.email
    emails.rename(login, login.former_email)
    _shut_out(login, other, now)


def _shut_out(login: Login, email: str, now: dt.datetime) -> None:
    """Whoever had the log-in gets in no more: by password, second factor, a code sent already, a change that waits."""
    login.password = ""  # its owner sets another by a code from a letter
    login.save(update_fields=["password"])
    SecondFactor.objects.filter(login=login).delete()
    EmailChange.objects.filter(login=login).delete()
    Ticket.objects.filter(email=email, used_at=None).update(used_at=now)
    _end_sessions(login, (), now)


def _drop_account(login: Login, accounts: Sequence[Account], _now: dt.datetime) -> None:
    if not accounts or login.accounts.filter(pk__in=[one.pk for one in accounts]).count() != len(accounts):
        raise NothingToDoError
    login.accounts.remove(*accounts)


def _give_readings(login: Login, accounts: Sequence[Account], _now: dt.datetime) -> None:
    if not accounts:
        raise NothingToDoError
    login.reads.add(*accounts)


def _end_readings(login: Login, _accounts: Sequence[Account], _now: dt.datetime) -> None:
    if not login.reads.exists():
        raise NothingToDoError
    login.reads.clear()


DEEDS = {
    "end_sessions": _end_sessions,
    "disable": _disable,
    "enable": _enable,
    "enable_anew": _enable_anew,
    "reset_factor": _reset_factor,
    "restore_email": _restore_email,
    "drop_account": _drop_account,
    "give_readings": _give_readings,
    "end_readings": _end_readings,
}


def _letter(profile: Profile, what: str, accounts: Sequence[Account], site: str) -> Draft:
    with override(profile.language):
        words = {
            "number": accounts[0].number if accounts else "", "count": len(accounts),
            "phone": profile.variable("phone") or "", "link": f"{site}{reverse('account_letter')}",
        }  # fmt: skip
        subject = gettext("Your log-in to the personal account was changed by an employee")
        rest = gettext("If you did not expect it, call us: %(phone)s.") % words
        return Draft(subject, f"{gettext(WHAT[what]) % words}\n\n{rest}", profile.language, is_automatic=True)
