"""The internet reception takes a form: one appeal of one form, whatever the line does."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import LiteralString

from django.db import IntegrityError, transaction

from kindline.appeals import actions as appeals
from kindline.appeals import filing, receiving, registering, stages
from kindline.appeals.actions import Receipt
from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.conversations.documents import THERE
from kindline.files import queries as files
from kindline.files.erasing import DRAFT
from kindline.files.models import Owner
from kindline.site import queries
from kindline.site.errors import AnotherError, NotAcceptedError, TooManyError
from kindline.site.form import Asked
from kindline.site.models import Submission
from kindline.site.senders import NOBODY, Senders
from kindline.standard.profile import Profile

CHANNEL, INSIDE = "web", "account"
KEEP: LiteralString = """
INSERT INTO site_submission (key, appeal_id, sender, browser, made_at, consented_at, login_id, about)
SELECT %s::uuid, made.new_id, %s::text, %s::text, %s::timestamptz, %s::timestamptz, %s::bigint, %s::text FROM made
"""


@dataclass(frozen=True, slots=True)
class Inside:
    """Who asks from the personal account, and about which of his accounts; `about`: own data, else empty."""

    login: Login
    account: Account
    about: str = ""


def submit(
    *, profile: Profile, key: uuid.UUID, asked: Asked, draft: str = "", whose: Senders = NOBODY,
    is_proven: bool = False, inside: Inside | None = None, now: dt.datetime,
) -> Submission:  # fmt: skip
    """Register what was asked on the site, with the files of its form (`draft`); sent again it is the same appeal.

    Clause: krc-2-11, krc-5.7.2-01, krc-5.7.2-03, krc-5.7.2-08, yumek-8-03, voe-8-04.
    Raises: NotAcceptedError; AnotherError when the same form comes with another question; TooManyError;
    MissingFieldsError with what the standard requires besides; BarredKindError.
    """
    before = queries.before(key, whose, now)
    if before.was_sent and (known := _known(key, asked, inside)) is not None:
        filing.take_draft(appeal=known.appeal, draft=draft, employee=None, now=now)
        return known
    if faults := faults_of(profile, asked, draft, inside):
        raise NotAcceptedError(faults)
    if inside is None and before.is_flood(is_proven=is_proven):
        raise TooManyError
    draft = draft if files.has_any(Owner(DRAFT, draft)) else ""
    try:
        with transaction.atomic() if draft or asked.service else contextlib.nullcontext():  # else it is one statement
            return _registered(profile, key, asked, draft, whose, inside, now)
    except IntegrityError:  # the same form, sent at the same moment: the other was quicker
        return Submission.objects.get(pk=key)


def faults_of(profile: Profile, asked: Asked, draft: str, inside: Inside | None = None) -> dict[str, str]:
    """Everything that is wrong with a form and its files, by field: what is told bit by bit is sent again each time.

    What the standard requires is not looked at from the account, where the card knows it.
    """
    found = asked.faults([] if inside else appeals.required_fields(profile, CHANNEL))
    if asked.attached and not files.of(Owner(DRAFT, draft)).exists():
        found["files"] = "ticked"  # documents that are said to be attached
    return found


def _known(key: uuid.UUID, asked: Asked, inside: Inside | None) -> Submission | None:
    """What this form became already; whoever went back and wrote another question must not lose it."""
    rows = Submission.objects.filter(pk=key, **({"login": inside.login} if inside else {}))
    known = rows.select_related("appeal").first()
    if known is not None and _plain(asked.substance) not in ("", _plain(known.appeal.substance)):
        raise AnotherError(known.appeal.number)
    return known


def _plain(text: str) -> str:
    return " ".join(text.split())


def _registered(
    profile: Profile, key: uuid.UUID, asked: Asked, draft: str, whose: Senders, inside: Inside | None, now: dt.datetime
) -> Submission:
    login, about = (inside.login, inside.about) if inside else (None, "")
    known = {"sender": whose.address, "browser": whose.browser}
    made = Submission(key=key, login=login, about=about, made_at=now, consented_at=now, **known)
    values = [key, *known.values(), now, now, login.pk if login else None, about]
    made.appeal = appeal = receiving.receive_appeal(
        profile=profile, channel=INSIDE if inside else CHANNEL, kind=asked.kind, substance=asked.substance,
        fields=asked.fields, none_fields=asked.none_fields, subject=asked.subject, topic=asked.topic,
        receipt=Receipt(sent_at=now, answer_by=asked.answer_by), draft=draft,
        account=inside.account if inside else None, employee=None, now=now,
        beside=lambda _: registering.Beside(KEEP, values),
    )  # fmt: skip
    if asked.service:
        marks = dict.fromkeys(asked.attached, THERE)
        stages.follow_passport(appeal=appeal, service=asked.service, marks=marks, employee=None, now=now)
    return made
