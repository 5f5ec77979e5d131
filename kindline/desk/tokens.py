"""Personal tokens of programs: the administrator gives them out, sees who uses them, and revokes them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_POST

from kindline.desk import access, lists
from kindline.staff import queries as staff
from kindline.staff import tokens
from kindline.staff.models import Employee, Role, Scope, Token

SCOPES = {
    Scope.CREATE: _("register appeals, read and add to those"),
    Scope.READ: _("read every appeal"),
    Scope.WRITE: _("add to every appeal"),
    Scope.WEBHOOKS: _("be told of what happens to appeals"),
    Scope.READINGS: _("send meter readings"),
}
WRONG = {
    "title": _("Say which program uses the token."),
    "scopes": _("Tick at least one thing that the token is for."),
    "days": _("The token holds from 1 to 366 days."),
    "requests_a_minute": _("Requests a minute: from 1 to 60 000."),
    "employee": _("Choose the employee in whose name the program works."),
}
DAYS, A_MINUTE = 180, 600


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(Role.ADMINISTRATOR)
def several(request: HttpRequest) -> HttpResponseBase:
    """All tokens; a post gives out a new one and shows it this once."""
    if request.method != "POST":
        return render(request, "desk/tokens.html", _context(request, QueryDict()))
    try:
        token, text = _issue(request.POST, access.employee_of(request))
    except tokens.UnfitTokenError as error:
        refused = {"refusal": gettext(WRONG[error.field]), "wrong": error.field}
        return render(request, "desk/tokens.html", _context(request, request.POST) | refused, status=422)
    answer = render(request, "desk/tokens.html", _context(request, QueryDict()) | {"issued": token, "text": text})
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@access.for_roles(Role.ADMINISTRATOR)
def revoke(request: HttpRequest, token: int) -> HttpResponseBase:
    """From now on the token opens nothing."""
    tokens.revoke_token(
        token=get_object_or_404(Token, pk=token), by=access.employee_of(request), now=timezone.now()
    )  # fmt: skip
    return redirect("tokens")


def _issue(typed: QueryDict, me: Employee) -> tuple[Token, str]:
    employee = _people().filter(pk=_number(typed, "employee")).first()
    if employee is None:
        raise tokens.UnfitTokenError("employee")
    return tokens.issue_token(
        employee=employee, title=typed.get("title", ""), scopes=typed.getlist("scopes"), days=_number(typed, "days"),
        requests_a_minute=_number(typed, "requests_a_minute"), by=me, now=timezone.now(),
    )  # fmt: skip


def _number(typed: QueryDict, name: str) -> int:
    raw = typed.get(name, "").strip()
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0


def _people() -> Any:
    return staff.with_role(*access.REGISTRY)


def _context(request: HttpRequest, typed: QueryDict) -> dict[str, Any]:
    now = timezone.now()
    page = lists.page_of(request, tokens.tokens())
    return {
        "page": page,
        "rows": [(one, one.revoked_at is None and one.expires_at > now) for one in page],
        "people": _people(),
        "scopes": [(code, gettext(title), code in typed.getlist("scopes")) for code, title in SCOPES.items()],
        "typed": typed,
        "days": typed.get("days", DAYS),
        "a_minute": typed.get("requests_a_minute", A_MINUTE),
    }
