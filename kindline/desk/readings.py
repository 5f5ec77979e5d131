"""Readings that wait for somebody: asked back, sent by file, not taken by the billing system."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.desk import access, house, lists
from kindline.readings import actions, export, filed, photos, queries, tasks, wording
from kindline.readings.errors import ReadingsError
from kindline.readings.lines import Sender
from kindline.readings.models import Reading, ReadingState, Refused, Sending, Upload
from kindline.staff.models import Employee

ROLES = access.METERS
BYTES_MAX = 20 * 2**20
LATEST = 10
FAULTS_SHOWN = 500


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """What was asked back and has no answer yet, the latest files, what the billing system would not have."""
    if not queries.are_taken(house.profile()):
        raise Http404
    page = lists.page_of(request, queries.asked_back())
    context = {
        "page": page, "rows": _with_photos([told(row) for row in page]), **_files(), "late": _late(),
        "faulty": [told(row) for row in export.faulty()[:LATEST]], "typed": request.GET,
    }  # fmt: skip
    return render(request, "desk/readings.html", context)


@require_POST
@access.for_roles(*ROLES)
def act(request: HttpRequest, reading: int, verb: str) -> HttpResponseBase:
    """Accept, correct or decline a reading that was asked back; offer it to the billing system again."""
    found, now = get_object_or_404(Reading, pk=reading), timezone.now()
    sender = Sender("office", employee_id=access.employee_of(request).pk)
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        if verb == "confirm":
            actions.confirm_reading(reading_id=found.pk, sender=sender, now=now)
        elif verb == "decline":
            actions.decline_reading(reading_id=found.pk, reason=reason, sender=sender, now=now)
        elif verb == "correct":
            value = request.POST.get("value", "").replace("\x00", "")
            actions.correct_reading(
                profile=house.profile(), reading_id=found.pk, value=value, reason=reason, sender=sender, now=now
            )  # fmt: skip
        elif verb == "again":
            export.try_again(reading_id=found.pk)
        else:
            raise Http404
    except ReadingsError as error:
        return _refused(request, found, error)
    return redirect("readings-desk")


def _refused(request: HttpRequest, found: Reading, error: ReadingsError) -> HttpResponseBase:
    """The page again, with what was typed in its place."""
    page = lists.page_of(request, queries.asked_back())
    rows = _with_photos([told(row) for row in page])
    for row in rows:
        if row["id"] == found.pk:
            row |= {"typed": request.POST, "wrong": wording.said(error.code)}
    context = {
        "page": page, "rows": rows, **_files(), "faulty": [], "late": _late(), "wrong": wording.said(error.code),
    }  # fmt: skip
    return render(request, "desk/readings.html", context, status=422)


@require_http_methods(["POST"])
@access.for_roles(*ROLES)
def upload(request: HttpRequest) -> HttpResponseBase:
    """A house manager's file: every line is judged as if it had been sent by itself; the same file again is known.

    A large one is gone through by a job.
    """
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > BYTES_MAX:
        messages.error(request, _("Choose a file of up to %(mb)s MB.") % {"mb": BYTES_MAX // 2**20})
        return redirect("readings-desk")
    try:
        return redirect(_taken(file.read(), str(file.name or ""), access.employee_of(request)))
    except ReadingsError as error:
        messages.error(request, wording.said(error.code))
        return redirect("readings-desk")


def _taken(content: bytes, name: str, me: Employee) -> str:
    """Where it is told what comes of it."""
    if len(content) > filed.AT_ONCE:
        with transaction.atomic():
            found = filed.lay_by(content=content, employee_id=me.pk, name=name, now=timezone.now())
            tasks.files_soon()
        return reverse("readings-upload-state", args=[found.pk])
    sender = Sender("file", employee_id=me.pk)
    made = filed.take_file(
        profile=house.profile(), content=content, sender=sender, name=name, now=timezone.now()
    )  # fmt: skip
    return reverse("readings-file", args=[made.pk])


@require_safe
@access.for_roles(*ROLES)
def under_way(request: HttpRequest, upload: int) -> HttpResponseBase:
    """How far a large file is; the page is shown anew as it goes on, and leads to what came of it."""
    found = get_object_or_404(Upload.objects.defer("content"), pk=upload)
    context = {
        "upload": found, "wrong": wording.said(found.fault) if found.fault else "",
        "sending": Sending.objects.filter(key=found.key).first() if found.finished_at else None,
    }  # fmt: skip
    is_part = "part" in request.GET
    return render(request, "desk/_readings_upload.html" if is_part else "desk/readings_upload.html", context)


@require_POST
@access.for_roles(*ROLES)
def again(request: HttpRequest, sending: int) -> HttpResponseBase:
    """Judge the refused lines of a file once more; very many by a job."""
    found, me = get_object_or_404(Sending, pk=sending, channel="file"), access.employee_of(request)
    try:
        return redirect(_judged_again(found, me))
    except ReadingsError as error:
        messages.error(request, wording.said(error.code))
        return redirect("readings-file", found.pk)


def _judged_again(found: Sending, me: Employee) -> str:
    """Where it is told what comes of it."""
    if filed.are_many(found):
        with transaction.atomic():
            laid = filed.lay_again_by(sending=found, employee_id=me.pk, now=timezone.now())
            tasks.files_soon()
        return reverse("readings-upload-state", args=[laid.pk])
    sender = Sender("file", employee_id=me.pk, login_id=found.login_id)
    made = filed.judge_again(profile=house.profile(), sending=found, sender=sender, now=timezone.now())
    return reverse("readings-file", args=[made.pk])


@require_safe
@access.for_roles(*ROLES)
def one_file(request: HttpRequest, sending: int) -> HttpResponseBase:
    """What came of a file: how many lines were accepted, asked back, not accepted; each fault with its line."""
    found = get_object_or_404(Sending, pk=sending, channel="file")
    faults = Refused.objects.filter(sending=found).order_by("line")
    asked = Reading.objects.filter(sending=found, state=ReadingState.ASKED_BACK).select_related("meter__account")
    counts = queries.counted().get(pk=found.pk)
    context = {
        "sending": found, "counts": counts, "employee": Employee.objects.filter(pk=found.employee_id or 0).first(),
        "faults": [(one, wording.said(one.code)) for one in faults[:FAULTS_SHOWN]],
        "asked": [told(row) for row in asked.select_related("sending").order_by("line")[:FAULTS_SHOWN]],
    }  # fmt: skip
    return render(request, "desk/readings_file.html", context)


def _files() -> dict[str, Any]:
    """The latest files, those still on their way, and how large one may be."""
    waiting = Upload.objects.filter(finished_at=None).defer("content").order_by("-pk")
    latest = Sending.objects.filter(channel="file").order_by("-sent_at")
    return {
        "files": list(latest[:LATEST]), "waiting": list(waiting[:LATEST]), "mb": BYTES_MAX // 2**20,
        "at_once_mb": filed.AT_ONCE // 2**20,
    }  # fmt: skip


def _late() -> int:
    """How many have waited longer than the organisation lets them: they stand first."""
    return queries.unsettled(house.profile(), timezone.now()).count()


def _with_photos(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many photos came with each."""
    given = photos.of_many(row["id"] for row in rows)
    return [row | {"photos": len(given.get(row["id"], ()))} for row in rows]


def told(row: Reading) -> dict[str, Any]:
    """A reading in a list, with what stood before it."""
    meter = row.meter
    last = queries.last(meter.pk, row.zone, before=row.taken_on)
    return {
        "id": row.pk,
        "account": meter.account.number,
        "client": str(meter.account.client),
        "meter": meter.number,
        "zone": wording.zone_title(row.zone) if len(meter.zones) > 1 else "",
        "value": wording.figures(row.value),
        "unit": wording.unit_title(meter.unit),
        "day": row.taken_on,
        "last": wording.figures(last.value) if last else "",
        "last_on": last.on if last else None,
        "why": wording.said(row.code),
        "fault": row.export_fault,
        "channel": wording.channel_title(row.sending.channel),
        "sent_at": row.sending.sent_at,
        "line": row.line,
    }
