"""The pages of readings by file in the account of a firm: it is sent, and what became of each line is told."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.readings import queries, wording
from kindline.readings.errors import ReadingsError
from kindline.readings.lines import Sender
from kindline.readings.models import Reading, ReadingState, Refused, Sending
from kindline.site import form, here
from kindline.site.account import meters, parts, session, sheets

SHOWN, FAULTS_SHOWN = 10, 500


@parts.part("readings")
@session.needed
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Send a file with the readings of the firm's meters; each line is judged as if it had come by itself."""
    _check(login)
    if request.method != "POST":
        return _form(request, login)
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > sheets.BYTES_MAX:
        return _form(request, login, gettext("Choose a file of up to %(mb)s MB.") % {"mb": sheets.BYTES_MAX // 2**20})
    file.seek(0)  # the page may run again
    try:
        made = sheets.send(
            profile=here.profile(), login=login, name=str(file.name or ""), content=file.read(), now=timezone.now()
        )
    except ReadingsError as error:
        return _form(request, login, wording.said(error.code))
    return redirect("account_readings_sent", key=made.pk)


@parts.part("readings")
@session.needed
@require_POST
def again(request: HttpRequest, login: Login, key: int) -> HttpResponseBase:
    """Judge the lines of a file that were not accepted once more."""
    _check(login)
    found = get_object_or_404(sheets.of(login), pk=key)
    try:
        made = sheets.again(profile=here.profile(), login=login, sending=found, now=timezone.now())
    except ReadingsError as error:
        return _form(request, login, wording.said(error.code))
    return redirect("account_readings_sent", key=made.pk)


@parts.part("readings")
@session.needed
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request: HttpRequest, login: Login, key: int) -> HttpResponseBase:
    """What became of a file: how many lines were accepted, asked back, not accepted; each fault with its line.

    What was asked back is answered here: who sends readings for accounts of others sees them nowhere else.
    """
    found = get_object_or_404(queries.counted(), pk=key, channel="file", login_id=login.pk)
    if request.method != "POST":
        return _told(request, login, found)
    row = form.row_key(request.POST.get("reading", ""))
    reading = get_object_or_404(Reading, pk=row, sending=found, meter__account__in=sheets.accounts_of(login))
    try:
        sender = Sender("account", login_id=login.pk)
        meters.settle(reading, request.POST.get("verb", ""), sender, timezone.now())
    except ReadingsError as error:
        return _told(request, login, found, wording.said(error.code))
    return redirect("account_readings_sent", key=found.pk)


def _told(request: HttpRequest, login: Login, found: Sending, wrong: str = "") -> HttpResponse:
    faults = Refused.objects.filter(sending=found).order_by("line")[:FAULTS_SHOWN]
    asked = Reading.objects.filter(sending=found, state=ReadingState.ASKED_BACK).select_related("meter")
    may = dict(Account.objects.filter(pk__in=sheets.accounts_of(login)).values_list("pk", "number"))
    context = {
        "sending": found, "wrong": wrong, "faults": [(one, wording.said(one.code)) for one in faults],
        "asked": [
            (one, wording.figures(one.value), wording.said(one.code), may.get(one.meter.account_id))
            for one in asked.order_by("line")[:FAULTS_SHOWN]
        ],
    }  # fmt: skip
    return render(request, "site/account/readings_sent.html", context, status=422 if wrong else 200)


def _check(login: Login) -> None:
    """Raises: Http404 where no readings are taken, or the log-in sends no files."""
    if not queries.are_taken(here.profile()) or not sheets.may_send(login):
        raise Http404


def _form(request: HttpRequest, login: Login, wrong: str = "") -> HttpResponse:
    context: dict[str, Any] = {"wrong": wrong, "files": sheets.of(login)[:SHOWN], "mb": sheets.BYTES_MAX // 2**20}
    return render(request, "site/account/readings_file.html", context, status=422 if wrong else 200)
