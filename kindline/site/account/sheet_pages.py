"""The pages of readings by file in the account of a firm: it is sent, and what became of each line is told."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.clients.login_models import Login
from kindline.readings import queries, wording
from kindline.readings.errors import ReadingsError
from kindline.readings.models import Reading, ReadingState, Refused
from kindline.site import here
from kindline.site.account import parts, session, sheets

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
@require_safe
def sent(request: HttpRequest, login: Login, key: int) -> HttpResponse:
    """What became of a file: how many lines were accepted, asked back, not accepted; each fault with its line."""
    found = get_object_or_404(queries.counted(), pk=key, channel="file", login_id=login.pk)
    faults = Refused.objects.filter(sending=found).order_by("line")[:FAULTS_SHOWN]
    asked = Reading.objects.filter(sending=found, state=ReadingState.ASKED_BACK).select_related("meter__account")
    context = {
        "sending": found,
        "faults": [(one, wording.said(one.code)) for one in faults],
        "asked": [(one, wording.figures(one.value), wording.said(one.code)) for one in asked[:FAULTS_SHOWN]],
    }
    return render(request, "site/account/readings_sent.html", context)


def _check(login: Login) -> None:
    """Raises: Http404 where no readings are taken, or the log-in sends no files."""
    if not queries.are_taken(here.profile()) or not sheets.may_send(login):
        raise Http404


def _form(request: HttpRequest, login: Login, wrong: str = "") -> HttpResponse:
    context: dict[str, Any] = {"wrong": wrong, "files": sheets.of(login)[:SHOWN], "mb": sheets.BYTES_MAX // 2**20}
    return render(request, "site/account/readings_file.html", context, status=422 if wrong else 200)
