"""What subscribers are told of an outage: that it is there, that its term is another one now, and that it is over.

Of a new term and of the end nobody is told but who was told of the outage, and each of them once. A notice of which the
words alone have changed stands on the site and is not told again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from kindline.appeals import outages
from kindline.appeals.models import Incident
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of_many
from kindline.notifications.topic_models import NoticeSource, NoticeSubscription
from kindline.site.subscribing.news import News, Subscriber, Turn
from kindline.standard.profile import Profile

OVER = (_("Over: %(title)s"), _("It is over since %(moment)s."))
OFF = (_("Called off: %(title)s"), _("The planned work is called off."))
LASTS = (_("Until %(moment)s now: %(title)s"), _("It is now expected to last until %(moment)s."))
OPEN = (_("Longer than expected: %(title)s"), _("Until when it lasts is not known now."))

TERM, TOLD = "term", Q(done_at__isnull=False) | Q(told__gt=0)
"""What keys of a new term have in them, before what was told last and the term; what was told, if only in part."""


def several(profile: Profile, topic: str, now: dt.datetime) -> Iterator[News]:
    """What there is to be told of all outages now, told already or not."""
    there, over = list(outages.announced(profile)), list(outages.over(profile, now))
    told, terms = _told([*there, *over]), _terms(there)
    for one in there:
        yield _news(one, topic, text=one.notice)
        if one.pk in told:
            yield from _changed(one, topic, told[one.pk], terms[one.pk], now)
    for one in over:
        if one.pk in told:
            words = OVER if one.begun_at <= (one.ended_at or now) else OFF
            yield _news(one, topic, "over", turn=Turn(*words, one.ended_at), after=told[one.pk])


def _news(
    one: Incident, topic: str, what: str = "", *, text: str = "", turn: Turn | None = None,
    after: NoticeSource | None = None,
) -> News:  # fmt: skip
    there: Callable[[Subscriber], bool] = partial(_there, outages.concerning(one), after)
    key = f"{key_of(one)}:{what}" if what else key_of(one)
    return News(key, topic, one.title, text, reverse("outages"), there, is_urgent=True, turn=turn, after=after)


def key_of(one: Incident) -> str:
    """The key under which an outage is told first; what becomes of it has keys that begin so."""
    return f"incident:{one.pk}"


def _there(concerns: Callable[[str, str], bool], after: NoticeSource | None, row: Subscriber) -> bool:
    """Whether it is at a subscriber's place, and whether he was told of what was before, where something was."""
    if after is not None and row.pk > (after.last if isinstance(row, NoticeSubscription) else after.last_browser):
        return False
    return concerns(row.street, row.house)


def _told(several: Sequence[Incident]) -> dict[int, NoticeSource]:
    """Those of which somebody was told, by keys, each with how far that has come."""
    keys = {key_of(one): one.pk for one in several}
    return {keys[row.key]: row for row in NoticeSource.objects.filter(key__in=keys, told__gt=0)}


def _terms(several: Sequence[Incident]) -> dict[int, list[Fact]]:
    """How each was announced, the first first."""
    found = defaultdict[int, list[Fact]](list)
    for fact in facts_of_many("incident", [one.pk for one in several]).filter(kind="incident_announced"):
        found[int(fact.subject_id)].append(fact)
    return found


def _changed(
    one: Incident, topic: str, first: NoticeSource, said: Sequence[Fact], now: dt.datetime
) -> Iterator[News]:  # fmt: skip
    """The term, where it is another one than was told last, if only to some; one that has passed is none.

    With what was told first no term was: it is the one that stood when that began.
    """
    end = one.expected_end
    if first.done_at is None or not said or (end and end <= now):
        return
    last = NoticeSource.objects.filter(TOLD, key__startswith=f"{key_of(one)}:{TERM}:").order_by("-pk").first()
    if (_of_key(last) if last else _term(said, first.seen_at)) != end:
        what = f"{TERM}:{(last or first).pk}:{end.isoformat() if end else ''}"
    elif last and not last.done_at:  # it goes on
        what = last.key.removeprefix(f"{key_of(one)}:")
    else:
        return
    yield _news(one, topic, what, text=one.notice, turn=Turn(*(LASTS if end else OPEN), end), after=first)


def _of_key(row: NoticeSource) -> dt.datetime | None:
    """The term that was told."""
    told = row.key.split(":", 4)[-1]
    return dt.datetime.fromisoformat(told) if told else None


def _term(said: Sequence[Fact], at: dt.datetime) -> dt.datetime | None:
    """The term as it was announced at a moment."""
    told = [fact.data.get("expected_end") for fact in said if fact.at <= at]
    return dt.datetime.fromisoformat(told[-1]) if told and told[-1] else None
