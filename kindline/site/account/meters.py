"""Readings from the personal account: what the meters showed last, what is due, and the years before."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods

from kindline.clients.login_models import Login
from kindline.readings import actions, checking, queries, wording
from kindline.readings import photos as kept
from kindline.readings.checking import ACCEPTED, DUPLICATE
from kindline.readings.errors import ReadingsError, SettledError
from kindline.readings.lines import Line, Outcome, Sender
from kindline.readings.models import Reading, ReadingState
from kindline.site import form, here, photos
from kindline.site.account import parts, session, sheets
from kindline.standard.profile import Profile

SHOWN = 60
PAGE = "site/account/readings.html"
NONE_TYPED = _("Type the figures of one meter at least.")
ACCEPTED_ONE, ACCEPTED_ALL = _("The reading is accepted."), _("The readings are accepted.")
DECLINED = _("This reading does not count. Send the right one below.")


@dataclass
class Field:
    """A zone of a meter on the form: what it showed, what was typed now, what is said of that."""

    row: queries.Row
    typed: str = ""
    wrong: str = ""
    photo: dict[str, Any] | None = None
    photo_said: list[str] | None = None
    has_photo: bool = False  # of the reading that waits
    better: str = ""  # what was typed in the place of what stands
    reason: str = ""
    better_wrong: str = ""

    @property
    def name(self) -> str:
        """As the form calls it."""
        return f"m-{self.row.meter.pk}-{self.row.zone}"

    @property
    def zone(self) -> str:
        """The zone in words, nothing where the meter has one only."""
        return wording.zone_title(self.row.zone) if len(self.row.meter.zones) > 1 else ""

    @property
    def unit(self) -> str:
        """What is counted."""
        return wording.unit_title(self.row.meter.unit)

    @property
    def last(self) -> str:
        """What stands."""
        return wording.figures(self.row.last.value) if self.row.last else ""

    @property
    def question(self) -> str:
        """What is asked of a reading that waits for an answer."""
        return wording.said(self.row.pending.code) if self.row.pending else ""

    @property
    def pending(self) -> str:
        """The reading that waits."""
        return wording.figures(self.row.pending.value) if self.row.pending else ""


@parts.part("readings")
@session.needed
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Send readings of all meters by one form, answer what is asked back, see the earlier ones (krc-5.7.3-06)."""
    profile, now = here.profile(), timezone.now()
    if not queries.are_taken(profile):
        raise Http404
    accounts, sender = list(login.accounts.values_list("pk", flat=True)), Sender("account", login_id=login.pk)
    fields = [Field(row) for row in queries.rows_of(accounts, now.astimezone(profile.zone).date())]
    if request.method != "POST":
        return render(request, PAGE, _context(profile, login, fields, request.GET, now))
    try:
        if request.POST.get("verb") == "correct":
            return _corrected(request, profile, login, fields, sender, now)
        if request.POST.get("verb") in ("confirm", "decline"):
            if said := _settle(request, accounts, sender, now):
                context = _context(profile, login, fields, request.POST, now) | {"wrong": " ".join(said)}
                return render(request, PAGE, context, status=422)
            _say(request, DECLINED if request.POST["verb"] == "decline" else ACCEPTED_ONE)
            return redirect("account_readings")
        return _sent(request, profile, login, fields, sender, now)
    except ReadingsError as error:
        context = _context(profile, login, fields, request.POST, now) | {"wrong": wording.said(error.code)}
        return render(request, PAGE, context, status=422)


def _sent(
    request: HttpRequest, profile: Profile, login: Login, fields: list[Field], sender: Sender, now: dt.datetime
) -> HttpResponseBase:  # fmt: skip
    typed, day = request.POST, request.POST.get("taken_on", "")[:20]
    for field in fields:
        field.typed = typed.get(field.name, "").replace("\x00", "").strip()[:40]
    if _photos_refused(request, fields, now):
        context = _context(profile, login, fields, typed, now) | {"has_faults": True}
        return render(request, PAGE, context, status=422)
    filled = [field for field in fields if field.typed]
    if fields and not filled:
        context = _context(profile, login, fields, typed, now) | {"wrong": gettext(NONE_TYPED)}
        return render(request, PAGE, context, status=422)
    lines = [Line(f.row.meter.account.number, f.row.meter.number, f.row.zone, f.typed, day) for f in filled]
    if lines:
        key = f"account {login.pk} {_key(typed.get('key', ''))}"
        _, found = actions.submit_readings(profile=profile, key=key, lines=lines, sender=sender, now=now)
        for field, outcome in zip(filled, found, strict=True):
            if outcome.state != DUPLICATE:
                photos.hand_over(photos.key_of(request), f"-{field.name}", outcome.reading, sender, now)
        if not [field for field, outcome in zip(filled, found, strict=True) if _note(field, outcome)]:
            kept_now = [one for one in found if one.state in (ACCEPTED, DUPLICATE)]
            all_kept = len(kept_now) == len(found)  # else what is asked back is to be heard first
            _say(request, "" if not all_kept else ACCEPTED_ALL if len(kept_now) > 1 else ACCEPTED_ONE)
            return redirect("account_readings")
    accounts = list(login.accounts.values_list("pk", flat=True))
    fresh = {(row.meter.pk, row.zone): row for row in queries.rows_of(accounts, now.astimezone(profile.zone).date())}
    for field in fields:
        field.row = fresh.get((field.row.meter.pk, field.row.zone), field.row)
    context = _context(profile, login, fields, typed, now) | {"has_faults": any(field.wrong for field in fields)}
    return render(request, PAGE, context, status=422 if context["has_faults"] else 200)


def _say(request: HttpRequest, told: str) -> None:
    """What came of it, on the page that follows: whoever does not see the list would not know."""
    if told:
        messages.success(request, gettext(told))


def _corrected(
    request: HttpRequest, profile: Profile, login: Login, fields: list[Field], sender: Sender, now: dt.datetime
) -> HttpResponseBase:  # fmt: skip
    """Put another value in the place of the last reading of a dial, with the reason; it is judged like any other.

    Pressed twice it is one correction; where another reading is the last one by now, that is said, and what was typed
    stays. Raises: Http404 for a reading of somebody else.
    """
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in ("reading", "value", "reason")}
    field, reading = _corrects(fields, typed["reading"])
    try:
        if field.row.last is None or field.row.last.pk != reading.pk:
            raise SettledError
        made = actions.correct_reading(
            profile=profile, reading_id=reading.pk, value=typed["value"][:40], reason=typed["reason"][:500],
            sender=sender, now=now,
        )  # fmt: skip
        _say(request, ACCEPTED_ONE if made.state == ReadingState.ACCEPTED else "")
    except ReadingsError as error:
        if not isinstance(error, SettledError) or not _is_done(reading, typed["value"]):
            field.better, field.reason, field.better_wrong = typed["value"], typed["reason"], wording.said(error.code)
            told = {"wrong": f"{field.row.meter.number}: {field.better_wrong}"}
            return render(request, PAGE, _context(profile, login, fields, {}, now) | told, status=422)
    return redirect("account_readings")


def _corrects(fields: list[Field], raw: str) -> tuple[Field, Reading]:
    """The reading, and the field of its dial. Raises: Http404."""
    reading = Reading.objects.filter(pk=form.row_key(raw)).first()
    for field in fields:
        if reading and (field.row.meter.pk, field.row.zone) == (reading.meter_id, reading.zone):
            return field, reading
    raise Http404


def _is_done(reading: Reading, value: str) -> bool:
    """Whether this very value has taken the reading's place already."""
    typed = checking.number(value)
    return typed is not None and Reading.objects.filter(replaces=reading, value=typed).exists()


def _note(field: Field, outcome: Outcome) -> bool:
    """Keep what is wrong beside the field; what was taken need not be typed again."""
    if outcome.state != "refused":
        field.typed = ""
        return False
    field.wrong = wording.said(outcome.code)
    return True


def _photos_refused(request: HttpRequest, fields: list[Field], now: dt.datetime) -> bool:
    """Keep the photos beside their fields; whether some were not taken, which is said there."""
    said = photos.take(request, photos.key_of(request), [f"-{field.name}" for field in fields], now)
    for field in fields:
        field.photo_said = said.get(f"-{field.name}")
        if said and field.typed and checking.number(field.typed) is None:  # told with the photo, not after it
            field.wrong = wording.said("not_a_number")
    return bool(said)


def _settle(request: HttpRequest, accounts: list[int], sender: Sender, now: dt.datetime) -> list[str]:
    """Confirm, with a photo where one came, or decline; why a photo was not taken: then nothing is settled yet."""
    rows = Reading.objects.filter(meter__account__in=accounts, state=ReadingState.ASKED_BACK)
    reading = rows.filter(pk=form.row_key(request.POST.get("reading", ""))).first()
    if reading is None:
        raise Http404
    key, name = photos.key_of(request), f"-{reading.pk}"
    if said := photos.take(request, key, [name], now):
        return [one for told in said.values() for one in told]
    photos.hand_over(key, name, reading.pk, sender, now)
    settle(reading, request.POST.get("verb", ""), sender, now)
    return []


def settle(reading: Reading, verb: str, sender: Sender, now: dt.datetime) -> None:
    """What was asked back is right (`confirm`), or was a mistake. Raises: SettledError."""
    if verb == "confirm":
        actions.confirm_reading(reading_id=reading.pk, sender=sender, now=now)
    else:
        actions.decline_reading(reading_id=reading.pk, reason="—", sender=sender, now=now)


def _with_photos(fields: list[Field], key: uuid.UUID) -> list[Field]:
    """Each field with what was given for it, and whether the reading that waits has a photo."""
    given = kept.of_many(field.row.pending.pk for field in fields if field.row.pending)
    for field in fields:
        waits = field.row.pending
        field.photo, field.has_photo = photos.panel(key, f"-{field.name}"), bool(waits and given.get(waits.pk))
    return fields


def _context(profile: Profile, login: Login, fields: list[Field], typed: Any, now: dt.datetime) -> dict[str, Any]:
    today = now.astimezone(profile.zone).date()
    accounts, photo = list(login.accounts.values_list("pk", flat=True)), _key(typed.get(photos.KEY, ""))
    return {
        "fields": _with_photos(fields, photo),
        "photos_open": any(field.photo_said or (field.photo and field.photo["rows"]) for field in fields),
        "key": uuid.uuid4(),
        "photo_key": photo,
        "accept": photos.ACCEPTED,
        "taken_on": typed.get("taken_on") or today.isoformat(),
        "latest": today.isoformat(),
        "has_last": any(field.row.last for field in fields),
        "may_send_file": sheets.may_send(login),
        "history": [told(row) for row in queries.history(accounts, limit=SHOWN)],
    }


def told(reading: Reading) -> dict[str, Any]:
    """A reading in a list."""
    meter = reading.meter
    return {
        "day": reading.taken_on,
        "account": meter.account.number,
        "meter": meter.number,
        "zone": wording.zone_title(reading.zone) if len(meter.zones) > 1 else "",
        "value": wording.figures(reading.value),
        "unit": wording.unit_title(meter.unit),
        "state": wording.state_title(reading.state),
        "channel": wording.channel_title(reading.sending.channel),
        "reason": reading.reason.strip("—"),
    }


def _key(raw: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError:
        return uuid.uuid4()
