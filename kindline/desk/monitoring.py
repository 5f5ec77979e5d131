"""The page of the quarterly monitoring: what is due, the sample, its reviewers, the approval (voe-1-08, voe-1-09)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from kindline.desk import access, house
from kindline.desk.typed import Post, post_of
from kindline.quality import monitoring, quarters
from kindline.quality.models import Monitoring, Sampled
from kindline.standard.profile import Profile
from kindline.standard.published_data import Monitoring as Procedure

WHY = {
    "not_over": _("The quarter is not over yet."),
    "drawn": _("The sample of this quarter was drawn already."),
    "not_drawn": _("Draw the sample first."),
    "not_reviewed": _("Not every contact of the sample was reviewed: open those that are left."),
    "published": _("The results of this quarter were published already."),
}
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A quarter, and how far its monitoring has come."""

    quarter: str
    due_at: dt.datetime
    found: Monitoring | None
    is_late: bool

    @property
    def state(self) -> str:
        """not_drawn, in_review, to_approve or published."""
        if self.found is None:
            return "not_drawn"
        if self.found.published_at is not None:
            return "published"
        return "in_review" if getattr(self.found, "left", 0) else "to_approve"


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def show(request: HttpRequest) -> HttpResponseBase:
    """The quarters with their state; drawing, and approving what was reviewed whole."""
    profile, post = house.profile(), post_of(request)
    procedure = monitoring.procedure_of(profile)
    if procedure is None:
        raise Http404
    why = _act(profile, post) if request.method == "POST" else ""
    if request.method == "POST" and not why:
        return redirect("monitoring")
    rows = _rows(profile, procedure, post.now)
    context = {
        "rows": rows,
        "refusal": why,
        "sample": procedure.sample,
        "may_draw": post.me.has_role(*procedure.reviewers, *procedure.approvers),
        "may_publish": post.me.has_role(*procedure.approvers),
        "sampled": _sampled(rows),
    }
    return render(request, "desk/monitoring.html", context, status=422 if why else 200)


def _act(profile: Profile, post: Post) -> str:
    """Draw or publish; why it was refused, empty where it was done. Raises: PermissionDenied, Http404."""
    act = {"draw": monitoring.draw, "publish": monitoring.publish}.get(post.text("verb"))
    if act is None:
        raise Http404(post.text("verb"))
    try:
        act(profile=profile, quarter=post.text("quarter"), employee=post.me, now=post.now)
    except monitoring.MonitoringError as error:
        return gettext(WHY[error.code])
    except monitoring.NotTheirsError as error:
        raise PermissionDenied from error
    except ValueError as error:
        raise Http404(post.text("quarter")) from error
    return ""


def _rows(profile: Profile, procedure: Procedure, now: dt.datetime) -> list[Row]:
    """The quarter that is over last, and those of which there is something, the latest first."""
    counted = Monitoring.objects.filter(profile=profile.id).select_related("drawn_by", "published_by")
    counted = counted.annotate(of=Count("sampled"), left=Count("sampled", filter=Q(sampled__reviewed_at=None)))
    found = {one.quarter: one for one in counted.order_by("-quarter")[:SHOWN]}
    names = sorted({*found, quarters.before(now.astimezone(profile.zone).date())}, reverse=True)
    return [_row(name, found.get(name), profile, procedure, now) for name in names]


def _row(name: str, found: Monitoring | None, profile: Profile, procedure: Procedure, now: dt.datetime) -> Row:
    due = quarters.due_at(name, procedure.publish_within_days, profile.zone)
    return Row(name, due - dt.timedelta(seconds=1), found, due <= now and not (found and found.published_at))


def _sampled(rows: list[Row]) -> list[Sampled]:
    """The contacts of the latest sample that is not published, those that are left first."""
    open_one = next((row.found for row in rows if row.found and row.found.published_at is None), None)
    if open_one is None:
        return []
    found = open_one.sampled.select_related("contact__employee", "reviewer")
    return sorted(found, key=lambda one: (one.reviewed_at is not None, one.place))
