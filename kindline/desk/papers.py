"""Letters on paper: registered with a scan and a label, printed, posted, delivered or come back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.appeals import outdated_letters
from kindline.appeals import queries as appeals
from kindline.correspondence import papers, print_queue, printing, queries
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import CorrespondenceError, PrintingUnavailableError
from kindline.correspondence.models import Paper
from kindline.correspondence.papers import Received
from kindline.desk import access, exporting, file_words, house, lists, mail, mail_words, printouts, uploads
from kindline.desk.wording import titled
from kindline.files import arriving, quota, taking
from kindline.files import queries as files
from kindline.files.errors import FilesError
from kindline.journal import retrying
from kindline.staff.models import Employee

FIELDS = ("subject", "surname", "given_name", "patronymic", "firm_name", "address", "written_on", "received_on", "key")
STATES = ("to_print", "printed", "posted", "delivered", "returned")
"""Of a letter that goes out; the first is the print queue."""
FORMATS: Mapping[str, Callable[..., HttpResponseBase]] = {"csv": lists.as_csv, "xlsx": lists.as_xlsx}


@require_safe
@access.for_roles(*mail.ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """The register of letters that came in, or with `?direction=out` of those that go out; `?state=` one of them."""
    direction = "out" if request.GET.get("direction") == "out" else "in"
    rows, state = queries.papers(direction), request.GET.get("state", "")
    rows = rows.filter(state=state) if state in STATES else rows
    if make := FORMATS.get(request.GET.get("format", "")):
        return exporting.out(request, "letters", lambda: make(f"letters-{direction}", heads(), _lines(rows)))
    page = lists.page_of(request, rows)
    context: dict[str, Any] = {"page": page, "rows": [_row(one) for one in page], "direction": direction}
    context["outdated"] = outdated_letters.of_papers([one.pk for one in page]) if direction == "out" else set()
    context |= {"state": state, "states": [(code, titled(mail_words.PAPERS, code)) for code in STATES]}
    context["waiting"] = print_queue.waiting_count() if direction == "out" else 0
    context["batches"] = print_queue.batches() if direction == "out" else []
    return render(request, "desk/papers.html", context)


def _row(one: Paper) -> dict[str, Any]:
    state = mail_words.paper_state(one)
    return {"paper": one, "state": state, "who": str(printing.person_of(one))}


def heads() -> list[str]:
    """The columns of the register: whose letter it is, how it went, and what proves it."""
    return [
        _("Number"), _("Registered"), _("Whose"), _("Address"), _("Subject"), _("State"), _("Given to the post"),
        _("Tracking number"), _("Ended"), _("Outcome"), _("Notice of the post"),
    ]  # fmt: skip


def _lines(rows: Any) -> Iterator[list[object]]:
    proofs = set(files.of_many("paper").filter(role=taking.PROOF).values_list("owner_key", flat=True))
    for one in rows.iterator(500):
        told = _row(one)
        yield [
            one.number, _day(one.registered_at), told["who"], one.address, one.subject, told["state"],
            _day(one.posted_at), one.tracking_number, _day(one.ended_at), one.outcome,
            _("yes") if str(one.pk) in proofs else "",
        ]  # fmt: skip


def _day(moment: dt.datetime | None) -> str:
    here = house.local(moment)
    return f"{here:%Y-%m-%d}" if here else ""


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*mail.ROLES)
def new(request: HttpRequest) -> HttpResponseBase:
    """Register a letter that came on paper; its scans go with it."""
    me, now = access.employee_of(request), timezone.now()
    fresh = {"received_on": f"{house.local(now):%Y-%m-%d}", "key": fresh_key()}
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS} if request.method == "POST" else fresh
    key = uploads.draft_key(request.POST.get(uploads.KEY, ""))
    faults = _faults(typed) if request.method == "POST" else {}
    said = uploads.take_for_form(request, me, key, now, taking.SCAN) if request.method == "POST" else []
    if request.method == "POST" and not faults and not said:
        return redirect("paper", paper=retrying.whole(lambda: _register(typed, key, me, now)).pk)
    panel = uploads.panel(uploads.draft(me, key), key)
    context = {"typed": typed, "faults": faults, "panel": panel, "said": said}
    return render(request, "desk/paper_new.html", context, status=422 if faults or said else 200)


def _register(typed: dict[str, str], key: str, me: Employee, now: dt.datetime) -> Paper:
    return papers.register_incoming(
        profile=house.profile(), key=typed["key"] or fresh_key(), received=_received(typed),
        draft=uploads.draft(me, key).key, employee=me, now=now,
    )  # fmt: skip


def fresh_key() -> str:
    """What makes a form sent twice one letter."""
    return f"form:{uuid.uuid4()}"


def _faults(typed: dict[str, str]) -> dict[str, str]:
    found = {}
    if not typed["subject"]:
        found["subject"] = _("Say in a few words what the letter is about.")
    if not (typed["surname"] or typed["given_name"] or typed["firm_name"]):
        found["surname"] = _("Say whose letter it is.")
    for name in ("written_on", "received_on"):
        if typed[name] and _date(typed[name]) is None:
            found[name] = _("Write the date as 2026-03-02.")
    return found


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _received(typed: dict[str, str]) -> Received:
    person = Person(typed["surname"], typed["given_name"], typed["patronymic"], firm_name=typed["firm_name"])
    return Received(typed["subject"], person, typed["address"], _date(typed["written_on"]), _date(typed["received_on"]))


@require_safe
@access.for_roles(*mail.ROLES)
def one(request: HttpRequest, paper: int) -> HttpResponseBase:
    """One letter with its files, its label, and what may be done with it now."""
    return _page(request, _found(paper))


def _page(request: HttpRequest, found: Paper, typed: str = "", status: int = 200) -> HttpResponseBase:
    """`typed`: the outcome, where its file was not taken."""
    panel = uploads.panel(found.owner)
    context = {**_row(found), "panel": panel, "label": printing.label(found) if found.direction == "in" else ""}
    context |= {"appeal": appeals.appeal_of(paper=found.pk), "typed": typed}
    context["outdated"] = outdated_letters.of_papers([found.pk])
    return render(request, "desk/paper.html", context, status=status)


@require_safe
@access.for_roles(*mail.ROLES)
def pdf(request: HttpRequest, paper: int) -> HttpResponseBase:
    """The letter as PDF; the first time it is made and kept."""
    found = _found(paper)
    try:
        content = papers.print_letter(
            paper=found, profile=house.profile(), employee=access.employee_of(request), now=timezone.now()
        )  # fmt: skip
    except PrintingUnavailableError as error:
        messages.error(request, f"{titled(mail_words.REFUSALS, error.code)} {error}")
        return redirect("paper", paper=found.pk)
    except CorrespondenceError as error:
        messages.error(request, titled(mail_words.REFUSALS, error.code))
        return redirect("paper", paper=found.pk)
    except FilesError as error:
        messages.error(request, file_words.refusal(error))
        return redirect("paper", paper=found.pk)
    name = f"{found.number.replace('/', '-')}.pdf"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/pdf")


@require_safe
@access.for_roles(*mail.ROLES)
def label(request: HttpRequest, paper: int) -> HttpResponseBase:
    """The label of a letter that came in, as PDF."""
    found = get_object_or_404(Paper, pk=paper, direction="in")
    lines = [f"{house.local(found.registered_at):%d.%m.%Y %H:%M}", str(printing.person_of(found))]
    return printouts.made(request, lambda: printing.label_pdf(found.number, lines), found.number, "paper", found.pk)


@require_POST
@access.for_roles(*mail.ROLES)
def act(request: HttpRequest, paper: int, verb: str) -> HttpResponseBase:
    """Posted, delivered with its proof, or returned."""
    found, me, now = _found(paper), access.employee_of(request), timezone.now()
    said, by = request.POST.get("outcome", ""), {"employee": me, "now": now}
    given = request.FILES.get("file")
    try:
        if verb == "delivered" and given is not None:
            with arriving.upload_of(given, quota.employee(me), now) as proof:
                delivered = partial(papers.mark_delivered, paper=found, outcome=said, proof=proof, employee=me, now=now)
                retrying.whole(delivered)
        else:
            retrying.whole(lambda: _act(verb, found, said, by))
    except CorrespondenceError as error:
        messages.error(request, titled(mail_words.REFUSALS, error.code))
    except FilesError as error:
        messages.error(request, file_words.refusal(error))
        return _page(request, found, said, status=422)
    return redirect("paper", paper=found.pk)


def _act(verb: str, found: Paper, said: str, by: dict[str, Any]) -> None:
    if verb == "posted":
        papers.mark_posted(paper=found, tracking_number=said, **by)
    elif verb == "delivered":
        papers.mark_delivered(paper=found, outcome=said, **by)
    elif verb == "returned":
        papers.mark_returned(paper=found, outcome=said, **by)
    else:
        raise Http404


def _found(paper: int) -> Paper:
    rows = Paper.objects.select_related("client", "employee", "executor", "signer", "answers")
    found: Paper = get_object_or_404(rows, pk=paper)
    return found
