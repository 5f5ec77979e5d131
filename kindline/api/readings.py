"""Meter readings over HTTP: one, many, and the answer to what was asked back."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Body, File, Path, Router
from ninja.files import UploadedFile

from kindline.api import schemas
from kindline.api.access import Caller, PersonalToken, caller_of
from kindline.api.appeals import WITH_KEY
from kindline.api.attachments import told
from kindline.api.once import KEY, answered
from kindline.api.problems import ProblemError, wrong
from kindline.files import arriving, quota
from kindline.files.errors import TooManyFilesError
from kindline.readings import actions, bulk, photos, queries, wording
from kindline.readings.lines import Line, Outcome, Sender
from kindline.readings.models import Reading, Sending
from kindline.staff.models import Scope
from kindline.standard import loader
from kindline.standard.profile import Profile

router = Router(tags=["readings"])
SENDERS = PersonalToken(Scope.READINGS)
ONE_BY_ONE = 50
"""More than these are judged by the database together."""
FIELDS = {
    "unknown_meter": "meter", "unknown_zone": "zone", "not_a_day": "taken_on", "future": "taken_on",
    "meter_absent": "taken_on",
}  # fmt: skip
ReadingKey = Path[schemas.Key]


@router.post(
    "", auth=SENDERS, url_name="readings", openapi_extra=WITH_KEY,
    response={201: schemas.ReadingTold, **schemas.refusals(404, 409, 413)},
)  # fmt: skip
def one(request: HttpRequest, payload: Body[schemas.NewReading]) -> HttpResponse:
    """Send a reading; it is answered at once. One that is asked back stands once it is confirmed (krc-5.7.3-06)."""
    _, found = _sent(request, [payload])
    if found[0].state == "refused":
        code = found[0].code
        errors = [wrong(FIELDS.get(code, "value"), wording.said(code))]
        raise ProblemError("reading_refused", errors, more={"reason": code})
    return answered(201, _told(found[0]).model_dump_json(), replayed=False)


@router.post(
    "/bulk", auth=SENDERS, url_name="readings-bulk", openapi_extra=WITH_KEY,
    response={201: schemas.ReadingsTold, **schemas.refusals(404, 409, 413)},
)  # fmt: skip
def many(request: HttpRequest, payload: Body[schemas.NewReadings]) -> HttpResponse:
    """Send up to 10,000 readings; what is wrong with one does not hold back the others."""
    sending, found = _sent(request, payload.readings)
    told = schemas.ReadingsTold(sending=sending.pk, results=[_told(outcome) for outcome in found])
    return answered(201, told.model_dump_json(), replayed=False)


@router.post(
    "/{reading}/confirm", auth=SENDERS, url_name="reading-confirm",
    response={200: schemas.ReadingTold, **schemas.refusals(404, 409)},
)  # fmt: skip
def confirm(request: HttpRequest, reading: ReadingKey) -> HttpResponse:
    """Say that a reading which was asked back is right; only who sent it may."""
    caller = caller_of(request)
    row = _mine(caller, reading)
    kept = actions.confirm_reading(reading_id=row.pk, sender=_sender(caller), now=caller.now)
    return answered(200, _told(Outcome(kept.line, kept.state, kept.code, kept.pk)).model_dump_json(), replayed=False)


@router.post(
    "/{reading}/photos", auth=SENDERS, url_name="reading-photos",
    response={201: schemas.FileAttached, **schemas.refusals(404, 409, 413)},
)  # fmt: skip
def photo(request: HttpRequest, reading: ReadingKey, file: File[UploadedFile]) -> HttpResponse:
    """Add a photo of the meter to a reading that one has sent (multipart/form-data, field `file`), at most three.

    What the camera wrote beside the picture is taken away. The same picture again is the same photo, with the same
    answer, so it may be sent once more after a dead line, and counts once a day in the quota; an Idempotency-Key may
    be given and is not needed. Clause: krc-5.7.3-06.
    """
    caller = caller_of(request)
    row = _mine(caller, reading)
    given: dict[str, Any] = {"sender": _sender(caller), "employee": caller.employee, "now": caller.now}
    once = hashlib.sha256(f"photo {row.pk} {arriving.sha256_of(file)}".encode()).hexdigest()
    with arriving.upload_of(file, quota.program(caller.token), caller.now, once=once) as upload:
        try:
            kept = photos.add_photo(upload=upload, reading_id=row.pk, most=photos.MOST, **given)
        except TooManyFilesError as error:
            raise ProblemError("photo_many") from error
    return HttpResponse(told(kept).model_dump_json(), content_type="application/json", status=201)


def _mine(caller: Caller, reading: int) -> Reading:
    """A reading that came by this token. Raises: ProblemError where there is none."""
    row = Reading.objects.filter(pk=reading, sending__key__startswith=_own(caller)).first()
    if row is None:
        raise ProblemError("not_found")
    return row


def _sent(request: HttpRequest, readings: list[schemas.NewReading]) -> tuple[Sending, list[Outcome]]:
    caller, profile = caller_of(request), loader.load(settings.KINDLINE["profile"])
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise ProblemError("key_missing")
    if not queries.are_taken(profile):
        raise ProblemError("not_found")
    lines = [Line(one.account, one.meter, one.zone, one.value, one.taken_on) for one in readings]
    if len(lines) > ONE_BY_ONE:
        return _together(profile, caller, _own(caller) + key, lines)
    return actions.submit_readings(
        profile=profile, key=_own(caller) + key, lines=lines, sender=_sender(caller), now=caller.now
    )  # fmt: skip


def _together(profile: Profile, caller: Caller, key: str, lines: list[Line]) -> tuple[Sending, list[Outcome]]:
    rows = [(one.account, one.meter, one.zone, one.value, one.taken_on) for one in lines]
    sending = bulk.load_readings(
        profile=profile, key=key, rows=rows, sender=_sender(caller), title="", now=caller.now
    )  # fmt: skip
    return sending, queries.outcomes(sending)


def _own(caller: Caller) -> str:
    """How the keys of a token's sendings begin."""
    return f"api {caller.token.pk} "


def _sender(caller: Caller) -> Sender:
    return Sender("api", employee_id=caller.employee.pk)


def _told(outcome: Outcome) -> schemas.ReadingTold:
    return schemas.ReadingTold(
        line=outcome.line, state=outcome.state, code=outcome.code, detail=wording.said(outcome.code), id=outcome.reading
    )
