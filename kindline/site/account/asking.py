"""Asking from the account: what is known already is not asked again."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import IntegrityError, transaction

from kindline.appeals import applying, receiving, stages
from kindline.appeals.actions import Receipt
from kindline.clients import queries as clients
from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.site import form
from kindline.site.errors import NotAcceptedError
from kindline.site.models import Submission
from kindline.standard.profile import Profile

CHANNEL = "account"


def ask(
    *, profile: Profile, login: Login, account: Account, kind: str, substance: str, key: uuid.UUID, about: str = "",
    service: str = "", now: dt.datetime,
) -> Submission:  # fmt: skip
    """Register what the client asks about an account of his; the same form sent again gives the same appeal.

    `service`: whose passport it follows; the documents come afterwards, on the page of the state.
    Clause: krc-2-11, krc-2-12, krc-5.7-12.
    Raises: NotAcceptedError; MissingFieldsError; BarredKindError.
    """
    if (known := Submission.objects.filter(pk=key, login=login).first()) is not None:
        return known
    if not substance.strip() or len(substance) > form.LONGEST:
        raise NotAcceptedError({"substance": "needed" if not substance.strip() else "too_long"})
    try:
        with transaction.atomic():
            made = _registered(profile, login, account, stages.KIND if service else kind, substance, key, about, now)
            if service:
                stages.follow_passport(appeal=made.appeal, service=service, marks={}, employee=None, now=now)
            return made
    except IntegrityError:
        return Submission.objects.get(pk=key, login=login)


def _registered(
    profile: Profile, login: Login, account: Account, kind: str, substance: str, key: uuid.UUID, about: str,
    now: dt.datetime,
) -> Submission:  # fmt: skip
    fields = known_of(login, account)
    owner = account.client
    appeal = receiving.receive_appeal(
        profile=profile, channel=CHANNEL, kind=kind, substance=substance, fields=fields | applying.of(owner, {}),
        none_fields=[name for name, value in fields.items() if not value],
        receipt=Receipt(sent_at=now, answer_by="email"), account=account, employee=None, now=now,
    )  # fmt: skip
    return Submission.objects.create(key=key, appeal=appeal, login=login, about=about, made_at=now, consented_at=now)


def known_of(login: Login, account: Account) -> dict[str, str]:
    """What a form would ask of who asks."""
    owner, phones = account.client, clients.holdings(account.client).phones
    return {
        "surname": owner.surname, "given_name": owner.given_name, "patronymic": owner.patronymic,
        "residence": str(account.premise), "phone": phones[0].value if phones else "", "email": login.email,
    }  # fmt: skip
