"""Who else sees a firm's account: colleagues see each other, and one takes another's access away."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext, override

from kindline.clients.login_models import Login
from kindline.clients.models import Account, ClientKind
from kindline.correspondence import actions as mail
from kindline.correspondence.norms import Draft
from kindline.site.account import facts, own
from kindline.site.models import Joining
from kindline.standard.profile import Profile

NEWCOMER = dt.timedelta(days=3)
"""So long who has just come takes no access away from those who were there before: they are told of him first."""


class NoColleagueError(Exception):
    """There is no such person at an account of a firm that the log-in has."""


class NewcomerError(Exception):
    """Who has just come takes no access away yet."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who sees an account; `joined_at` is None for who came before that was kept."""

    login: Login
    joined_at: dt.datetime | None


def firm_accounts(login: Login) -> list[Account]:
    """The accounts of firms and other organisations among those of a log-in."""
    return [one for one in own.accounts_of(login) if one.client.kind != ClientKind.PERSON]


def of(account: Account) -> list[Person]:
    """Everybody who sees the account, who came first before."""
    joined = dict(Joining.objects.filter(account=account).order_by("joined_at").values_list("login", "joined_at"))
    people = [Person(one, joined.get(one.pk)) for one in account.logins.order_by("email")]
    return sorted(people, key=lambda one: (one.joined_at is not None, one.joined_at or one.login.made_at))


@transaction.atomic
def remove(*, profile: Profile, login: Login, number: str, key: int, language: str, now: dt.datetime) -> None:
    """Take a colleague's access to a firm's account away; both are told.

    Raises: NoColleagueError; NewcomerError.
    """
    account = next((one for one in firm_accounts(login) if one.number == number), None)
    if account is None or key == login.pk:
        raise NoColleagueError(number)
    people = {one.login.pk: one for one in of(account)}
    if key not in people:
        raise NoColleagueError(number)
    me, other = people[login.pk], people[key]
    if me.joined_at and me.joined_at > now - NEWCOMER and (other.joined_at is None or other.joined_at < me.joined_at):
        raise NewcomerError(number)
    other.login.accounts.remove(account)
    facts.note("account_access_removed", key, {"account": account.pk, "by": login.pk}, now)
    for to in (other.login, login):
        draft, name = _letter(account, login, other.login, language), f"account-removed {account.pk} {key} {to.pk}"
        mail.queue_message(
            profile=profile, key=f"{name} {now.isoformat()}", recipient=to.email, draft=draft, employee=None, now=now
        )  # fmt: skip


def _letter(account: Account, by: Login, other: Login, language: str) -> Draft:
    with override(language):
        words = {"number": account.number, "by": by.email, "other": other.email}
        subject = gettext("Access to an account was taken away")
        text = gettext("%(by)s took away the access of %(other)s to account %(number)s.") % words
        return Draft(subject, text, language, is_automatic=True)
