"""What a client is written about his consultation: the invitation, the reminder, that it was cancelled."""

from __future__ import annotations

import datetime as dt

from django.utils import formats, translation
from django.utils.translation import gettext

from kindline.correspondence import actions as mail
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.norms import Draft
from kindline.site.consultations import bringing
from kindline.site.models import Consultation
from kindline.standard.consultation_data import VIDEO
from kindline.standard.profile import Profile


def invite(*, made: Consultation, profile: Profile, now: dt.datetime) -> None:
    """Write at once when it was booked: the link by which one enters, or where to come and what to bring.

    Clause: krc-5.7.1-48, krc-5.7.1-43.
    """
    with translation.override(made.language):
        subject = gettext("Your consultation %(number)s: %(when)s") % _words(made, profile)
        _write(made, "on", subject, _invitation(made, profile), profile, now)


def remind(*, made: Consultation, profile: Profile, now: dt.datetime) -> None:
    """Write once more before it begins, with the same link.

    Clause: krc-5.7.1-48.
    """
    with translation.override(made.language):
        subject = gettext("Soon: your consultation %(number)s, %(when)s") % _words(made, profile)
        _write(made, "soon", subject, _invitation(made, profile), profile, now)


def call_off(*, made: Consultation, profile: Profile, now: dt.datetime) -> None:
    """Write that an employee has cancelled it, and why."""
    with translation.override(made.language):
        words = _words(made, profile)
        subject = gettext("Your consultation %(number)s is cancelled") % words
        text = (
            gettext("The consultation of %(when)s cannot take place: %(reason)s. Please choose another time.") % words
        )
        _write(made, "off", subject, text, profile, now)


def _invitation(made: Consultation, profile: Profile) -> str:
    words = _words(made, profile)
    if made.way == VIDEO:
        text = gettext(
            "Your consultation by video begins on %(when)s and lasts up to %(minutes)s minutes. Enter by this"
            " link, from a device with a camera and a microphone: %(address)s"
        )
    else:
        text = gettext("We expect you on %(when)s: %(place)s. The number of your consultation is %(number)s.")
    parts = [text % words]
    if papers := bringing.documents(made, profile):
        parts.append(gettext("Please bring: %(documents)s.") % {"documents": ", ".join(papers)})
    parts.append(gettext("If you cannot take part, cancel it on its page: %(address)s") % words)
    return "\n\n".join(parts)


def _words(made: Consultation, profile: Profile) -> dict[str, object]:
    return {
        "number": made.number,
        "reason": made.reason,
        "place": bringing.place(made, profile),
        "address": made.address,
        "minutes": int((made.ends_at - made.starts_at).total_seconds() // 60),
        "when": formats.date_format(made.starts_at.astimezone(profile.zone), "DATETIME_FORMAT"),
    }


def _write(made: Consultation, what: str, subject: str, text: str, profile: Profile, now: dt.datetime) -> None:
    """Only where he named an address; what hinders the letter does not hinder the consultation."""
    if not made.email:
        return
    person = Person(made.surname, made.given_name, made.patronymic)
    draft = Draft(subject, text, made.language, person=person, is_automatic=True)
    try:
        mail.queue_message(
            profile=profile, key=f"consultation:{made.pk}:{what}", recipient=made.email, draft=draft,
            about="consultation", employee=None, now=now,
        )  # fmt: skip
    except CorrespondenceError:
        return
