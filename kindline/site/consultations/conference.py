"""A consultation by video: who is in the room, what their browsers tell each other, its beginning and its end.

Sound and picture go from browser to browser. What passes through here is how they find each other, and the clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from kindline.conversations import closing, opening
from kindline.journal import actions as journal
from kindline.site.booking_models import CLIENT, SIDES, SPECIALIST
from kindline.site.consultations import attending
from kindline.site.consultations.timetable import consulting_of
from kindline.site.models import Consultation, VideoSignal
from kindline.staff.actions import actor
from kindline.standard.consultation_data import LIMIT, VIDEO
from kindline.standard.profile import Profile

CHANNEL, OUTCOME = "web", "video_consulted"
GONE = dt.timedelta(seconds=10)
"""A page that has said nothing for so long is away."""
LOST = dt.timedelta(seconds=90)
"""A session in which both were away for so long is over."""
SEEN = dt.timedelta(seconds=2)
"""Not every word of a page is written down as a sign of life."""
KINDS = ("offer", "answer", "candidate")
BODY_MOST, AT_ONCE, MOST = 60_000, 100, 5_000


@dataclass(frozen=True, slots=True)
class Word:
    """What a page tells the page of the other side."""

    to: str
    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a page says of itself: which one it is, whether it has just come, whether it sees the other side."""

    side: str
    page: str
    enters: bool = False
    joined: bool = False
    after: int = 0  # the last word that it has heard


@dataclass(frozen=True, slots=True)
class Room:
    """The room as one page sees it."""

    phase: str  # cancelled, early, elsewhere, alone, together, talking, over
    other: str  # the page of the other side
    words: tuple[VideoSignal, ...]
    begun_at: dt.datetime | None
    ends_at: dt.datetime | None


def limit_of(profile: Profile) -> dt.timedelta:
    """How long a session lasts at most (krc-5.7.1-49)."""
    consulting = consulting_of(profile)
    clause = profile.clauses[consulting.session_clause] if consulting else None
    return dt.timedelta(seconds=int(clause.value[LIMIT])) if clause else dt.timedelta()


@transaction.atomic
def exchange(
    *, profile: Profile, consultation: Consultation, entrance: Entrance, words: Sequence[Word], now: dt.datetime
) -> Room:
    """A page says that it is there and what the other one is to hear; it is told what is for it.

    The session begins when a page says that it sees the other, and ends at the limit, whatever the pages do.
    Clause: krc-5.7.1-44, krc-5.7.1-49.
    """
    held = _held(consultation)
    _end_in_time(held, profile, now)
    opens = held.starts_at - dt.timedelta(minutes=_early(profile))
    if held.cancelled_at or held.ended_at or (now < opens and entrance.side == CLIENT):
        phase = "cancelled" if held.cancelled_at else "over" if held.ended_at else "early"
        return Room(phase, "", (), held.begun_at, None)
    if not _sit_down(held, entrance, now):
        return Room("elsewhere", "", (), held.begun_at, None)
    other = _other(held, entrance.side, now)
    _say(held, entrance, words, now)
    if entrance.joined and other and held.begun_at is None:
        _begin(held, profile, now)
    told = held.signals.filter(to_page=entrance.page, pk__gt=entrance.after).order_by("pk")[:AT_ONCE]
    phase = "talking" if held.begun_at else "together" if other else "alone"
    ends_at = held.begun_at + limit_of(profile) if held.begun_at else None
    return Room(phase, other, tuple(told), held.begun_at, ends_at)


@transaction.atomic
def end(*, profile: Profile, consultation: Consultation, side: str, now: dt.datetime) -> Consultation:
    """One side ends the session; one that has not begun is left, and may be entered again."""
    held = _held(consultation)
    _end_in_time(held, profile, now)
    if held.ended_at is None and held.begun_at is not None:
        _end(held, side, now)
    elif held.ended_at is None:
        setattr(held, f"{side}_page", "")
        held.save(update_fields=[f"{side}_page"])
    return held


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """End sessions whose time is over or from which both have gone, and keep who did not come; how many."""
    if (consulting := consulting_of(profile)) is None or VIDEO not in consulting.ways:
        return 0
    rows = Consultation.objects.filter(profile=profile.id, way=VIDEO, cancelled_at=None, ended_at=None)
    due = rows.filter(Q(begun_at__isnull=False) | Q(ends_at__lte=now)).values_list("pk", flat=True)
    return sum(_swept(key, profile, now) for key in due)


@transaction.atomic
def _swept(key: int, profile: Profile, now: dt.datetime) -> bool:
    held = Consultation.objects.select_for_update(of=("self",)).select_related("specialist", "contact").get(pk=key)
    if held.ended_at is not None:
        return False
    if held.begun_at is not None:
        last = _last_seen(held)
        if now - last < LOST and now < held.begun_at + limit_of(profile):
            return False
        _end(held, "lost" if now - last >= LOST else "limit", min(last, held.begun_at + limit_of(profile)))
    elif any(_is_there(held, side, now) for side in SIDES):
        return False
    else:
        seen = [side for side in SIDES if getattr(held, f"{side}_seen_at")]
        missing = [side for side in SIDES if side not in seen]
        attending.miss(held, "both" if len(missing) != 1 else missing[0], now)
        held.signals.all().delete()
    return True


def _held(consultation: Consultation) -> Consultation:
    rows = Consultation.objects.select_for_update(of=("self",)).select_related("specialist", "contact")
    return rows.get(pk=consultation.pk, way=VIDEO)


def _early(profile: Profile) -> int:
    consulting = consulting_of(profile)
    return consulting.early_minutes if consulting else 0


def _sit_down(held: Consultation, entrance: Entrance, now: dt.datetime) -> bool:
    """Keep that the page is there; False where a page that was opened later has taken its place."""
    page, seen = f"{entrance.side}_page", f"{entrance.side}_seen_at"
    if not entrance.enters and getattr(held, page) != entrance.page:
        return False
    last = getattr(held, seen)
    if getattr(held, page) != entrance.page or last is None or now - last >= SEEN:
        setattr(held, page, entrance.page)
        setattr(held, seen, now)
        held.save(update_fields=[page, seen])
    return True


def _other(held: Consultation, side: str, now: dt.datetime) -> str:
    """The page of the other side, as long as it is there."""
    other = CLIENT if side == SPECIALIST else SPECIALIST
    return str(getattr(held, f"{other}_page")) if _is_there(held, other, now) else ""


def _is_there(held: Consultation, side: str, now: dt.datetime) -> bool:
    seen = getattr(held, f"{side}_seen_at")
    return bool(getattr(held, f"{side}_page")) and seen is not None and now - seen < GONE


def _last_seen(held: Consultation) -> dt.datetime:
    seen = [at for at in (held.client_seen_at, held.specialist_seen_at, held.begun_at) if at is not None]
    return max(seen)


def _say(held: Consultation, entrance: Entrance, words: Sequence[Word], now: dt.datetime) -> None:
    fit = [one for one in words[:AT_ONCE] if one.kind in KINDS and one.to and len(one.body) <= BODY_MOST]
    if not fit or held.signals.count() + len(fit) > MOST:
        return
    VideoSignal.objects.bulk_create(
        VideoSignal(
            consultation=held, side=entrance.side, page=entrance.page, to_page=one.to, kind=one.kind, body=one.body,
            made_at=now,
        )
        for one in fit
    )  # fmt: skip


def _begin(held: Consultation, profile: Profile, now: dt.datetime) -> None:
    """Both see each other: the contact begins, and with it the clock."""
    contact = opening.open_contact(profile=profile, channel=CHANNEL, employee=held.specialist, now=now)
    contact.answered_at = now
    contact.save(update_fields=["answered_at"])
    held.contact, held.begun_at = contact, now
    held.save(update_fields=["contact", "begun_at"])
    attending.keep_begun(held, held.specialist, now)
    limit_s = int(limit_of(profile).total_seconds())
    _keep(held, "video_begun", {"employee": held.specialist_id, "limit_s": limit_s}, now)


def _end_in_time(held: Consultation, profile: Profile, now: dt.datetime) -> None:
    """At the limit the session is over: the pages have closed the connection by their own clocks."""
    if held.begun_at is not None and held.ended_at is None and now >= held.begun_at + limit_of(profile):
        _end(held, "limit", held.begun_at + limit_of(profile))


def _end(held: Consultation, reason: str, at: dt.datetime) -> None:
    assert held.begun_at is not None  # noqa: S101 - only what has begun can end
    assert held.contact is not None  # noqa: S101 - it was opened with the beginning
    held.ended_at = at
    held.save(update_fields=["ended_at"])
    held.signals.all().delete()
    _keep(held, "video_ended", {"reason": reason, "duration_s": (at - held.begun_at).total_seconds()}, at)
    if held.contact.closed_at is None:
        closing.close_written(contact=held.contact, outcome=OUTCOME, employee=held.specialist, now=at)


def _keep(held: Consultation, kind: str, data: dict[str, object], at: dt.datetime) -> None:
    assert held.contact is not None  # noqa: S101 - facts of a session belong to its contact
    journal.record(
        kind=kind, subject_type="contact", subject_id=held.contact.pk, actor=actor(held.specialist),
        data={"consultation": held.number, **data}, at=at,
    )  # fmt: skip
