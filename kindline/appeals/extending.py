"""Extending a limit: only where the clause grants it, once, on a ground, the client told before the old one ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from kindline.appeals import declining, letters, moves
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, ClientNotice, Extension
from kindline.conversations.errors import RefusedError
from kindline.correspondence import wording
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard import deadlines
from kindline.standard.deadlines import DeadlineRule
from kindline.standard.profile import Profile
from kindline.standard.terms import END_OF_DAY

ABOUT = "extension"


class NoExtensionError(RefusedError):
    """The standard does not let this limit be put off (any more)."""

    code = "no_extension"


class TooLongError(RefusedError):
    """The limit may not be put off that far."""

    code = "too_long"

    def __init__(self, latest: dt.datetime, clauses: tuple[str, ...]) -> None:
        self.latest, self.clauses = latest, clauses
        super().__init__(f"choose a day not later than {latest:%Y-%m-%d}")


class TooLateError(RefusedError):
    """The old limit has passed: it can no longer be put off."""

    code = "too_late_to_extend"


def latest(profile: Profile, appeal: Appeal, made: Sequence[Extension] | None = None) -> dt.datetime | None:
    """As far as the limit may still be put off; None where the standard grants nothing (more) (krc-6.1-14).

    Never past the day that an authority named (krc-6.1-37). `made`: the extensions so far, where the caller knows them.
    """
    rule = rule_of(profile, appeal)
    if rule is None or rule.extension is None or appeal.limit_at is None:
        return None
    given = appeal.extensions.select_related("notice") if made is None else made
    known = [one for one in given if one.notice.recalled_at is None]
    if len(known) >= rule.extension.times or any(one.effective_at is None for one in known):
        return None
    limit = appeal.limit_at.astimezone(profile.zone)
    return deadlines.extended_to(limit, rule, deadlines.bounding(rule, appeal.named_at))


def is_granted(appeal: Appeal, made: Extension, now: dt.datetime) -> bool:
    """Whether an extension that was asked for could be asked for of the limit as it is now."""
    others = appeal.extensions.exclude(pk=made.pk).select_related("notice")
    farthest = latest(moves.profile_of(appeal), appeal, list(others))
    if farthest is None or appeal.limit_at is None:
        return False
    return now <= appeal.limit_at < made.until_at <= farthest


def extend(
    *, appeal: Appeal, until: dt.date, ground: str, text: str, employee: Employee, now: dt.datetime
) -> Extension:
    """Ask for more time on a ground; the client's notice is prepared, and the new limit holds once it was sent.

    Clause: krc-6.1-14, krc-6.1-15, court-1-31, voe-7-04. `until` is the last day, in the organisation's zone.
    Raises: WrongStateError; NotYoursError; NoExtensionError; TooLongError; TooLateError; EmptyTextError.
    """
    if not ground.strip():
        raise EmptyTextError("name the ground")
    with transaction.atomic():
        move = moves.begin(appeal, "extend", employee, now)
        until_at = _checked(move, until, now)
        said = text or _usual_text(move, until_at, ground) or ground
        notice = declining.prepare(move, ABOUT, said)
        old = move.appeal.limit_at
        assert old is not None, "a limit that does not exist is not put off"  # noqa: S101
        made = Extension.objects.create(
            appeal=move.appeal, ground=storable(ground.strip()), old_limit_at=old, until_at=until_at, notice=notice,
            by=employee, made_at=now,
        )  # fmt: skip
        move.keep("extension_asked", {"old_limit_at": old, "limit_at": until_at, "ground": made.ground})
        move.finish()
        return made


def _usual_text(move: moves.Move, until_at: dt.datetime, ground: str) -> str:
    told = {"deadline": wording.shown_date(until_at, move.profile), "reason": ground.strip()}
    return letters.notice_text(move.profile, move.appeal, ABOUT, **told)


def take_effect(notice: ClientNotice, employee: Employee | None, now: dt.datetime) -> None:
    """The client was told in time: the new limit holds (krc-6.1-15). Before it is the limit as it is now.

    Raises: TooLateError when the old limit had passed, and the standard wants the notice before it.
    """
    made = Extension.objects.select_for_update().select_related("appeal").get(notice=notice)
    appeal = made.appeal
    rule, old = rule_of(moves.profile_of(appeal), appeal), appeal.limit_at or made.old_limit_at
    if rule is not None and rule.extension and rule.extension.notice_before and now > old:
        raise TooLateError("the old limit has passed: the client had to be told before it")
    made.effective_at, made.old_limit_at = now, old
    made.save(update_fields=["effective_at", "old_limit_at"])
    appeal.limit_at = max(made.until_at, old)
    appeal.revision += 1
    appeal.save(update_fields=["limit_at", "revision"])
    data = {"old_limit_at": old, "limit_at": appeal.limit_at, "ground": made.ground}
    moves.keep(appeal, "appeal_extended", data, employee=employee, now=now, clauses=appeal.limit_clauses)


def rule_of(profile: Profile, appeal: Appeal) -> DeadlineRule | None:
    """The rule from which the appeal's limit follows: of several kinds voiced at once that of the shortest term."""
    return next((rule for rule in profile.deadlines if rule.id == appeal.limit_rule), None)


def _checked(move: moves.Move, until: dt.date, now: dt.datetime) -> dt.datetime:
    """The moment of the new limit, where the standard grants it. The old one must be still ahead."""
    appeal, profile = move.appeal, move.profile
    farthest = latest(profile, appeal)
    if farthest is None or appeal.limit_at is None:
        raise NoExtensionError("the standard does not let this limit be put off (any more)")
    if now > appeal.limit_at:
        raise TooLateError("the limit has passed")
    until_at = dt.datetime.combine(until, END_OF_DAY, profile.zone)
    if until_at > farthest or until_at <= appeal.limit_at:
        raise TooLongError(farthest, move.transition.clauses)
    return until_at
