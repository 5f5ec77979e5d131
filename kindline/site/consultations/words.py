"""The words of booking and of the room: ways, faults, phases, what may be wrong with a camera."""

from __future__ import annotations

import datetime as dt

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.site import words
from kindline.site.consultations.timetable import consulting_of
from kindline.standard.profile import Profile

WAYS = {"in_person": _("In person, in a service centre"), "video": _("By video, from home")}
FIELDS = {
    "starts_at": _("Time of the consultation"),
    "problem": _("Describe the problem briefly"),
    "subject": _("What is it about?"),
    "specialist": _("Specialist"),
    "ways": _("How"),
    "centre": _("Service centre"),
    "since": _("First day"),
    "until": _("Last day, if it is known"),
    "start": _("From"),
    "end": _("To"),
}
FAULTS = {
    "before": _("The last day lies before the first one."),
    "no_room": _("No consultation fits into these hours: make them longer."),
    "overlap": _("The specialist has hours at this time already: end those first, or choose other ones."),
}
MISSED = {
    "client": _("The client did not come"),
    "specialist": _("The specialist did not come"),
    "both": _("Nobody came"),
}
ROOM = {
    "starting": _("One moment: the camera and the microphone are being switched on."),
    "early": _("It is too early: the room opens shortly before the consultation. This page opens it by itself."),
    "alone_client": _("You are in the waiting room. Please wait: the specialist will enter soon."),
    "alone_specialist": _("The client is not here yet. The connection begins by itself when he enters."),
    "together": _("The other side is here. The connection is being made."),
    "talking": _("You are connected."),
    "again": _("The connection was lost. It is being made again: please wait."),
    "stuck": _("No connection comes about. It may be the network: try another one, or call us: %(phone)s."),
    "elsewhere": _("The consultation was opened in another window. Go on there, or load this page again."),
    "over": _("The consultation is over. Thank you!"),
    "cancelled": _("The consultation is cancelled."),
    "offline": _("Our server does not answer just now. The talk goes on; we keep trying."),
    "warned": _("%(minutes)s minutes are left."),
    "left": _("Time left"),
    "muted": _("Switch the microphone on"),
    "unmuted": _("Switch the microphone off"),
    "hidden": _("Switch the camera on"),
    "shown": _("Switch the camera off"),
    "denied": _(
        "The browser was not allowed to use the camera and the microphone. Allow it (the sign beside the address), and"
        " load this page again."
    ),
    "missing": _("No microphone was found. Connect one, or take another device, and load this page again."),
    "busy": _("Another program is using the camera or the microphone. Close it, and load this page again."),
    "insecure": _("This browser gives a camera only to pages with https. Open the link with https, or call us."),
    "no_camera": _("No camera works here: you are heard, but not seen."),
}


def said(key: str) -> str:
    """A word by its key, from these lists or from those of the site."""
    for known in (FIELDS, FAULTS, WAYS, MISSED):
        if key in known:
            return gettext(known[key])
    return words.field_title(key)


def fault(field: str, code: str, profile: Profile) -> dict[str, str]:
    """What is wrong with a field, for the list above the form and for the place beside it."""
    found = words.fault(field, code, profile)
    return found | {"title": said(field) if field else ""} | ({"text": gettext(FAULTS[code])} if code in FAULTS else {})


def weekday(number: int) -> str:
    """A day of the week."""
    return str(WEEKDAYS[number])


def day(moment: dt.datetime) -> str:
    """Day of the week and day."""
    return formats.date_format(moment, "l, j E")


def moment(profile: Profile, at: dt.datetime) -> str:
    """Day of the week, day and hour on the organisation's clock."""
    here = at.astimezone(profile.zone)
    return f"{day(here)}, {here:%H:%M}"


def room(profile: Profile) -> dict[str, str]:
    """Every word that a page of the room may say, in the language of the page."""
    consulting = consulting_of(profile)
    places = {"phone": consulting.phone if consulting else "", "minutes": "{minutes}"}
    return {key: gettext(text) % places if "%(" in text else gettext(text) for key, text in ROOM.items()}
