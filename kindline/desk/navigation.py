"""The pages and who may open them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import boxes
from kindline.desk import access, house
from kindline.readings import queries as readings
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu."""

    address: str
    title: str
    present: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that share a place in the row and open below it."""

    title: str
    entries: tuple[Entry, ...]

    @property
    def present(self) -> bool:
        """Whether the page is one of them."""
        return any(one.present for one in self.entries)


CONTACTS, TELEPHONE, APPEALS, POST, QUALITY = _("Contacts"), _("Telephone"), _("Appeals"), _("Post"), _("Quality")
INSPECTIONS = (Role.SUPERVISOR, Role.UNIT_HEAD, Role.DIRECTOR, Role.SITE_ADMINISTRATOR, Role.ADMINISTRATOR)
"""Who has the page in the row; who may open it is said by the standard."""
PAGES: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("operator", _("Calls"), access.AT_THE_PHONE, ""),
    ("visits", _("Visitors"), access.AT_THE_COUNTER, CONTACTS),
    ("consultations", _("Consultations"), access.AT_THE_COUNTER, CONTACTS),
    ("supervisor", _("Floor"), access.IN_CHARGE, ""),
    ("wallboard", _("Wallboard"), access.IN_CHARGE, TELEPHONE),
    ("contacts", _("Contacts"), (*access.AT_THE_PHONE, *access.IN_CHARGE), CONTACTS),
    ("readings-desk", _("Readings"), access.METERS, CONTACTS),
    ("client_logins", _("Log-ins of clients"), access.LOGINS, CONTACTS),
    ("sms", _("SMS"), tuple(dict.fromkeys((*access.AT_THE_PHONE, *access.LETTERS))), CONTACTS),
    ("shifts", _("Shifts"), access.IN_CHARGE, TELEPHONE),
    ("own-shifts", _("My shifts"), access.AT_THE_PHONE, TELEPHONE),
    ("emergency", _("Emergency message"), access.IN_CHARGE, TELEPHONE),
    ("phone-load", _("Load"), access.IN_CHARGE, TELEPHONE),
    ("callbacks", _("Callbacks"), (*access.AT_THE_PHONE, *access.IN_CHARGE), TELEPHONE),
    ("recordings", _("Recordings"), access.HEARING, TELEPHONE),
    ("voicemail", _("Voicemail"), (*access.AT_THE_PHONE, *access.IN_CHARGE), TELEPHONE),
    ("surveys", _("Surveys"), access.AT_THE_PHONE, TELEPHONE),
    ("campaigns", _("Campaigns"), access.IN_CHARGE, TELEPHONE),
    ("menu", _("Voice menu"), (*access.IN_CHARGE, Role.ADMINISTRATOR), TELEPHONE),
    ("mine", _("My work"), access.EXECUTING, APPEALS),
    ("appeals", _("Appeals"), access.REGISTRY, APPEALS),
    ("unsent", _("Notices not sent"), access.EXECUTING, APPEALS),
    ("answer-templates", _("Templates of answers"), access.EXECUTING, APPEALS),
    ("reasons", _("Reasons"), access.IN_CHARGE, APPEALS),
    ("calendar", _("Calendar"), (*access.IN_CHARGE, Role.ADMINISTRATOR), APPEALS),
    ("signers", _("Who may sign"), (*access.IN_CHARGE, Role.ADMINISTRATOR), APPEALS),
    ("satisfaction", _("Satisfaction"), (*access.IN_CHARGE, Role.SITE_ADMINISTRATOR), APPEALS),
    ("mail", _("E-mail"), access.LETTERS, POST),
    ("papers", _("Letters"), access.LETTERS, POST),
    ("boxes", _("Client boxes"), access.LETTERS, POST),
    ("freshness", _("What is published"), access.PUBLISHED, QUALITY),
    ("inspections", _("Inspections"), INSPECTIONS, QUALITY),
    ("key-figures", _("Key figures"), access.IN_CHARGE, QUALITY),
    ("standard", _("Standard"), access.EVERYBODY, QUALITY),
    ("phone-setups", _("Settings for telephones"), (Role.ADMINISTRATOR,), TELEPHONE),
    ("tokens", _("Access of programs"), (Role.ADMINISTRATOR,), ""),
)
"""Address, title, who may open it, and the group that it stands in, in the order of the row."""


def row(request: HttpRequest) -> SafeString:
    """The row of pages of the employee who asks; nothing where nobody has logged in."""
    if not request.user.is_authenticated:
        return SafeString("")
    employee = access.employee_of(request)
    open_to_him = tuple(name for name, _title, roles, _group in PAGES if employee.has_role(*roles) and _is_kept(name))
    present = tuple(name for name in open_to_him if _is_present(request.path, name))
    return _drawn(open_to_him, present, get_language() or "")


@lru_cache(maxsize=512)
def _drawn(names: tuple[str, ...], present: tuple[str, ...], language: str) -> SafeString:  # noqa: ARG001 - of titles
    """Drawn once for the same pages in a language: it depends on nothing else."""
    return render_to_string("desk/_pages_row.html", {"entries": entries(names, present)})


def entries(names: Collection[str], present: Collection[str] = ()) -> list[Entry | Group]:
    """Pages by name, those of a group together; a group of one is the page itself."""
    rows: dict[str, list[Entry]] = {}
    for name, title, _roles, group in PAGES:
        if name in names:
            rows.setdefault(group or name, []).append(Entry(_address(name), gettext(title), name in present))
    return [Group(gettext(key), tuple(row)) if len(row) > 1 else row[0] for key, row in rows.items()]


@cache
def _address(name: str) -> str:
    return reverse(name)


def _is_kept(name: str) -> bool:
    """Whether the standard has what the page is for."""
    kept = {"readings-desk": readings.are_taken, "boxes": boxes.are_kept, "consultations": _has_consultations,
            "inspections": _has_inspections}.get(name)  # fmt: skip
    return kept is None or kept(house.profile())


def _has_consultations(profile: Profile) -> bool:
    return bool(profile.publication and profile.publication.consultation)


def _has_inspections(profile: Profile) -> bool:
    return profile.inspections is not None


def _is_present(path: str, name: str) -> bool:
    """Whether the page belongs to the entry; the operator's screen is the root of all others."""
    return path == _address(name) if name == "operator" else path.startswith(_address(name))


def home_of(employee: Employee) -> str:
    """The page that an employee begins with."""
    if employee.has_role(*access.IN_CHARGE):
        return reverse("supervisor")
    if employee.has_role(Role.COUNTER) and not employee.has_role(Role.OPERATOR):
        return reverse("visits")
    if employee.has_role(Role.OPERATOR):
        return reverse("operator")
    if employee.has_role(*access.EXECUTING):
        return reverse("mine")
    if employee.is_staff and not employee.roles:
        return reverse("admin:index")  # the first administrator gives himself his roles there
    return reverse("standard")
