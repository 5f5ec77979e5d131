"""Files of appeals over HTTP: attached through the same quarantine as any other, and listed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import File, Router
from ninja.files import UploadedFile

from kindline.api import once, schemas
from kindline.api.access import PersonalToken, caller_of, readable, writable
from kindline.api.appeals import READERS, WITH_KEY, AppealKey
from kindline.appeals import filing
from kindline.files import arriving, limits, quota, taking
from kindline.files.models import Attachment
from kindline.staff.models import Scope

router = Router(tags=["appeals"])


@router.post(
    "/{appeal}/attachments", auth=PersonalToken(Scope.WRITE, Scope.CREATE), url_name="attachments",
    openapi_extra=WITH_KEY, response={201: schemas.FileAttached, **schemas.refusals(404, 409, 413)},
)  # fmt: skip
def attach(request: HttpRequest, appeal: AppealKey, file: File[UploadedFile]) -> HttpResponse:
    """Attach a file (multipart/form-data, field `file`); while it is `waiting` it is being checked for viruses."""
    caller = caller_of(request)
    found = writable(caller, appeal)
    body = f"{file.name} {arriving.sha256_of(file)}"
    if before := once.given_before(request, caller, body):
        return before  # it is not counted again, nor looked at
    with arriving.upload_of(file, quota.program(caller.token), caller.now) as upload:
        looked = taking.looked_at(upload, allowed=limits.types())

    def work() -> once.Deed:
        row = filing.add_looked(appeal=found, looked=looked, employee=caller.employee, now=caller.now)
        return once.Deed(found, told(row).model_dump_json())

    return once.done_once(request, caller, body, work)


@router.get(
    "/{appeal}/attachments", auth=READERS, url_name="attachments",
    response={200: schemas.Files, **schemas.refusals(404)},
)  # fmt: skip
def several(request: HttpRequest, appeal: AppealKey) -> HttpResponse:
    """The files of an appeal, in the order in which they came."""
    found = readable(caller_of(request), appeal)
    files = schemas.Files(items=[told(one) for one in filing.files_of(found)])
    return HttpResponse(files.model_dump_json(), content_type="application/json")


def told(row: Attachment) -> schemas.FileAttached:
    """What is said of a file."""
    file = row.file
    return schemas.FileAttached(
        id=row.pk, name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256, state=file.state,
        attached_at=row.attached_at,
    )  # fmt: skip
