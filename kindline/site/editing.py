"""The editor of the site (/cms/) is open to the site administrator alone, with the log-in of the desk."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from wagtail.models import GroupPagePermission
from wagtail.users.models import UserProfile

from kindline.site import here
from kindline.site.models import SectionsPage
from kindline.staff.models import Employee, Role

EDITORS = "Editors of the site"
PAGES = ("add_page", "change_page", "publish_page")
PEOPLE = ("/cms/users/", "/cms/bulk/staff/")
"""Employees are added, changed and given passwords in the administration alone, where each of that is a fact."""
Answer = Callable[[HttpRequest], HttpResponse]


class Guard:
    """Lets only site administrators into the editor, and gives them there what they need.

    Clause: krc-5.7-07, krc-5.7.1-01.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Raises: PermissionDenied for employees of other roles."""
        if not request.path_info.startswith("/cms/"):
            return self.get_response(request)
        if not isinstance(request.user, Employee):
            return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")
        if not request.user.has_role(Role.SITE_ADMINISTRATOR):
            raise PermissionDenied
        if request.path_info.startswith(PEOPLE):
            return redirect("admin:staff_employee_changelist")
        admit(employee=request.user)
        return self.get_response(request)


def admit(*, employee: Employee) -> None:
    """Put a site administrator among the editors, once; hours there are the organisation's till he takes others."""
    if not employee.groups.filter(name=EDITORS).exists():
        employee.groups.add(editors())
    own = UserProfile.get_for_user(employee)
    if not own.current_time_zone:
        own.current_time_zone = str(here.profile().zone)
        own.save(update_fields=["current_time_zone"])


def editors() -> Group:
    """The group of those who edit the sections, with its rights."""
    group, _new = Group.objects.get_or_create(name=EDITORS)
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    for root in SectionsPage.objects.all():
        for name in PAGES:
            right = Permission.objects.get(content_type__app_label="wagtailcore", codename=name)
            GroupPagePermission.objects.get_or_create(group=group, page=root.page_ptr, permission=right)
    return group
