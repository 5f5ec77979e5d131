"""Where a secret of one's own is still wanting, no page opens but the one where it is made (ASVS 6.3.3, 6.4.1)."""

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


class OwnSecrets:
    """Sends those who have to make one to the page where that is done: the password first, then the second factor."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The page, or the way to the one that comes first; what is asked for as JSON gets 403."""
        if not request.path_info.startswith(PLACES) or request.path_info == reverse("stay"):
            return self.answer(request)
        if not isinstance(request.user, Employee) or not (wanting := _wanting(request.user)):
            return self.answer(request)
        code, said = wanting
        page = reverse(PAGES[code])
        if request.path_info.startswith(page):
            return self.answer(request)
        if request.path.endswith(".json") or request.content_type == "application/json":
            return JsonResponse({"error": code, "message": said}, status=403)
        return redirect(page)


PAGES = {"first_password": "own-password", "second_factor": "own-factor"}


def _wanting(employee: Employee) -> tuple[str, str] | None:
    """What he has to make first, as programs and as people are told; None: nothing."""
    if employee.first_password_until is not None:
        return "first_password", "choose a password of your own first"
    if settings.SECOND_FACTOR_ROLES and factors.is_wanting(employee):
        return "second_factor", "set up a second factor first"
    return None
