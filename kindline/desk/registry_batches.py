"""Many appeals of the list at once: assigned, approved, signed, each by its own workflow; and saved views."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST

from kindline.appeals import batches, queries, saving, signing
from kindline.appeals.models import Appeal, SavedView
from kindline.conversations.errors import RefusedError
from kindline.desk import access, appeal_acts, refusals, staleness, typed
from kindline.journal import retrying
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

AT_ONCE_MAX = 500
OWN_UNIT = "unit"
"""With whom a view is shared, where it is no role."""
VERBS = {
    "assign": _("Assign"),
    "take": _("Take over"),
    "submit": _("Give to be checked"),
    "approve": _("Find good"),
    "sign": _("Sign"),
    "close": _("Close"),
}
"""Acts that can be done to many at once."""


def offered(profile: Profile, me: Employee, now: dt.datetime) -> list[tuple[str, str]]:
    """The acts that the workflow gives to the employee somewhere; each appeal has its say when it is done."""
    flow = profile.workflow
    named = {one.act for one in flow.transitions if me.has_role(*one.by) or "executor" in one.by} if flow else set()
    named -= {signing.ACT}
    if signing.signs_somewhere(profile, me, signing.powers_of(profile, now)):
        named.add(signing.ACT)
    return [(verb, gettext(title)) for verb, title in VERBS.items() if verb in named]


@require_POST
@access.for_roles(*access.REGISTRY)
def act(request: HttpRequest) -> HttpResponseBase:
    """Do one act to every appeal that was ticked; what could not be done is told with its reason."""
    me, now, verb = access.employee_of(request), timezone.now(), request.POST.get("verb", "")
    keys = [int(raw) for raw in request.POST.getlist("chosen") if raw.isascii() and raw.isdecimal() and len(raw) < 18]
    rows = queries.appeals().filter(pk__in=keys[:AT_ONCE_MAX]).order_by("pk")

    def work(appeal: Appeal) -> None:
        if verb not in VERBS:
            raise typed.UnknownActError(verb)
        staleness.check_row(appeal, request.POST)
        appeal_acts.act(verb, appeal_acts.Turn(appeal, me, now, request.POST))

    return report(request, batches.each(rows, work), gettext(VERBS.get(verb, "")) if verb in VERBS else "")


def report(request: HttpRequest, outcomes: list[batches.Outcome], title: str) -> HttpResponseBase:
    """What came of each."""
    refused = [_refused(one) for one in outcomes if one.error is not None]
    context: dict[str, Any] = {
        "title": title,
        "done": [one.appeal for one in outcomes if one.error is None],
        "refused": refused,
        "back": request.POST.get("back", ""),
    }
    return render(request, "desk/batch.html", context, status=200 if outcomes and not refused else 422)


def _refused(one: batches.Outcome) -> dict[str, Any]:
    assert one.error is not None  # noqa: S101 - only those are told
    clauses = tuple(getattr(one.error, "clauses", ()))
    return {"appeal": one.appeal, "reason": refusals.message_of(one.error), "clauses": clauses}


@require_POST
@access.for_roles(*access.REGISTRY)
def save_view(request: HttpRequest) -> HttpResponseBase:
    """Keep the present filters under a name; only those in charge share them, with a role or with their unit."""
    me, query = access.employee_of(request), request.POST.get("query", "")[:2000]
    role = request.POST.get("role", "") if access.in_charge(me) else ""
    unit = me.unit if role == OWN_UNIT else None
    try:
        name, now = request.POST.get("name", ""), timezone.now()
        retrying.whole(lambda: saving.save_view(name=name, query=query, role=role, unit=unit, employee=me, now=now))
    except RefusedError as error:
        messages.error(request, refusals.message_of(error))
        return redirect(f"{reverse('appeals')}?{query}#save-view")
    return redirect(f"{reverse('appeals')}?{query}")


@require_POST
@access.for_roles(*access.REGISTRY)
def remove_view(request: HttpRequest, view: int) -> HttpResponseBase:
    """Forget one of one's own views."""
    me = access.employee_of(request)
    found = get_object_or_404(SavedView, pk=view, owner=me)
    retrying.whole(lambda: saving.remove_view(view=found, employee=me, now=timezone.now()))
    return redirect("appeals")
