"""All that was brought to an employee's notice, page by page: what he has not looked at, or everything."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kindline.appeals import notices
from kindline.desk import access, lists


@require_safe
@access.for_roles(*access.EVERYBODY)
def show(request: HttpRequest) -> HttpResponse:
    """What waits to be looked at; `?of=all` everything, with the moment at which he looked (court-1-29, krc-6.2-02)."""
    me, everything = access.employee_of(request), request.GET.get("of") == "all"
    rows = notices.told(me) if everything else notices.unseen(me)
    return render(request, "desk/told.html", {"page": lists.page_of(request, rows), "everything": everything})
