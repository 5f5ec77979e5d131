"""Asking from the account: what is known already is not asked again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

from kindline.appeals import applying
from kindline.clients import queries as clients
from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.site import actions
from kindline.site.form import Asked
from kindline.site.models import Submission
from kindline.standard.profile import Profile


def ask(
    *, profile: Profile, login: Login, account: Account, asked: Asked, key: uuid.UUID, draft: str = "", about: str = "",
    now: dt.datetime,
) -> Submission:  # fmt: skip
    """Register what the client asks about an account of his, with the files of the form (`draft`); who he is is known.

    The same form sent again gives the same appeal.
    Clause: krc-2-11, krc-2-12, krc-5.7-12.
    Raises: NotAcceptedError; AnotherError; MissingFieldsError; BarredKindError.
    """
    known, inside = completed(login, account, asked), actions.Inside(login, account, about)
    return actions.submit(profile=profile, key=key, asked=known, draft=draft, inside=inside, now=now)


def completed(login: Login, account: Account, asked: Asked) -> Asked:
    """What is asked, with who asks as his card and log-in know him."""
    fields = known_of(login, account)
    return dataclasses.replace(
        asked,
        fields=fields | applying.of(account.client, {}),
        none_fields=tuple(name for name, value in fields.items() if not value),
    )


def known_of(login: Login, account: Account) -> dict[str, str]:
    """What a form would ask of who asks."""
    owner, phones = account.client, clients.holdings(account.client).phones
    return {
        "surname": owner.surname, "given_name": owner.given_name, "patronymic": owner.patronymic,
        "residence": str(account.premise), "phone": phones[0].value if phones else "", "email": login.email,
    }  # fmt: skip
