"""The registry of appeals over HTTP: register, read, list, add a message."""

from __future__ import annotations

import datetime as dt
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Body, Path, Query, Router, Schema

from kindline.api import cursors, once, schemas, telling
from kindline.api.access import Caller, PersonalToken, caller_of, readable, visible, writable
from kindline.api.problems import ProblemError, choose, wrong
from kindline.appeals import adding, moves, queries, receiving
from kindline.appeals.actions import Receipt
from kindline.appeals.models import Appeal
from kindline.appeals.registering import Besides
from kindline.conversations import queries as conversations
from kindline.conversations.models import Topic
from kindline.staff.models import Employee, Scope
from kindline.standard import deadlines, loader
from kindline.standard.profile import Profile

router = Router(tags=["appeals"])
OLDEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
SKEW = dt.timedelta(minutes=5)
"""How far another machine's clock may be ahead of ours."""
ETAG = re.compile(r'"(\d{1,18})\.(\d{1,9})"')
KEY = {"name": "Idempotency-Key", "in": "header", "required": True}
KEY |= {"description": "One for each thing to be done; the same again gives the same answer"}
KEY_SCHEMA = {"schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}}
MATCH = {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}
MATCH |= {"description": "The ETag that was read: where the appeal has changed since, 412"}
WITH_KEY = {"parameters": [KEY | KEY_SCHEMA]}
WITH_BOTH = {"parameters": [KEY | KEY_SCHEMA, MATCH]}
READERS = PersonalToken(Scope.READ, Scope.CREATE)
AppealKey = Path[schemas.Key]


@router.post(
    "", auth=PersonalToken(Scope.CREATE), url_name="appeals", openapi_extra=WITH_KEY,
    response={201: schemas.Registered, **schemas.refusals(409, 413)},
)  # fmt: skip
def register(request: HttpRequest, payload: Body[schemas.NewAppeal]) -> HttpResponse:
    """Register an appeal: it gets its number and its limit by the standard, with the derivation in words."""
    caller, profile = caller_of(request), loader.load(settings.KINDLINE["profile"])
    _check_choices(profile, payload)
    receipt, topic = _receipt(profile, payload, caller.now), _topic(profile, payload.topic)

    def work(beside: Besides) -> Appeal:
        return receiving.receive_appeal(
            profile=profile, channel=payload.channel, kind=[payload.kind, *payload.other_kinds],
            substance=payload.substance, fields=_fields(payload.applicant), none_fields=payload.has_none,
            subject=payload.subject, topic=topic, receipt=receipt, employee=caller.employee, now=caller.now,
            beside=beside,
        )  # fmt: skip

    return once.registered_once(request, caller, payload.model_dump_json(), work, telling.promised)


@router.get("", auth=READERS, url_name="appeals", response={200: schemas.Page, **schemas.refusals()})
def several(request: HttpRequest, asked: Query[schemas.Asked]) -> HttpResponse:
    """The appeals open to the token, the latest first; a token for registering sees what it registered itself."""
    rows = visible(caller_of(request)).filter(profile=settings.KINDLINE["profile"]).select_related("forwarded_to")
    exact = {
        "kind": asked.kind, "applicant_kind": asked.applicant_kind, "channel": asked.channel, "number": asked.number
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if asked.state:
        rows = rows.filter(closed_at=None) if asked.state == "open" else rows.filter(state=asked.state)
    if asked.registered_from:
        rows = rows.filter(registered_at__gte=_sensible("registered_from", asked.registered_from))
    if asked.registered_to:
        rows = rows.filter(registered_at__lt=_sensible("registered_to", asked.registered_to))
    found, following = cursors.page_of(rows, asked.cursor, asked.limit)
    page = schemas.Page(items=[telling.status(one) for one in found], next=following)
    return _json(page)


@router.get("/{appeal}", auth=READERS, url_name="card", response={200: schemas.Card, **schemas.refusals(404)})
def card(request: HttpRequest, appeal: AppealKey) -> HttpResponse:
    """An appeal with its applicant, limit, messages and, once sent, the answer. Its ETag goes into If-Match."""
    found = readable(caller_of(request), appeal, *telling.CARD)
    return _json(telling.card(found), found)


@router.get(
    "/{appeal}/status", auth=READERS, url_name="status", response={200: schemas.Status, **schemas.refusals(404)}
)
def status(request: HttpRequest, appeal: AppealKey) -> HttpResponse:
    """Where an appeal stands, without personal data."""
    found = readable(caller_of(request), appeal, *telling.STATUS)
    return _json(telling.status(found), found)


@router.post(
    "/{appeal}/messages", auth=PersonalToken(Scope.WRITE, Scope.CREATE), url_name="messages", openapi_extra=WITH_BOTH,
    response={201: schemas.MessageAdded, **schemas.refusals(404, 409, 412, 413)},
)  # fmt: skip
def add_message(request: HttpRequest, appeal: AppealKey, payload: Body[schemas.NewMessage]) -> HttpResponse:
    """Add what the applicant writes after the registration; with If-Match only if nothing has changed since."""
    caller = caller_of(request)
    found = writable(caller, appeal)

    def work() -> once.Deed:
        _check_match(request, found)
        made = adding.add_message(
            appeal=found, text=payload.text, employee=caller.employee, token=caller.token, now=caller.now
        )
        told = schemas.MessageAdded(
            id=made.pk, appeal=found.pk, made_at=made.made_at, revision=made.appeal.revision
        )  # fmt: skip
        return once.Deed(found, told.model_dump_json())

    return once.done_once(request, caller, payload.model_dump_json(), work)


def _check_match(request: HttpRequest, appeal: Appeal) -> None:
    """Raises: ProblemError where If-Match is not ours; StaleError where the appeal has changed."""
    wanted = request.headers.get("If-Match", "").strip()
    if wanted in ("", "*"):
        return
    found = ETAG.fullmatch(wanted)
    if found is None:
        raise ProblemError("not_a_revision")
    moves.check_revision(appeal, int(found[2]) if int(found[1]) == appeal.pk else 0)


def _check_choices(profile: Profile, payload: schemas.NewAppeal) -> None:
    """Raises: ProblemError with every code that the standard does not know."""
    if not {payload.kind, *payload.other_kinds} <= set(deadlines.KINDS):
        raise ProblemError("unknown_kind", [choose("kind", deadlines.KINDS)])
    if payload.subject and payload.subject not in (subjects := queries.subjects(profile)):
        raise ProblemError("invalid", [choose("subject", subjects)])


def _fields(applicant: schemas.Applicant) -> dict[str, str]:
    """Who applies, as the registry takes it; whoever names a firm and no kind means a firm."""
    told: dict[str, str] = applicant.model_dump()
    kind = told.pop("kind")
    silent = told["firm_name"] and "kind" not in applicant.model_fields_set
    return told if silent else {**told, "applicant_kind": kind}


def _receipt(profile: Profile, payload: schemas.NewAppeal, now: dt.datetime) -> Receipt:
    received = _past("received_at", payload.received_at, now)
    return Receipt(
        form="written" if payload.channel == "office" else "",
        requester="authority" if payload.kind == "authority_request" else None,
        sent_at=_past("sent_at", payload.sent_at, now),
        received_at=received or now,
        in_court=payload.in_court,
        named_at=_sensible("named_at", payload.named_at) if payload.named_at else None,
        against=_employee(payload.against),
        earlier=_earlier(profile, payload.earlier),
        answer_by=payload.answer_by or "",
        came_by=(payload.came_by or "") if payload.channel == "paper" else "",
    )


def _past(name: str, moment: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    """A moment that lies behind us; a little ahead is another clock. Raises: ProblemError."""
    if moment is None:
        return None
    if not OLDEST <= moment <= now + SKEW:
        raise ProblemError("invalid", [wrong(name, f"a moment from {OLDEST:%Y} to now")])
    return min(moment, now)


def _sensible(name: str, moment: dt.datetime) -> dt.datetime:
    if not 1900 < moment.year < 3000:
        raise ProblemError("invalid", [wrong(name, "a year from 1901 to 2999")])
    return moment


def _earlier(profile: Profile, number: str) -> Appeal | None:
    if not number:
        return None
    found = None if "\0" in number else Appeal.objects.filter(profile=profile.id, number=number).first()
    if found is None:
        raise ProblemError("invalid", [wrong("earlier", "the number of an appeal that is in the registry")])
    return found


def _employee(name: str) -> Employee | None:
    """An employee by his log-in name. Raises: ProblemError."""
    if not name:
        return None
    found = None if "\0" in name else Employee.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise ProblemError("invalid", [wrong("against", "the log-in name of an employee")])
    return found


def _topic(profile: Profile, code: str) -> Topic | None:
    if not code:
        return None
    known = conversations.topics(profile.id)
    found = known.filter(code=code).first()
    if found is None:
        raise ProblemError("invalid", [choose("topic", known.values_list("code", flat=True))])
    return found


def _json(told: Schema, appeal: Appeal | None = None) -> HttpResponse:
    made = HttpResponse(told.model_dump_json(), content_type="application/json")
    if appeal is not None:
        made["ETag"] = telling.etag(appeal)
    return made


__all__ = ["Caller", "router"]
