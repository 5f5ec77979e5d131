"""Logging in and out, the language of the interface, and where a role begins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login as log_in
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_POST

from kindline.desk import access, navigation, pending
from kindline.staff import actions as staff
from kindline.staff import factors, guessing
from kindline.staff.models import Employee

YEAR_S = 365 * 24 * 3600


class LogIn(LoginView):
    """Log in; the interface then speaks the employee's language."""

    template_name = "desk/login.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """The page that the employee's role begins with."""
        return navigation.home_of(access.employee_of(self.request))

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The password was right: in, or on to the second factor where there is one (ASVS 6.3.3)."""
        employee = form.get_user()
        if not isinstance(employee, Employee) or not factors.has_any(employee):
            return super().form_valid(form)
        pending.wait(self.request, employee, self.get_redirect_url(), timezone.now())
        return redirect("second")

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say what was wrong; or that nothing was looked at, since somebody guesses."""
        held = guessing.was_held(self.request)
        shown = self.get_context_data(form=form, held_back=held, is_over=guessing.was_over(self.request))
        return self.render_to_response(shown, status=429 if held else 200)

    def post(self, request: HttpRequest, *args: str, **kwargs: object) -> HttpResponse:
        """Check name and password."""
        answer = super().post(request, *args, **kwargs)
        if request.user.is_authenticated:
            greet(request, answer, access.employee_of(request))
        return answer


class AdministrationLogIn(LogIn):
    """The door of the administration: the same, so that it asks for the same."""

    redirect_authenticated_user = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raises: PermissionDenied for who is logged in and sent here, since the administration is not his."""
        if isinstance(request.user, Employee):
            if not request.user.is_staff:
                raise PermissionDenied
            return redirect("admin:index")
        return super().dispatch(request, *args, **kwargs)


class LogOut(LogoutView):
    """Log out and show the log-in page; no page of the desk stays in the browser (ASVS 14.3.1)."""

    next_page = "login"

    def post(self, request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        """Not "storage": there lies what was typed in forms of the site, and what the desk keeps of its view."""
        answer = super().post(request, *args, **named)
        answer["Clear-Site-Data"] = '"cache"'
        return answer


def let_in(request: HttpRequest, employee: Employee, leads_to: str) -> HttpResponse:
    """All factors were right: in, to the page that was asked for, empty for that of his role."""
    pending.end(request)
    log_in(request, employee)
    answer = redirect(leads_to or navigation.home_of(employee))
    greet(request, answer, employee)
    return answer


def greet(request: HttpRequest, answer: HttpResponse, employee: Employee) -> None:
    """The browser is known from now on; a language chosen before logging in stays."""
    guessing.remember(request, answer, employee)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _remember(answer, employee.language)


def home(request: HttpRequest) -> HttpResponseBase:
    """Send everybody to the page of his role."""
    if not request.user.is_authenticated:
        return redirect("login")
    return redirect(navigation.home_of(access.employee_of(request)))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the interface's language, for this browser and for the employee."""
    wanted = request.POST.get("language", "")
    if wanted not in dict(settings.LANGUAGES):
        wanted = get_language_from_request(request)
    if request.user.is_authenticated:
        employee = access.employee_of(request)
        if employee.language != wanted:
            staff.change_employee(employee=employee, fields={"language": wanted}, by=employee)
    answer = HttpResponseRedirect(safe(request) or reverse("home"))
    _remember(answer, wanted)
    return answer


def safe(request: HttpRequest) -> str:
    """The page that a form asks to come to, where it is one of ours; else empty."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else ""


def _remember(answer: HttpResponse, language: str) -> None:
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR_S, samesite="Lax")
