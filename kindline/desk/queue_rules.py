"""The rules by which the queues give out calls, in words: whom they ring, what is offered, when one is sent on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kindline.desk import house
from kindline.desk.templatetags.desk import seconds
from kindline.staff.models import Skill
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile
from kindline.switchboard import choosing, menu, returning
from kindline.switchboard.machine.plan import QueueRule
from kindline.switchboard.machine.queue import CALLBACK
from kindline.switchboard.returning import Window


@dataclass(frozen=True, slots=True)
class Rules:
    """A queue and what holds in it."""

    title: str
    rules: tuple[str, ...]


def of(profile: Profile) -> list[Rules]:
    """Every queue of the standard's menu, as the switchboard reads it."""
    if profile.menu is None:
        return []
    plans, windows = menu.plan(profile, profile.menu, {}, switchboard="").queues, returning.windows(profile.menu)
    titles = dict(Skill.objects.values_list("code", "title"))
    return [
        Rules(_title(profile.menu, name), tuple(_all(profile.menu, name, plan, windows.get(name), titles)))
        for name, plan in plans.items()
    ]


def _all(
    known: Menu, name: str, rule: QueueRule, window: Window | None, titles: dict[str, str]
) -> Iterator[str]:  # fmt: skip
    yield from _skills(known, name, titles)
    yield from _rules(known, rule, window)


def _title(known: Menu, name: str) -> str:
    return house.titled(known.queues[name].title) if name in known.queues else name


def _skills(known: Menu, name: str, titles: dict[str, str]) -> Iterator[str]:
    levels = choosing.need(known.queues[name].skills).skills
    asked = ", ".join(f"{titles.get(skill, skill)} ({level})" for skill, level in levels.items())
    yield _("Skills with their least levels: %(skills)s") % {"skills": asked} if asked else _("Asks for no skill")


def _rules(known: Menu, rule: QueueRule, window: Window | None) -> Iterator[str]:
    if rule.priority:
        head_s = rule.priority * choosing.POINT_S
        yield _("Head start before other queues: %(time)s") % {"time": seconds(head_s)}
    if rule.ring_timeout_s:
        yield _("One operator is rung for %(time)s") % {"time": seconds(rule.ring_timeout_s)}
    if window:
        yield _("Who talked within %(within)s waits up to %(wait)s for the same operator") % {
            "within": seconds(window.within_s), "wait": seconds(window.wait_s),
        }  # fmt: skip
    if rule.announce_every_s:
        yield _("Place and expected wait are told every %(time)s") % {"time": seconds(rule.announce_every_s)}
    if rule.callback_after_s:
        yield _("After %(time)s he is offered to be called instead") % {"time": seconds(rule.callback_after_s)}
    if rule.callback_within_s:
        late = seconds(rule.callback_within_s)
        yield _("No call is offered whose turn is expected later than in %(time)s") % {"time": late}
    yield from _overflow(known, rule)


def _overflow(known: Menu, rule: QueueRule) -> Iterator[str]:
    where = _where(known, rule)
    if not where:
        return
    if rule.overflow_after_s:
        yield _("After %(time)s: %(where)s") % {"time": seconds(rule.overflow_after_s), "where": where}
    if rule.overflow_length is not None:
        yield _("Where more than %(n)s wait, at once: %(where)s") % {"n": f"{rule.overflow_length:g}", "where": where}
    if rule.overflow_expected_s is not None:
        time = seconds(rule.overflow_expected_s)
        yield _("Where more than %(time)s are expected, at once: %(where)s") % {"time": time, "where": where}


def _where(known: Menu, rule: QueueRule) -> str:
    """Where who waits too long goes."""
    if rule.overflow_to in known.queues:
        return _("to the queue “%(queue)s”") % {"queue": _title(known, rule.overflow_to)}
    if rule.overflow_to == CALLBACK:
        return _("he is called when it is his turn")
    return _("a voice message") if rule.overflow_to else ""
