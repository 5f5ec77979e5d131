"""The client is told that a stage of his service is done: by e-mail or SMS, as he prefers and can be reached."""

from __future__ import annotations

import datetime as dt

from kindline.appeals.models import Appeal
from kindline.appeals.stage_models import Stage
from kindline.correspondence import actions as correspondence
from kindline.correspondence import wording
from kindline.correspondence.addressing import NOBODY, of_client
from kindline.correspondence.errors import CorrespondenceError
from kindline.notifications import actions as notifications
from kindline.notifications import wires
from kindline.notifications.errors import NotificationError
from kindline.standard import phrases
from kindline.standard.passports import Passport
from kindline.standard.profile import Profile

EMAIL, SMS = "stage_ended", "sms_stage_ended"
"""The standard's texts; what a standard has no text for is not told."""


def tell(stage: Stage, appeal: Appeal, passport: Passport, profile: Profile, now: dt.datetime) -> str:
    """Tell the client by his way that the stage is done; by which way, empty where he cannot be told."""
    preferred = [way for way in (appeal.client.ways if appeal.client else []) if way in WAYS]
    for way in dict.fromkeys([*preferred, "email", "sms"]):
        if WAYS[way](stage, appeal, passport, profile, now):
            return way
    return ""


def _by_email(stage: Stage, appeal: Appeal, passport: Passport, profile: Profile, now: dt.datetime) -> bool:
    if not appeal.email or EMAIL not in profile.messages:
        return False
    person = of_client(appeal.client) if appeal.client else NOBODY
    occasion = wording.Occasion(profile.language, person, values=_values(stage, appeal, passport, profile))
    try:
        correspondence.queue_message(
            profile=profile, key=f"stage {stage.pk}", recipient=appeal.email,
            draft=wording.written(profile, EMAIL, occasion), employee=None, now=now,
        )  # fmt: skip
    except CorrespondenceError:
        return False
    return True


def _by_sms(stage: Stage, appeal: Appeal, passport: Passport, profile: Profile, now: dt.datetime) -> bool:
    message = profile.messages.get(SMS)
    if not appeal.phone or message is None or not wires.is_set():
        return False
    text = phrases.render(message.wordings[profile.language].text, _values(stage, appeal, passport, profile))
    try:
        notifications.queue_sms(
            key=f"stage {stage.pk}", phone=appeal.phone, text=text, country=profile.calendar.country,
            about=f"appeal:{appeal.pk}", client=appeal.client, employee=None, now=now,
        )  # fmt: skip
    except NotificationError:
        return False
    return True


def _values(stage: Stage, appeal: Appeal, passport: Passport, profile: Profile) -> dict[str, str]:
    norm = passport.stage(stage.stage)
    return {
        "appeal_number": appeal.number,
        "service": passport.title.get(profile.language, ""),
        "matter": norm.title[profile.language] if norm else stage.stage,
    }


WAYS = {"email": _by_email, "sms": _by_sms}
