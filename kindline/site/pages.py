"""The first page, and how the site looks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kindline.site import here

YEAR_S = 365 * 24 * 3600


def home(request: HttpRequest) -> HttpResponse:
    """What a client may want: to ask, to see what became of it, to call."""
    return render(request, "site/home.html")


@require_POST
def view(request: HttpRequest) -> HttpResponse:
    """Large letters and strong contrast, or the usual view; this browser remembers."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    answer = HttpResponseRedirect(wanted if safe else reverse("site"))
    chosen = "large" if request.POST.get("view") == "large" else "usual"
    answer.set_cookie(here.VIEW_COOKIE, chosen, max_age=YEAR_S, samesite="Lax")
    return answer
