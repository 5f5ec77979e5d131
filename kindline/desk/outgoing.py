"""The register of e-mail that goes out, and the standard's own texts of letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kindline.appeals import outdated_letters, recalling
from kindline.appeals.notifying import RecalledError
from kindline.correspondence import actions, queries, wording
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.models import Outgoing
from kindline.desk import access, house, mail, mail_words, refusals, registers
from kindline.desk.registers import Register
from kindline.desk.wording import titled


@require_safe
@access.for_roles(*mail.ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """Letters with their state of sending; `?state=` one of them, `?format=csv` as a table."""
    register = Register(
        "outgoing", "desk/outgoing.html", mail_words.SENDING, _heads, _lines, outdated_letters.of_mail
    )  # fmt: skip
    return registers.shown(request, register, queries.outgoing(), mail_held_up=queries.held_up(timezone.now()))


def _heads() -> list[str]:
    return [_("Queued"), _("To whom"), _("Subject"), _("State"), _("Sent"), _("Tries"), _("Reason")]


def _lines(rows: Any) -> Iterator[list[object]]:
    for one in rows.iterator(500):
        queued, sent = house.local(one.queued_at), house.local(one.sent_at)
        state = titled(mail_words.SENDING, one.state)
        yield [
            f"{queued:%Y-%m-%d %H:%M}", one.recipient, one.subject, state, f"{sent:%Y-%m-%d %H:%M}" if sent else "",
            one.tries, one.reason,
        ]  # fmt: skip


@require_POST
@access.for_roles(*mail.ROLES)
def again(request: HttpRequest, letter: int) -> HttpResponseBase:
    """Let a letter that failed be tried once more."""
    found = get_object_or_404(Outgoing, pk=letter)
    if recalling.is_recalled(found):
        messages.error(request, gettext(refusals.BY_CODE[RecalledError.code]))
        return redirect("outgoing")
    try:
        actions.send_again(outgoing=found, employee=access.employee_of(request), now=timezone.now())
    except CorrespondenceError as error:
        messages.error(request, titled(mail_words.REFUSALS, error.code))
    return redirect("outgoing")


@require_safe
@access.for_roles(*access.EVERYBODY)
def texts(request: HttpRequest) -> HttpResponseBase:
    """The standard's texts of letters in each language, with example values."""
    profile = house.profile()
    rows = [
        {
            "message": message,
            "title": house.titled(dict(message.title)),
            "shown": [(code, wording.preview(profile, message.id, code)) for code in message.wordings],
        }
        for message in profile.messages.values()
    ]
    sees = access.employee_of(request).has_role(*access.REGISTRY)
    return render(request, "desk/texts.html", {"rows": rows, "sees_templates": sees})
