"""The money of an account: balance, charges and payments by month, bills; what is said while the billing is away."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.correspondence import pdfs
from kindline.correspondence.errors import PrintingUnavailableError
from kindline.readings import bills, money, statements
from kindline.readings.billing import Billing, billing
from kindline.readings.bills import Asking
from kindline.readings.errors import BillingAwayError, NoBillError
from kindline.site import here, refused
from kindline.site.account import parts, session, wall
from kindline.site.account.plot import plot
from kindline.standard.profile import Profile

CHANNEL = "account"
PAGE = "site/account/money.html"


@parts.part("money")
@session.needed
@require_safe
def several(request: HttpRequest, login: Login) -> HttpResponseBase:  # noqa: ARG001 - a page's shape
    """The bills of whoever has one account are on its page; others choose on the first one."""
    keys = list(login.accounts.values_list("pk", flat=True)[:2])
    return redirect("account_money", key=keys[0]) if len(keys) == 1 else redirect("account")


@parts.part("money")
@session.needed
@session.calls_out
@require_safe
def show(request: HttpRequest, login: Login, key: int) -> HttpResponseBase:
    """What the account has or owes, and how that came about month by month (krc-5.5.1-04)."""
    return _shown(request, _own(login, pk=key), _system())


@parts.part("money")
@session.needed
@session.calls_out
@require_safe
def bill(request: HttpRequest, login: Login, key: int, month: str) -> HttpResponseBase:
    """The bill of a month as PDF; what hinders it is said on the account's page.

    Clause: krc-5.7.3-10.
    """
    account, system = _own(login, pk=key), _system()
    try:
        asking = Asking(account, bills.month_of(month), CHANNEL)
        content = bills.hand_over(
            asking, profile=here.profile(), billing=system, made=pdfs.made, clock=timezone.now
        )  # fmt: skip
    except NoBillError:
        raise Http404 from None
    except BillingAwayError:
        return _shown(request, account, system, {"wrong": "away"}, 503)
    except PrintingUnavailableError:
        return _shown(request, account, system, {"wrong": "printing"}, 503)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{bills.file_name(asking)}"'
    return answer


@parts.part("money")
@session.needed
@require_safe
def moved(request: HttpRequest, login: Login, number: str, month: str = "") -> HttpResponseBase:  # noqa: ARG001
    """Addresses once had the account's number in them, which logs and histories kept (ASVS 14.2.1): they lead on."""
    key = _own(login, number=number.replace("\x00", "")).pk
    return redirect("account_bill", key=key, month=month) if month else redirect("account_money", key=key)


def _shown(
    request: HttpRequest, account: Account, system: Billing, more: dict[str, str] | None = None, status: int = 200
) -> HttpResponseBase:  # fmt: skip
    profile, now = here.profile(), timezone.now()
    try:
        found = statements.statement(account, system, now.astimezone(profile.zone).date())
        if found is not None:
            statements.keep_balance(account=account, balance=found.balance, now=now)
        context = _context(account, found, profile)
    except BillingAwayError:
        context = {**_context(account, None, profile), "away": True}
    return refused.shown(request, PAGE, context | (more or {}), status)


def _context(account: Account, found: statements.Statement | None, profile: Profile) -> dict[str, Any]:
    drawn = plot(found.months) if found else None
    return {
        "account": account,
        "balance": money.shown(abs(account.balance), profile),
        "rows": [_row(row) for row in reversed(found.months)] if found else [],
        "payments": [(one, money.shown(one.amount, profile)) for one in reversed(found.payments)] if found else [],
        "bills": found.bills if found else [],
        "plot": drawn,
        "top": money.shown(drawn.top, profile) if drawn else "",
        "charged": money.shown(drawn.charged, profile) if drawn else "",
        "paid": money.shown(drawn.paid, profile) if drawn else "",
        "sign": money.sign(profile),
    }


def _row(row: statements.Month) -> dict[str, Any]:
    amounts = {name: money.bare(getattr(row, name)) for name in ("charged", "paid", "left")}
    return {"month": row.month, "has_bill": row.has_bill, **amounts}


def _own(login: Login, **named: int | str) -> Account:
    """Raises: Http404 for an account that this log-in has not shown to be its own, and alike for one that is none."""
    with wall.behind(login.pk):
        found = login.accounts.select_related("client", "premise").filter(**named).first()
    if found is None:
        raise Http404
    return found


def _system() -> Billing:
    """Raises: Http404 where there is no billing system to ask."""
    found = billing()
    if found is None:
        raise Http404
    return found
