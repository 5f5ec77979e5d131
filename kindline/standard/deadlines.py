"""Deadlines: by when an appeal must be answered, and how that follows from the standard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kindline.standard import explanations, hours
from kindline.standard.terms import END_OF_DAY, Term

if TYPE_CHECKING:
    from kindline.standard.profile import Profile

KINDS = (
    "proposal",
    "application",
    "complaint",
    "info_request",
    "consultation",
    "review",
    "service_request",
    "meter_readings",
    "request_status",
    "complaint_status",
    "account_credentials",
    "bill",
    "authority_request",
    "remark",
    "statement",
    "request",
    "demand",
)
SUBJECTS = ("utility_quality", "court_decision", "outside_competence", "contract", "debt")
CHANNELS = ("phone", "office", "paper", "email", "web", "account")
CAME = (*CHANNELS, "sms")
"""How an appeal may have come: nobody registers one by short message, but a text may become one."""
REQUESTERS = ("authority", "person", "firm", "sole_trader", "executor", "supplier", "no_contact")
STARTS = ("sent", "received", "registered", "date_named")
NAMED_RULES = ("end_of_working_day", "same_day")
WEIGHTS = {"subject": 8, "requester": 4, "kind": 2, "channel": 1}


@dataclass(frozen=True, slots=True)
class Extension:
    """By how much a limit may be put off, how often, and whether the client must be told before it expires."""

    days: int
    times: int = 1
    notice_before: bool = True


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """A limit (and an internal target) for certain appeals, from a certain start."""

    id: str
    when: Mapping[str, tuple[str, ...]]
    start: str
    target: Term | None
    limit: Term | None
    rule: str | None
    extension: Extension | None
    clauses: tuple[str, ...]
    hours: str | None = None
    cutoff_min: int = 0

    def weight(self, asked: Mapping[str, str | None]) -> int | None:
        """How specially the rule fits what is asked; None when it does not fit."""
        if any(asked.get(name) not in words for name, words in self.when.items()):
            return None
        return sum(WEIGHTS[name] for name in self.when)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A derived limit: moments (the end of the day where the standard counts days), clauses and reasons.

    Both are None where the standard sets no norm. `limit_internal` is the last working day before a limit
    that falls on a day off. `extended_to` is as far as the limit may be put off.
    """

    target: dt.datetime | None
    limit: dt.datetime | None
    clauses: tuple[str, ...]
    steps: list[str]
    steps_en: list[str]
    rule: str | None = None
    whole_days: bool = True
    limit_internal: dt.date | None = None
    extended_to: dt.datetime | None = None

    def as_json(self) -> dict[str, object]:
        """Plain data: dates where days count, moments where hours do."""

        def shown(moment: dt.datetime | None) -> str | None:
            return None if moment is None else moment.date().isoformat() if self.whole_days else moment.isoformat()

        return {
            "target": shown(self.target),
            "limit": shown(self.limit),
            "clauses": list(self.clauses),
            "steps": self.steps,
            "steps_en": self.steps_en,
            "rule": self.rule,
            "extended_to": shown(self.extended_to),
            "internal": self.limit_internal.isoformat() if self.limit_internal else None,
        }


class StartUnknown(Exception):  # noqa: N818 - said as it reads where it is caught
    """The standard counts from a moment that was not given."""

    def __init__(self, rule: DeadlineRule) -> None:
        self.rule = rule
        super().__init__(f"the limit {rule.id!r} counts from {rule.start!r}: give that moment")


def derive(
    profile: Profile,
    *,
    kind: str,
    subject: str | None = None,
    channel: str | None = None,
    requester: str | None = None,
    sent: dt.datetime | None = None,
    received: dt.datetime | None = None,
    registered: dt.datetime | None = None,
    named: dt.datetime | None = None,
) -> Deadline:
    """The limit for an appeal and why; the most special rule wins, the subject before all else.

    `named`: the day that an authority named; where it is the earlier one it holds under every rule, and no limit is
    put off past it. A rule that counts from that day (`start: date_named`) has its own limit after it.
    Raises: StartUnknown when the moment from which the rule counts is not given.
    """
    asked = {"kind": kind, "subject": subject, "channel": channel, "requester": requester}
    rule = choose(profile, asked)
    if rule is None:
        steps = explanations.no_norm(profile.language), explanations.no_norm("en")
        return Deadline(None, None, (), [steps[0]], [steps[1]])
    start = {"sent": sent, "received": received, "registered": registered, "date_named": named}[rule.start]
    if start is None:
        raise StartUnknown(rule)
    return _derive(profile, rule, start.astimezone(profile.zone), named)


def choose(profile: Profile, asked: Mapping[str, str | None]) -> DeadlineRule | None:
    """The rule that fits most specially; of equals the first written."""
    best: tuple[int, DeadlineRule] | None = None
    for rule in profile.deadlines:
        weight = rule.weight(asked)
        if weight is not None and (best is None or weight > best[0]):
            best = weight, rule
    return best[1] if best else None


def _derive(profile: Profile, rule: DeadlineRule, start: dt.datetime, named: dt.datetime | None) -> Deadline:
    zone = profile.zone
    own, bound = limit_from(profile, rule, start), bounding(rule, named)
    limit, by_name = own, False
    if bound is not None and (own is None or bound < own):
        limit, by_name = bound.astimezone(zone), True
    target = rule.target.end(start, profile.calendar, zone) if rule.target else None
    if by_name and target is not None and limit is not None and target >= limit:
        target = None
    whole = rule.rule != "end_of_working_day" and (rule.limit is None or rule.limit.whole_days)
    internal = _internal(profile, limit, whole, start)
    times = rule.extension.times if rule.extension else 0
    extended = extended_to(limit, rule, bound, times)
    skipped = _skipped(profile, rule, start, own)
    told = explanations.Derivation(
        profile, rule, start, own, limit, target, whole, by_name, internal, extended, skipped
    )
    return Deadline(
        target, limit, rule.clauses, told.steps(profile.language), told.steps("en"), rule.id, whole, internal, extended
    )


def _skipped(
    profile: Profile, rule: DeadlineRule, start: dt.datetime, own: dt.datetime | None
) -> list[explanations.Run]:
    """The holidays that a term in working days went over."""
    if own is None or rule.limit is None or rule.limit.unit != "working_days":
        return []
    return explanations.days_off(profile.calendar, start.date(), own.date())


def limit_from(profile: Profile, rule: DeadlineRule, start: dt.datetime) -> dt.datetime | None:
    """The moment of the rule's own limit, before any date named by somebody else."""
    if rule.rule == "end_of_working_day":
        return end_of_working_day(profile, start, rule.hours, rule.cutoff_min)
    if rule.rule == "same_day":
        return dt.datetime.combine(start.astimezone(profile.zone).date(), END_OF_DAY, profile.zone)
    if rule.limit is not None:
        return rule.limit.end(start, profile.calendar, profile.zone)
    return start if rule.start == "date_named" else None


def end_of_working_day(
    profile: Profile, start: dt.datetime, service: str | None = None, cutoff_min: int = 0
) -> dt.datetime:
    """The end of the centre's working day; after hours or on a day off, of the next one."""
    found = _service_hours(profile, service)
    day = start.astimezone(profile.zone).date()
    for distance in range(400):
        closing = _closing(profile, found, day + dt.timedelta(days=distance))
        if closing is not None and start + dt.timedelta(minutes=cutoff_min) < closing:
            return closing.astimezone(profile.zone)
    raise hours.NoHours(f"the profile {profile.id} has no working day within a year of {day}: correct its hours")


def _service_hours(profile: Profile, service: str | None) -> hours.Opening | None:
    if service is not None:
        return hours.opening(profile, service)
    return profile.hours.get("phone") or next(iter(profile.hours.values()), None)


def _closing(profile: Profile, found: hours.Opening | None, day: dt.date) -> dt.datetime | None:
    if found is None:
        worked = profile.calendar.is_working_day(day)
        return dt.datetime.combine(day, END_OF_DAY, profile.zone) if worked else None
    spans = hours.spans(profile, found, day)
    return max((end for _, end in spans), default=None)


def _internal(profile: Profile, limit: dt.datetime | None, whole: bool, start: dt.datetime) -> dt.date | None:
    """The last working day before a limit that falls on a day off; none where that would be before the start."""
    if limit is None or not whole or profile.calendar.is_working_day(limit.date()):
        return None
    last = profile.calendar.last_working_day(limit.date())
    return last if last >= start.date() else None


def bounding(rule: DeadlineRule, named: dt.datetime | None) -> dt.datetime | None:
    """The named day, unless the rule counts from it."""
    return None if rule.start == "date_named" else named


def extended_to(
    limit: dt.datetime | None, rule: DeadlineRule, bound: dt.datetime | None, times: int = 1
) -> dt.datetime | None:
    """As far as a limit may be put off that many times, never past `bound`; None where it may not at all."""
    if limit is None or rule.extension is None:
        return None
    farthest = limit + dt.timedelta(days=rule.extension.days * times)
    farthest = farthest if bound is None else min(farthest, bound.astimezone(limit.tzinfo))
    return farthest if farthest > limit else None
