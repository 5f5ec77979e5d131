"""How a visitor wants the site: language, version for low vision. Chosen without a token, for it only sets a cookie.

A form with a token makes every page a page for one browser alone; these two stand on every page (ADR 41).
"""

from __future__ import annotations

from collections.abc import Container

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kindline.site import viewing

YEAR_S = 365 * 24 * 3600
ELSEWHERE = "cross-site"


@never_cache
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Remember what was chosen, in this browser alone, and go back to where one was, on this site only.

    A page of others that sends a browser here (a picture, a hidden frame) changes nothing; browsers say whence they
    come in `Sec-Fetch-Site`.
    """
    answer = HttpResponseRedirect(_next(request))
    if request.headers.get("Sec-Fetch-Site") != ELSEWHERE:
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, request.GET.get("language", ""), dict(settings.LANGUAGES))
        _remember(answer, viewing.COOKIE, request.GET.get("view", ""), viewing.CHOICES)
    return answer


def _remember(answer: HttpResponse, name: str, chosen: str, known: Container[str]) -> None:
    if chosen in known:
        secure = settings.SECURE_COOKIES
        answer.set_cookie(name, chosen, max_age=YEAR_S, samesite="Lax", secure=secure, httponly=True)


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("site")
