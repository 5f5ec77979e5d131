"""Alarms of calls outside: what those in charge find out about each (X6)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from kindline.desk import access, lists
from kindline.desk.value_words import VALUES
from kindline.desk.wording import titled
from kindline.switchboard import dial_alarms
from kindline.switchboard.dial_alarms import DialAlarmError
from kindline.switchboard.dialling_models import DialAlarm

REFUSALS = {
    "empty": _("Write what you have found out and done."),
    "own": _("An alarm about yourself is settled by somebody else."),
    "settled": _("Somebody has settled this alarm meanwhile."),
}


@require_safe
@access.for_roles(*access.IN_CHARGE)
def several(request: HttpRequest) -> HttpResponseBase:
    """All alarms, those that wait first."""
    return _page(request)


@require_POST
@access.for_roles(*access.IN_CHARGE)
def settle(request: HttpRequest, alarm: int) -> HttpResponseBase:
    """Say why it was so; what was typed stays where it is refused."""
    finding = request.POST.get("finding", "")
    try:
        dial_alarms.settle(alarm=alarm, finding=finding, employee=access.employee_of(request), now=timezone.now())
    except DialAlarm.DoesNotExist as error:
        raise Http404 from error
    except DialAlarmError as error:
        return _page(request, fault=(alarm, titled(REFUSALS, error.code), finding), status=422)
    messages.success(request, gettext("The alarm is settled."))
    return redirect("dial-alarms")


def _page(request: HttpRequest, *, fault: tuple[int, str, str] = (0, "", ""), status: int = 200) -> HttpResponseBase:
    page = lists.page_of(request, dial_alarms.all_alarms())
    alarm, said, typed = fault
    me = access.employee_of(request).pk
    rows = [
        {"alarm": one, "why": titled(VALUES, one.reason), "mine": one.employee_id == me, "fault": one.pk == alarm}
        for one in page
    ]
    shown = {"page": page, "rows": rows, "said": said, "typed": typed}
    return render(request, "desk/dial_alarms.html", shown, status=status)
