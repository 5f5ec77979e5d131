"""What there is of letters and e-mail: work that waits, the register of what went out, a message with its thread."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import CharField, Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce

from kindline.correspondence.models import (
    CALLED_OFF,
    Incoming,
    MailKind,
    MailState,
    Outgoing,
    OutgoingState,
    Paper,
    Thread,
)
from kindline.files import queries as files
from kindline.files.models import Attachment

WORK = (MailKind.MESSAGE, MailKind.AUTOMATIC)
BOXES = ("waiting", "unreadable", "automatic", "handled")
HELD_TRIES = 3
"""Within some seven minutes: a server that makes strangers wait takes a letter sooner as a rule."""
NOTHING_WENT = dt.timedelta(minutes=15)
LATER = r"^4(?!21)\d\d "
"""What a server says that takes this letter later; 421 it says of itself."""


def box(name: str) -> QuerySet[Incoming]:
    """Messages of a box: waiting for a person, unreadable, automatic, handled."""
    several = files.of_many("mail").filter(owner_key=Cast(OuterRef("pk"), CharField())).order_by()
    count = several.values("owner_key").annotate(count=Count("pk")).values("count")
    rows = Incoming.objects.select_related("client", "thread", "outgoing", "handled_by").annotate(
        files=Coalesce(Subquery(count), 0)
    )
    unreadable, automatic = Q(state=MailState.UNREADABLE), Q(state=MailState.READ) & ~Q(kind__in=WORK)
    wanted = {
        "unreadable": unreadable & Q(handled_at=None),
        "automatic": automatic,
        "handled": ~automatic & ~Q(handled_at=None),
    }.get(name, Q(kind__in=WORK, handled_at=None))
    return rows.filter(wanted).order_by("-stored_at" if name in ("automatic", "handled") else "stored_at", "pk")


def files_of(letter: Incoming | Paper) -> QuerySet[Attachment]:
    """The files of a letter, in or out; attach them to an appeal with `files.taking.attach(file=one.file, …)`."""
    return files.of(letter.owner)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits."""

    messages: int
    unreadable: int
    quarantined: int
    failed: int


def waiting() -> Waiting:
    """Counts for the heads of the pages."""
    return Waiting(
        box("waiting").count(),
        box("unreadable").count(),
        files.waiting().count(),
        Outgoing.objects.filter(state__in=[OutgoingState.FAILED, OutgoingState.BOUNCED])
        .exclude(reason=CALLED_OFF)
        .count(),
    )


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Letters that the mail server does not take: how many, since when the oldest waits, what it said of that one."""

    letters: int
    since: dt.datetime
    reason: str


def held_up(now: dt.datetime) -> HeldUp | None:
    """What waits although it was tried several times while nothing at all has gone; None where letters go.

    One recipient alone whose letters are to come later (a grey list) is no trouble of the relay.
    """
    rows = Outgoing.objects.filter(state=OutgoingState.QUEUED, tries__gte=HELD_TRIES).order_by("queued_at")
    first = rows.values_list("queued_at", "reason").first()
    if first is None or Outgoing.objects.filter(sent_at__gt=now - NOTHING_WENT).exists():
        return None
    if not rows.exclude(reason__regex=LATER).exists() and len(set(rows.values_list("recipient", flat=True))) == 1:
        return None
    return HeldUp(Outgoing.objects.filter(state=OutgoingState.QUEUED).count(), *first)


def outgoing() -> QuerySet[Outgoing]:
    """The register of e-mail that goes out, the latest first."""
    return Outgoing.objects.select_related("thread", "client", "employee").order_by("-queued_at", "-pk")


def letters_of(thread: Thread | None) -> tuple[list[Incoming], list[Outgoing]]:
    """Everything of a thread, in and out, in the order of time."""
    if thread is None:
        return [], []
    return list(thread.incoming.order_by("stored_at", "pk")), list(thread.outgoing.order_by("queued_at", "pk"))


def papers(direction: str) -> QuerySet[Paper]:
    """The register of paper letters of a direction, the latest first."""
    rows = Paper.objects.filter(direction=direction).select_related("client", "employee", "executor", "signer")
    return rows.order_by("-registered_at", "-pk")
