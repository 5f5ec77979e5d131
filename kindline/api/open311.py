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

from kindline.api import once, open311_asking
from kindline.api.access import Caller, admitted, visible
from kindline.api.problems import NEEDED, TITLES, ProblemError, of_refusal, wrong
from kindline.appeals import receiving
from kindline.appeals.models import Appeal
from kindline.appeals.registering import ID_PLACE, NUMBER_PLACE, Besides
from kindline.conversations import queries as conversations
from kindline.conversations.errors import RefusedError
from kindline.conversations.models import Topic
from kindline.journal.checking import storable
from kindline.staff.models import Scope
from kindline.standard import loader

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
LISTS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}
"""What XML calls each row of a list."""
SPAN = dt.timedelta(days=90)
SHOWN_MAX = 1000
PROMISED = json.dumps([{"service_request_id": str(ID_PLACE), "service_notice": NUMBER_PLACE, "account_id": ""}])
"""What a request is answered with, before its number is known."""
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


@_served("discovery", "", "GET")
def discovery(request: HttpRequest) -> dict[str, Any]:
    """Where the service lies and how to come by a key.

    Topics may change any day, so the day is the changeset: whoever keeps the lists fetches them anew once a day.
    """
    profile = loader.load(settings.KINDLINE["profile"])
    day = timezone.now().astimezone(profile.zone).date().isoformat()
    company = str(profile.variable("company") or profile.title)
    endpoint = {
        "specification": SPECIFICATION, "url": request.build_absolute_uri("/open311/v2"), "changeset": day,
        "type": "production", "formats": ["text/xml", "application/json"],
    }  # fmt: skip
    key = gettext("The administrator of %(company)s gives out tokens; a token is the api_key.") % {"company": company}
    return {"changeset": day, "contact": company, "key_service": key, "endpoints": [endpoint]}


@_served("services", "service", "GET")
def services(request: HttpRequest) -> list[dict[str, Any]]:
    """What may be asked for."""
    _check_jurisdiction(request.GET)
    return [
        {
            "service_code": one.code, "service_name": one.title, "description": one.title, "metadata": True,
            "type": "realtime", "keywords": "", "group": one.parent.title if one.parent else "",
        }
        for one in _topics()
    ]  # fmt: skip


@_served("service_definition", "attribute", "GET")
def definition(request: HttpRequest, code: str) -> dict[str, Any]:
    """What a service asks beside the usual."""
    _check_jurisdiction(request.GET)
    profile = loader.load(settings.KINDLINE["profile"])
    return {"service_code": _topic(code).code, "attributes": open311_asking.attributes(profile)}


def requests(request: HttpRequest, form: str) -> HttpResponse:
    """Service requests: POST makes one, GET lists those open to the key."""
    return _made(request, form) if request.method == "POST" else _several(request, form)


requests.csrf_exempt = True  # type: ignore[attr-defined]


@_served("service_requests", "request", "POST", status=201)
def _made(request: HttpRequest) -> list[dict[str, Any]]:
    typed = request.POST
    _check_jurisdiction(typed)
    caller, topic = _caller(typed, Scope.CREATE), _topic(typed.get("service_code", ""))
    profile = loader.load(settings.KINDLINE["profile"])
    asked, place, substance = open311_asking.read(typed, profile), _place(typed), _substance(typed)

    def work(beside: Besides) -> Appeal:
        return receiving.receive_appeal(
            profile=profile, channel=open311_asking.CHANNEL, kind=asked.kind, subject=asked.subject,
            substance="\n".join([substance, *asked.more]), fields={"residence": place, **asked.fields},
            none_fields=asked.none_fields, topic=topic, employee=caller.employee, now=caller.now, beside=beside,
        )  # fmt: skip

    key = request.headers.get("Idempotency-Key") or f"open311-{uuid.uuid4()}"
    body = json.dumps(sorted((name, value) for name, value in typed.items() if name != "api_key"))
    done = once.registered_once(request, caller, body, work, lambda _: PROMISED, key=key)
    answer: list[dict[str, Any]] = json.loads(done.content)
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
    found = rows.select_related("topic").order_by("-registered_at", "-pk")[:SHOWN_MAX]
    return [_told(one) | _extended(asked, one) for one in found]


@_served("service_requests", "request", "GET")
def one(request: HttpRequest, key: str) -> list[dict[str, Any]]:
    """One service request."""
    _check_jurisdiction(request.GET)
    rows = visible(_caller(request.GET, Scope.READ, Scope.CREATE)).select_related("topic")
    found = rows.filter(pk=_key(key), profile=settings.KINDLINE["profile"]).first()
    if found is None:
        raise ProblemError("not_found")
    return [_told(found) | _extended(request.GET, found)]


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


def _extended(asked: QueryDict, appeal: Appeal) -> dict[str, Any]:
    """What GeoReport does not know, only for whoever asks for it: to others the answer is the standard's own."""
    return {"extended_attributes": open311_asking.extended(appeal)} if asked.get("extensions") == "true" else {}


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
    """Where: an address, an address's id, or coordinates. Raises: ProblemError when there is none of them."""
    where = open311_asking.coordinates(typed)
    found = storable(typed.get("address_string") or typed.get("address_id") or where).strip()
    if not found:
        raise ProblemError("invalid", [wrong("address_string", gettext(NEEDED))])
    return found[: open311_asking.TEXT_MAX]


def _substance(typed: QueryDict) -> str:
    """What is asked for, and where on the map beside the address. Raises: ProblemError when nothing is asked for.

    Files are not fetched from other places: whoever names one is told how to hand it over.
    """
    if typed.get("media_url", "").strip():
        raise ProblemError("media_url")
    found = storable(typed.get("description", "")).strip()[: open311_asking.TEXT_MAX]
    if not found:
        raise ProblemError("invalid", [wrong("description", gettext(NEEDED))])
    where = open311_asking.coordinates(typed) if typed.get("address_string") or typed.get("address_id") else ""
    return f"{found}\nlat, long: {where}" if where else found


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
    """GeoReport knows 400, 403 and 404; the words say what to do, and with which parameters."""
    status, title = TITLES[problem.code]
    known = {401: 403, 409: 400, 412: 400, 413: 400, 422: 400}.get(status, status)
    fields = [f"{_theirs(one['field'])}: {one['detail']}" for one in problem.errors]
    said = " ".join([gettext(title), *fields])
    answer = _written([{"code": str(known), "description": said}], "errors", "error", form, known)
    if "Retry-After" in problem.headers:
        answer["Retry-After"] = problem.headers["Retry-After"]
    return answer


def _written(told: list[dict[str, Any]] | dict[str, Any], root: str, name: str, form: str, status: int) -> HttpResponse:
    if form == "json":
        content = json.dumps(told, ensure_ascii=False)
        return HttpResponse(content, status=status, content_type="application/json; charset=utf-8")
    inside = _element(told) if isinstance(told, dict) else "".join(_row(name, row) for row in told)
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{inside}</{root}>'
    return HttpResponse(content, status=status, content_type="text/xml; charset=utf-8")


def _element(row: dict[str, Any]) -> str:
    """Each value under its name."""
    return "".join(_row(name, value) for name, value in row.items())


def _row(name: str, value: Any) -> str:
    """A value, the rows of a list, or what is below it; signs that XML does not know are left out."""
    if isinstance(value, dict):
        return f"<{name}>{_element(value)}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(_row(LISTS[name], one) for one in value)}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value).translate(ILLEGAL)
    return f"<{name}>{escape(text)}</{name}>"


def _theirs(field: str) -> str:
    """What GeoReport calls a field of ours."""
    ours = ("kind", "subject", "patronymic", *open311_asking.APPLICANT)
    known = {**open311_asking.NATIVE, **{name: f"attribute[{name}]" for name in ours}}
    return known.get(field, field)
