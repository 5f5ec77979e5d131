"""Incidents: one event, many appeals. Suggested by what comes in, opened by a head, given one answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kindline.appeals import incidents, queries
from kindline.appeals.models import Appeal, Incident
from kindline.conversations import queries as conversations
from kindline.conversations.errors import RefusedError
from kindline.desk import access, appeal_rows, campaigning, house, lists, refusals, registry_batches
from kindline.desk.typed import post_of
from kindline.journal import retrying

SHOWN = 500


@require_safe
@access.for_roles(*access.REGISTRY)
def several(request: HttpRequest) -> HttpResponseBase:
    """What goes on, what is over, and what may be one event by the appeals of the last hours."""
    me, profile = access.employee_of(request), house.profile()
    rows = Incident.objects.filter(profile=profile.id).select_related("topic").order_by("-begun_at")
    in_charge = access.in_charge(me)
    suggested = incidents.suggested(profile, timezone.now()) if in_charge else []
    context = {"page": lists.page_of(request, rows), "suggested": suggested, "in_charge": in_charge}
    context["now"] = timezone.now()
    return render(request, "desk/incidents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def new(request: HttpRequest) -> HttpResponseBase:
    """Open an incident of the appeals that are named."""
    profile, typed = house.profile(), request.POST if request.method == "POST" else request.GET
    appeals = list(queries.appeals().filter(pk__in=_keys(typed), profile=profile.id)[:SHOWN])
    context: dict[str, Any] = {"typed": typed, "appeals": appeals, "topics": conversations.topics(profile.id)}
    if request.method != "POST":
        return render(request, "desk/incident_new.html", context)
    me, now = access.employee_of(request), timezone.now()
    topic = conversations.topics(profile.id).filter(pk=appeal_rows.key_in(typed, "topic")).first()

    def begin() -> Incident:
        return incidents.open_incident(
            profile=profile, title=typed.get("title", ""), topic=topic, area=typed.get("area", ""), appeals=appeals,
            begun_at=post_of(request).moment("begun_at") or min([one.registered_at for one in appeals], default=now),
            employee=me, now=now,
        )  # fmt: skip

    try:
        made = retrying.whole(begin)
    except RefusedError as error:
        context["refusal"] = refusals.message_of(error)
        return render(request, "desk/incident_new.html", context, status=422)
    return redirect("incident", incident=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def one(request: HttpRequest, incident: int) -> HttpResponseBase:
    """One incident with its appeals; a post attaches, answers all, or ends it."""
    me, profile, now = access.employee_of(request), house.profile(), timezone.now()
    found = get_object_or_404(Incident.objects.select_related("topic", "opened_by"), pk=incident, profile=profile.id)
    context = _context(found) | {"typed": request.POST, "batch": registry_batches.offered(profile, me, now)}
    context["in_charge"] = access.in_charge(me)
    if request.method != "POST":
        return render(request, "desk/incident.html", context)
    try:
        return _act(request, found, now)
    except RefusedError as error:
        refused = {"refusal": refusals.message_of(error)}
        return render(request, "desk/incident.html", context | refused, status=422)


def _act(request: HttpRequest, found: Incident, now: dt.datetime) -> HttpResponseBase:
    me, typed, verb = access.employee_of(request), request.POST, request.POST.get("verb", "")
    if verb == "answer":
        done = incidents.answer_all(incident=found, text=typed.get("text", ""), employee=me, now=now)
        return registry_batches.report(request, done, _("One answer for all"))
    if verb == "attach":
        numbers = typed.get("numbers", "").replace(",", " ").split()[:SHOWN]
        rows = Appeal.objects.filter(profile=found.profile, number__in=numbers)
        count = retrying.whole(lambda: incidents.attach(incident=found, appeals=rows, employee=me, now=now))
        messages.success(request, _("Attached: %(count)s.") % {"count": count})
    elif verb == "announce":
        post = post_of(request)
        incidents.announce(
            incident=found, notice=post.text("notice"), expected_end=post.moment("expected_end"), employee=me, now=now
        )
        messages.success(request, _("The site tells it so now."))
    elif verb == "end":
        retrying.whole(lambda: incidents.end_incident(incident=found, employee=me, now=now))
    return redirect("incident", incident=found.pk)


def _context(found: Incident) -> dict[str, Any]:
    rows = queries.appeals().filter(incident=found).order_by("registered_at")[:SHOWN]
    here = house.local(found.expected_end)
    context = {"incident": found, "appeals": list(rows), **appeal_rows.executors(), "now": timezone.now()}
    context["campaigns"] = campaigning.told_of(found)
    return context | {"expected": f"{here:%Y-%m-%dT%H:%M}" if here else ""}


def _keys(typed: QueryDict) -> list[int]:
    return [int(raw) for raw in typed.getlist("appeal") if raw.isascii() and raw.isdecimal() and len(raw) < 18][:SHOWN]
