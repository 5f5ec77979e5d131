"""What codes of the data are called in the interface's language."""

from __future__ import annotations

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import telling_staff, wording
from kindline.desk import house
from kindline.staff import wording as staff

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
    "sms": _("SMS"),
    "internal": _("between colleagues"),
}
DIRECTIONS = {"in": _("incoming"), "out": _("outgoing")}
DUES = {
    "overdue": _("overdue"),
    "today": _("due today"),
    "soon": _("due soon"),
    "extended": _("extended"),
    "over_target": _("past the own target"),
    "silent": _("the applicant did not send what was asked for"),
    "late_stage": _("a stage of the service is late"),
}
LETTER_CHECKS = {
    "gap": _("a place that is still to be filled in"),
    "salutation": _("the applicant is addressed by name and patronymic"),
    "subject": _("the subject line"),
    "substance": _("an answer on the substance"),
    "executor_name": _("the executor's name"),
    "executor_phone": _("the executor's phone"),
    "executor_email": _("the executor's e-mail"),
    "words": _("words that the clause demands"),
    "reasons": _("the reasons of the decision"),
    "rights": _("the rights to be restored"),
    "order": _("in what order the rights are restored"),
    "planned_dates": _("the planned days of the measures"),
}
LETTER_PLACES = {
    "subject": _("in the subject line"),
    "beginning": _("at the beginning of the letter"),
    "text": _("in the text"),
    "end": _("at the end of the letter"),
}
NOTICES = {
    "extension": _("the term is extended"),
    "duplicate": _("copy of the answer to the first appeal"),
    "request_data": _("data that is missing"),
    "tell_forwarding": _("the appeal was forwarded"),
}
PUBLICATION_STATES = {
    "declined": _("not published"),
    "proposed": _("waits for a second look"),
    "published": _("published on the site"),
    "withdrawn": _("withdrawn"),
}
PUBLICATION_PARTS = {"title": _("Title"), "question": _("Question"), "answer": _("Text of the answer")}
MASKS = {
    "name": _("a name"),
    "phone": _("a phone"),
    "email": _("an e-mail address"),
    "address": _("an address"),
    "account": _("an account"),
    "number": _("a long number"),
}
KEPT = {
    "appeals": _("appeals"),
    "letters": _("letters"),
    "accounts": _("accounts"),
    "recordings": _("recordings"),
    "barred numbers": _("wishes not to be called"),
}
CALLBACK_STATES = {"open": _("open"), "kept": _("kept"), "missed": _("missed"), "cancelled": _("cancelled")}
CALLBACK_ORIGINS = {
    "promised": _("promised by an employee"),
    "queue": _("asked for while waiting, keeps the place"),
    "abandoned": _("hung up while waiting"),
    "site": _("asked for on the site"),
}
OBLIGATIONS = {"mandatory": _("mandatory"), "recommended": _("recommended"), "permission": _("permission")}
LEGS = {
    "client": _("client"),
    "operator": _("operator"),
    "specialist": _("specialist"),
    "voicemail": _("voice message"),
}
SECRETS = {"card": _("a card's number"), "password": _("a password"), "other": _("a secret")}
TROUBLES = {
    "stalled": _("A talk is not being recorded: nothing is written into its file any more"),
    "unmoved": _("A recording cannot be put in its place: the disk is full or read-only"),
    "broken": _("A recording is not what was recorded, or its file is gone"),
    "store": _("The store of recordings, or its key, cannot be reached"),
}
CALL_STATES = {
    "menu": _("in the menu"),
    "queue": _("waiting"),
    "queued": _("waiting"),
    "waiting": _("waiting"),
    "promising": _("asks to be called back"),
    "asking": _("asks the menu"),
    "offering": _("ringing"),
    "ringing": _("ringing"),
    "talking": _("conversation"),
    "hold": _("on hold"),
    "held": _("on hold"),
    "voicemail": _("leaving a message"),
    "ringing_client": _("being called"),
    "announcing": _("hears a message"),
    "consulting": _("transfer"),
    "telling": _("transfer"),
    "forwarding": _("passed on, not yet answered"),
    "conference": _("conference"),
    "rating": _("rates the talk"),
    "wrap_up": _("wrap-up"),
}
titled = wording.titled
LANGUAGES = {"uk": _("Ukrainian"), "ru": _("Russian"), "en": _("English")}


def verdict_title(code: str) -> str:
    """A verdict in words."""
    return titled(VERDICTS, code)


def how_title(code: str) -> str:
    """How a clause is carried, in words."""
    return titled(HOWS, code)


def channel_title(code: str) -> str:
    """A channel in words."""
    return titled(CHANNELS, code)


def appeal_state_title(code: str) -> str:
    """The state of an appeal in words: as the profile's workflow calls it."""
    return wording.state_title(house.profile(), code)


def role_title(code: str) -> str:
    """People of a role, in words."""
    return staff.role_title(code)


def due_title(code: str) -> str:
    """A filter by the limit, in words."""
    return titled(DUES, code)


def letter_check_title(code: str) -> str:
    """What a letter must have, in words."""
    return titled(LETTER_CHECKS, code)


def letter_place_title(code: str, line: int = 0) -> str:
    """A place of a letter, in words; with the line of the text where it is known."""
    return gettext("in line %(line)s of the text") % {"line": line} if line else titled(LETTER_PLACES, code)


def notice_title(code: str) -> str:
    """What a notice to the applicant is about, in words."""
    flow = house.profile().workflow
    end = flow.ends.get(code) if flow else None
    return house.titled(end.title) if end else titled(NOTICES, code)


def publication_title(code: str) -> str:
    """Where a publication stands, in words."""
    return titled(PUBLICATION_STATES, code)


def publication_part(code: str) -> str:
    """A text of a publication, in words."""
    return titled(PUBLICATION_PARTS, code)


def kept_title(code: str) -> str:
    """What is kept when a person is erased, in words."""
    return titled(KEPT, code)


def mask_title(code: str) -> str:
    """A kind of a person's data, in words."""
    return titled(MASKS, code)


def told_of_title(reason: str) -> str:
    """Why an appeal was brought to somebody's notice; of the rung of a term what has come, or is to come."""
    code = reason.partition(":")[0]
    flow = house.profile().workflow
    rung = next((one for one in flow.ladder if one.id == reason), None) if flow else None
    if rung is not None and rung.of in TERM_RUNGS:
        return gettext("due soon") if rung.side == "before" else gettext(TERM_RUNGS[rung.of])
    return titled(telling_staff.ABOUT, code) if code in telling_staff.ABOUT else ""


TERM_RUNGS = {"limit": _("overdue"), "target": _("the day aimed at has passed")}


def callback_origin_title(code: str) -> str:
    """Where a callback comes from, in words."""
    return titled(CALLBACK_ORIGINS, code)


def callback_state_title(code: str) -> str:
    """The state of a callback in words."""
    return titled(CALLBACK_STATES, code)


def obligation_title(code: str) -> str:
    """How binding a clause is, in words."""
    return titled(OBLIGATIONS, code)


def direction_title(code: str) -> str:
    """The direction of a contact in words."""
    return titled(DIRECTIONS, code)


def leg_title(code: str) -> str:
    """Whose voice a recording holds, in words."""
    return titled(LEGS, code)


def call_state_title(code: str) -> str:
    """Where a call stands, in words."""
    return titled(CALL_STATES, code)


def language_title(code: str) -> str:
    """A language in words."""
    return titled(LANGUAGES, code)


def in_seconds(value: float) -> str:
    """A short time with one decimal and its unit."""
    return gettext("%(value)s s") % {"value": formats.number_format(round(float(value), 1))}
