"""An account's last charges and payments beside the talk, once the client is identified; the bill for a visitor."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from kindline.clients.models import Account
from kindline.conversations import visits
from kindline.conversations.models import Contact
from kindline.correspondence import pdfs
from kindline.correspondence.errors import PrintingUnavailableError
from kindline.desk import access, card, house, mail_words, wording
from kindline.readings import bills, money, statements
from kindline.readings.billing import Billing, billing
from kindline.readings.bills import Asking
from kindline.readings.errors import BillingAwayError, NoBillError
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.switchboard.models import Operator

ROLES = (*access.AT_THE_PHONE, *access.AT_THE_COUNTER)
MONTHS, PAYMENTS = 4, 3


@require_GET
@access.for_roles(*ROLES)
def show(request: HttpRequest, contact: uuid.UUID, account: int) -> HttpResponseBase:
    """The last months and payments of an account that was shown in this contact, as JSON."""
    opened, system = _opened(contact, account, access.employee_of(request)), _system()
    now = timezone.now()
    try:
        found = statements.statement(opened, system, now.astimezone(house.profile().zone).date(), MONTHS)
    except BillingAwayError:
        return JsonResponse({"away": True, "months": [], "payments": []})
    if found is not None:
        statements.keep_balance(account=opened, balance=found.balance, now=now)
    return JsonResponse(_told(found))


@require_POST
@access.for_roles(*access.AT_THE_COUNTER)
def bill(request: HttpRequest, contact: uuid.UUID, account: int, month: str) -> HttpResponseBase:
    """Print a bill for a visitor."""
    me = access.employee_of(request)
    try:
        asking = Asking(_opened(contact, account, me), bills.month_of(month), visits.OFFICE, actor(me))
        content = bills.hand_over(
            asking, profile=house.profile(), billing=_system(), made=pdfs.made, clock=timezone.now
        )  # fmt: skip
    except NoBillError:
        raise Http404 from None
    except BillingAwayError:
        messages.error(request, gettext("The billing system does not answer: print the bill a little later."))
        return redirect("visits")
    except PrintingUnavailableError as error:
        messages.error(request, f"{wording.titled(mail_words.REFUSALS, error.code)} {error}")
        return redirect("visits")
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{bills.file_name(asking)}"'
    return answer


def _told(found: statements.Statement | None) -> dict[str, Any]:
    if found is None:
        return {"away": False, "months": [], "payments": []}
    rows = [row for row in reversed(found.months) if row.has_bill or row.charged or row.paid]
    return {
        "away": False,
        "months": [
            {
                "title": formats.date_format(row.month, "YEAR_MONTH_FORMAT"),
                "charged": money.bare(row.charged),
                "paid": money.bare(row.paid),
                "bill": f"{row.month:%Y-%m}" if row.has_bill else "",
            }
            for row in rows[:MONTHS]
        ],
        "payments": [
            {
                "on": formats.date_format(one.paid_on, "SHORT_DATE_FORMAT"),
                "amount": money.shown(one.amount, house.profile()),
                "way": one.way,
            }
            for one in list(reversed(found.payments))[:PAYMENTS]
        ],
    }


def _opened(contact: uuid.UUID, key: int, me: Employee) -> Account:
    """An account whose data was opened in a contact of this employee's. Raises: PermissionDenied; Http404."""
    found = get_object_or_404(Contact, pk=contact)
    present = Operator.objects.filter(employee=me, contact_id=found.pk).exists()
    account = Account.objects.select_related("client", "premise").filter(pk=key).first()
    if not (present or found.employee_id == me.pk) or account is None or account.number not in card.shown_in(found):
        raise PermissionDenied
    return account


def _system() -> Billing:
    """Raises: Http404 where there is no billing system to ask."""
    found = billing()
    if found is None:
        raise Http404
    return found
