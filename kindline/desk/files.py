"""Files of appeals, letters and forms: attached, shown, handed over closed; every opening is a fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.appeals import filing
from kindline.appeals.models import Appeal
from kindline.conversations.errors import RefusedError
from kindline.correspondence import papers
from kindline.correspondence.models import Incoming, Paper
from kindline.desk import access, file_words, house, lists, refusals, uploads
from kindline.files import erasing, handing, queries, taking
from kindline.files.content import INLINE
from kindline.files.errors import FilesError
from kindline.files.models import Attachment, Owner
from kindline.quality import inspecting
from kindline.quality.inspection_models import Inspection
from kindline.readings import photos
from kindline.readings.lines import Sender
from kindline.readings.models import Reading
from kindline.staff.models import Employee

PART = "X-Part"


@dataclass(frozen=True, slots=True)
class Place:
    """What has files: who may see them, and where its page is."""

    roles: tuple[str, ...]
    model: type[Any]
    page: str


PLACES = {
    "appeal": Place(access.REGISTRY, Appeal, "appeal"),
    "mail": Place(access.LETTERS, Incoming, "mail-one"),
    "paper": Place(access.LETTERS, Paper, "paper"),
    "reading": Place(access.METERS, Reading, "reading"),
    "inspection": Place((), Inspection, "inspection"),  # who may see one is said by the standard
}


INSPECTION = "inspection"


def check_sight(owner: Owner, me: Employee) -> None:
    """Raises: PermissionDenied when the files of that owner are not this employee's to see."""
    place = PLACES.get(owner.kind)
    if owner.kind == INSPECTION:
        _check_inspection(owner, me)
        return
    if place is not None and me.has_role(*place.roles):
        return
    if owner.kind != erasing.DRAFT or not owner.key.startswith(f"{me.pk}-"):
        raise PermissionDenied


def _check_inspection(owner: Owner, me: Employee) -> None:
    if not inspecting.may_see(house.profile(), me, _found(owner)):
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def several(request: HttpRequest, kind: str, key: str) -> HttpResponseBase:
    """The part of a page with an owner's files; a post attaches more, or takes one of a form away."""
    me = access.employee_of(request)
    owner = uploads.draft(me, uploads.draft_key(key)) if kind == erasing.DRAFT else Owner(kind, key)
    check_sight(owner, me)
    said = _attached(request, owner, me) if request.method == "POST" else []
    if request.headers.get(PART):
        return _part(request, owner, me, key if kind == erasing.DRAFT else "", said)
    for one in said:
        messages.error(request, one)
    return _back(owner)


def _attached(request: HttpRequest, owner: Owner, me: Employee) -> list[str]:
    now, role = timezone.now(), _role(request)
    if owner.kind == erasing.DRAFT:
        return uploads.take_for_form(request, me, owner.key.partition("-")[2], now, role)
    found = _found(owner)
    if isinstance(found, Appeal):
        return uploads.take(
            request, lambda upload: filing.add_file(appeal=found, upload=upload, role=role, employee=me, now=now)
        )  # fmt: skip
    if isinstance(found, Paper):
        return uploads.take(
            request, lambda upload: papers.add_file(paper=found, upload=upload, employee=me, now=now)
        )  # fmt: skip
    if isinstance(found, Reading):
        return _photos(request, found, me)
    raise PermissionDenied  # what came by e-mail stays as it came


def _photos(request: HttpRequest, found: Reading, me: Employee) -> list[str]:
    sender, now = Sender("office", employee_id=me.pk), timezone.now()
    return uploads.take(
        request,
        lambda upload: photos.add_photo(upload=upload, reading_id=found.pk, sender=sender, employee=me, now=now),
    )


def _role(request: HttpRequest) -> str:
    asked = request.POST.get("role", "")
    return asked if asked in (taking.SCAN, taking.ANSWER) else taking.FILE


def _part(request: HttpRequest, owner: Owner, me: Employee, key: str, said: list[str]) -> HttpResponseBase:
    panel = uploads.panel(owner, key, removable=may_remove(owner, me))
    return render(request, "desk/_attached.html", {"panel": panel, "said": said}, status=422 if said else 200)


def _found(owner: Owner) -> Any:
    place = PLACES.get(owner.kind)
    if place is None or not owner.key.isdecimal() or len(owner.key) > 17:
        raise Http404
    return get_object_or_404(place.model, pk=int(owner.key))


def _back(owner: Owner) -> HttpResponseBase:
    if owner.kind not in PLACES:
        raise Http404
    return redirect(PLACES[owner.kind].page, _found(owner).pk)


def may_remove(owner: Owner, me: Employee) -> bool:
    """Whether an employee may take files away: of an appeal those in charge, of his own form anybody."""
    return owner.kind == erasing.DRAFT or (owner.kind == "appeal" and access.in_charge(me))


@require_safe
@access.for_roles(*access.EVERYBODY)
def one(request: HttpRequest, attachment: int) -> HttpResponseBase:
    """A file that was found clean, to be saved; a picture is shown with `?view=1`. Others are not passed on."""
    row, me = _row(request, attachment), access.employee_of(request)
    inline = bool(request.GET.get("view")) and row.file.media_type in INLINE
    try:
        return handing.give(request, row, inline=inline, employee=me, now=timezone.now())
    except FilesError as error:
        messages.error(request, file_words.refusal(error, row.file.shown_name))
        return _back(row.owner)


@require_POST
@access.for_roles(*access.EVERYBODY)
def remove(request: HttpRequest, attachment: int) -> HttpResponseBase:
    """Take a file away from an appeal, with a reason."""
    row, me = _row(request, attachment), access.employee_of(request)
    found = _found(row.owner)
    if not may_remove(row.owner, me) or not isinstance(found, Appeal):
        raise PermissionDenied
    try:
        filing.remove_file(
            attachment=row, appeal=found, reason=request.POST.get("reason", ""), employee=me, now=timezone.now()
        )  # fmt: skip
    except FilesError as error:
        messages.error(request, file_words.refusal(error))
    except RefusedError as error:
        messages.error(request, refusals.message_of(error))
    else:
        messages.success(request, _("The file was taken away."))
    return _back(row.owner)


def _row(request: HttpRequest, attachment: int) -> Attachment:
    row = get_object_or_404(Attachment.objects.select_related("file"), pk=attachment)
    check_sight(row.owner, access.employee_of(request))
    return row


@require_safe
@access.for_roles(*access.LETTERS)
def kept(request: HttpRequest) -> HttpResponseBase:
    """Files that are not passed on: in quarantine, refused, or unreadable."""
    page = lists.page_of(request, queries.not_passed_on())
    rows = [
        {
            "name": file.shown_name,
            "kind": file_words.type_title(file.media_type),
            "size": file.size,
            "told": file_words.state_of(file),
            "owners": [_told(one.owner) for one in file.attachments.all() if one.owner_kind in PLACES],
        }
        for file in page
    ]
    return render(request, "desk/quarantine.html", {"page": page, "rows": rows})


def _told(owner: Owner) -> dict[str, Any]:
    place = PLACES[owner.kind]
    found = place.model.objects.filter(pk=int(owner.key)).first()
    return {"page": place.page, "key": owner.key, "name": str(found or owner)}
