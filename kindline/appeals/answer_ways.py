"""By which way an applicant may have his answer, and the address that each of them needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kindline.appeals.models import Appeal
from kindline.standard.profile import Profile

NEEDS = {"paper": "residence", "email": "email", "phone": "phone"}
"""The ways that may be chosen in a talk or at the counter, and the field of the appeal without which each is none."""


def usual(profile: Profile, channel: str) -> str:
    """The way of the answer to what came by a channel, where nothing was chosen."""
    way = profile.workflow.way(channel) if profile.workflow else None
    return way.goes if way else channel


def choices(profile: Profile, channel: str) -> tuple[str, ...]:
    """What the applicant may choose; nothing where a clause fixes the way (krc-5.8-07, krc-5.8-08)."""
    way = profile.workflow.way(channel) if profile.workflow else None
    return tuple(NEEDS) if way is None or way.client_may_choose else ()


def lacking(known: Mapping[str, Any], chosen: str) -> dict[str, tuple[str, ...]]:
    """The field without which the answer cannot go by the chosen way."""
    needed = NEEDS.get(chosen)
    return {needed: ()} if needed and not known.get(needed) else {}


def is_open(appeal: Appeal, way: str) -> bool:
    """Whether the appeal has the address to which an answer by this way goes."""
    needed = NEEDS.get(way)
    return needed is None or bool(getattr(appeal, needed))
