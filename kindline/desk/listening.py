"""The player of a talk: its recordings by signed links, what happened on its time axis, and its gaps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kindline.conversations.models import Contact
from kindline.desk import access, telling, wording
from kindline.desk.wording import titled
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.recordings import queries
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording

QUIET = frozenset(
    """recording_started recording_stored recording_sealed recording_listened recording_downloaded recording_remarked
    transcribed transcription_failed transcript_read transcript_ready speech_measured
    recording_held recording_released recording_removed client_viewed field_recorded field_cleared
    contact_opened""".split()
)
"""Facts that say nothing about a moment of the talk."""


def sound(contact: Contact, me: Employee) -> dict[str, Any]:
    """What a page needs to let a talk be heard, and to say who has heard it."""
    facts = list(facts_of("contact", contact.pk))
    kept = list(Recording.objects.filter(contact=contact, removed_at=None).order_by("started_at"))
    remarks = list(queries.remarks_of(contact))
    marks = [_mark(fact, contact) for fact in facts if fact.kind not in QUIET]
    marks += [{"at": one.moment.isoformat(), "title": one.text, "kind": "remark"} for one in remarks]
    links = reverse("recording-links", args=[contact.pk])
    player = {"pieces": _pieces(kept), "links": links, "marks": marks, "gaps": list(_gaps(facts)), "words": _words()}
    return {
        "recordings": kept,
        "unrecorded": _unrecorded(facts),
        "player": player,
        "remarks": remarks,
        "heard": telling.all_told((one for one in facts if one.kind in queries.HEARD), contact.started_at),
        "hold": queries.hold_of(contact),
        "held_by_case": queries.is_held_by_case(contact),
        "may_hold": access.in_charge(me),
        "may_download": me.has_role(*access.DOWNLOADS),
    }


def _unrecorded(facts: Iterable[Fact]) -> list[str]:
    """Whose voice the engine could not record at all, in words."""
    told = [(one.kind, str(one.data["leg"])) for one in facts if one.kind in ("recording_failed", "recording_stored")]
    failed = dict.fromkeys(leg for kind, leg in told if kind == "recording_failed")
    return [wording.leg_title(leg) for leg in failed if ("recording_stored", leg) not in told]


def _pieces(kept: Iterable[Recording]) -> list[dict[str, Any]]:
    return [
        {
            "id": recording.pk,
            "leg": recording.leg,
            "title": wording.leg_title(recording.leg),
            "started_at": recording.started_at.isoformat(),
            "duration_s": recording.duration_s or 0.0,
        }
        for recording in kept
        if recording.path
    ]


def _mark(fact: Fact, contact: Contact) -> dict[str, str]:
    told = telling.told(fact, contact.started_at)
    title = ": ".join([told["title"], *([" · ".join(told["data"])] if told["data"] else [])])
    kind = "step" if fact.kind == "step_done" else "fact"
    return {"at": fact.at.isoformat(), "title": title, "kind": kind}


def _gaps(facts: Iterable[Fact]) -> Iterable[dict[str, str]]:
    """From each pause to its end; one without an end lasts as long as the talk."""
    since: Fact | None = None
    last: Fact | None = None
    for fact in facts:
        last = fact
        if fact.kind == "recording_paused":
            since = fact
        elif fact.kind == "recording_resumed" and since is not None:
            yield _gap(since, fact)
            since = None
    if since is not None and last is not None:
        yield _gap(since, last)


def _gap(since: Fact, until: Fact) -> dict[str, str]:
    cause = titled(wording.SECRETS, str(since.data.get("reason", "other")))
    title = _("Not recorded: %(cause)s") % {"cause": cause}
    return {"from": since.at.isoformat(), "to": until.at.isoformat(), "title": title}


def _words() -> dict[str, str]:
    keys = _(
        "Keys while the player has the focus: K plays and pauses, arrows 5 seconds, N and B next and previous mark, "
        "comma and full stop the speed, C a comment."
    )
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "loading": _("Loading the recording…"),
        "failed": _("The recording could not be loaded. Play tries again."),
        "missing": _("Could not be loaded, the rest is played:"),
        "position": _("Position in the recording"),
        "speed": _("Speed"),
        "player": _("Player of the talk"),
        "keys": keys,
    }
