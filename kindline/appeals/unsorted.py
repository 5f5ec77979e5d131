"""What nobody has sorted yet: by when it is answered at the latest, whatever it turns out to be."""

from __future__ import annotations

from collections.abc import Iterator

from kindline.appeals import actions
from kindline.appeals.models import Appeal
from kindline.standard import deadlines
from kindline.standard.deadlines import Deadline
from kindline.standard.profile import Profile


def waits(profile: Profile, appeal: Appeal) -> bool:
    """Whether it waits to be sorted, and nothing has been said of its subject."""
    intake = profile.workflow.intake if profile.workflow else None
    return intake is not None and appeal.state == intake.state and not appeal.subject


def shortest(profile: Profile, appeal: Appeal) -> Deadline:
    """The shortest term of all that it may be: of the kinds that `intake` names, with each of its subjects and without.

    Clause: krc-6.1-20 (a complaint about a utility has its term however it came).
    """
    found = [actions.limit_of_kind(profile, appeal, kind, subject) for kind, subject in _possible(profile, appeal)]
    return min(found, key=lambda one: (one.limit is None, one.limit))


def kind_of(profile: Profile, appeal: Appeal) -> str:
    """The kind that it is given until a person names one: that whose usual term is the shortest."""
    intake = profile.workflow.intake if profile.workflow else None
    kinds = intake.kinds if intake else ()
    terms = {kind: actions.limit_of_kind(profile, appeal, kind, "").limit for kind in kinds}
    return min(kinds, key=lambda kind: (terms[kind] is None, terms[kind]), default="")


def _possible(profile: Profile, appeal: Appeal) -> Iterator[tuple[str, str]]:
    """One kind and subject for each rule that may hold: several that one rule covers have one term."""
    intake, seen = profile.workflow.intake if profile.workflow else None, set()
    for kind in intake.kinds if intake else ():
        for subject in ("", *(intake.subjects if intake else ())):
            asked = {"kind": kind, "subject": subject or None, "channel": appeal.channel, "requester": appeal.asks_as}
            rule = deadlines.choose(profile, asked)
            if (known := rule.id if rule else "") not in seen:
                seen.add(known)
                yield kind, subject
