"""What a service of Open311 asks beside the usual, by what the standard requires; and how that is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.api.problems import ProblemError, choose, wrong
from kindline.appeals import actions, applying, wording
from kindline.appeals.models import Appeal
from kindline.conversations.norms import RequiredField
from kindline.journal.checking import storable
from kindline.standard.profile import Profile

KIND, CHANNEL = "application", "web"
PERSON = {"first_name": "given_name", "last_name": "surname", "email": "email", "phone": "phone"}
NATIVE = {
    **{ours: theirs for theirs, ours in PERSON.items()},
    "substance": "description",
    "residence": "address_string",
}
"""What GeoReport itself has a parameter for."""
ATTRIBUTE = re.compile(r"attribute\[([\w.-]{1,64})\](\[\])?")
TEXT_MAX, LINE_MAX = 100_000, 1000
MANY_MAX = 50
NONE = "-"
LABELS = {
    "patronymic": _("Patronymic"),
    "kind": _("Kind of appeal"),
    "applicant_kind": _("Who applies"),
    "firm_name": _("Name of the organisation"),
}
APPLICANT = ("applicant_kind", "firm_name")
"""Who applies, beside the person for whom GeoReport has parameters: asked of every service, told as an extension."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program sent beside the usual parameters."""

    kind: str
    fields: dict[str, str]
    none_fields: list[str]
    more: list[str]


def attributes(profile: Profile) -> list[dict[str, Any]]:
    """The attributes of every service: the kind, what the standard requires beyond GeoReport, who applies."""
    required = actions.required_fields(profile, CHANNEL)
    asked = {*NATIVE, "kind", *APPLICANT}
    rows = [_kind(profile), *(_field(one) for one in required if one.name not in asked), *_applicant()]
    native = [NATIVE[one.name] for one in required if one.name in NATIVE]
    if native:
        rows.append(_told(native))
    return [{**row, "order": order} for order, row in enumerate(rows, 1)]


def _kind(profile: Profile) -> dict[str, Any]:
    kinds = dict.fromkeys([KIND, *(one["id"] for one in wording.kinds_of(profile))])
    values = [{"key": kind, "name": wording.kind_title(kind)} for kind in kinds]
    return _attribute("kind", "singlevaluelist", gettext(LABELS["kind"]), required=False, values=values)


def _applicant() -> list[dict[str, Any]]:
    """Who applies, and the organisation's name: whoever says neither is a person, a name alone is a firm's."""
    values = [{"key": kind, "name": title} for kind, title in wording.applicants()]
    who = _attribute(
        "applicant_kind", "singlevaluelist", gettext(LABELS["applicant_kind"]), required=False, values=values
    )
    return [who, _attribute("firm_name", "string", gettext(LABELS["firm_name"]), required=False)]


def extended(appeal: Appeal) -> dict[str, str]:
    """What is told of an appeal under `extended_attributes`, where `extensions=true` asks for it."""
    return {name: getattr(appeal, name) for name in APPLICANT}


def _field(one: RequiredField) -> dict[str, Any]:
    title = gettext(LABELS[one.name]) if one.name in LABELS else one.name.replace("_", " ")
    how = gettext("Write - where there is none.") if one.allow_none else ""
    return _attribute(one.name, "string", title, required=True, how=how)


def _told(native: list[str]) -> dict[str, Any]:
    """Nothing to fill in: it says which of the usual parameters the standard does not let go without."""
    said = gettext("The standard also requires: %(fields)s.") % {"fields": ", ".join(native)}
    return _attribute("required", "string", said, required=False) | {"variable": False}


def _attribute(
    code: str, datatype: str, description: str, *, required: bool, how: str = "", values: Any = ()
) -> dict[str, Any]:
    return {
        "variable": True, "code": code, "datatype": datatype, "required": required, "datatype_description": how,
        "order": 0, "description": description, "values": list(values),
    }  # fmt: skip


def read(typed: QueryDict, profile: Profile) -> Asked:
    """The person, and the attributes: those that the standard knows in their fields, others in words, none lost.

    Raises: ProblemError for a kind of appeal or of applicant that is not known, and for too many attributes.
    """
    sent = dict(_sent(typed))
    if len(sent) > MANY_MAX:
        raise ProblemError("invalid", [wrong("attribute", f"<= {MANY_MAX}")])
    kind = sent.pop("kind", "") or KIND
    kinds = [one["key"] for one in _kind(profile)["values"]]
    if kind not in kinds:
        raise ProblemError("unknown_kind", [choose("attribute[kind]", kinds)])
    who = sent.get("applicant_kind", "")
    if who and who not in applying.KINDS:
        raise ProblemError("invalid", [choose("attribute[applicant_kind]", applying.KINDS)])
    fields = {ours: storable(typed.get(theirs, ""))[:TEXT_MAX] for theirs, ours in PERSON.items()}
    nothing = [name for name, text in [*sent.items(), *fields.items()] if text.strip() == NONE]
    fields = {name: "" if text.strip() == NONE else text for name, text in fields.items()}
    known = {one.name for one in actions.required_fields(profile, CHANNEL)} | {"patronymic", *APPLICANT}
    fields |= {name: sent.pop(name) for name in list(sent) if name in known and name not in nothing}
    if long := [name for name, text in fields.items() if len(text) > LINE_MAX]:
        raise ProblemError("invalid", [wrong(NATIVE.get(one, f"attribute[{one}]"), f"<= {LINE_MAX}") for one in long])
    more = [f"{name}: {text}" for name, text in sent.items() if text and name not in nothing]
    return Asked(kind, fields, nothing, more)


def _sent(typed: QueryDict) -> Iterator[tuple[str, str]]:
    """`attribute[code]=value`, and `attribute[code][]=value` several times."""
    for name in typed:
        if found := ATTRIBUTE.fullmatch(name):
            texts = [storable(text).strip() for text in typed.getlist(name)]
            yield found[1], ", ".join(filter(None, texts))[:TEXT_MAX]


def coordinates(typed: QueryDict) -> str:
    """Where on the map, as two numbers (WGS84). Raises: ProblemError where they are none, or half of them."""
    lat, long = typed.get("lat", "").strip(), typed.get("long", "").strip()
    if not lat and not long:
        return ""
    for name, raw, most in (("lat", lat, 90), ("long", long, 180)):
        if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,20})?", raw) or abs(float(raw)) > most:
            raise ProblemError("invalid", [wrong(name, gettext("Write it in degrees, as 61.7849 and 34.3469."))])
    return f"{lat}, {long}"
