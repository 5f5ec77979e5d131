"""A clerk registers what came by letter, in the office or by e-mail: one form, with the fields that are required."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kindline.appeals import actions, applying, correcting, moves, proposing, queries, receiving, sorting
from kindline.appeals import wording as appeal_words
from kindline.appeals.models import Appeal
from kindline.conversations import queries as conversations
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.conversations.models import Topic
from kindline.conversations.texting import SMS
from kindline.desk import access, house, intake_form, refusals, staleness, uploads
from kindline.desk.appeal_acts import NoSuchAppealError
from kindline.desk.intake_form import FIELDS
from kindline.desk.typed import NotADayError, is_key
from kindline.files import taking
from kindline.journal import retrying
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.deadlines import CAME, CHANNELS
from kindline.standard.profile import Profile

FIRST, USUAL_WAY = "paper", "post"
FORMS = uuid.UUID("6d1f6f0e-8a2b-4e59-9f0b-3f1f6f3a7c11")
"""The name space of keys that are made of forms."""
NEW, CORRECT = "desk/appeal_new.html", "desk/appeal_correct.html"
NAMED_BY = "applicant_kind"
"""Older forms of a correction have neither this field nor what depends on it."""
LOOK, NEXT = "look", "next"
"""Buttons: show what the channel requires, where no script does; register, and begin another."""
PASSING = ("csrfmiddlewaretoken", uploads.DROPPED, LOOK, NEXT)
"""What differs between two posts of one form."""


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def new(request: HttpRequest) -> HttpResponseBase:
    """The form; a post registers, or says what is wanting and loses nothing."""
    profile, me, now = house.profile(), access.employee_of(request), timezone.now()
    key = uploads.draft_key(request.POST.get(uploads.KEY, ""))
    if request.method != "POST":
        fresh = {"came_by": USUAL_WAY, **request.GET.dict()}
        return render(request, NEW, _context(profile, fresh) | _files(me, key))
    if LOOK in request.POST:
        return render(request, NEW, _context(profile, request.POST) | _files(me, key))
    if said := uploads.take_for_form(request, me, key, now, taking.FILE):
        context = _context(profile, request.POST) | {"said": said} | _files(me, key)
        return render(request, NEW, context, status=422)

    def register() -> Appeal:
        form = {"draft": uploads.draft(me, key).key, "form": _form(me, request.POST)}
        told = _told(profile, request.POST, now) | form
        return receiving.receive_once(profile=profile, channel=_channel(request.POST), employee=me, now=now, **told)

    return _tried(request, profile, register, _files(me, key))


def _form(me: Employee, typed: QueryDict) -> uuid.UUID:
    """The same form of the same clerk with the same words; gone back and filled in anew, it is another."""
    said = sorted((name, typed.getlist(name)) for name in typed if name not in PASSING)
    return uuid.uuid5(FORMS, json.dumps([me.pk, said])) if typed.get(uploads.KEY) else uuid.uuid4()


def _files(me: Employee, key: str) -> dict[str, Any]:
    """The files that were uploaded for the form already."""
    return {"panel": uploads.panel(uploads.draft(me, key), key)}


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def sort(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """The same form for an appeal that came by itself, filled in as far as the letter tells."""
    found = get_object_or_404(queries.appeals(), pk=appeal)
    profile, me, now = loader.load(found.profile), access.employee_of(request), timezone.now()
    letters = [one for one in queries.letters_of(found) if one.is_first]
    texts = found.contact if found.channel == SMS else None
    more = {"sorted": found, "letters": letters, "texts": texts, "propose": partial(proposing.propose, found)}
    if request.method != "POST":
        if "sort" not in moves.possible(found, me):
            return redirect("appeal", appeal=found.pk)
        return render(request, NEW, _context(profile, _prefilled(found, profile)) | more)

    def complete() -> Appeal:
        told = _told(profile, request.POST, now)
        return sorting.sort_appeal(
            appeal=found, employee=me, now=now, **told | {"receipt": _unchanged(told["receipt"], found, profile)}
        )

    return _tried(request, profile, complete, more)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def correct(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """What was said of an open appeal, to be corrected; refused, it is shown with all that was typed."""
    found = get_object_or_404(queries.appeals(), pk=appeal)
    profile, me, now = loader.load(found.profile), access.employee_of(request), timezone.now()
    more = {"corrected": found, "seen": now.isoformat(), **_also(found, profile)}
    if request.method != "POST":
        if not correcting.may(found, me):
            return redirect("appeal", appeal=found.pk)
        return render(request, CORRECT, _context(profile, _as_it_stands(found, profile)) | more)

    def complete() -> Appeal:
        staleness.check(found, request.POST)
        right, why = _right(found, profile, request.POST, now), request.POST.get("reason", "")
        return correcting.correct_appeal(appeal=found, right=right, reason=why, employee=me, now=now)

    return _tried(request, profile, complete, more | staleness.changes(found, request.POST), CORRECT)


def _also(found: Appeal, profile: Profile) -> dict[str, Any]:
    """What may be chosen, and what stands there although the lists do not have it: it is not changed by the way."""
    kinds, subjects = appeal_words.kinds_of(profile), appeal_words.subjects_of(profile)
    if found.kind not in {one["id"] for one in kinds}:
        kinds = [{"id": found.kind, "title": appeal_words.kind_title(found.kind)}, *kinds]
    if found.subject and found.subject not in {one["id"] for one in subjects}:
        subjects = [{"id": found.subject, "title": appeal_words.subject_title(found.subject)}, *subjects]
    return {"kinds": kinds, "subjects": subjects}


def _as_it_stands(found: Appeal, profile: Profile) -> dict[str, str]:
    stands = ("kind", "subject", "answer_by", "applicant_kind", *correcting.OF_A_PERSON)
    typed = {name: getattr(found, name) for name in stands}
    named = f"{found.named_at.astimezone(profile.zone):%Y-%m-%d}" if found.named_at else ""
    more = {"topic": str(found.topic_id or ""), "in_court": "on" if found.in_court else "", "named": named}
    none = {f"none_{name}": "on" for name in found.none_fields}
    return typed | more | none | {"channel": found.channel}


def _right(found: Appeal, profile: Profile, typed: QueryDict, now: dt.datetime) -> correcting.Correct:
    """A day that was left as it stood keeps its hour."""
    told = _told(profile, typed, now)
    receipt, named = told["receipt"], found.named_at
    if named and receipt.named_at and named.astimezone(profile.zone).date() == receipt.named_at.date():
        receipt = replace(receipt, named_at=named)
    contact = {name: told["fields"][name] for name in correcting.PERSONAL}
    return correcting.Correct(
        kind=_known(told["kind"], (found.kind, *queries.kinds(profile))), subject=told["subject"], topic=told["topic"],
        answer_by=receipt.answer_by, in_court=receipt.in_court, named_at=receipt.named_at, applicant=_applicant(typed),
        none_fields=told["none_fields"] if NAMED_BY in typed else None, **contact,
    )  # fmt: skip


def _applicant(typed: QueryDict) -> correcting.Applicant | None:
    """Who applies, where the form asks it; an older form does not."""
    if NAMED_BY not in typed:
        return None
    kind = _known(typed.get("applicant_kind", ""), applying.KINDS)
    return correcting.Applicant(kind, *(typed.get(name, "") for name in correcting.NAMES))


def _tried(
    request: HttpRequest, profile: Profile, work: Callable[[], Appeal], more: dict[str, Any], page: str = NEW
) -> HttpResponseBase:
    """Do it, or say what is wanting with everything that was typed."""
    try:
        made = retrying.whole(work)
    except MissingFieldsError as error:
        wanting = {name: clauses[0] if clauses else "" for name, clauses in error.missing.items()}
        context = _context(profile, request.POST, wanting) | {"refusal": refusals.message_of(error)}
    except RefusedError as error:
        refused = {"refusal": refusals.message_of(error), "refusal_clauses": error.clauses}
        context = _context(profile, request.POST) | refused
    else:
        return _done(request, made)
    return render(request, page, context | more, status=422)


def _done(request: HttpRequest, made: Appeal) -> HttpResponseBase:
    """The appeal's page; or an empty form of the same channel, where the next one is to be registered."""
    if NEXT not in request.POST:
        return redirect("appeal", appeal=made.pk)
    messages.success(request, _("Registered: %(number)s.") % {"number": made.number})
    return redirect(f"{reverse('appeal-new')}?{urlencode({'channel': made.channel})}")


def _told(profile: Profile, typed: QueryDict, now: dt.datetime) -> dict[str, Any]:
    return {
        "kind": typed.get("kind", ""),
        "substance": typed.get("substance", ""),
        "fields": {name: typed.get(name, "") for name in ("applicant_kind", "firm_name", *FIELDS)},
        "none_fields": [name for name in FIELDS if typed.get(f"none_{name}")],
        "subject": _known(typed.get("subject", ""), appeal_words.SUBJECTS),
        "topic": _topic(profile, typed.get("topic", "")),
        "receipt": _receipt(profile, typed, now),
    }


def _prefilled(found: Appeal, profile: Profile) -> dict[str, str]:
    """What the letter tells; the kind is left to the person."""
    typed = {name: getattr(found, name) for name in ("applicant_kind", "firm_name", *FIELDS, "substance", "came_by")}
    days = {"sent": found.sent_at, "received": found.received_at}
    typed |= {name: f"{moment.astimezone(profile.zone):%Y-%m-%d}" for name, moment in days.items() if moment}
    return typed | {"channel": found.channel, "earlier": found.earlier.number if found.earlier else ""}


def _unchanged(receipt: actions.Receipt, found: Appeal, profile: Profile) -> actions.Receipt:
    """A day that was left as it stood keeps its hour."""
    kept: dict[str, dt.datetime | None] = {}
    for name in ("sent_at", "received_at"):
        old, new = getattr(found, name), getattr(receipt, name)
        if old is not None and new is not None:
            same = old.astimezone(profile.zone).date() == new.astimezone(profile.zone).date()
            kept[name] = old if same else new
    return replace(receipt, **kept)  # type: ignore[arg-type]


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
        against=Employee.objects.filter(pk=int(against)).first() if is_key(against) else None,
        answer_by=_known(typed.get("answer_by", ""), dict.fromkeys(CHANNELS)),
        **intake_form.receipt_of(profile, typed, _channel(typed)),
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


def _channel(typed: Mapping[str, Any]) -> str:
    return _known(typed.get("channel", ""), dict.fromkeys(CAME)) or FIRST


def _known(word: str, known: Any) -> str:
    return word if word in known else ""


def _topic(profile: Profile, raw: str) -> Topic | None:
    return conversations.topics(profile.id).filter(pk=int(raw)).first() if is_key(raw) else None


def _context(profile: Profile, typed: Mapping[str, Any], wanting: dict[str, str] | None = None) -> dict[str, Any]:
    channel = _channel(typed)
    return {
        "typed": typed,
        "channel": channel,
        "kinds": appeal_words.kinds_of(profile),
        "subjects": appeal_words.subjects_of(profile),
        "topics": conversations.topics(profile.id),
        "wanting": wanting or {},
        "people": Employee.objects.filter(is_active=True).order_by("surname", "given_name", "pk"),
        "bars": profile.workflow.bars if profile.workflow else (),
        **intake_form.context(profile, typed, wanting or {}, channel),
    }
