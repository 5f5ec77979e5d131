"""The form of the internet reception: what was typed, and what is wrong with it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from kindline.appeals import stages, wording
from kindline.conversations import queries as conversations
from kindline.conversations.models import Topic
from kindline.conversations.norms import RequiredField, missing
from kindline.correspondence import actions as mail
from kindline.correspondence.errors import BadAddressError
from kindline.standard.profile import Profile

ORGANISATIONS = ("firm", "sole_trader", "executor", "supplier")
"""Who may ask beside a person."""
FIELDS = ("surname", "given_name", "patronymic", "residence", "phone", "email")
KINDS = (
    "consultation", "info_request", "complaint", "proposal", "application", "service_request", "review",
    "remark", "statement", "request", "demand",
)  # fmt: skip
"""The kinds among which a client chooses; what else a standard knows has its own ways."""
WAYS = {"email": "email", "web": "", "paper": "residence"}
"""How the answer may come, and what must be known for it."""
LONGEST = 20_000
LONGEST_LINES = {
    "firm_name": 300, "surname": 100, "given_name": 100, "patronymic": 100, "residence": 500, "phone": 40, "email": 254,
}  # fmt: skip
"""Signs of a line. Each is looked through while the client waits, and others wait with him: a line has an end."""
TRAP = "website"
"""A field that people do not see and programs fill in."""
SHOWN = ("substance", "kind", *FIELDS, "firm_name", "files", "consent", TRAP)
"""The fields as they follow each other on the form."""
ALWAYS = ("substance", "kind")
"""What is looked at without a standard."""


@dataclass(frozen=True)
class Asked:
    """What a client typed, ready to be registered once `faults` is silent."""

    kind: str
    subject: str
    topic: Topic | None
    substance: str
    answer_by: str
    fields: Mapping[str, str] = field(default_factory=dict)
    none_fields: tuple[str, ...] = ()
    consented: bool = False
    is_trapped: bool = False
    service: str = ""  # whose passport the request follows
    attached: tuple[str, ...] = ()  # documents of the passport that are said to be among the files

    def faults(self, required: Sequence[RequiredField]) -> dict[str, str]:
        """Everything that is wrong with what was typed, and what is required and lacks, by field."""
        filled = [*ALWAYS, *(name for name, value in self.fields.items() if value)]
        return dict.fromkeys(missing(required, filled, self.none_fields), "needed") | dict(self._faults())

    def _faults(self) -> list[tuple[str, str]]:
        found = [("substance", "needed")] if not self.substance.strip() else []
        found += [("substance", "too_long")] if len(self.substance) > LONGEST else []
        email, wanted = self.fields["email"], WAYS[self.answer_by]
        if email and not is_address(email):
            found.append(("email", "not_email"))
        long = [name for name, most in LONGEST_LINES.items() if len(self.fields.get(name, "")) > most]
        found += [(name, "too_long_here") for name in long]
        if wanted and not self.fields[wanted]:
            found.append((wanted, "for_answer"))
        found += [("consent", "consent")] if not self.consented else []
        return found + ([(TRAP, "trap")] if self.is_trapped else [])


def in_order(faults: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, as its fields follow each other on the form."""
    return {name: faults[name] for name in sorted(faults, key=lambda one: SHOWN.index(one) if one in SHOWN else 0)}


def read(profile: Profile, typed: QueryDict) -> Asked:
    """What was typed, as far as it is of those things that can be chosen."""
    service = typed.get("service", "") if stages.KIND in kinds(profile) else ""
    passport = profile.services.get(service)
    return Asked(
        kind=stages.KIND if passport else _of(typed.get("kind", ""), kinds(profile)) or kinds(profile)[0],
        subject=_of(typed.get("subject", ""), [one["id"] for one in wording.subjects_of(profile)]),
        topic=_topic(profile, typed.get("topic", "")),
        substance=typed.get("substance", "").replace("\x00", ""),
        answer_by=_of(typed.get("answer_by", ""), WAYS) or "email",
        fields={name: typed.get(name, "").replace("\x00", "").strip() for name in FIELDS} | _organisation(typed),
        none_fields=tuple(name for name in FIELDS if typed.get(f"none_{name}")),
        consented=bool(typed.get("consent")),
        is_trapped=bool(typed.get(TRAP)),
        service=passport.id if passport else "",
        attached=tuple(one.id for one in passport.documents if typed.get(f"doc-{one.id}")) if passport else (),
    )


def is_address(written: str) -> bool:
    """Whether a letter can go there; what is longer than any address is none, and is not looked at."""
    try:
        return len(written) <= LONGEST_LINES["email"] and bool(mail.checked_address(written))
    except BadAddressError:
        return False


def key_of(raw: str) -> uuid.UUID:
    """The key that a form bore, or a new one."""
    try:
        return uuid.UUID(raw)
    except ValueError:
        return uuid.uuid4()


def row_key(raw: str) -> int:
    """The key of a row that was chosen; 0 where it is none."""
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 18 else 0


def kinds(profile: Profile) -> list[str]:
    """The kinds of this standard that a client may choose."""
    known = {one["id"] for one in wording.kinds_of(profile)}
    return [kind for kind in KINDS if kind in known]


def _organisation(typed: QueryDict) -> dict[str, str]:
    """For what organisation is asked; whoever names none asks for himself, whatever is chosen."""
    name = typed.get("firm_name", "").replace("\x00", "").strip()
    kind = _of(typed.get("applicant_kind", ""), list(ORGANISATIONS)) or ORGANISATIONS[0]
    return {"firm_name": name, "applicant_kind": kind} if name else {"applicant_kind": "person"}


def _of(word: str, known: list[str] | Mapping[str, str]) -> str:
    return word if word in known else ""


def _topic(profile: Profile, raw: str) -> Topic | None:
    chosen = row_key(raw)
    return conversations.topics(profile.id).filter(pk=chosen).first() if chosen else None
