"""Who may be called without having asked for it: consent to surveys, and the wish not to be called at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from kindline.clients import phones
from kindline.clients.models import BarredNumber, Client, ContactPoint
from kindline.journal import actions as journal

WAYS = ("voice", "sms", "email", "push")
"""How campaigns reach people."""
DO_NOT_CALL, NO_CONSENT = "do_not_call", "no_consent"


@transaction.atomic
def set_call_wishes(
    *,
    client: Client,
    do_not_call: bool,
    survey_consent: bool,
    via: str,
    employee_id: int | None,
    actor: str,
    now: dt.datetime,
) -> Client:
    """Keep what a client wishes of calls by campaigns (`via` desk, survey); who may be called again is not barred.

    Clause: krc-5.5.2-06, krc-5.5.2-07, krc-5.5.2-08.
    """
    fresh = Client.objects.select_for_update().get(pk=client.pk)
    if (fresh.do_not_call, fresh.survey_consent) == (do_not_call, survey_consent):
        return fresh
    fresh.do_not_call, fresh.survey_consent, fresh.changed_at = do_not_call, survey_consent, now
    fresh.save(update_fields=["do_not_call", "survey_consent", "changed_at"])
    if not do_not_call:
        own = fresh.points.filter(kind="phone").values("value")
        BarredNumber.objects.filter(phone__in=own).delete()
    data = {"do_not_call": do_not_call, "survey_consent": survey_consent, "via": via, "employee": employee_id}
    journal.record(
        kind="call_wishes_changed", subject_type="client", subject_id=fresh.pk, actor=actor, data=data, at=now
    )
    return fresh


@transaction.atomic
def set_ways(
    *, client: Client, ways: Sequence[str], notices: Collection[str], via: str, employee_id: int | None, actor: str,
    now: dt.datetime,
) -> Client:  # fmt: skip
    """Keep by which ways a client prefers to be told, the dearest first, and which notices he subscribes to.

    Clause: krc-5.7.1-39, krc-5.7.1-40, krc-5.7.1-41. Raises: ValidationError for a way that there is not.
    """
    unknown = sorted({*ways, *notices} - set(WAYS))
    if unknown:
        raise ValidationError({"ways": f"there is no way {unknown[0]!r}: choose of {', '.join(WAYS)}"})
    fresh = Client.objects.select_for_update().get(pk=client.pk)
    asked = (list(dict.fromkeys(ways)), sorted(set(notices)))
    if (fresh.ways, fresh.notices) == asked:
        return fresh
    (fresh.ways, fresh.notices), fresh.changed_at = asked, now
    fresh.save(update_fields=["ways", "notices", "changed_at"])
    data = {"ways": fresh.ways, "notices": fresh.notices, "via": via, "employee": employee_id}
    journal.record(kind="ways_changed", subject_type="client", subject_id=fresh.pk, actor=actor, data=data, at=now)
    return fresh


@transaction.atomic
def bar_number(
    *, phone: str, country: str, via: str, employee_id: int | None, actor: str, now: dt.datetime
) -> BarredNumber:
    """Nobody is to be called by campaigns on this number; barring it again changes nothing.

    Raises: ValidationError when it is not a number.
    """
    number = phones.normalised(phone, country)
    if not number:
        raise ValidationError({"phone": f"{phone!r} is not a telephone number: write it with its code"})
    found, is_new = BarredNumber.objects.get_or_create(
        phone=number, defaults={"barred_at": now, "employee_id": employee_id}
    )
    if is_new:
        data = {"via": via, "employee": employee_id}
        journal.record(kind="number_barred", subject_type="number", subject_id=number, actor=actor, data=data, at=now)
    return found


def hindrances(numbers: Collection[str], *, needs_consent: bool) -> dict[str, str]:
    """The numbers that may not be called, with why: do_not_call, or no_consent where it is needed.

    A number shared by several clients is barred by the wish of any of them, and needs the consent of one.
    """
    found = dict.fromkeys(BarredNumber.objects.filter(phone__in=numbers).values_list("phone", flat=True), DO_NOT_CALL)
    known = ContactPoint.objects.filter(kind="phone", value__in=numbers)
    agreed = set(known.filter(client__survey_consent=True).values_list("value", flat=True))
    found |= dict.fromkeys(known.filter(client__do_not_call=True).values_list("value", flat=True), DO_NOT_CALL)
    if needs_consent:
        found |= {number: NO_CONSENT for number in numbers if number not in agreed and number not in found}
    return found
