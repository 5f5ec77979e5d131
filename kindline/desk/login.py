"""Logging in and out, the language of the interface, and where a role begins."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_POST

from kindline.desk import access, navigation
from kindline.staff import actions as staff
from kindline.staff import guessing

YEAR_S = 365 * 24 * 3600


class LogIn(LoginView):
    """Log in; the interface then speaks the employee's language."""

    template_name = "desk/login.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """The page that the employee's role begins with."""
        return navigation.home_of(access.employee_of(self.request))

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say what was wrong; or that nothing was looked at, since somebody guesses."""
        held = guessing.was_held(self.request)
        shown = self.get_context_data(form=form, held_back=held)
        return self.render_to_response(shown, status=429 if held else 200)

    def post(self, request: HttpRequest, *args: str, **kwargs: object) -> HttpResponse:
        """Check name and password; a language chosen before logging in stays."""
        answer = super().post(request, *args, **kwargs)
        if request.user.is_authenticated:
            guessing.remember(request, answer, access.employee_of(request))
        chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        if request.user.is_authenticated and not chosen:
            _remember(answer, access.employee_of(request).language)
        return answer


class LogOut(LogoutView):
    """Log out and show the log-in page."""

    next_page = "login"


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
    answer = HttpResponseRedirect(_next(request))
    _remember(answer, wanted)
    return answer


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("home")


def _remember(answer: HttpResponse, language: str) -> None:
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR_S, samesite="Lax")
