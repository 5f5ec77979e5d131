"""What an answer must have before it is signed and sent: read from the profile's workflow, sought in the letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kindline.appeals.models import Answer, Appeal, Body, Decision
from kindline.correspondence import addressing, norms
from kindline.correspondence.addressing import NOBODY, Person, of_client
from kindline.correspondence.norms import Draft
from kindline.staff.models import Employee
from kindline.standard import gaps, phrases
from kindline.standard.messages import Wording
from kindline.standard.profile import Profile
from kindline.standard.workflows import LetterCheck

PLACES = {norms.SUBJECT: "subject", norms.SALUTATION: "beginning"}


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a letter lacks: what, where it belongs, what is expected, and the clauses that demand it."""

    what: str
    where: str  # subject | beginning | text | end
    expected: str
    clauses: tuple[str, ...]
    line: int = 0  # of the text, from 1, where it is known


@dataclass(frozen=True, slots=True)
class Letter:
    """An answer with all that it is judged by."""

    profile: Profile
    appeal: Appeal
    subject: str
    text: str
    decision: Decision | None


def lacking(profile: Profile, appeal: Appeal, answer: Answer | None) -> list[Lack]:
    """Everything that the clauses demand of the answer and that is not in it, and what its writer left open."""
    checks = profile.workflow.letter if profile.workflow else ()
    decision = Decision.objects.filter(appeal=appeal).first()
    letter = Letter(profile, appeal, answer.subject if answer else "", answer.text if answer else "", decision)
    found = [FOUND[check.what](check, letter) for check in checks if _concerns(check, letter)]
    return [*unfilled(letter.subject, letter.text), *_of_norms(letter), *(lack for lack in found if lack is not None)]


def unfilled(subject: str, text: str) -> list[Lack]:
    """Gaps that a template left to the executor: no clause is needed to see that the letter is not written yet."""
    parts = (("subject", subject), ("text", text))
    return [
        Lack("gap", where, gap.words, (), gap.line if where == "text" else 0)
        for where, part in parts
        for gap in gaps.find(part)
    ]


def _of_norms(letter: Letter) -> list[Lack]:
    """Subject and salutation: what correspondence demands of every letter that answers (krc-5.8-12, krc-5.8-13)."""
    written = draft(letter.profile, letter.appeal, letter.subject, letter.text)
    found = norms.breaches(letter.profile, written)
    return [Lack(one.part, PLACES[one.part], one.wanted, one.clauses) for one in found]


def channel_of(profile: Profile, appeal: Appeal) -> str:
    """The channel by which the answer goes: the clause's, or the client's choice where the clause lets him choose."""
    way = profile.workflow.way(appeal.channel) if profile.workflow else None
    if way is None:
        return appeal.answer_by or appeal.channel
    return appeal.answer_by if appeal.answer_by and way.client_may_choose else way.goes


def person_of(appeal: Appeal) -> Person:
    """To whom a letter about the appeal goes: the applicant as registered, with what his card says of him."""
    card = of_client(appeal.client) if appeal.client else NOBODY
    if not appeal.applicant:
        return card
    firm = appeal.firm_name or ("" if appeal.given_name else card.firm_name)
    return Person(
        appeal.surname, appeal.given_name, appeal.patronymic, card.gender, firm, card.address_as, card.dative_as
    )  # fmt: skip


def draft(profile: Profile, appeal: Appeal, subject: str, text: str, goes: str = "") -> Draft:
    """A letter about the appeal as `correspondence` takes it, with the norms that it must keep on its way."""
    origin = norms.origin_of(appeal.channel, goes or channel_of(profile, appeal))
    return Draft(subject, text, profile.language, origin=origin, person=person_of(appeal))


def subject(profile: Profile, appeal: Appeal, goes: str = "") -> str:
    """The subject line that the clauses prescribe, with the number."""
    prescribed = norms.prescribed_subject(profile, draft(profile, appeal, "", "", goes).origin)
    return ". ".join(filter(None, [prescribed or _usual_subject(profile), appeal.number]))


def _usual_subject(profile: Profile) -> str:
    """Where no clause prescribes the subject: that of the standard's own answer."""
    found = _wording(profile, "answer_email")
    return phrases.render(found.subject, norms.values(profile)) if found else ""


def _wording(profile: Profile, name: str) -> Wording | None:
    message = profile.messages.get(name)
    return message.wordings.get(profile.language) if message else None


def notice_text(profile: Profile, appeal: Appeal, about: str, **values: str) -> str:
    """The standard's own text of a notice (`messages/`: notice_…), filled in; empty where it has none."""
    found = _wording(profile, f"notice_{about}")
    known = {**norms.values(profile), "appeal_number": appeal.number, **values}
    return phrases.render(found.text, known).strip() if found else ""


def contacts_of(bodies: Sequence[Body]) -> str:
    """Names and contacts of competent bodies, one a line, for the text of a notice (krc-6.1-17)."""
    return "\n".join(", ".join(filter(None, [one.name, one.address, one.phone, one.email])) for one in bodies)


def told_of_forwarding(profile: Profile, appeal: Appeal, told: Appeal | None = None) -> str:
    """The standard's words of where an appeal went, to its applicant or to that of `told`, a duplicate of it."""
    body = contacts_of([appeal.forwarded_to] if appeal.forwarded_to else [])
    return notice_text(profile, told or appeal, "forwarded", body=body)


def called(profile: Profile, appeal: Appeal) -> str:
    """How a letter about the appeal addresses its applicant (krc-5.8-12)."""
    return addressing.salutation(profile.language, person_of(appeal))


def composed(profile: Profile, appeal: Appeal, text: str) -> str:
    """A letter's text between the salutation and the executor's data."""
    name = called(profile, appeal)
    parts = [f"{name}!" if name else "", "", text, "", *signature(appeal)]
    return "\n".join(parts).strip() + "\n"


def sent_text(answer: Answer) -> str:
    """The text as it goes out: below it stands for whom it is signed, where that is another."""
    return "\n\n".join(filter(None, [answer.text, answer.signed_as]))


def proposed(profile: Profile, appeal: Appeal, substance: str = "") -> str:
    """A first draft: salutation, the substance or room for it, what was decided, and the executor's data."""
    decision = Decision.objects.filter(appeal=appeal).first()
    return composed(profile, appeal, "\n".join([*filter(None, [substance]), *_decided(decision), *measures_of(appeal)]))


def _decided(decision: Decision | None) -> list[str]:
    if decision is None:
        return []
    return [part for part in (decision.reasons, decision.rights, decision.order) if part]


def measures_of(appeal: Appeal) -> list[str]:
    """The corrective measures of an appeal with their days, as a letter tells them, a line each."""
    return [f"{one.title}: {one.due_on:%d.%m.%Y}" for one in appeal.measures.order_by("due_on", "pk")]


def signature(appeal: Appeal) -> list[str]:
    """The executor's data with which a letter ends, a line each."""
    executor = appeal.executor
    return [part for part in (str(executor), executor.phone, executor.email) if part] if executor else []


def _concerns(check: LetterCheck, letter: Letter) -> bool:
    goes = channel_of(letter.profile, letter.appeal)
    if check.came and letter.appeal.channel not in check.came:
        return False
    if (check.goes and goes not in check.goes) or (check.subjects and letter.appeal.subject not in check.subjects):
        return False
    return OCCASIONS[check.when](letter)


def _grounded(letter: Letter) -> bool:
    return letter.decision is not None and letter.decision.grounded


def _ungrounded(letter: Letter) -> bool:
    return letter.decision is not None and not letter.decision.grounded


def _at_fault(letter: Letter) -> bool:
    return letter.decision is not None and letter.decision.fault_confirmed


OCCASIONS: dict[str, Callable[[Letter], bool]] = {
    "always": lambda _letter: True,
    "grounded": _grounded,
    "ungrounded": _ungrounded,
    "fault": _at_fault,
    "measures": lambda letter: letter.appeal.measures.exists(),
}


def _substance(check: LetterCheck, letter: Letter) -> Lack | None:
    said = letter.text
    name = called(letter.profile, letter.appeal)
    for known in (name, *signature(letter.appeal)):
        said = said.replace(known, "") if known else said
    enough = sum(sign.isalpha() for sign in said) >= check.letters_min
    return None if enough else Lack(check.what, "text", "", check.clauses)


def _executor(check: LetterCheck, letter: Letter) -> Lack | None:
    executor = letter.appeal.executor
    expected = _of_executor(check.what, executor) if executor else ""
    found = bool(expected) and _digits_or_plain(check.what, expected) in _digits_or_plain(check.what, letter.text)
    return None if found else Lack(check.what, "end", expected, check.clauses)


def _of_executor(what: str, executor: Employee) -> str:
    return {"executor_name": str(executor), "executor_phone": executor.phone, "executor_email": executor.email}[what]


def _digits_or_plain(what: str, text: str) -> str:
    return re.sub(r"\D", "", text) if what == "executor_phone" else norms.folded(text)


def _words(check: LetterCheck, letter: Letter) -> Lack | None:
    found = any(norms.folded(word) in norms.folded(letter.text) for word in check.words)
    return None if found else Lack(check.what, "text", " / ".join(check.words), check.clauses)


def _of_decision(check: LetterCheck, letter: Letter) -> Lack | None:
    """The decision's reasons, rights or order stand in the letter as they were decided."""
    expected = str(getattr(letter.decision, check.what))
    found = bool(expected.strip()) and norms.folded(expected) in norms.folded(letter.text)
    return None if found else Lack(check.what, "text", expected, check.clauses)


def _dates(check: LetterCheck, letter: Letter) -> Lack | None:
    dates = [f"{one.due_on:%d.%m.%Y}" for one in letter.appeal.measures.all()]
    missing = [date for date in dates if date not in letter.text]
    return Lack(check.what, "text", ", ".join(missing), check.clauses) if missing else None


FOUND: dict[str, Callable[[LetterCheck, Letter], Lack | None]] = {
    "substance": _substance,
    "executor_name": _executor,
    "executor_phone": _executor,
    "executor_email": _executor,
    "words": _words,
    "reasons": _of_decision,
    "rights": _of_decision,
    "order": _of_decision,
    "planned_dates": _dates,
}
