"""The pages and who may open them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import access
from kindline.staff.models import Employee, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu."""

    address: str
    title: str
    present: bool


PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("operator", _("Calls"), access.AT_THE_PHONE),
    ("visits", _("Visitors"), access.AT_THE_COUNTER),
    ("supervisor", _("Floor"), access.IN_CHARGE),
    ("contacts", _("Contacts"), (*access.AT_THE_PHONE, *access.IN_CHARGE)),
    ("callbacks", _("Callbacks"), (*access.AT_THE_PHONE, *access.IN_CHARGE)),
    ("voicemail", _("Voicemail"), (*access.AT_THE_PHONE, *access.IN_CHARGE)),
    ("appeals", _("Appeals"), access.REGISTRY),
    ("mail", _("E-mail"), access.LETTERS),
    ("papers", _("Letters"), access.LETTERS),
    ("campaigns", _("Campaigns"), access.IN_CHARGE),
    ("surveys", _("Surveys"), access.AT_THE_PHONE),
    ("standard", _("Standard"), access.EVERYBODY),
    ("menu", _("Voice menu"), (*access.IN_CHARGE, Role.ADMINISTRATOR)),
)


def entries(request: HttpRequest) -> list[Entry]:
    """The pages of the employee who asks."""
    if not request.user.is_authenticated:
        return []
    employee = access.employee_of(request)
    found = [(reverse(name), gettext(title)) for name, title, roles in PAGES if employee.has_role(*roles)]
    return [Entry(address, title, _present(request.path, address)) for address, title in found]


def _present(path: str, address: str) -> bool:
    """Whether the page belongs to the entry; the operator's screen is the root of all others."""
    return path == address if address == reverse("operator") else path.startswith(address)


def home_of(employee: Employee) -> str:
    """The page that an employee begins with."""
    if employee.has_role(*access.IN_CHARGE):
        return reverse("supervisor")
    if employee.has_role(Role.COUNTER) and not employee.has_role(Role.OPERATOR):
        return reverse("visits")
    if employee.has_role(*access.AT_THE_PHONE):
        return reverse("operator")
    return reverse("standard")
