"""Letters on paper: registered with a scan and a label, printed, posted, delivered or come back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.appeals import queries as appeals
from kindline.correspondence import content, papers, printing, queries, storing
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import CorrespondenceError, PrintingUnavailableError
from kindline.correspondence.models import Paper
from kindline.correspondence.papers import Received, Upload
from kindline.desk import access, house, lists, mail, mail_words
from kindline.desk.wording import titled

FIELDS = ("subject", "surname", "given_name", "patronymic", "firm_name", "address", "written_on", "received_on", "key")
FILES_MAX = 20
STATES = ("to_print", "printed", "posted", "delivered", "returned")
"""Of a letter that goes out; the first is the print queue."""


@require_safe
@access.for_roles(*mail.ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """The register of letters that came in, or with `?direction=out` of those that go out; `?state=` one of them."""
    direction = "out" if request.GET.get("direction") == "out" else "in"
    rows, state = queries.papers(direction), request.GET.get("state", "")
    rows = rows.filter(state=state) if state in STATES else rows
    if request.GET.get("format") == "csv":
        heads = [_("Number"), _("Registered"), _("Whose"), _("Subject"), _("State"), _("Tracking number")]
        return lists.as_csv(f"letters-{direction}", heads, _lines(rows))
    page = lists.page_of(request, rows)
    context = {"page": page, "rows": [_row(one) for one in page], "direction": direction, "state": state}
    context["states"] = [(code, titled(mail_words.PAPERS, code)) for code in STATES]
    return render(request, "desk/papers.html", context)


def _row(one: Paper) -> dict[str, Any]:
    state = titled(mail_words.PAPERS, one.state)
    return {"paper": one, "state": state, "who": str(printing.person_of(one))}


def _lines(rows: Any) -> Iterator[list[object]]:
    for one in rows.iterator(500):
        registered, told = house.local(one.registered_at), _row(one)
        yield [one.number, f"{registered:%Y-%m-%d}", told["who"], one.subject, told["state"], one.tracking_number]


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*mail.ROLES)
def new(request: HttpRequest) -> HttpResponseBase:
    """Register a letter that came on paper; its scans go with it."""
    today = house.local(timezone.now())
    fresh = {"received_on": f"{today:%Y-%m-%d}", "key": fresh_key()}
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS} if request.method == "POST" else fresh
    faults = _faults(request, typed) if request.method == "POST" else {}
    if request.method == "POST" and not faults:
        with _uploaded(request.FILES.getlist("scans")) as scans:
            made = papers.register_incoming(
                profile=house.profile(), key=typed["key"] or fresh_key(), received=_received(typed), scans=scans,
                employee=access.employee_of(request), now=timezone.now(),
            )  # fmt: skip
        return redirect("paper", paper=made.pk)
    context = {"typed": typed, "faults": faults}
    return render(request, "desk/paper_new.html", context, status=422 if faults else 200)


def fresh_key() -> str:
    """What makes a form sent twice one letter."""
    return f"form:{uuid.uuid4()}"


def _faults(request: HttpRequest, typed: dict[str, str]) -> dict[str, str]:
    found = {}
    if not typed["subject"]:
        found["subject"] = _("Say in a few words what the letter is about.")
    if not (typed["surname"] or typed["given_name"] or typed["firm_name"]):
        found["surname"] = _("Say whose letter it is.")
    for name in ("written_on", "received_on"):
        if typed[name] and _date(typed[name]) is None:
            found[name] = _("Write the date as 2026-03-02.")
    given = request.FILES.getlist("scans")
    if len(given) > FILES_MAX or any((one.size or 0) > content.SIZE_MAX for one in given):
        found["scans"] = _("At most 20 files, each at most 30 MB.")
    return found


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _received(typed: dict[str, str]) -> Received:
    person = Person(typed["surname"], typed["given_name"], typed["patronymic"], firm_name=typed["firm_name"])
    return Received(typed["subject"], person, typed["address"], _date(typed["written_on"]), _date(typed["received_on"]))


@contextmanager
def _uploaded(files: Sequence[UploadedFile[Any]]) -> Iterator[list[Upload]]:
    """Files of a form, on the disk under numbers."""
    with storing.workbench() as bench:
        found = []
        for number, one in enumerate(files):
            path = bench / str(number)
            with path.open("wb") as file:
                for chunk in one.chunks():
                    file.write(chunk)
            found.append(Upload(one.name or "", path))
        yield found


@require_safe
@access.for_roles(*mail.ROLES)
def one(request: HttpRequest, paper: int) -> HttpResponseBase:
    """One letter with its files, its label, and what may be done with it now."""
    found = _found(paper)
    files = [(one, mail_words.attachment_state(one)) for one in found.attachments.order_by("position")]
    appeal = appeals.appeal_of(paper=found.pk)
    context = {**_row(found), "appeal": appeal, "attachments": files}
    context["label"] = printing.label(found) if found.direction == "in" else ""
    return render(request, "desk/paper.html", context)


@require_safe
@access.for_roles(*mail.ROLES)
def pdf(request: HttpRequest, paper: int) -> HttpResponseBase:
    """The letter as PDF; the first time it is made and kept."""
    found = _found(paper)
    try:
        path = papers.print_letter(
            paper=found, profile=house.profile(), employee=access.employee_of(request), now=timezone.now()
        )  # fmt: skip
    except PrintingUnavailableError as error:
        messages.error(request, f"{titled(mail_words.REFUSALS, error.code)} {error}")
        return redirect("paper", paper=found.pk)
    except CorrespondenceError as error:
        messages.error(request, titled(mail_words.REFUSALS, error.code))
        return redirect("paper", paper=found.pk)
    name = f"{found.number.replace('/', '-')}.pdf"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")


@require_POST
@access.for_roles(*mail.ROLES)
def act(request: HttpRequest, paper: int, verb: str) -> HttpResponseBase:
    """Posted, delivered with its proof, returned, or another file."""
    found, me, now = _found(paper), access.employee_of(request), timezone.now()
    said = request.POST.get("outcome", "")
    given = request.FILES.getlist("file")[:1]
    if any((one.size or 0) > content.SIZE_MAX for one in given):
        messages.error(request, _("At most 20 files, each at most 30 MB."))
        return redirect("paper", paper=found.pk)
    with _uploaded(given) as files:
        try:
            _act(verb, found, said, files[0] if files else None, {"employee": me, "now": now})
        except CorrespondenceError as error:
            messages.error(request, titled(mail_words.REFUSALS, error.code))
    return redirect("paper", paper=found.pk)


def _act(verb: str, found: Paper, said: str, file: Upload | None, by: dict[str, Any]) -> None:
    if verb == "posted":
        papers.mark_posted(paper=found, tracking_number=said, **by)
    elif verb == "delivered":
        papers.mark_delivered(paper=found, outcome=said, proof=file, **by)
    elif verb == "returned":
        papers.mark_returned(paper=found, outcome=said, **by)
    elif verb == "file" and file is not None:
        papers.add_file(paper=found, upload=file, **by)
    else:
        raise Http404


def _found(paper: int) -> Paper:
    rows = Paper.objects.select_related("client", "employee", "executor", "signer", "answers")
    found: Paper = get_object_or_404(rows, pk=paper)
    return found
