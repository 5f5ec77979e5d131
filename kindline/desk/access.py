"""Who may see what: a role opens a page, a contact belongs to those who work on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from kindline.conversations.models import Contact
from kindline.staff.models import Employee, Role
from kindline.staff.queries import AT_THE_PHONE
from kindline.switchboard.models import Operator, Recording

View = Callable[..., HttpResponseBase]
AT_THE_COUNTER = (Role.COUNTER, Role.SPECIALIST, Role.SUPERVISOR, Role.UNIT_HEAD)
IN_CHARGE = (Role.SUPERVISOR, Role.UNIT_HEAD, Role.DIRECTOR)
METERS = (Role.OPERATOR, Role.COUNTER, Role.SPECIALIST, *IN_CHARGE)
"""Who works with readings of meters."""
LOGINS = (*AT_THE_COUNTER, Role.SITE_ADMINISTRATOR, Role.DIRECTOR)
"""Who has the page of clients' log-ins in the row; who may open it is said by the standard."""
LETTERS = (Role.SPECIALIST, Role.COUNTER, Role.SITE_ADMINISTRATOR, *IN_CHARGE)
PUBLISHED = (Role.SITE_ADMINISTRATOR, Role.UNIT_HEAD, Role.DIRECTOR)
"""Who answers for what site and stands carry."""
RUNNING_IT = (Role.SUPERVISOR, Role.ADMINISTRATOR)
REGISTRY = (
    Role.OPERATOR,
    Role.COUNTER,
    Role.SPECIALIST,
    Role.SITE_ADMINISTRATOR,
    Role.SUPERVISOR,
    Role.UNIT_HEAD,
    Role.DIRECTOR,
    Role.SECURITY,
)
"""Who works with appeals; what each may do to one is said by the profile's workflow."""
EXECUTING = tuple(role for role in REGISTRY if role != Role.OPERATOR)
"""Who prepares answers as a rule; an operator may be given an appeal, and finds it in the list."""
HEARING = (*AT_THE_PHONE, *IN_CHARGE)
"""Who may hear recordings: operators their own, those in charge all."""
DOWNLOADS = (Role.UNIT_HEAD, Role.DIRECTOR)
"""Who may take a recording out of the program; hearing it is another right."""
EVERYBODY: tuple[Role, ...] = tuple(Role)


def employee_of(request: HttpRequest) -> Employee:
    """Who asks; only behind `for_roles` or `for_employees`."""
    return cast(Employee, request.user)


def for_roles(*roles: str) -> Callable[[View], View]:
    """Let only employees with one of the roles in; others are told to log in, or that it is not theirs."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _log_in_first(request)
            if not employee_of(request).has_role(*roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


def for_employees(view: View) -> View:
    """A page of one's own secrets: also for who has no role yet, as the first administrator has none."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else _log_in_first(request)

    return guarded


def _log_in_first(request: HttpRequest) -> HttpResponseBase:
    if request.path.endswith(".json") or request.content_type == "application/json":
        return JsonResponse({"error": "login", "message": "log in first"}, status=401)
    return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")


def in_charge(employee: Employee) -> bool:
    """Whether the employee answers for others' work."""
    return employee.has_role(*IN_CHARGE)


def may_see(employee: Employee, contact: Contact) -> bool:
    """Those in charge see all; others their own contacts, and those of the client they are talking with now."""
    if in_charge(employee) or contact.employee_id == employee.pk:
        return True
    operator = Operator.objects.filter(employee=employee).exclude(contact_id=None).first()
    if operator is None or operator.contact_id is None:
        return False
    if operator.contact_id == contact.pk:
        return True
    present = Contact.objects.filter(pk=operator.contact_id).first()
    return bool(present and present.client_id and present.client_id == contact.client_id)


def may_hear(employee: Employee, recording: Recording) -> bool:
    """Who sees a contact hears it; a message left by a client is work for everybody at the phone."""
    message = recording.leg == "voicemail" and employee.has_role(*AT_THE_PHONE)
    return message or may_see(employee, recording.contact)


def check_sight(employee: Employee, contact: Contact) -> None:
    """Raises: PermissionDenied when the contact is not the employee's to see."""
    if not may_see(employee, contact):
        raise PermissionDenied


__all__ = [
    "AT_THE_COUNTER",
    "AT_THE_PHONE",
    "DOWNLOADS",
    "EVERYBODY",
    "EXECUTING",
    "HEARING",
    "IN_CHARGE",
    "LETTERS",
    "METERS",
    "PUBLISHED",
    "REGISTRY",
    "RUNNING_IT",
    "check_sight",
    "employee_of",
    "for_employees",
    "for_roles",
    "in_charge",
    "may_hear",
    "may_see",
]
