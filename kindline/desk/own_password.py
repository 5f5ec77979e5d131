"""An employee's own password: the present one is asked, the rules are shown, other sessions end (ASVS 6.2.2, 6.2.3)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kindline.desk import access
from kindline.staff import actions as staff
from kindline.staff import guessing, sessions
from kindline.staff.models import Employee


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@access.for_employees
def show(request: HttpRequest) -> HttpResponseBase:
    """The form; a post with the present password sets another one."""
    if request.method != "POST":
        return _page(request, [])
    me = access.employee_of(request)
    wrong = _wrong(request, me)
    if wrong:
        return _page(request, wrong, status=429 if guessing.was_held(request) else 422)
    try:
        changed = staff.change_password(employee=me, password=request.POST.get("password", ""), by=me)
    except ValidationError as error:
        return _page(request, error.messages, status=422)
    sessions.keep(request, changed, timezone.now())
    messages.success(request, gettext("The password is changed. You are logged out everywhere else."))
    return redirect("wishes")


def _wrong(request: HttpRequest, me: Employee) -> list[str]:
    """What is wrong before the new password is looked at; who guesses at a page left open is held back as elsewhere."""
    if request.POST.get("password", "") != request.POST.get("again", ""):
        return [gettext("The new password was typed differently the second time.")]
    if authenticate(request, username=me.username, password=request.POST.get("old", "")) == me:
        is_same = request.POST.get("password") == request.POST.get("old")
        return [gettext("Choose another one than the present password.")] if is_same else []
    if guessing.was_over(request):
        return [gettext("The days of your first password are over: ask the administrator to set another one.")]
    if guessing.was_held(request):
        return [gettext("Too many wrong passwords: nothing is looked at for a quarter of an hour.")]
    return [gettext("The present password is wrong.")]


def _page(request: HttpRequest, wrong: list[str], status: int = 200) -> HttpResponse:
    shown = {"wrong": wrong, "rules": password_validators_help_texts()}
    return render(request, "desk/own_password.html", shown, status=status)
