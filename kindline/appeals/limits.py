"""The limit of an appeal by its standard, and how it stands in the row."""

from __future__ import annotations

from kindline.appeals.models import Appeal
from kindline.standard import deadlines
from kindline.standard.profile import Profile


def set_limit(appeal: Appeal, limit: deadlines.Deadline) -> None:
    """Write the derived limit into the row, with the steps that lead to it."""
    appeal.target_at, appeal.limit_at = limit.target, limit.limit
    appeal.derivation = limit.steps
    appeal.limit_clauses, appeal.limit_rule = list(limit.clauses), limit.rule or ""


def limit_of(profile: Profile, appeal: Appeal) -> deadlines.Deadline:
    """The limit of an appeal, derived from its kind, subject, channel, requester and stamps.

    Of several kinds voiced at once (court-1-26) the one with the shortest term decides: one answer goes to all of them.
    """
    kinds = dict.fromkeys([appeal.kind, *appeal.kinds_voiced])
    found = [limit_of_kind(profile, appeal, kind, appeal.subject) for kind in kinds]
    return min(found, key=lambda one: (one.limit is None, one.limit))


def limit_of_kind(profile: Profile, appeal: Appeal, kind: str, subject: str) -> deadlines.Deadline:
    """The limit that it would have as this kind, about this subject."""
    return deadlines.derive(
        profile,
        kind=kind,
        subject=subject or None,
        channel=appeal.channel,
        requester=appeal.asks_as,
        sent=appeal.sent_at or appeal.received_at,
        received=appeal.received_at,
        registered=appeal.registered_at,
        named=appeal.named_at,
    )
