"""E-mail of what goes beyond its threshold on the wallboard, to those who were chosen, each crossing once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from kindline.appeals import addresses, telling_staff
from kindline.appeals.wording import in_language
from kindline.correspondence import wires
from kindline.standard.profile import Profile
from kindline.switchboard import crossing_letters
from kindline.switchboard.board_words import LEVELS, TITLES, said
from kindline.switchboard.floor_models import CrossingLetters
from kindline.switchboard.models import Crossing


@transaction.atomic
def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Queue one letter a person of all that is to be told; how many. Nothing while no relay is set.

    What came within the quiet time after a letter stands in the next one. Run it as often as you like.
    """
    if wires.relay() is None:
        return 0
    letters = CrossingLetters.objects.select_for_update(of=("self",)).filter(profile=profile.id).first()
    people = list(crossing_letters.may_read(letters.people.filter(is_active=True)).order_by("pk")) if letters else []
    told = crossing_letters.due(letters, now) if letters and people else []
    if not letters or not told:
        return 0
    key = f"crossings:{profile.id}:{told[-1].pk}"
    written = 0
    for one in people:
        with translation.override(one.language), timezone.override(profile.zone):
            subject, text = _words(told, profile)
            written += telling_staff.write(f"{key}:{one.pk}", one, subject, text, profile, now) is not None
    Crossing.objects.filter(pk__in=[one.pk for one in told]).update(written_at=now)
    letters.written_at = now
    letters.save(update_fields=["written_at"])
    return written


def _words(told: Sequence[Crossing], profile: Profile) -> tuple[str, str]:
    first, more = _line(told[0], profile), len(told) - 1
    subject = gettext("%(first)s and %(count)s more") % {"first": first, "count": more} if more else first
    lines = [f"{_line(one, profile)}{_when(one)}" for one in told]
    closing = gettext("This message was composed by the program.")
    return subject, "\n\n".join(filter(None, ["\n".join(lines), addresses.of("wallboard"), closing]))


def _line(one: Crossing, profile: Profile) -> str:
    """▲ attention: Longest wait, General questions: 3:10 (threshold 3:00)"""
    sign, level = LEVELS[one.level]
    queue = profile.menu.queues.get(one.queue) if profile.menu else None
    where = (in_language(queue.title) if queue else "") or one.queue or gettext("All queues")
    figure, limit = said(one.measure, one.value), said(one.measure, one.limit)
    told = f"{sign} {gettext(level)}: {gettext(TITLES[one.measure])}, {where}: {figure}"
    return told + gettext(" (threshold %(limit)s)") % {"limit": limit}


def _when(one: Crossing) -> str:
    began = gettext(", since %(time)s") % {"time": f"{timezone.localtime(one.began_at):%H:%M}"}
    if one.ended_at is None or one.back_at is None:
        return began
    return began + gettext(", within again since %(time)s") % {"time": f"{timezone.localtime(one.back_at):%H:%M}"}
