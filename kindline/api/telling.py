"""Appeals as they are told to a program."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from kindline.api import schemas
from kindline.appeals.models import Answer, Appeal
from kindline.appeals.registering import ID_PLACE, NUMBER_PLACE
from kindline.journal import prepared
from kindline.standard import loader
from kindline.standard.scripts import Title

APPLICANT = ("firm_name", "surname", "given_name", "patronymic", "residence", "phone", "email")
OWN = ("kind", "subject", "channel", "form", "substance", "sent_at", "received_at", "target_at", "answer_by", "came_by")
STATUS = ("profile", "number", "state", "revision", "registered_at", "limit_at", "answered_at", "forwarded_at",
          "closed_at", "end", "forwarded_to__name")  # fmt: skip
CARD = (*STATUS, *OWN, *APPLICANT, "kinds_voiced", "applicant_kind", "none_fields", "derivation", "limit_clauses",
        "topic__code", "answer__subject", "answer__text", "answer__sent_at", "answer__sent_channel")  # fmt: skip
"""What is read of an appeal for its status and for its card; nothing else is looked at."""
MESSAGES = """
SELECT id, text, made_at FROM appeals_appealmessage WHERE appeal_id = %s::bigint AND NOT is_ours ORDER BY id
"""


def promised(appeal: Appeal) -> str:
    """What a registration will come to, with places for key and number; nothing of the applicant."""
    return schemas.Registered(
        id=ID_PLACE, href=f"{_appeals()}/{ID_PLACE}", number=NUMBER_PLACE, state=appeal.state,
        revision=appeal.revision, received_at=appeal.received_at, registered_at=appeal.registered_at,
        target_at=appeal.target_at, limit_at=appeal.limit_at, derivation=appeal.derivation,
        limit_clauses=appeal.limit_clauses,
    ).model_dump_json()  # fmt: skip


def status(appeal: Appeal) -> schemas.Status:
    """Where the appeal stands."""
    return schemas.Status(**_status(appeal))


def card(appeal: Appeal) -> schemas.Card:
    """All that the applicant may know; the answer once it has been sent."""
    return schemas.Card(
        **_status(appeal),
        **{name: getattr(appeal, name) for name in OWN},
        kinds=appeal.kinds_voiced,
        topic=appeal.topic.code if appeal.topic else "",
        applicant=schemas.Applicant.model_construct(
            kind=appeal.applicant_kind, **{name: getattr(appeal, name) for name in APPLICANT}
        ),
        has_none=appeal.none_fields,
        derivation=appeal.derivation,
        limit_clauses=appeal.limit_clauses,
        messages=[
            schemas.Message(id=key, text=text, made_at=made_at)
            for key, text, made_at in prepared.rows(MESSAGES, [appeal.pk])
        ],
        answer=_answer(appeal),
    )


@cache
def _appeals() -> str:
    return reverse("api-1:appeals")


def etag(appeal: Appeal) -> str:
    """The mark of what was read: it changes with the appeal."""
    return f'"{appeal.pk}.{appeal.revision}"'


def _status(appeal: Appeal) -> dict[str, Any]:
    flow = loader.load(appeal.profile).workflow
    state = flow.states.get(appeal.state) if flow else None
    end = flow.ends.get(appeal.end) if flow else None
    return {
        "id": appeal.pk,
        "number": appeal.number,
        "state": appeal.state,
        "state_title": _titled(state.title) if state else appeal.state,
        "revision": appeal.revision,
        "registered_at": appeal.registered_at,
        "limit_at": appeal.limit_at,
        "answered_at": appeal.answered_at,
        "forwarded_to": appeal.forwarded_to.name if appeal.forwarded_to and appeal.forwarded_at else None,
        "closed_at": appeal.closed_at,
        "end": appeal.end,
        "end_title": _titled(end.title) if end else "",
    }


def _titled(title: Title) -> str:
    language = (get_language() or "en").split("-")[0]
    return title.get(language) or title.get("en") or next(iter(title.values()), "")


def _answer(appeal: Appeal) -> schemas.AnswerSent | None:
    found: Answer | None = getattr(appeal, "answer", None)
    if found is None or found.sent_at is None:
        return None
    return schemas.AnswerSent(subject=found.subject, text=found.text, sent_at=found.sent_at, channel=found.sent_channel)
