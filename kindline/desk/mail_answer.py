"""The answer to an e-mail: to whom, how he is called, and whether the standard lets it go."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from django.utils.translation import gettext as _

from kindline.correspondence import actions, answering, wording
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import BadAddressError, CorrespondenceError, UnfitLetterError
from kindline.correspondence.models import Incoming
from kindline.desk import house, mail_words
from kindline.desk.wording import titled
from kindline.staff.models import Employee
from kindline.standard import names

FIELDS = ("surname", "given_name", "patronymic", "text")
TEMPLATE = "answer_email"


def prefilled(incoming: Incoming) -> dict[str, str]:
    """The client's name from the card, else the parts of what the sender calls himself, to be confirmed."""
    known = answering.person_of(incoming)
    if not known.name.surname and not known.name.given and incoming.sender_name:
        parts = names.split(incoming.sender_name, house.profile().language)
        return {"surname": parts.surname, "given_name": parts.given, "patronymic": parts.patronymic, "text": ""}
    return {"surname": known.surname, "given_name": known.given_name, "patronymic": known.patronymic, "text": ""}


def send(incoming: Incoming, typed: Mapping[str, str], employee: Employee, now: dt.datetime) -> list[str]:
    """Queue the answer; what it lacks, in words. The same text twice is one letter."""
    text = typed.get("text", "").strip()
    if not text:
        return [_("Write the answer.")]
    profile, card = house.profile(), answering.person_of(incoming)
    said = {name: typed.get(name, "").strip() for name in FIELDS}
    person = Person(
        said["surname"], said["given_name"], said["patronymic"], card.gender, card.firm_name, card.address_as,
        card.dative_as,
    )  # fmt: skip
    values = {"text": text, "executor_name": str(employee), "executor_phone": employee.phone or "–"}
    occasion = wording.Occasion(
        profile.language, person, "email", values | {"executor_email": employee.email or "–"}
    )  # fmt: skip
    key = f"answer:{incoming.pk}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    try:
        draft = wording.written(profile, TEMPLATE, occasion)
        actions.queue_message(
            profile=profile, key=key, recipient=incoming.reply_to or incoming.sender, draft=draft, answers=incoming,
            employee=employee, now=now,
        )  # fmt: skip
    except UnfitLetterError as error:
        return [mail_words.breach(one.part, one.wanted, one.clauses) for one in error.breaches]
    except BadAddressError:
        return [titled(mail_words.REFUSALS, "address")]
    except CorrespondenceError as error:
        return [titled(mail_words.REFUSALS, error.code)]
    return []
