"""What the clerk's form asks on each channel: the page changes with the channel before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from kindline.appeals import actions, applying, boxes
from kindline.appeals import wording as appeal_words
from kindline.appeals.models import Emptying
from kindline.conversations.norms import RequiredField
from kindline.desk import wording, words
from kindline.desk.typed import is_key
from kindline.standard.deadlines import CAME, CHANNELS
from kindline.standard.profile import Profile

FIELDS = ("surname", "given_name", "patronymic", "residence", "phone", "email")
PAPER = "paper"
WITHOUT_FIRM = ("person", applying.NO_CONTACT)


def context(profile: Profile, typed: Mapping[str, Any], wanting: Mapping[str, str], channel: str) -> dict[str, Any]:
    """The channel, who applies, how a letter came, and for every channel what the standard requires."""
    norms = {one: _norms(profile, one) for one in CAME}
    kind = typed.get("applicant_kind") or ("firm" if typed.get("firm_name") else "person")
    fields = [_field(name, norms[channel], typed, wanting) for name in FIELDS]
    return {
        "channels": [(code, wording.channel_title(code)) for code in CHANNELS],
        "fields": fields,
        "norms": norms,
        "needed": ", ".join(one["label"] for one in fields if one["required"]),
        "applicants": appeal_words.applicants(),
        "applicant_kind": kind,
        "without_firm": " ".join(WITHOUT_FIRM),
        "has_firm": kind not in WITHOUT_FIRM,
        "ways": [(way, appeal_words.came_by_title(way)) for way in boxes.ways(profile)],
        "came_by": typed.get("came_by", ""),
        "emptyings": boxes.recent(profile) if boxes.are_kept(profile) else [],
        "keys": keys(),
        "first": _first(wanting),
    }


def keys() -> list[tuple[str, str]]:
    """Which key does what on this page; letters are those of the place on the keyboard."""
    return [
        ("Alt+H", _("How it came")), ("Alt+K", _("Kind of appeal")), ("Alt+T", _("Topic")), ("Alt+W", _("Who applies")),
        ("Alt+N", _("“has none” of the field in which you are")), ("Alt+S", _("Substance")),
        ("Ctrl+Enter", _("Register the appeal")), ("Alt+Enter", _("Register, then the next one")),
    ]  # fmt: skip


def receipt_of(profile: Profile, typed: Mapping[str, Any], channel: str) -> dict[str, Any]:
    """How a letter on paper came, and from which emptying of a box; nothing on other channels."""
    way = typed.get("came_by", "") if channel == PAPER else ""
    if way not in boxes.ways(profile):
        return {}
    raw = typed.get("emptying", "")
    known = Emptying.objects.filter(box__profile=profile.id, pk=int(raw)) if is_key(raw) else Emptying.objects.none()
    return {"came_by": way, "emptying": known.first() if way == boxes.COMPONENT else None}


def _first(wanting: Mapping[str, str]) -> str:
    """Where the cursor stands: in the first field that is wanting, else in the kind."""
    order = ("kind", "firm_name", *FIELDS, "substance")
    return next((name for name in order if name in wanting), "kind")


def _norms(profile: Profile, channel: str) -> dict[str, dict[str, Any]]:
    required = {one.name: one for one in actions.required_fields(profile, channel)}
    return {name: _norm(required[name]) for name in FIELDS if name in required}


def _norm(norm: RequiredField) -> dict[str, Any]:
    label, clause = words.field_label(norm.name), norm.clauses[0] if norm.clauses else ""
    return {"label": label, "clause": clause, "none": norm.allow_none}


def _field(
    name: str, norms: Mapping[str, Mapping[str, Any]], typed: Mapping[str, Any], wanting: Mapping[str, str]
) -> dict[str, Any]:
    norm = norms.get(name)
    return {
        "id": name,
        "label": words.field_label(name),
        "value": typed.get(name, ""),
        "required": norm is not None,
        "clause": norm["clause"] if norm else "",
        "none_allowed": norm is not None and norm["none"],
        "none": bool(typed.get(f"none_{name}")),
        "wanting": name in wanting,
    }
