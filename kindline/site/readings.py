"""Readings without log-in: the numbers of account and meter are enough, and nothing is told of the account."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.readings import actions, wording
from kindline.readings import photos as kept
from kindline.readings import queries as readings
from kindline.readings.checking import ACCEPTED, ASKED_BACK, DUPLICATE, REFUSED
from kindline.readings.errors import LeftToEmployeeError, ReadingsError, SettledError, TooManySendingsError
from kindline.readings.lines import Line, Outcome, Sender
from kindline.readings.models import Reading, ReadingState
from kindline.site import here, pace, photos, reading_tries, refused, senders, words
from kindline.site.errors import FloodError
from kindline.site.form import TRAP
from kindline.site.reading_tries import HeldError, WorkNeededError
from kindline.standard.profile import Profile

ZONES = ("", "day", "night", "peak", "half_peak")
PAGE = "site/readings.html"
NEEDED = {
    "account": _("Account number"), "meter": _("Number of the meter"), "value": _("Reading"), "taken_on": _("Read on"),
}  # fmt: skip
NAMES = {**NEEDED, "zone": _("Zone of the tariff"), "photo": _("Photo of the meter")}
OF_ADDRESS = 2000
"""Within the hour: behind an address may be a town. A browser is held by `check_flood`, an account's tries by
`reading_tries`."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Send a reading, and answer when it is asked back (krc-5.7.3-06); at any hour (yumek-9.2-08)."""
    profile = here.profile()
    if not readings.are_taken(profile):
        raise Http404
    if request.method != "POST":
        return render(request, PAGE, _context(profile, request.GET, uuid.uuid4()) | {"fresh": not request.GET})
    if request.POST.get("verb") == "another":  # a form, as the account's number belongs into no address (ASVS 14.2.1)
        typed = {"account": request.POST.get("account", "")[:64]}
        return render(request, PAGE, _context(profile, typed, uuid.uuid4()))
    sender = Sender("web", network=senders.of(request).browser)
    try:
        if request.POST.get("verb") == "confirm":  # never counted: nobody guesses its key
            return _confirmed(request, profile, sender)
        return _sent(request, profile, sender)
    except WorkNeededError:
        said = photos.take(request, photos.key_of(request), [""], timezone.now())  # it waits for the next press
        told = _wrong({"": gettext(WORK)}) | {"photo_said": said.get("")}
        return refused.shown(request, PAGE, _again(request, profile) | told, 429)
    except ReadingsError as error:
        context = _again(request, profile) | _wrong({"": wording.said(error.code)})
        return refused.shown(request, PAGE, context, 429 if error.code == "too_many_sendings" else 422)


def _count(request: HttpRequest, key: uuid.UUID, now: dt.datetime) -> reading_tries.Tries:
    """Nobody guesses meters, or last values, by trying: so often from one address, and about one account.

    Raises: TooManySendingsError; WorkNeededError.
    """
    tries = reading_tries.of(request, _cleaned(request, "account"), now)
    try:
        pace.bound({f"readings {senders.address_of(request)}": OF_ADDRESS}, now)  # first: a photo is taken all the same
        reading_tries.check(request, tries, key, now)
    except (FloodError, HeldError) as error:
        raise TooManySendingsError from error
    return tries


def _cleaned(request: HttpRequest, name: str) -> str:
    """What was typed, as it is looked at and counted: one account is not many by what stands around its number."""
    return request.POST.get(name, "").replace("\x00", "")[:64]


def _sent(request: HttpRequest, profile: Profile, sender: Sender) -> HttpResponse:
    typed, key, now = request.POST, _key(request.POST.get("key", "")), timezone.now()
    tries, photo = _count(request, key, now), photos.key_of(request)
    if typed.get(TRAP):
        return render(request, PAGE, _again(request, profile), status=422)
    said = photos.take(request, photo, [""], now).get("")
    faults = {name: gettext(words.FAULTS["needed"]) for name in NEEDED if not _cleaned(request, name).strip()}
    if faults := faults | ({"photo": " ".join(said)} if said else {}):
        return render(request, PAGE, _again(request, profile) | _wrong(faults) | {"photo_said": said}, status=422)
    names = ("account", "meter", "zone", "value", "taken_on")
    line = Line(*(_cleaned(request, name) for name in names))
    _, found = actions.submit_readings(profile=profile, key=f"web {key}", lines=[line], sender=sender, now=now)
    if found[0].state in (REFUSED, ASKED_BACK):
        reading_tries.note(tries, now)
    if found[0].state != DUPLICATE:  # a stranger adds nothing to a reading that stands
        photos.hand_over(photo, "", found[0].reading, sender, now)
    answer = _told(request, profile, key, found[0])
    if found[0].state == ACCEPTED:
        reading_tries.remember(request, answer, line.account)
    return answer


def _told(request: HttpRequest, profile: Profile, key: uuid.UUID, outcome: Outcome) -> HttpResponse:
    said = wording.to_stranger(outcome.code, outcome.state)
    if outcome.state == "refused":
        context = _again(request, profile) | _wrong({FIELDS.get(outcome.code, "value"): said})
        return render(request, PAGE, context, status=422)
    if outcome.state == "asked_back":
        return _asked(request, profile, key, outcome.reading)
    return render(request, PAGE, {"done": outcome.state, "said": said, "typed": request.POST, "sent": key})


def _confirmed(request: HttpRequest, profile: Profile, sender: Sender) -> HttpResponse:
    """The key of the form that was asked back is known to its sender alone."""
    asked, photo, now = _key(request.POST.get("asked", "")), photos.key_of(request), timezone.now()
    sent = Reading.objects.filter(sending__key=f"web {asked}")
    rows = list(sent.filter(state=ReadingState.ASKED_BACK))
    if not rows and not sent.filter(state=ReadingState.ACCEPTED).exists():
        raise SettledError
    if rows and (said := photos.take(request, photo, [""], now)):
        return _asked(request, profile, asked, rows[0].pk, said[""])
    told = {"done": "accepted", "typed": request.POST}
    for reading in rows:
        photos.hand_over(photo, "", reading.pk, sender, now)
        try:
            actions.confirm_reading(reading_id=reading.pk, sender=sender, now=now)
        except LeftToEmployeeError as left:
            told |= {"done": "asked_back", "said": wording.said(left.code)}
    return render(request, PAGE, _context(profile, {}, photo) | told | {"sent": asked})


def _asked(
    request: HttpRequest, profile: Profile, key: uuid.UUID, reading: int | None, said: list[str] | None = None
) -> HttpResponse:
    """Is it right? And a photo of the meter is asked for, where none came with the reading."""
    context = _again(request, profile) | {
        "question": wording.to_stranger("", "asked_back"), "asked": key, "photo_said": said,
        "has_photo": reading is not None and kept.of(reading).exists(),
    }  # fmt: skip
    context |= _wrong({"": " ".join(said)}) if said else {}
    return render(request, PAGE, context, status=422 if said else 200)


WORK = _(
    "Much was tried with this account within the hour, perhaps not by you. Press “Send” once more: your browser shows"
    " some work first, which takes some seconds. Where JavaScript is off, send the reading from the personal account or"
    " call us."
)
FIELDS = {
    "unknown_meter": "meter", "unknown_zone": "zone", "not_a_day": "taken_on", "future": "taken_on",
    "meter_absent": "taken_on",
}  # fmt: skip
"""The field that a fault is about; it is the value where nothing is said."""


def _wrong(faults: dict[str, str]) -> dict[str, Any]:
    """What is wrong, for the list above the form and for the places beside the fields."""
    rows = [{"field": at, "title": gettext(NAMES[at]) if at else "", "text": text} for at, text in faults.items()]
    return {"faults": rows, "wrong": faults}


def _again(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    """What was typed, with the work for sending it once more where some is asked."""
    context = _context(profile, request.POST, photos.key_of(request))
    work = reading_tries.puzzle(request, _cleaned(request, "account"), context["key"], timezone.now())
    return context | {"puzzle": work}


def _context(profile: Profile, typed: Any, photo: uuid.UUID) -> dict[str, Any]:
    """The empty form or what was typed, under a key of its own: what was refused comes again as another sending."""
    today = timezone.now().astimezone(profile.zone).date().isoformat()
    return {
        "key": uuid.uuid4(),
        "typed": typed,
        "today": typed.get("taken_on") or today,
        "latest": today,
        "zones": [(zone, wording.zone_title(zone)) for zone in ZONES],
        "trap": TRAP,
        "photo": photos.panel(photo),
    }


def _key(raw: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError:
        return uuid.uuid4()
