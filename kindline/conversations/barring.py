"""A short message that asks for no more calls and messages of campaigns: kept at once, answered by the program."""

from __future__ import annotations

import datetime as dt

from kindline.clients import wishes
from kindline.conversations.texting import Text
from kindline.notifications import topics
from kindline.standard import phrases
from kindline.standard.profile import Profile

NAME = "sms_stopped"


def answer(profile: Profile, text: Text, now: dt.datetime) -> str | None:
    """Bar the number of a text that is one of the profile's words for it; None for any other text."""
    words = (profile.variable("sms", {}) or {}).get("stop") or []
    if text.text.strip(" .!").casefold() not in [str(word).casefold() for word in words]:
        return None
    wishes.bar_number(
        phone=text.phone, country=profile.calendar.country, via="sms", employee_id=None, actor="client", now=now
    )
    topics.leave(way=topics.SMS, address=text.phone, via="message", now=now)
    return phrases.render(profile.messages[NAME].wordings[profile.language].text, {})
