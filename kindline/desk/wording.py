"""What codes of the data are called in the interface's language."""

from __future__ import annotations

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

VERDICTS = {"met": _("met"), "not_met": _("not met"), "not_measurable": _("not measurable")}
HOWS = {
    "enforced": _("enforced"),
    "measured": _("measured"),
    "guided": _("guided"),
    "reviewed": _("reviewed by a person"),
    "published": _("published"),
    "defined": _("definition"),
}
CHANNELS = {
    "phone": _("phone"),
    "office": _("office"),
    "paper": _("letter"),
    "email": _("e-mail"),
    "web": _("website"),
    "account": _("personal account"),
}
DIRECTIONS = {"in": _("incoming"), "out": _("outgoing")}
APPEAL_STATES = {
    "registered": _("registered"),
    "assigned": _("assigned"),
    "forwarded": _("forwarded"),
    "answered": _("answered"),
}
APPEAL_KINDS = {
    "proposal": _("proposal"),
    "application": _("application"),
    "complaint": _("complaint"),
    "info_request": _("request for information"),
    "consultation": _("consultation"),
    "review": _("review"),
    "service_request": _("request for a service"),
    "meter_readings": _("meter readings"),
    "request_status": _("state of a request"),
    "complaint_status": _("state of a complaint"),
    "account_credentials": _("access to the personal account"),
    "bill": _("bill"),
    "authority_request": _("request of an authority"),
    "remark": _("remark"),
    "statement": _("statement"),
    "request": _("request"),
    "demand": _("demand"),
}
APPEAL_SUBJECTS = {
    "utility_quality": _("quality of a utility"),
    "court_decision": _("a court's decision"),
    "outside_competence": _("outside our competence"),
    "contract": _("contract"),
    "debt": _("debt"),
}
CALLBACK_STATES = {"open": _("open"), "kept": _("kept"), "missed": _("missed"), "cancelled": _("cancelled")}
OBLIGATIONS = {"mandatory": _("mandatory"), "recommended": _("recommended"), "permission": _("permission")}
LEGS = {
    "client": _("client"),
    "operator": _("operator"),
    "specialist": _("specialist"),
    "voicemail": _("voice message"),
}
CALL_STATES = {
    "menu": _("in the menu"),
    "queue": _("waiting"),
    "queued": _("waiting"),
    "waiting": _("waiting"),
    "offering": _("ringing"),
    "ringing": _("ringing"),
    "talking": _("conversation"),
    "hold": _("on hold"),
    "held": _("on hold"),
    "voicemail": _("leaving a message"),
    "ringing_client": _("being called"),
    "announcing": _("hears a message"),
    "consulting": _("transfer"),
    "conference": _("conference"),
    "wrap_up": _("wrap-up"),
}
LANGUAGES = {"uk": _("Ukrainian"), "ru": _("Russian"), "en": _("English")}


def _titled(titles: dict[str, str], code: str) -> str:
    return gettext(titles[code]) if code in titles else code.replace("_", " ")


def verdict_title(code: str) -> str:
    """A verdict in words."""
    return _titled(VERDICTS, code)


def how_title(code: str) -> str:
    """How a clause is carried, in words."""
    return _titled(HOWS, code)


def channel_title(code: str) -> str:
    """A channel in words."""
    return _titled(CHANNELS, code)


def kind_title(code: str) -> str:
    """A kind of appeal in words."""
    return _titled(APPEAL_KINDS, code)


def subject_title(code: str) -> str:
    """What an appeal is about, in words."""
    return _titled(APPEAL_SUBJECTS, code) if code else ""


def appeal_state_title(code: str) -> str:
    """The state of an appeal in words."""
    return _titled(APPEAL_STATES, code)


def callback_state_title(code: str) -> str:
    """The state of a callback in words."""
    return _titled(CALLBACK_STATES, code)


def obligation_title(code: str) -> str:
    """How binding a clause is, in words."""
    return _titled(OBLIGATIONS, code)


def direction_title(code: str) -> str:
    """The direction of a contact in words."""
    return _titled(DIRECTIONS, code)


def leg_title(code: str) -> str:
    """Whose voice a recording holds, in words."""
    return _titled(LEGS, code)


def call_state_title(code: str) -> str:
    """Where a call stands, in words."""
    return _titled(CALL_STATES, code)


def language_title(code: str) -> str:
    """A language in words."""
    return _titled(LANGUAGES, code)


def in_seconds(value: float) -> str:
    """A short time with one decimal and its unit."""
    return gettext("%(value)s s") % {"value": formats.number_format(round(float(value), 1))}
