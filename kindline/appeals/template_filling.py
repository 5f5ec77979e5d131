"""A template's text with what is known of an appeal put in; what is not known stays a gap for the executor."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import letters, numbers
from kindline.appeals.models import Appeal, Decision
from kindline.conversations.models import Topic
from kindline.correspondence import addressing, norms, wording
from kindline.staff.models import Employee, Gender
from kindline.standard import gaps, phrases, placeholders
from kindline.standard.profile import Profile

VARIABLES: Mapping[str, str] = {
    "salutation": _("form of address"),
    "client_name": _("the applicant's name"),
    "client_name_dative": _("the applicant's name in the dative"),
    "address": _("the applicant's address"),
    "appeal_number": _("number of the appeal"),
    "appeal_date": _("day of the registration"),
    "deadline": _("last day of the term"),
    "topic": _("topic of the appeal"),
    "date": _("today's date"),
    "reasons": _("the reasons of the decision"),
    "rights": _("the rights to be restored"),
    "order": _("in what order the rights are restored"),
    "planned_dates": _("the planned days of the measures"),
    "executor_name": _("the executor's name"),
    "executor_phone": _("the executor's phone"),
    "executor_email": _("the executor's e-mail"),
    "company": _("full name of the organisation"),
    "company_short": _("short name of the organisation"),
    "company_dative": _("name of the organisation in the dative"),
    "department": _("name of the department"),
}
"""What a template may name, with what each stands for."""
SIGNATURE = frozenset(("executor_name", "executor_phone", "executor_email"))
GENDERS = {Gender.FEMALE: "female", Gender.MALE: "male"}
BESIDE_NAME_MAX = 3
"""So many words stand beside the name in a line that only addresses the applicant."""


def title(name: str, language: str) -> str:
    """What a variable stands for, in words of a language."""
    with translation.override(language):
        return gettext(VARIABLES[name])


def filled(text: str, appeal: Appeal, language: str, now: dt.datetime, profile: Profile) -> str:
    """The text with the values of the appeal; what is not known, or is no variable, becomes a gap with its name."""
    known = values(profile, appeal, language, now)
    put = {name: gaps.mark(name) for name in placeholders.names(text)}
    put |= {name: known[name].strip() or gaps.mark(title(name, language)) for name in VARIABLES}
    gender = GENDERS.get(Gender(appeal.executor.gender)) if appeal.executor else None
    return phrases.render(text, {**put, "gender": gender})


def values(profile: Profile, appeal: Appeal, language: str, now: dt.datetime) -> dict[str, str]:
    """What is known for each variable; empty where nothing is."""
    person, executor = letters.person_of(appeal), appeal.executor
    decision = Decision.objects.filter(appeal=appeal).first() if appeal.pk else None
    own = {
        "salutation": addressing.salutation(language, person),
        "client_name": str(person),
        "client_name_dative": addressing.dative(language, person),
        "address": appeal.residence,
        "appeal_number": appeal.number,
        "appeal_date": wording.shown_date(appeal.registered_at, profile),
        "deadline": wording.shown_date(appeal.limit_at, profile) if appeal.limit_at else "",
        "topic": appeal.topic.title if appeal.topic else "",
        "date": wording.shown_date(now, profile),
        "reasons": decision.reasons if decision else "",
        "rights": decision.rights if decision else "",
        "order": decision.order if decision else "",
        "planned_dates": "\n".join(letters.measures_of(appeal)) if appeal.pk else "",
        "executor_name": str(executor) if executor else "",
        "executor_phone": executor.phone if executor else "",
        "executor_email": executor.email if executor else "",
    }
    return own | {name: str(value or "") for name, value in norms.values(profile).items()}


def passage(text: str) -> str:
    """What of a whole letter goes into one that is there already: no line that addresses, no signature."""
    parts = re.split(r"\n[ \t]*\n", text.strip())
    if len(parts) > 1 and _only_addresses(parts[0]):
        parts = parts[1:]
    if len(parts) > 1 and SIGNATURE & set(placeholders.names(parts[-1])):
        parts = parts[:-1]
    return "\n\n".join(parts)


def _only_addresses(part: str) -> bool:
    """«Уважаемый {salutation}!»: a line of its own with hardly a word beside the name."""
    beside = re.findall(r"\w+", placeholders.FOUND.sub(" ", part))
    return "salutation" in placeholders.names(part) and "\n" not in part and len(beside) <= BESIDE_NAME_MAX


def sample(profile: Profile, language: str, topic: Topic | None, employee: Employee, now: dt.datetime) -> Appeal:
    """An invented appeal for a preview, which is never kept: its executor is who looks."""
    person = wording.EXAMPLE.get(language, addressing.NOBODY)
    registered = now - dt.timedelta(days=2)
    number = numbers.written(profile, registered.astimezone(profile.zone).year, 123)
    return Appeal(
        profile=profile.id, number=number, surname=person.surname, given_name=person.given_name,
        patronymic=person.patronymic, registered_at=registered, limit_at=now + dt.timedelta(days=10), topic=topic,
        executor=employee,
    )  # fmt: skip
