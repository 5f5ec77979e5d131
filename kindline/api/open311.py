"""Open311 GeoReport v2 over the registry: a topic is a service, an appeal is a service request; in JSON and in XML.

The token is the api_key. Requests are read with it too: what people write holds personal data, so nothing is public.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kindline.api import once
from kindline.api.access import Caller, admitted, visible
from kindline.api.problems import TITLES, ProblemError, of_refusal
from kindline.appeals import receiving
from kindline.appeals.models import Appeal
from kindline.conversations import queries as conversations
from kindline.conversations.errors import RefusedError
from kindline.conversations.models import Topic
from kindline.journal.checking import storable
from kindline.staff.models import Scope
from kindline.standard import loader

KIND, CHANNEL = "application", "web"
PERSON = {"first_name": "given_name", "last_name": "surname", "email": "email", "phone": "phone"}
SPAN = dt.timedelta(days=90)
SHOWN_MAX = 1000
TEXT_MAX = 100_000
ILLEGAL = dict.fromkeys(n for n in range(32) if n not in (9, 10, 13))
View = Callable[..., list[dict[str, Any]] | dict[str, Any]]
Served = Callable[..., HttpResponse]


def _served(root: str, one: str, *methods: str, status: int = 200) -> Callable[[View], Served]:
    """A view in both formats, with refusals as GeoReport tells them."""

    def wrap(view: View) -> Served:
        @wraps(view)
        def served(request: HttpRequest, form: str, **kwargs: str) -> HttpResponse:
            try:
                return _written(view(request, **kwargs), root, one, form, status)
            except RefusedError as error:
                return _refused(of_refusal(error), form)
            except ProblemError as problem:
                return _refused(problem, form)
            except Error:
                return _refused(ProblemError("unavailable"), form)

        guarded: Served = csrf_exempt(require_http_methods([*methods])(served))
        return guarded

    return wrap


@_served("services", "service", "GET")
def services(request: HttpRequest) -> list[dict[str, Any]]:
    """What may be asked for."""
    _check_jurisdiction(request.GET)
    return [
        {
            "service_code": one.code, "service_name": one.title, "description": one.title, "metadata": "false",
            "type": "realtime", "keywords": "", "group": one.parent.title if one.parent else "",
        }
        for one in _topics()
    ]  # fmt: skip


@_served("service_definition", "attribute", "GET")
def definition(request: HttpRequest, code: str) -> dict[str, Any]:
    """What a service asks beside the usual: nothing."""
    _check_jurisdiction(request.GET)
    return {"service_code": _topic(code).code, "attributes": []}


def requests(request: HttpRequest, form: str) -> HttpResponse:
    """Service requests: POST makes one, GET lists those open to the key."""
    return _made(request, form) if request.method == "POST" else _several(request, form)


requests.csrf_exempt = True  # type: ignore[attr-defined]


@_served("service_requests", "request", "POST", status=201)
def _made(request: HttpRequest) -> list[dict[str, Any]]:
    typed = request.POST
    _check_jurisdiction(typed)
    caller, topic = _caller(typed, Scope.CREATE), _topic(typed.get("service_code", ""))
    substance = storable(typed.get("description", "")).strip()[:TEXT_MAX]
    place = _place(typed)
    if not substance or not place:
        raise ProblemError("invalid")
    person = {ours: typed.get(theirs, "")[:TEXT_MAX] for theirs, ours in PERSON.items()}

    def work() -> once.Deed:
        made = receiving.receive_appeal(
            profile=loader.load(settings.KINDLINE["profile"]), channel=CHANNEL, kind=KIND, substance=substance,
            fields=person | {"residence": place}, topic=topic, employee=caller.employee, now=caller.now,
        )  # fmt: skip
        told = [{"service_request_id": str(made.pk), "service_notice": made.number, "account_id": ""}]
        return once.Deed(made, json.dumps(told), is_registration=True)

    key = request.headers.get("Idempotency-Key") or f"open311-{uuid.uuid4()}"
    body = json.dumps(sorted((name, value) for name, value in typed.items() if name != "api_key"))
    answer: list[dict[str, Any]] = json.loads(once.done_once(request, caller, body, work, key=key).content)
    return answer


@_served("service_requests", "request", "GET")
def _several(request: HttpRequest) -> list[dict[str, Any]]:
    asked = request.GET
    _check_jurisdiction(asked)
    rows = visible(_caller(asked, Scope.READ, Scope.CREATE)).filter(profile=settings.KINDLINE["profile"])
    if ids := asked.get("service_request_id", ""):
        rows = rows.filter(pk__in=[_key(one) for one in ids.split(",")][:SHOWN_MAX])
    else:
        until = _moment(asked, "end_date") or timezone.now()
        since = max(_moment(asked, "start_date") or until - SPAN, until - SPAN)
        rows = rows.filter(registered_at__range=(since, until))
    if codes := asked.get("service_code", ""):
        rows = rows.filter(topic__code__in=codes.replace("\0", "").split(","))
    if asked.get("status") in ("open", "closed"):
        rows = rows.filter(closed_at__isnull=asked["status"] == "open")
    return [_told(one) for one in rows.select_related("topic").order_by("-registered_at", "-pk")[:SHOWN_MAX]]


@_served("service_requests", "request", "GET")
def one(request: HttpRequest, key: str) -> list[dict[str, Any]]:
    """One service request."""
    _check_jurisdiction(request.GET)
    rows = visible(_caller(request.GET, Scope.READ, Scope.CREATE)).select_related("topic")
    found = rows.filter(pk=_key(key), profile=settings.KINDLINE["profile"]).first()
    if found is None:
        raise ProblemError("not_found")
    return [_told(found)]


def _told(appeal: Appeal) -> dict[str, Any]:
    """An appeal as a service request."""
    flow = loader.load(appeal.profile).workflow
    changed = appeal.closed_at or appeal.answered_at or appeal.taken_over_at or appeal.registered_at
    return {
        "service_request_id": str(appeal.pk),
        "status": "closed" if appeal.closed_at else "open",
        "status_notes": flow.states[appeal.state].title["en"] if flow and appeal.state in flow.states else "",
        "service_name": appeal.topic.title if appeal.topic else "",
        "service_code": appeal.topic.code if appeal.topic else "",
        "description": appeal.substance,
        "agency_responsible": loader.load(appeal.profile).body,
        "service_notice": appeal.number,
        "requested_datetime": _iso(appeal.registered_at),
        "updated_datetime": _iso(changed),
        "expected_datetime": _iso(appeal.limit_at),
        "address": appeal.residence,
        "address_id": "", "zipcode": "", "lat": "", "long": "", "media_url": "",
    }  # fmt: skip


def _caller(typed: QueryDict, *scopes: str) -> Caller:
    """Who asks, by his api_key. Raises: ProblemError."""
    return admitted(typed.get("api_key", ""), scopes, timezone.now())


def _check_jurisdiction(typed: QueryDict) -> None:
    """We serve one: it may be left out, or be the profile's name. Raises: ProblemError (404)."""
    if typed.get("jurisdiction_id", "") not in ("", settings.KINDLINE["profile"]):
        raise ProblemError("not_found")


def _topics() -> list[Topic]:
    return list(conversations.topics(settings.KINDLINE["profile"]))


def _topic(code: str) -> Topic:
    found = next((topic for topic in _topics() if topic.code == code), None)
    if found is None:
        raise ProblemError("not_found")
    return found


def _place(typed: QueryDict) -> str:
    """Where: an address, an address's id, or coordinates."""
    lat, long = typed.get("lat", "").strip(), typed.get("long", "").strip()
    found = typed.get("address_string") or typed.get("address_id") or (f"{lat}, {long}" if lat and long else "")
    return storable(found).strip()[:TEXT_MAX]


def _key(raw: str) -> int:
    raw = raw.strip()
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 18 else 0


def _moment(asked: QueryDict, name: str) -> dt.datetime | None:
    raw = asked.get(name, "")
    try:
        found = dt.datetime.fromisoformat(raw) if raw else None
    except ValueError:
        raise ProblemError("invalid") from None
    if found is not None and (found.tzinfo is None or not 1901 < found.year < 3000):
        raise ProblemError("invalid")
    return found


def _iso(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment else ""


def _refused(problem: ProblemError, form: str) -> HttpResponse:
    """GeoReport knows 400, 403 and 404; the words say what to do."""
    status, title = TITLES[problem.code]
    known = {401: 403, 409: 400, 412: 400, 413: 400, 422: 400}.get(status, status)
    answer = _written([{"code": str(known), "description": gettext(title)}], "errors", "error", form, known)
    if "Retry-After" in problem.headers:
        answer["Retry-After"] = problem.headers["Retry-After"]
    return answer


def _written(told: list[dict[str, Any]] | dict[str, Any], root: str, name: str, form: str, status: int) -> HttpResponse:
    if form == "json":
        content = json.dumps(told, ensure_ascii=False)
        return HttpResponse(content, status=status, content_type="application/json; charset=utf-8")
    inside = _element(told) if isinstance(told, dict) else "".join(f"<{name}>{_element(row)}</{name}>" for row in told)
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{inside}</{root}>'
    return HttpResponse(content, status=status, content_type="text/xml; charset=utf-8")


def _element(row: dict[str, Any]) -> str:
    """Each value under its name; signs that XML does not know are left out."""
    texts = {name: "" if isinstance(value, list) else str(value).translate(ILLEGAL) for name, value in row.items()}
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items())
