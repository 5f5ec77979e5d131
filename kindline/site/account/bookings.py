"""Meetings and consultations that were booked from the account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from kindline.clients.login_models import Login
from kindline.site import meetings
from kindline.site.consultations import booking, words
from kindline.site.models import Consultation, Meeting
from kindline.standard.profile import Profile

SHOWN = 20


def rows_of(login: Login) -> list[Meeting | Consultation]:
    """All that are still kept, the latest first."""
    found: list[Meeting | Consultation] = [*login.meetings.all(), *login.consultations.all()]
    return sorted(found, key=lambda one: one.starts_at, reverse=True)


def of(login: Login, profile: Profile, now: dt.datetime) -> list[dict[str, Any]]:
    """As the account shows them: each leads to its page, where it may be cancelled as from here (krc-5.7.1-38)."""
    return [_told(one, profile, now) for one in rows_of(login)[:SHOWN]]


def _told(one: Meeting | Consultation, profile: Profile, now: dt.datetime) -> dict[str, Any]:
    is_meeting = isinstance(one, Meeting)
    return {
        "number": one.number,
        "title": gettext("Meeting with the head") if is_meeting else gettext("Consultation"),
        "when": words.moment(profile, one.starts_at),
        "address": reverse("meeting_booked" if is_meeting else "consultation_booked", args=[one.key]),
        "is_cancelled": one.cancelled_at is not None,
        "is_held": isinstance(one, Consultation) and one.ended_at is not None and not one.missed_by,
        "may_cancel": meetings.may_cancel(one, now) if isinstance(one, Meeting) else booking.may_cancel(one, now),
    }
