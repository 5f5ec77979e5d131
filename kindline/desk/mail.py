"""Incoming e-mail: what waits, what cannot be read; one message with its thread and files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kindline.appeals import joining
from kindline.appeals import queries as appeals
from kindline.correspondence import actions, handing, queries
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.models import Incoming
from kindline.desk import access, exporting, house, lists, mail_answer, mail_words, uploads
from kindline.desk.wording import titled
from kindline.files.errors import MissingObjectError
from kindline.files.handing import sent_on
from kindline.journal import retrying

ROLES = access.LETTERS


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """Messages of a box; `?box=` waiting, unreadable, automatic, handled; as a table with `?format=csv`."""
    box = request.GET.get("box", "")
    box = box if box in queries.BOXES else queries.BOXES[0]
    rows = queries.box(box)
    if request.GET.get("format") == "csv":
        heads = [_("Came"), _("From"), _("Subject"), _("State"), _("Thread")]
        return exporting.out(request, "mail", lambda: lists.as_csv(f"mail-{box}", heads, _lines(rows)))
    page = lists.page_of(request, rows)
    context = {
        "page": page,
        "rows": [_row(one) for one in page],
        "box": box,
        "boxes": [(code, titled(mail_words.BOXES, code)) for code in queries.BOXES],
        "waiting": queries.waiting(),
        "mail_held_up": queries.held_up(timezone.now()),
    }
    return render(request, "desk/mail.html", context)


def _row(one: Incoming) -> dict[str, Any]:
    return {"mail": one, "state": mail_words.state_of(one), "who": one.client or one.sender_name or one.sender}


def _lines(rows: Any) -> Iterator[list[object]]:
    for one in rows.iterator(500):
        came = house.local(one.stored_at)
        yield [f"{came:%Y-%m-%d %H:%M}", one.sender, one.subject, mail_words.state_of(one), one.thread or ""]


@require_safe
@access.for_roles(*ROLES)
def one(request: HttpRequest, message: int) -> HttpResponseBase:
    """One message: words only, never its HTML; looking at it is a fact."""
    found = _found(message)
    me, now = access.employee_of(request), timezone.now()
    retrying.whole(lambda: actions.note_opened(incoming=found, employee=me, now=now))
    return render(request, "desk/mail_one.html", shown(found) | {"answer": mail_answer.prefilled(found), "faults": []})


def shown(found: Incoming) -> dict[str, Any]:
    """What the page of a message shows."""
    came, went = queries.letters_of(found.thread)
    return {
        "mail": found,
        "state": mail_words.state_of(found),
        "fault": titled(mail_words.FAULTS, found.fault.partition(":")[0]) if found.fault else "",
        "rows": [uploads.row_of(one) for one in queries.files_of(found)],
        "came": [one for one in came if one.pk != found.pk],
        "went": [(one, titled(mail_words.SENDING, one.state)) for one in went],
        "appeal": (joined := appeals.appeal_of(incoming=found.pk)),
        "may_join": joined is None and joining.intake_of(house.profile()) is not None and found.kind != "loop",
        "may_answer": joined is None and bool(found.sender) and found.kind in queries.WORK,
    }


@require_POST
@access.for_roles(*ROLES)
def answer(request: HttpRequest, message: int) -> HttpResponseBase:
    """Answer a message; what the standard demands and the letter lacks is named, and nothing typed is lost."""
    found = _found(message)
    me, now = access.employee_of(request), timezone.now()
    faults = retrying.again(lambda: mail_answer.send(found, request.POST, me, now))
    if faults:
        typed = {name: request.POST.get(name, "") for name in mail_answer.FIELDS}
        return render(request, "desk/mail_one.html", shown(found) | {"answer": typed, "faults": faults}, status=422)
    messages.success(request, _("The answer waits to be sent."))
    return redirect("mail-one", message=found.pk)


@require_POST
@access.for_roles(*ROLES)
def handle(request: HttpRequest, message: int) -> HttpResponseBase:
    """What the message asks was done, or nothing is to be done."""
    found, said = _found(message), request.POST.get("outcome", "").strip()
    me, now = access.employee_of(request), timezone.now()
    try:
        retrying.whole(lambda: actions.handle_message(incoming=found, outcome=said, employee=me, now=now))
    except CorrespondenceError as error:
        messages.error(request, titled(mail_words.REFUSALS, error.code))
    return redirect("mail")


@require_POST
@access.for_roles(*ROLES)
def join(request: HttpRequest, message: int) -> HttpResponseBase:
    """Make an appeal of a message that did not become one by itself; it is sorted next."""
    found, me, now = _found(message), access.employee_of(request), timezone.now()
    made = retrying.whole(lambda: joining.join_mail(incoming=found, profile=house.profile(), employee=me, now=now))
    if made is None:
        messages.error(request, titled(mail_words.REFUSALS, "no_intake"))
        return redirect("mail-one", message=found.pk)
    return redirect("appeal", appeal=made.appeal_id)


@require_safe
@access.for_roles(*ROLES)
def raw(request: HttpRequest, message: int) -> HttpResponseBase:
    """The message as it came, to be kept as a file."""
    found = _found(message)
    me, now = access.employee_of(request), timezone.now()
    retrying.whole(lambda: actions.note_opened(incoming=found, employee=me, raw=True, now=now))
    try:
        content = handing.closed(found)
    except MissingObjectError as error:
        raise Http404("the message was removed, its term is over") from error
    if not settings.FILES_HOST:
        return content
    content.close()
    return sent_on(request, handing.RAW, found.pk, now=now)


def _found(message: int) -> Incoming:
    rows = Incoming.objects.select_related("client", "thread", "outgoing", "handled_by")
    found: Incoming = get_object_or_404(rows, pk=message)
    return found
