"""What the time line calls the facts of employees' entry: log-ins, passwords, second factors, phones."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

FACTS = {
    "employee_password_changed": _("The password was changed"),
    "session_opened": _("Logged in"),
    "session_refused": _("A log-in was refused"),
    "employee_factor_changed": _("The second factor was changed"),
    "passkey_used": _("A passkey was shown"),
    "passkey_doubted": _("A passkey counted backwards: there may be a copy"),
    "session_closed": _("Logged out"),
    "phone_setup_made": _("Settings for a telephone were made ready"),
    "phone_setup_fetched": _("A telephone fetched its settings"),
    "browser_phone_taken": _("A page took the operator's phone"),
    "employee_sessions_ended": _("Sessions of an employee were ended"),
}
