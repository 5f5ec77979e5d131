"""What the page of the state shows of the talk about an appeal: messages both ways, their files, what is awaited."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from kindline.appeals import declining, dispatching
from kindline.appeals.models import Answer, Appeal, ClientNotice
from kindline.files import queries as files
from kindline.files import taking
from kindline.files.models import Attachment
from kindline.site import form, uploads, words
from kindline.standard.profile import Profile


def open_to(appeal: Appeal) -> QuerySet[Attachment]:
    """The files that the client may have: those of the talk, and those that went with the answer."""
    talk = Q(owner_kind="message", owner_key__in=[str(one.pk) for one in appeal.messages.all()])
    if Answer.objects.filter(appeal=appeal).exclude(sent_at=None).exists():
        talk |= Q(owner_kind=appeal.owner.kind, owner_key=appeal.owner.key, role=taking.ANSWER)
    return Attachment.objects.filter(talk).select_related("file")


def sent_with(appeal: Appeal) -> list[dict[str, Any]]:
    """The files that came with the question, by name: that they have arrived is told, they are not given out again.

    Those of later letters, of the talk and of employees stand beside them in the appeal, and are not told of here.
    """
    came = files.of(appeal.owner).filter(attached_by=None, role=taking.FILE, attached_at=appeal.registered_at)
    return [one | {"opens": False} for one in _rows(came)]


def told(profile: Profile, appeal: Appeal, key: uuid.UUID | None = None) -> dict[str, Any]:
    """What the page of the state shows of the talk, with the empty form."""
    key = key or uuid.uuid4()
    rows = [
        {"one": one, "at": words.moment(profile, one.made_at), "files": _rows(files.of(one.owner))}
        for one in appeal.messages.order_by("pk")
    ]
    answered = open_to(appeal).filter(role=taking.ANSWER).exclude(owner_kind="message")
    return {
        "talk": rows,
        "answer_files": _rows(answered),
        "sent_with": sent_with(appeal),
        "open": appeal.closed_at is None,
        "request_text": _request(appeal),
        "due": words.day(profile, appeal.data_due_at),
        "key": key,
        "draft": salted_hmac("kindline.site.draft", f"appeal {appeal.pk}").hexdigest()[:12],
        "panel": uploads.panel(key),
        "longest": form.LONGEST,
    }


def _rows(found: QuerySet[Attachment]) -> list[dict[str, Any]]:
    return [uploads.row_of(one) for one in found]


def _request(appeal: Appeal) -> str:
    """What was asked of the client and is awaited still; not before who sends it has sent it (krc-5.7.2-25)."""
    if appeal.data_due_at is None or appeal.closed_at is not None:
        return ""
    asked = ClientNotice.objects.filter(appeal=appeal, about=declining.REQUEST, recalled_at=None).order_by("-pk")
    passed_on = asked.exclude(sent_at=None) if dispatching.senders_of(appeal, declining.REQUEST) else asked
    latest = passed_on.first()
    return latest.text if latest else ""
