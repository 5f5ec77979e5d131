"""What nobody has sorted yet: by when it is answered at the latest, whatever it turns out to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from kindline.appeals import limits
from kindline.appeals.models import Appeal
from kindline.standard import deadlines
from kindline.standard.deadlines import Deadline
from kindline.standard.profile import Profile
from kindline.standard.workflows import Intake


def waits(profile: Profile, appeal: Appeal) -> bool:
    """Whether it waits to be sorted, and nothing has been said of its subject."""
    intake = _intake(profile)
    return intake is not None and appeal.state == intake.state and not appeal.subject


def shortest(profile: Profile, appeal: Appeal) -> Deadline:
    """The shortest term of all that it may be: of the kinds that `intake` names, with each of its subjects and without.

    Clause: krc-6.1-20 (a complaint about a utility has its term however it came).
    """
    intake = _intake(profile)
    found = [(kind, subject) for kind in intake.kinds for subject in ("", *intake.subjects)] if intake else []
    return limits.limit_of_kind(profile, appeal, *_soonest(profile, appeal, found))


def kind_of(profile: Profile, appeal: Appeal) -> str:
    """The kind that it is given until a person names one: that whose usual term is the shortest."""
    intake = _intake(profile)
    return _soonest(profile, appeal, [(kind, "") for kind in intake.kinds] if intake else [])[0]


def _intake(profile: Profile) -> Intake | None:
    return profile.workflow.intake if profile.workflow else None


def _soonest(profile: Profile, appeal: Appeal, found: Iterable[tuple[str, str]]) -> tuple[str, str]:
    limits = {one: _limit(profile, appeal, *one) for one in found}
    return min(limits, key=lambda one: (limits[one] is None, limits[one]), default=("", ""))


def _limit(profile: Profile, appeal: Appeal, kind: str, subject: str) -> dt.datetime | None:
    """The moment alone: how it comes about is told of the shortest only."""
    asked = {"kind": kind, "subject": subject or None, "channel": appeal.channel, "requester": appeal.asks_as}
    rule = deadlines.choose(profile, asked)
    if rule is None:
        return None
    stamps = {"sent": appeal.sent_at or appeal.received_at, "registered": appeal.registered_at}
    start = stamps.get(rule.start, appeal.received_at).astimezone(profile.zone)
    return deadlines.limit_from(profile, rule, start)
