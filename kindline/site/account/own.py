"""What we know of a client, what he agreed to, and how he has it corrected or erased."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, override

from kindline.clients import phones, wishes
from kindline.clients import queries as clients
from kindline.clients.login_models import Login
from kindline.clients.models import Account, Client
from kindline.notifications import browsers
from kindline.site import form
from kindline.site.account import asking
from kindline.site.errors import NotAcceptedError
from kindline.site.models import Submission
from kindline.standard.profile import Profile

CORRECTION, ERASURE = "correction", "erasure"
KINDS = ("application", "statement", "request", "info_request")
"""As what a request about own data is registered: the first that the standard lets a client choose."""


def accounts_of(login: Login) -> list[Account]:
    """The accounts that this log-in has shown to be its own."""
    return list(login.accounts.select_related("client", "premise").order_by("number"))


def chosen(login: Login, typed: Mapping[str, str]) -> Account:
    """The account that was chosen on a form; the first one where it is none of his."""
    mine = accounts_of(login)
    return next((one for one in mine if one.number == typed.get("account")), mine[0])


def owners_of(login: Login) -> list[Client]:
    """Whose accounts this log-in has shown to be its own, each once."""
    rows = login.accounts.select_related("client").order_by("number")
    return list({one.client_id: one.client for one in rows}.values())


def known(client: Client, now: dt.datetime) -> dict[str, Any]:
    """What the card says; ways to reach the person are hidden but for their ends, as a bill proves too little."""
    points = clients.holdings(client)
    return {
        "client": client,
        "order": list(zip(ORDER, [*client.ways, "", "", ""], strict=False)),
        "browsers": list(browsers.shown_to(client, now)),
        "has_mobile": any(phones.is_mobile(one.value) for one in points.phones),
        "has_email": client.points.filter(kind="email").exists(),
        "phones": [hidden(one.value) for one in points.phones],
        "emails": [hidden(one.value) for one in client.points.filter(kind="email").order_by("pk")],
    }


def hidden(value: str) -> str:
    """A number or an address of which only both ends are shown."""
    name, at, host = value.partition("@")
    return f"{name[:1]}…{at}{host}" if at else f"{value[:3]}…{value[-2:]}"


def set_wishes(*, login: Login, key: int, do_not_call: bool, survey_consent: bool, now: dt.datetime) -> None:
    """Keep what an owner wishes of calls. Clause: krc-5.5.2-06, krc-5.5.2-07, krc-5.5.2-08."""
    for client in owners_of(login):
        if client.pk == key:
            wishes.set_call_wishes(
                client=client, do_not_call=do_not_call, survey_consent=survey_consent, via="account", employee_id=None,
                actor="client", now=now,
            )  # fmt: skip


ORDER = ("way_1", "way_2", "way_3")
"""The fields of the order in which he wants to be told."""


def set_ways(*, login: Login, key: int, ways: Sequence[str], notices: Sequence[str], now: dt.datetime) -> None:
    """Keep by which ways an owner wants to be told, and to which notices he subscribes.

    Push notices are subscribed to in a browser itself, and left there or one by one: the form keeps them as they are.
    Clause: krc-5.7.1-39, krc-5.7.1-40, krc-5.7.1-41.
    """
    known_ways = [way for way in ways if way in wishes.WAYS]
    subscribed = [way for way in notices if way in SUBSCRIPTIONS]
    for client in owners_of(login):
        if client.pk == key:
            wishes.set_ways(
                client=client, ways=known_ways, notices=[*subscribed, *kept_push(client)], via="account",
                employee_id=None, actor="client", now=now,
            )  # fmt: skip


def kept_push(client: Client) -> list[str]:
    """The subscription by push, where the client has it."""
    return [way for way in client.notices if way == browsers.WAY]


SUBSCRIPTIONS = ("sms", "email")


def ask_about_data(
    *, profile: Profile, login: Login, account: Account, about: str, said: str, key: uuid.UUID, now: dt.datetime
) -> Submission:
    """Ask for own data to be corrected or erased: a request of the registry, with its term; open ones stay one.

    An erasure is then done by whom the standard names, on the ground of this request, and gives a receipt.
    Raises: NotAcceptedError; MissingFieldsError; RefusedError.
    """
    if about == ERASURE and (waiting := open_erasure(login)) is not None:
        return waiting
    text = said if about == ERASURE else _needed(said)
    asked = form.Asked(kind_of(profile), "", None, _asked(profile, account, about, text), "email", consented=True)
    return asking.ask(profile=profile, login=login, account=account, asked=asked, key=key, about=about, now=now)


def kind_of(profile: Profile) -> str:
    """As what a request of the account itself is registered."""
    kinds = form.kinds(profile)
    return next((one for one in KINDS if one in kinds), kinds[0])


def open_erasure(login: Login) -> Submission | None:
    """The request for erasure that is not answered yet."""
    rows = Submission.objects.filter(login=login, about=ERASURE, appeal__closed_at=None)
    return rows.select_related("appeal").order_by("-made_at").first()


def _needed(said: str) -> str:
    if not said.strip():
        raise NotAcceptedError({"said": "needed"})
    if len(said) > form.LONGEST - 1000:
        raise NotAcceptedError({"said": "too_long"})
    return said


def _asked(profile: Profile, account: Account, about: str, said: str) -> str:
    with override(profile.language):
        if about == ERASURE:
            first = gettext("I ask for my personal data to be erased. Account: %(number)s.")
        else:
            first = gettext("I ask for my personal data to be corrected. Account: %(number)s.")
    return "\n\n".join(filter(None, [first % {"number": account.number}, said.strip()]))
