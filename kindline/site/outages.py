"""What does not work now, and what is planned: notices of incidents, and whether one of them concerns an address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.appeals import outages
from kindline.site import here, shelf

SHOWN = 100
ADDRESS_MAX = 200


@require_safe
@shelf.open_to_all
def several(request: HttpRequest) -> HttpResponse:
    """All notices; `?address=` says which of them concern it."""
    profile, now = here.profile(), timezone.now()
    address = request.GET.get("address", "").replace("\x00", "").strip()[:ADDRESS_MAX]
    context: dict[str, Any] = {
        "going_on": outages.on_site(profile, now)[:SHOWN],
        "planned": outages.planned(profile, now)[:SHOWN],
        "lately_over": outages.lately_over(profile, now)[:SHOWN],
        "address": address,
        "here": outages.at_address(profile, address, now) if address else [],
        "planned_here": outages.planned_at(profile, address, now) if address else [],
    }
    return render(request, "site/outages.html", context)
