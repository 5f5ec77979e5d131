"""An employee's own settings: what he wants to get by e-mail beyond what the standard demands."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from kindline.correspondence import wires
from kindline.desk import access, house
from kindline.staff import actions as staff
from kindline.staff.models import MailWish
from kindline.standard.profile import Profile

WISHES = {
    MailWish.AT_ONCE: (
        _("Everything at once"),
        _("New letters and messages of applicants, letters that did not arrive, and who leads gets a daily summary."),
    ),
    MailWish.DIGEST: (
        _("Once a working day, in one letter"),
        _("The same, collected, with what is overdue, due today and due soon."),
    ),
    MailWish.DEMANDED: (
        _("Nothing beyond what the standard demands"),
        _("Everything else stands on the screen only, and there is no daily summary."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_employees
def show(request: HttpRequest) -> HttpResponseBase:
    """What is chosen, and what comes in any case; a post changes it."""
    me = access.employee_of(request)
    wanted = request.POST.get("mail_wish", "")
    if request.method == "POST" and wanted in MailWish.values:
        staff.change_employee(employee=me, fields={"mail_wish": wanted}, by=me)
        messages.success(request, gettext("Kept."))
        return redirect("wishes")
    context = {
        "me": me,
        "wishes": [(code.value, gettext(title), gettext(hint)) for code, (title, hint) in WISHES.items()],
        "demanded": demanded(house.profile()),
        "has_relay": wires.relay() is not None,
        "wrong": request.method == "POST",
    }
    return render(request, "desk/wishes.html", context, status=422 if context["wrong"] else 200)


def demanded(profile: Profile) -> list[str]:
    """The clauses by which people are told of terms, measures and enquiries."""
    flow = profile.workflow
    rungs = (*flow.ladder, *flow.undertakings) if flow else ()
    return sorted({clause for rung in rungs for clause in rung.clauses})
