"""Readings beside a call or a visit: typed in seconds, joined to the contact, and answered at once."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _

from kindline.clients.models import Account
from kindline.conversations.errors import RefusedError
from kindline.desk import house
from kindline.desk.bodies import number_of, texts_of
from kindline.desk.turns import Said, Turn
from kindline.readings import actions, queries, wording
from kindline.readings.errors import ReadingsError
from kindline.readings.lines import Line, Sender
from kindline.readings.models import Reading


def meters_of(account: Account, today: Any) -> list[dict[str, Any]]:
    """The meters of an account that is shown, a row for each zone, as the card draws them."""
    if not queries.are_taken(house.profile()):
        return []
    return [_row(row) for row in queries.rows_of([account.pk], today)]


def _row(row: queries.Row) -> dict[str, Any]:
    many = len(row.meter.zones) > 1
    zone = f", {wording.zone_title(row.zone)}" if many else ""
    last, waits = row.last, row.pending
    return {
        "field": name_of(row),
        "title": f"{row.meter.number}{zone}",
        "unit": wording.unit_title(row.meter.unit),
        "last": wording.figures(last.value) if last else "",
        "last_on": formats.date_format(last.taken_on, "SHORT_DATE_FORMAT") if last else "",
        "pending": {
            "id": waits.pk, "value": wording.figures(waits.value), "question": wording.said(waits.code)
        } if waits else None,
    }  # fmt: skip


def name_of(row: queries.Row) -> str:
    """How a form calls a zone of a meter."""
    return f"m-{row.meter.pk}-{row.zone}"


def _send(turn: Turn) -> Said:
    """Readings of an account of the client who is served. Clause: krc-5.5.2-02, yumek-9.1-04."""
    account = _account(turn)
    typed = dict(texts_of(turn.body, "readings"))
    today = turn.now.astimezone(house.profile().zone).date()
    rows = {name_of(row): row for row in queries.rows_of([account.pk], today)}
    filled = [(name, value) for name, value in typed.items() if name in rows and value.strip()]
    lines = [
        Line(account.number, rows[name].meter.number, rows[name].zone, value, today.isoformat())
        for name, value in filled
    ]
    if not lines:
        return {"message": _("Type a reading first.")}
    key = f"contact {turn.contact.pk} {turn.text('key') or uuid.uuid4()}"
    _sending, found = actions.submit_readings(
        profile=house.profile(), key=key, lines=lines, sender=_sender(turn), now=turn.now
    )
    faults = {name: wording.said(one.code) for (name, _value), one in zip(filled, found, strict=True)
              if one.state == "refused"}  # fmt: skip
    if faults:
        raise ValidationError(faults)
    asked = [wording.said(one.code) for one in found if one.state == "asked_back"]
    return {"message": " ".join(asked) or _("The reading is accepted.")}


def _confirm(turn: Turn) -> Said:
    account = _account(turn)
    row = Reading.objects.filter(pk=number_of(turn.body, "reading") or 0, meter__account=account).first()
    if row is None:
        raise RefusedError
    try:
        actions.confirm_reading(reading_id=row.pk, sender=_sender(turn), now=turn.now)
    except ReadingsError as error:
        raise ValidationError({"reading": wording.said(error.code)}) from error
    return {"message": _("The reading is accepted.")}


def _account(turn: Turn) -> Account:
    """Only what is open in this contact: an account that was shown, of this client. Raises: RefusedError."""
    from kindline.desk import card  # noqa: PLC0415 - the card draws the meters

    number = turn.text("account")
    found = Account.objects.filter(number=number, client=turn.contact.client_id).first()
    if found is None or number not in card.shown_in(turn.contact):
        raise RefusedError
    return found


def _sender(turn: Turn) -> Sender:
    return Sender(turn.contact.channel, contact_id=turn.contact.pk, employee_id=turn.me.pk)


DEEDS = {"readings": _send, "reading-confirm": _confirm}
