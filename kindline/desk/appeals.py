"""The registry of appeals: what is open and by when, one appeal with its derivation, forwarding and telling."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kindline.appeals import actions, notices, queries
from kindline.appeals.models import Appeal, AppealState, Body
from kindline.clients import queries as clients
from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, lists, refusals, telling, wording
from kindline.journal.queries import facts_of

ROLES = (*access.AT_THE_PHONE, *access.IN_CHARGE)


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """The list, open ones first by their limit; as CSV with `?format=csv`."""
    found = _asked(request)
    if request.GET.get("format") == "csv":
        heads = [_("Number"), _("Registered"), _("Kind"), _("Topic"), _("State"), _("Limit"), _("Applicant")]
        return lists.as_csv("appeals", heads, (_line(one) for one in found[:50_000].iterator(1000)))
    page = lists.page_of(request, found)
    context = {
        "page": page,
        "query": request.GET,
        "now": timezone.now(),
        "states": [(code, wording.appeal_state_title(code)) for code in wording.APPEAL_STATES],
    }
    return render(request, "desk/appeals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*ROLES)
def one(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """One appeal: who, what, by when and why; a post forwards it, tells of it, or takes it over."""
    found = get_object_or_404(queries.appeals().select_related("forwarded_to"), pk=appeal)
    if request.method == "POST":
        _act(request, found)
        return redirect("appeal", appeal=found.pk)
    me, now = access.employee_of(request), timezone.now()
    notices.mark_seen(employee=me, appeal=found, now=now)
    facts = list(facts_of("appeal", found.pk))
    context: dict[str, Any] = {
        "appeal": found,
        "applicant": " ".join(filter(None, [found.surname, found.given_name, found.patronymic]))
        or str(found.client or ""),
        "facts": [telling.told(fact, found.registered_at) for fact in facts],
        "bodies": queries.bodies(found.profile),
        "may_act": found.state in queries.OPEN,
        "may_take": access.in_charge(me),
        "overdue": bool(found.limit_at and found.state in queries.OPEN and found.limit_at < now),
    }
    return render(request, "desk/appeal.html", context)


def _asked(request: HttpRequest) -> QuerySet[Appeal]:
    asked = request.GET
    found = queries.appeals().filter(profile=house.profile().id)
    state = asked.get("state", "open")
    if state == "open":
        found = found.filter(state__in=queries.OPEN).order_by("limit_at", "registered_at")
    elif state in AppealState.values:
        found = found.filter(state=state)
    if text := asked.get("q", "").strip():
        people = [client.pk for client in clients.find(text, limit=200)]
        words = Q(number__icontains=text) | Q(substance__icontains=text) | Q(surname__icontains=text)
        found = found.filter(words | Q(client__in=people))
    return found


def _act(request: HttpRequest, found: Appeal) -> None:
    me, now = access.employee_of(request), timezone.now()
    verb = request.POST.get("verb", "")
    try:
        if verb == "forward":
            body = get_object_or_404(Body, pk=request.POST.get("body") or 0, profile=found.profile)
            actions.forward_appeal(appeal=found, body=body, employee=me, now=now)
        elif verb == "tell":
            actions.tell_forwarding(appeal=found, how="phone", employee=me, now=now)
        elif verb == "take" and access.in_charge(me):
            actions.take_over(appeal=found, employee=me, now=now)
        elif verb == "answer":
            actions.answer_appeal(appeal=found, channel=request.POST.get("channel", "phone"), employee=me, now=now)
    except RefusedError as error:
        messages.error(request, refusals.message_of(error))


def _line(one: Appeal) -> list[object]:
    return [
        one.number,
        house.local(one.registered_at),
        wording.kind_title(one.kind),
        one.topic.title if one.topic else "",
        wording.appeal_state_title(one.state),
        house.local(one.limit_at),
        " ".join(filter(None, [one.surname, one.given_name, one.patronymic])),
    ]
