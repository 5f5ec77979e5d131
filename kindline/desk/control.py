"""The head's control page (due today, due soon, overdue, extended, by executor) and the pile of a signer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from kindline.appeals import enquiries, filing, moves, notice_signing, punctuality, queries, recomputing
from kindline.appeals import signing as signatures
from kindline.appeals.models import Appeal, Measure
from kindline.appeals.punctuality import Due
from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, lists, refusals, uploads, wording
from kindline.files import taking
from kindline.staff.models import Employee
from kindline.staff.signers import Powers
from kindline.standard.profile import Profile

SHOWN, BACK_DAYS = 15, 30


@require_safe
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """What waits in the head's units: counted by the limit and by executor, with overdue measures (krc-6.2-01..05)."""
    me, now, profile = access.employee_of(request), timezone.now(), house.profile()
    rows = queries.of_head(me, queries.appeals().filter(profile=profile.id))
    today = now.astimezone(profile.zone).date()
    parts = []
    for due in queries.DUE:
        found = queries.due_ones(rows, due, now, profile)
        parts.append((due, wording.due_title(due), found.count(), found.order_by("limit_at")[:SHOWN]))
    context = {
        "parts": parts,
        "executors": _by_executor(rows, now, profile.zone),
        "measures": _measures(rows, today),
        "reason_measures": _reason_measures(me, profile.id, today),
        "enquiries": enquiries.overdue(profile.id, today).filter(appeal__in=rows.order_by())[:SHOWN],
        "everything": me.has_role(*queries.EVERYTHING),
        "anew": recomputing.latest(profile),
        "on_time": _on_time(profile, now) if me.has_role(*queries.EVERYTHING) else None,
    }
    return render(request, "desk/control.html", context)


def _on_time(profile: Profile, now: dt.datetime) -> Due:
    """Of all appeals whose limit lay in the last thirty days up to now."""
    since, until = (now.astimezone(profile.zone).date() + dt.timedelta(days=days) for days in (-BACK_DAYS, 1))
    return punctuality.together([Due(), *punctuality.by_month(profile, since, until, now).values()])


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*queries.EVERYTHING)
def limits(request: HttpRequest) -> HttpResponseBase:
    """How far the computing anew is; a post asks for it, after a calendar or the standard changed (krc-6.1-09)."""
    profile = house.profile()
    if request.method == "POST":
        me, why = access.employee_of(request), request.POST.get("why", "")
        try:
            recomputing.ask(profile=profile, why=why, employee=me, now=timezone.now())
        except RefusedError as error:
            messages.error(request, refusals.message_of(error))
        return redirect("appeal-control")
    return render(request, "desk/_limits.html", {"anew": recomputing.latest(profile)})


@require_safe
@access.for_roles(*access.REGISTRY)
def signing(request: HttpRequest) -> HttpResponseBase:
    """Answers and notices that wait for the signature of somebody like the one who asks (krc-5.8-10, krc-6.1-44).

    Each with its files; signed or sent back is what was seen here (`staleness`).
    """
    me, now, profile = access.employee_of(request), timezone.now(), house.profile()
    powers = signatures.powers_of(profile, now)
    found = signatures.pile(queries.appeals().filter(profile=profile.id), profile, me, powers)
    found = found.order_by("limit_at", "registered_at")
    page = lists.page_of(request, found.select_related("answer__author", "answer__checked_by"))
    for one in page:
        _beside_signing(one, me, powers)
    context = {
        "page": page, "notices": _notices(profile, me, powers), "now": now,
        "seen": now.isoformat(), "by_list": powers.is_kept,
        "stands_for": [one for one in powers.deputies if one.deputy_id == me.pk],
    }  # fmt: skip
    return render(request, "desk/signing.html", context)


def _notices(profile: Profile, me: Employee, powers: Powers) -> list[Any]:
    """Notices to applicants that wait for the signature of the one who asks, each with for whom he would sign."""
    found: list[Any] = list(notice_signing.pile(profile, me, powers))
    for one in found:
        one.for_whom = for_whom(one.appeal, me, powers)
    return found


def _beside_signing(one: Any, me: Employee, powers: Powers) -> None:
    """What the signer sees beside the letter: its files, for whom he signs, and whether he may send it back."""
    one.for_whom = for_whom(one, me, powers)
    one.enclosed = [uploads.row_of(file) for file in filing.files_of(one).filter(role=taking.ANSWER)]
    back = moves.flow_of(one).find("send_back", one.state)
    one.may_send_back = back is not None and moves.may(me, one, back)


def for_whom(appeal: Appeal, me: Employee, powers: Powers) -> dict[str, Any] | None:
    """Of an answer that one would sign for somebody who is away: for whom, by what, and by which clauses."""
    held = powers.ground(me, appeal.kind, appeal.unit_id)
    if held is None or held.deputy is None:
        return None
    named = moves.flow_of(appeal).named(signatures.ACT)
    return {"absent": held.deputy.absent, "order": held.deputy.order, "clauses": named[0].clauses if named else ()}


def _by_executor(rows: QuerySet[Appeal], now: dt.datetime, zone: dt.tzinfo) -> list[dict[str, Any]]:
    """For each executor how many wait, are overdue, are due today: one query."""
    midnight = dt.datetime.combine(now.astimezone(zone).date() + dt.timedelta(days=1), dt.time(0), zone)
    waiting = rows.filter(closed_at=None, answered_at=None).order_by()
    counted = waiting.values("executor", "executor__surname", "executor__given_name").annotate(
        waiting=Count("pk"),
        overdue=Count("pk", filter=Q(limit_at__lt=now)),
        today=Count("pk", filter=Q(limit_at__gte=now, limit_at__lt=midnight)),
    )
    return [dict(one) for one in counted.order_by("-overdue", "-waiting", "executor__surname")]


def _measures(rows: QuerySet[Appeal], today: dt.date) -> list[Measure]:
    """Measures whose day has passed and that are not finished, the oldest first (krc-6.2-05)."""
    late = Measure.objects.filter(appeal__in=rows.order_by(), finished_at=None, due_on__lt=today)
    return list(late.select_related("appeal", "responsible").order_by("due_on")[:SHOWN])


def _reason_measures(me: Employee, profile_id: str, today: dt.date) -> list[Measure]:
    """The same against reasons; of a head of a unit only his own (krc-6.2-05, krc-6.2-07)."""
    late = Measure.objects.filter(reason__profile=profile_id, finished_at=None, due_on__lt=today)
    late = late if me.has_role(*queries.EVERYTHING) else late.filter(responsible=me)
    return list(late.select_related("reason", "responsible").order_by("due_on")[:SHOWN])
