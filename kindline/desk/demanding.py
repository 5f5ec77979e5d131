"""Where a second factor is demanded, who has none comes to no page but the one where it is set up (ASVS 6.3.3)."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from kindline.staff import factors
from kindline.staff.models import Employee

PLACES = ("/desk/", "/admin/", "/cms/")
"""Where pages of employees are; others are not asked who comes."""


class SecondFactor:
    """Sends those who have to set one up to the page where that is done."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The page, or the way to the one that comes first; what is asked for as JSON gets 403."""
        own = reverse("own-factor")
        is_open = request.path_info.startswith(own) or request.path_info == reverse("stay")
        if not settings.SECOND_FACTOR_ROLES or not request.path_info.startswith(PLACES) or is_open:
            return self.answer(request)
        if not isinstance(request.user, Employee) or not factors.is_wanting(request.user):
            return self.answer(request)
        if request.path.endswith(".json") or request.content_type == "application/json":
            return JsonResponse({"error": "second_factor", "message": "set up a second factor first"}, status=403)
        return redirect(own)
