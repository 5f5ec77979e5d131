"""Reasons of complaints for directors and heads: the top, the trend, the month's analysis, measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kindline.appeals import frequency, notices, reasons, rights
from kindline.appeals.models import Analysis, AnalysisMonth, Measure, Reason
from kindline.conversations import queries as conversations
from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, lists, reason_rows, refusals
from kindline.desk.typed import Post, UnknownActError, post_of
from kindline.staff import queries as staff
from kindline.staff.models import Employee, Role, Unit
from kindline.standard.profile import Profile

ANALYSES_SHOWN = 12
OPEN_MEASURES = Count("measures", filter=Q(measures__checked_at=None))
RIGHTS = ("analyse_reasons", "plan_reason_measure", "finish_reason_measure", "check_reason_measure")


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def several(request: HttpRequest) -> HttpResponseBase:
    """All reasons of a period, as plots and as tables; as CSV with `?format=csv` (krc-6.2-06)."""
    profile, post = house.profile(), post_of(request)
    if request.method == "POST":
        return _acted(request, post, lambda: _act_on_all(profile, post, request), "desk/reasons.html", _all(request))
    span = reason_rows.span_of(request.GET, profile, post.now, post.me)
    if request.GET.get("format") == "csv":
        return lists.as_csv("reasons", reason_rows.heads(), reason_rows.lines(frequency.top(profile, span)))
    if request.GET.get("format") == "trend":
        trend = frequency.trend(profile, span, reason_rows.step_of(request.GET))
        rows = [[reason_rows.title_of(reason), *counts] for reason, counts in trend.rows]
        return lists.as_csv("reasons-trend", reason_rows.trend_heads(trend), rows)
    return render(request, "desk/reasons.html", _all(request))


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def one(request: HttpRequest, reason: int) -> HttpResponseBase:
    """One reason: its complaints and the measures against it; 0 stands for complaints without one (krc-6.2-07)."""
    profile, post = house.profile(), post_of(request)
    found = get_object_or_404(Reason, pk=reason, profile=profile.id) if reason else None
    if request.method == "POST" and found is not None:
        return _acted(request, post, lambda: _act_on(found, post), "desk/reason.html", _one(request, found))
    if found is not None:
        notices.mark_reason_seen(employee=post.me, reason=found, now=post.now)
    return render(request, "desk/reason.html", _one(request, found))


def _acted(
    request: HttpRequest, post: Post, act: Callable[[], Any], template: str, context: Mapping[str, Any]
) -> HttpResponseBase:
    """Do it and show the page anew, or show why not with all that was typed."""
    try:
        act()
    except RefusedError as error:
        refused = {"refusal": refusals.message_of(error), "refusal_clauses": error.clauses, "typed": post.typed}
        refused["typed_units"] = post.typed.getlist("units")
        return render(request, template, {**context, **refused}, status=422)
    return redirect(request.get_full_path())


def _act_on_all(profile: Profile, post: Post, request: HttpRequest) -> None:
    verb = post.text("verb")
    if verb == "add_reason":
        reasons.add_reason(profile=profile, title=post.text("title"), employee=post.me, now=post.now)
    elif verb == "record_analysis":
        span = reason_rows.span_of(request.GET, profile, post.now, post.me)
        text = post.text("conclusion")
        reasons.record_analysis(profile=profile, span=span, conclusion=text, employee=post.me, now=post.now)
    else:
        raise UnknownActError(verb)


def _act_on(reason: Reason, post: Post) -> None:
    verb = post.text("verb")
    if verb == "retire":
        reasons.retire_reason(reason=reason, employee=post.me, now=post.now)
    elif verb == "plan_measure":
        head = get_object_or_404(Employee, pk=post.key("responsible"), is_active=True)
        reasons.plan_measure(
            reason=reason, title=post.text("title"), responsible=head, due_on=post.day("due_on"),
            units=list(Unit.objects.filter(pk__in=post.keys("units"))), employee=post.me, now=post.now,
        )  # fmt: skip
    elif verb in ("finish_measure", "check_measure"):
        _act_on_measure(get_object_or_404(Measure, pk=post.key("measure"), reason=reason), verb, post)
    else:
        raise UnknownActError(verb)


def _act_on_measure(measure: Measure, verb: str, post: Post) -> None:
    if verb == "finish_measure":
        reasons.finish_measure(measure=measure, result=post.text("result"), employee=post.me, now=post.now)
    else:
        reasons.check_measure(measure=measure, good=post.flag("good"), employee=post.me, now=post.now)


def _all(request: HttpRequest) -> dict[str, Any]:
    profile, me, now = house.profile(), access.employee_of(request), timezone.now()
    span, step = reason_rows.span_of(request.GET, profile, now, me), reason_rows.step_of(request.GET)
    found, trend = frequency.top(profile, span), frequency.trend(profile, span, step)
    return {
        "span": span,
        "step": step,
        "units": Unit.objects.order_by("name"),
        "topics": conversations.topics(profile.id),
        "rows": [
            (one, reason_rows.title_of(one.reason), reason_rows.address_of(one.reason, request.GET)) for one in found
        ],
        "total": sum(one.complaints for one in found),
        "pareto": reason_rows.pareto(found, request.GET) if found else None,
        "trend": reason_rows.plot_of(trend) if found else None,
        "trend_rows": reason_rows.lines_of(trend),
        "starts": trend.starts,
        "known": frequency.reasons(profile).annotate(open_measures=OPEN_MEASURES),
        "typed": {},
        **_analyses(profile, now.astimezone(profile.zone).strftime("%Y-%m")),
        **_rights(profile, me),
    }


def _analyses(profile: Profile, month: str) -> dict[str, Any]:
    present = AnalysisMonth.objects.filter(profile=profile.id, month=month).first()
    made = Analysis.objects.filter(month__profile=profile.id).select_related("by", "month").order_by("-made_at")
    return {
        "asked_monthly": bool(profile.workflow and profile.workflow.analysis_every),
        "month_done": present is not None and present.analyses.exists(),
        "analyses": made[:ANALYSES_SHOWN],
    }


def _one(request: HttpRequest, reason: Reason | None) -> dict[str, Any]:
    profile, me, now = house.profile(), access.employee_of(request), timezone.now()
    span = reason_rows.span_of(request.GET, profile, now, me)
    rows = frequency.complaints(profile, span).filter(reason=reason)
    rows = rows.select_related("topic", "unit", "decision")
    measures = reason.measures.select_related("responsible", "checked_by").prefetch_related("units") if reason else None
    return {
        "reason": reason,
        "title": reason_rows.title_of(reason),
        "span": span,
        "page": lists.page_of(request, rows),
        "measures": list(measures.order_by("due_on", "pk")) if measures is not None else [],
        "today": now.astimezone(profile.zone).date(),
        "heads": staff.with_role(Role.UNIT_HEAD, Role.DIRECTOR, Role.SUPERVISOR),
        "units": Unit.objects.order_by("name"),
        "me": me,
        "typed": {},
        **_rights(profile, me),
    }


def _rights(profile: Profile, me: Employee) -> dict[str, Any]:
    return {"may": {act: rights.may(profile, act, me) for act in RIGHTS}}
