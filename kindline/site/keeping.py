"""The page of those who answer for what is published: how fresh it is, its confirmation, the stands on paper."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.correspondence import pdfs
from kindline.correspondence.errors import PrintingUnavailableError
from kindline.site import freshness, here, reach, untranslated
from kindline.site.reports import writing
from kindline.site.wording_models import PageWording
from kindline.staff import wording
from kindline.staff.models import Employee, Role

View = Callable[..., HttpResponseBase]
SIZES, OBLIGATIONS = ("A4", "A3"), ("mandatory", "recommended")


def for_reviewers(view: View) -> View:
    """Let only those in who answer for what is published."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")
        if not request.user.has_role(*freshness.REVIEWERS):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewers
def several(request: HttpRequest) -> HttpResponseBase:
    """Every slot with who answers for it and until when; one can be confirmed (krc-5.7-04, krc-5.2-27)."""
    profile, now = here.profile(), timezone.now()
    if request.method == "POST":
        return _reviewed(request)
    rows = freshness.today(profile, now)
    counts = {state: sum(row.state == state for row in rows) for state in ("empty", "overdue", "fresh")}
    told = [(row, wording.role_title(row.slot.owner)) for row in rows]
    context: dict[str, Any] = {"rows": told, "counts": counts, "sizes": SIZES, "written_in": profile.language}
    context |= {"untranslated": untranslated.several(profile), "news_max": untranslated.NEWS_MAX}
    context["may_edit"] = cast(Employee, request.user).has_role(Role.SITE_ADMINISTRATOR)
    context["may_report"] = writing.may(profile, cast(Employee, request.user))
    return render(request, "site/freshness.html", context)


def _reviewed(request: HttpRequest) -> HttpResponseBase:
    key, employee = request.POST.get("slot", ""), cast(Employee, request.user)
    try:
        freshness.review_slot(profile=here.profile(), key=key, employee=employee, now=timezone.now())
    except KeyError as error:
        raise Http404(key) from error
    except freshness.EmptySlotError:
        messages.error(request, gettext("This item lacks something that the standard demands: write it first."))
    return redirect("freshness")


@require_POST
@for_reviewers
def wording_right(request: HttpRequest, key: int) -> HttpResponseBase:
    """A translation that was looked at and left as it was is older no more."""
    row, employee = get_object_or_404(PageWording, pk=key), cast(Employee, request.user)
    try:
        freshness.confirm_wording(
            wording=row, source=request.POST.get("source", ""), employee=employee, now=timezone.now()
        )  # fmt: skip
    except freshness.ChangedError:
        messages.error(request, gettext("The page was changed since you opened it: read it again."))
    return redirect(row.page.url or "freshness")


@require_safe
@for_reviewers
def stand(request: HttpRequest, obligation: str, size: str) -> HttpResponseBase:
    """What hangs in the office as PDF, the mandatory and the recommended apart."""
    profile = here.profile()
    if obligation not in OBLIGATIONS or size not in SIZES or profile.publication is None:
        raise Http404(obligation)
    slots = profile.publication.stands(obligation)
    context: dict[str, Any] = {"items": list(freshness.texts(profile, slots)), "size": size, "obligation": obligation}
    context |= {
        "written_in": profile.language,
        "company": here.company(profile),
        "reach": reach.of(profile),
        "now": timezone.now().astimezone(profile.zone).date(),
    }
    try:
        content = pdfs.made(render_to_string("site/stand.html", context, request))
    except PrintingUnavailableError as error:
        messages.error(request, str(error))
        return redirect("freshness")
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="stand-{obligation}-{size}.pdf"'
    return answer
