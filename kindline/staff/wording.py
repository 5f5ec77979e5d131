"""Roles of employees, in words."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

ROLES = {
    "operator": _("operators"),
    "counter": _("counter staff"),
    "specialist": _("specialists"),
    "site_administrator": _("site administrators"),
    "supervisor": _("supervisors"),
    "unit_head": _("heads of unit"),
    "director": _("directors"),
    "administrator": _("administrators"),
    "security": _("security"),
}


def role_title(code: str) -> str:
    """Those who have a role; what is no role stays as it is."""
    return gettext(ROLES[code]) if code in ROLES else code
