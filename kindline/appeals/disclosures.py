"""A client's data given to an authority on its official request: who asked, on which ground, what was given."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from kindline.appeals import measuring, rights
from kindline.appeals.models import Appeal, Disclosure
from kindline.clients.models import Client
from kindline.conversations.errors import RefusedError
from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile


class FutureGroundError(RefusedError):
    """The document of the request cannot be dated ahead."""

    code = "future_ground"


@dataclass(frozen=True, slots=True)
class Request:
    """An official request for a client's data: by whom, on which document, what is given to it."""

    requester: str
    ground: str
    ground_on: dt.date
    given: str
    appeal: Appeal | None = None  # the request as it was registered


def disclose(*, profile: Profile, client: Client, asked: Request, employee: Employee, now: dt.datetime) -> Disclosure:
    """Keep that a client's data were given on an official request; only those whom the profile names (krc-6.1-07).

    Raises: NotYoursError; EmptyTextError; FutureGroundError.
    """
    texts = {name: measuring.said(getattr(asked, name), name) for name in ("requester", "ground", "given")}
    with transaction.atomic():
        right = rights.check(profile, "disclose", employee)
        if asked.ground_on > now.astimezone(profile.zone).date():
            raise FutureGroundError("the document cannot be dated ahead")
        made = Disclosure.objects.create(
            profile=profile.id, client=client, appeal=asked.appeal, ground_on=asked.ground_on, by=employee,
            made_at=now, **texts,
        )  # fmt: skip
        data = {"disclosure": made.pk, "requester": made.requester, "ground": made.ground}
        data |= {"appeal": asked.appeal.pk} if asked.appeal else {}
        journal.record(
            kind="data_disclosed", subject_type="client", subject_id=client.pk, actor=actor(employee), data=data,
            at=now, clauses=right.clauses,
        )  # fmt: skip
        return made


def disclosures(profile_id: str) -> QuerySet[Disclosure]:
    """Everything that was disclosed, the latest first."""
    found = Disclosure.objects.filter(profile=profile_id).select_related("client", "appeal", "by")
    return found.order_by("-made_at")
