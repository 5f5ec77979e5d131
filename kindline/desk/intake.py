"""A clerk registers what came by letter, in the office or by e-mail: one form, with the fields that are required."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kindline.appeals import actions, receiving
from kindline.appeals.models import Appeal
from kindline.conversations import queries as conversations
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.conversations.models import Topic
from kindline.desk import access, house, page, refusals, wording, words
from kindline.desk.appeal_acts import NoSuchAppealError, NotADayError
from kindline.journal import retrying
from kindline.staff.models import Employee
from kindline.standard.deadlines import CHANNELS
from kindline.standard.profile import Profile

FIELDS = ("surname", "given_name", "patronymic", "residence", "phone", "email")
FIRST = "paper"


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def new(request: HttpRequest) -> HttpResponseBase:
    """The form; a post registers, or says what is wanting and loses nothing."""
    profile = house.profile()
    if request.method != "POST":
        return render(request, "desk/appeal_new.html", _context(profile, request.GET))
    try:
        me, now = access.employee_of(request), timezone.now()
        made = retrying.whole(lambda: _register(profile, request.POST, me, now))
    except MissingFieldsError as error:
        wanting = {name: clauses[0] if clauses else "" for name, clauses in error.missing.items()}
        context = _context(profile, request.POST, wanting) | {"refusal": refusals.message_of(error)}
        return render(request, "desk/appeal_new.html", context, status=422)
    except RefusedError as error:
        refused = {"refusal": refusals.message_of(error), "refusal_clauses": error.clauses}
        return render(request, "desk/appeal_new.html", _context(profile, request.POST) | refused, status=422)
    return redirect("appeal", appeal=made.pk)


def _register(profile: Profile, typed: QueryDict, me: Employee, now: dt.datetime) -> Appeal:
    return receiving.receive_appeal(
        profile=profile,
        channel=_channel(typed),
        kind=typed.get("kind", ""),
        substance=typed.get("substance", ""),
        fields={name: typed.get(name, "") for name in FIELDS},
        none_fields=[name for name in FIELDS if typed.get(f"none_{name}")],
        subject=_known(typed.get("subject", ""), wording.APPEAL_SUBJECTS),
        topic=_topic(profile, typed.get("topic", "")),
        receipt=_receipt(profile, typed, now),
        employee=me,
        now=now,
    )


def _receipt(profile: Profile, typed: QueryDict, now: dt.datetime) -> actions.Receipt:
    number = typed.get("earlier", "").strip()
    earlier = Appeal.objects.filter(profile=profile.id, number__iexact=number).first() if number else None
    if number and earlier is None:
        raise NoSuchAppealError(number)
    against = typed.get("against", "")
    return actions.Receipt(
        form="written" if _channel(typed) == "office" else "",
        sent_at=_day(profile, typed, "sent"),
        received_at=min(_day(profile, typed, "received") or now, now),
        named_at=_day(profile, typed, "named", end=True),
        requester="authority" if typed.get("kind") == "authority_request" else None,
        in_court=bool(typed.get("in_court")),
        earlier=earlier,
        against=Employee.objects.filter(pk=int(against)).first() if _is_key(against) else None,
        answer_by=_known(typed.get("answer_by", ""), dict.fromkeys(CHANNELS)),
    )


def _day(profile: Profile, typed: QueryDict, name: str, *, end: bool = False) -> dt.datetime | None:
    """A typed day in the organisation's zone, at its beginning or its end. Raises: NotADayError."""
    raw = typed.get(name, "").strip()
    if not raw:
        return None
    try:
        day = dt.date.fromisoformat(raw)
    except ValueError:
        raise NotADayError(raw) from None
    return dt.datetime.combine(day, dt.time(23, 59, 59) if end else dt.time(0), profile.zone)


def _channel(typed: QueryDict) -> str:
    return _known(typed.get("channel", ""), dict.fromkeys(CHANNELS)) or FIRST


def _known(word: str, known: Any) -> str:
    return word if word in known else ""


def _is_key(raw: str) -> bool:
    return raw.isascii() and raw.isdecimal() and len(raw) < 18


def _topic(profile: Profile, raw: str) -> Topic | None:
    return conversations.topics(profile.id).filter(pk=int(raw)).first() if _is_key(raw) else None


def _context(profile: Profile, typed: QueryDict, wanting: dict[str, str] | None = None) -> dict[str, Any]:
    channel = _channel(typed)
    required = {one.name: one for one in actions.required_fields(profile, channel)}
    return {
        "typed": typed,
        "channel": channel,
        "channels": [(code, wording.channel_title(code)) for code in CHANNELS],
        "kinds": page.appeal_kinds(profile),
        "subjects": page.appeal_subjects(profile),
        "topics": conversations.topics(profile.id),
        "fields": [_field(name, required, typed, wanting or {}) for name in FIELDS],
        "wanting": wanting or {},
        "people": Employee.objects.filter(is_active=True).order_by("surname", "given_name", "pk"),
        "bars": profile.workflow.bars if profile.workflow else (),
    }


def _field(name: str, required: dict[str, Any], typed: QueryDict, wanting: dict[str, str]) -> dict[str, Any]:
    norm = required.get(name)
    return {
        "id": name,
        "label": words.field_label(name),
        "value": typed.get(name, ""),
        "required": norm is not None,
        "clause": norm.clauses[0] if norm and norm.clauses else "",
        "none_allowed": norm is not None and norm.allow_none,
        "none": bool(typed.get(f"none_{name}")),
        "wanting": name in wanting,
    }
