"""A client who has subscribed to notices is told something short by the first way by which he can be.

Nobody is told outside the calling hours; who wants no calls and messages is not asked for here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from kindline.clients.models import Client
from kindline.correspondence import actions as letters
from kindline.correspondence import wording
from kindline.correspondence.addressing import of_client
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.norms import Draft
from kindline.notifications import actions as notifications
from kindline.notifications import push_wires, pushing, wires
from kindline.notifications.errors import NotificationError
from kindline.standard import phrases
from kindline.standard.profile import Profile
from kindline.switchboard import calling_hours


@dataclass(frozen=True, slots=True)
class Said:
    """What is told, once under its key: the profile's text of an e-mail and of a short message, and what is in them.

    A notice in a browser has the words of the short message, under the subject of the e-mail.
    """

    key: str
    about: str
    email: str
    sms: str
    values: Mapping[str, str] = field(default_factory=dict)


def are_hours(profile: Profile, now: dt.datetime) -> bool:
    """Whether people may be told at this hour."""
    hours = calling_hours.of(profile)
    return hours is None or hours.begins <= now.astimezone(profile.zone).time() < hours.ends


def tell(*, client: Client, said: Said, profile: Profile, now: dt.datetime) -> str:
    """Tell him; by which way (sms, email, push), empty where he cannot be told."""
    order = [way for way in dict.fromkeys([*client.ways, *client.notices]) if way in client.notices and way in WAYS]
    return next((way for way in order if _is_told(WAYS[way], client, said, profile, now)), "")


Way = Callable[[Client, Said, Profile, dt.datetime], bool]


def _is_told(way: Way, client: Client, said: Said, profile: Profile, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            return way(client, said, profile, now)
    except (NotificationError, CorrespondenceError):
        return False


def _by_sms(client: Client, said: Said, profile: Profile, now: dt.datetime) -> bool:
    phone = _point(client, "phone")
    if not phone or said.sms not in profile.messages or not wires.is_set():
        return False
    notifications.queue_sms(
        key=said.key, phone=phone, text=_short(said, profile), country=profile.calendar.country, about=said.about,
        client=client, employee=None, now=now,
    )  # fmt: skip
    return True


def _by_email(client: Client, said: Said, profile: Profile, now: dt.datetime) -> bool:
    address = _point(client, "email")
    if not address or said.email not in profile.messages or not settings.MAIL.get("relay"):
        return False
    letters.queue_message(
        profile=profile, key=said.key, recipient=address, draft=_letter(client, said, profile), about=said.about,
        employee=None, now=now,
    )  # fmt: skip
    return True


def _by_push(client: Client, said: Said, profile: Profile, now: dt.datetime) -> bool:
    if not {said.sms, said.email} <= set(profile.messages) or not push_wires.is_set():
        return False
    pushing.queue_push(
        key=said.key, title=_letter(client, said, profile).subject, text=_short(said, profile), to=client,
        about=said.about, now=now,
    )  # fmt: skip
    return True


WAYS: Mapping[str, Way] = {"sms": _by_sms, "email": _by_email, "push": _by_push}


def _short(said: Said, profile: Profile) -> str:
    return phrases.render(profile.messages[said.sms].wordings[profile.language].text, dict(said.values))


def _letter(client: Client, said: Said, profile: Profile) -> Draft:
    occasion = wording.Occasion(profile.language, of_client(client), values=dict(said.values))
    return wording.written(profile, said.email, occasion)


def _point(client: Client, kind: str) -> str:
    found = client.points.filter(kind=kind).order_by("pk").values_list("value", flat=True).first()
    return found or ""
