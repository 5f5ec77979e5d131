"""The words of the site: its fields, what is wrong with them, days."""

from __future__ import annotations

import datetime as dt

from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.site import reach
from kindline.standard.profile import Profile

FIELDS = {
    "kind": _("What kind of appeal is it?"),
    "substance": _("Your question"),
    "firm_name": _("Name of the organisation"),
    "surname": _("Surname"),
    "given_name": _("Given name"),
    "patronymic": _("Patronymic"),
    "residence": _("Postal address"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "consent": _("Consent"),
    "starts_at": _("Time of the meeting"),
    "matter": _("What is it about?"),
    "topic": _("What is it about?"),
    "name": _("How may we address you?"),
    "when": _("When may we call?"),
    "files": _("Files"),
    "to": _("E-mail address or mobile number"),
    "topics": _("What do you want to be told of?"),
    "street": _("Street"),
    "number": _("Account number"),
    "bill_code": _("Code from the bill"),
    "password": _("Password"),
    "said": _("What is wrong, and how should it be?"),
    "sure": _("To have data erased"),
}
INPUTS = {"phone": "tel", "email": "email"}
AUTOCOMPLETE = {
    "surname": "family-name",
    "given_name": "given-name",
    "patronymic": "additional-name",
    "residence": "street-address",
    "phone": "tel",
    "email": "email",
    "name": "name",
}
FAULTS = {
    "needed": _("Please fill this in."),
    "too_long": _("This is too long: shorten it to 20,000 characters."),
    "too_long_here": _("This is too long: shorten it."),
    "taken": _("This time is not free any more. Choose another one: what you typed is still here."),
    "span_over": _("This time is not offered any more. Choose another one: what you typed is still here."),
    "not_number": _("This is not a telephone number. Write it with its code, as +380 44 123 45 67."),
    "not_callable": _("We cannot call this number: it is abroad, or costs extra. Name another one."),
    "called_often": _(
        "This number has asked for several calls today already. Please call us yourself, or ask a question."
    ),
    "not_email": _("This is not an e-mail address. It looks like name@example.com."),
    "not_reachable": _("We cannot write there. Name an e-mail address, or a mobile number with its code."),
    "no_such_way": _("This way is not offered at the moment."),
    "for_answer": _("Please fill this in, or choose another way for the answer: we would not know where to send it."),
    "consent": _("Tick the box: without your consent we may not work with your question."),
    "trap": _("Leave this field empty. It is there for programs that fill in everything."),
    "nothing_said": _("Write something, or attach a file."),
    "left": _("This question is closed, so nothing is added to it any more. Ask a new one: your text is still here."),
    "files": _("Some were not taken: it is said beside them why. The others are kept; send the form again."),
    "sign": _("Type one of the three: this code, or the surname or name of the firm, or the address."),
    "ticked": _("You have ticked documents, but no file is attached: attach them, or take the ticks away."),
    "already_sent": _(
        "A question was sent from this page already; its number is %(number)s. If this is another one, press “Send”"
        " once more."
    ),
    "already_asked": _(
        "A request was sent from this page already; its number is %(number)s. If this is another one, press the button"
        " once more."
    ),
    "already_booked": _(
        "A time was booked from this page already; its number is %(number)s. If this is another one, press “Book” once"
        " more."
    ),
    "consent_call": _("Tick the box: without your consent we may not keep your number."),
    "consent_notices": _("Tick the box: without your consent we may not keep this address."),
    "consent_erasure": _("Tick the box: what is erased cannot be brought back."),
    "card_incomplete": _("Our card lacks something that the standard requires of a request: please call us."),
    "barred_kind": _("This kind of appeal cannot be registered in your case. Choose another."),
    "too_many": _(
        "Many forms came from your network within an hour. What you typed is kept here: send it again later."
    ),
    "too_many_a_day": _(
        "Today as much was booked, or asked for, from here as is taken within a day. What you typed is kept here: send"
        " it again tomorrow."
    ),
}
OFTEN = ("too_many", "too_many_a_day")
"""What is refused for a while: there the other ways on are named."""
OTHERWISE = _("This was not accepted. Please check it.")


def field_title(name: str) -> str:
    """What a field is called."""
    return gettext(FIELDS[name]) if name in FIELDS else name.replace("_", " ")


def fault(field: str, code: str, profile: Profile) -> dict[str, str]:
    """What is wrong with a field, for the list above the form and for the place beside the field."""
    text = gettext(FAULTS.get(code, OTHERWISE))
    if code in OFTEN and (ways := reach.said(profile)):
        text += f" {ways}"
    return {"field": field, "title": field_title(field) if field else "", "text": text}


def moment(profile: Profile, at: dt.datetime) -> str:
    """A moment on the organisation's clock."""
    return formats.date_format(at.astimezone(profile.zone), "DATETIME_FORMAT")


def day(profile: Profile, moment: dt.datetime | None) -> str:
    """A day on the organisation's calendar."""
    return formats.date_format(moment.astimezone(profile.zone), "DATE_FORMAT") if moment else ""


def plain_day(profile: Profile, moment: dt.datetime | None) -> str:
    """The same in figures, for the texts of the standard."""
    return f"{moment.astimezone(profile.zone):%d.%m.%Y}" if moment else ""
