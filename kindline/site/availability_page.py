"""The desk's page of the site's own services: whether they answer now, and the share of each month."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.site import availability, here
from kindline.site.consultations import bringing
from kindline.site.keeping import for_reviewers


@require_safe
@for_reviewers
def show(request: HttpRequest) -> HttpResponseBase:
    """How the services of the site answer, for those who answer for what is published (krc-5.7-17)."""
    profile, now = here.profile(), timezone.now()
    asked = availability.availability_of(profile)
    if asked is None:
        raise Http404("no services are looked at")
    titles = {one.id: bringing.titled(one.title, profile) for one in asked.services.values()}
    rows = [(titles[one.service], one, one.share * 100) for one in availability.months(profile, now)]
    least = (profile.variable("site_available_share_min") or 0) * 100
    context = {
        "present": [(titles[one.service], one) for one in availability.present(profile)],
        "rows": rows,
        "every": asked.every_minutes,
        "least": least,
        "least_said": f"{least:g} %",
    }
    return render(request, "site/availability.html", context)
