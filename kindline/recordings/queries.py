"""Which talks were recorded, what is held, what was removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from kindline.appeals.queries import holding_recordings
from kindline.clients import queries as clients
from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of_many
from kindline.quality.models import Measurement, Verdict
from kindline.recordings import transcripts
from kindline.recordings.models import Hold, Remark, Removal
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.switchboard.models import Recording

PEOPLE_MOST, CONTACTS_MOST = 200, 20_000
MEASURED_WITHIN = dt.timedelta(days=1)
"""So long after a talk began its sound may be measured: at its end."""
HEARD = ("recording_listened", "recording_downloaded", "transcript_read")


@dataclass(frozen=True, slots=True)
class Asked:
    """What talks are looked for; what is empty does not narrow."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    employee: int | None = None
    text: str = ""
    topic: str = ""
    outcome: str = ""
    lasts_min_s: float | None = None
    lasts_max_s: float | None = None
    clause: str = ""
    """A clause that was not met in the talk."""
    words: str = ""
    """Words that were said in the talk, in any inflection."""
    lost_min: float | None = None
    """So large a share of the sound of one side was lost on the line, at least."""
    is_incomplete: bool = False
    is_held: bool = False


def recorded(asked: Asked, *, only: Employee | None = None) -> QuerySet[Contact]:
    """Contacts with a recording that is still kept, the latest first; with `only`, those of one employee."""
    found = Contact.objects.filter(Exists(_kept().filter(contact=OuterRef("pk"))))
    if only is not None:
        found = found.filter(employee=only)
    found = _narrowed(found, asked)
    if asked.text.strip():
        found = found.filter(_by_client(asked.text.strip()))
    if asked.clause:
        found = found.filter(_not_met(asked.clause))
    if asked.lost_min is not None:
        found = found.filter(pk__in=_on_bad_lines(asked))
    if asked.words.strip():
        found = found.filter(_by_words(asked.words))
    return found.select_related("client", "employee", "topic").order_by("-started_at")


def _kept() -> QuerySet[Recording]:
    return Recording.objects.filter(removed_at=None).exclude(path="")


def _narrowed(found: QuerySet[Contact], asked: Asked) -> QuerySet[Contact]:
    plain = {
        "started_at__gte": asked.since, "started_at__lt": asked.until, "employee": asked.employee,
        "topic__code": asked.topic, "outcome": asked.outcome,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in plain.items() if value})
    if asked.lasts_min_s is not None or asked.lasts_max_s is not None:
        talk = ExpressionWrapper(F("ended_at") - F("answered_at"), output_field=DurationField())
        found = found.annotate(talk=talk)
        if asked.lasts_min_s is not None:
            found = found.filter(talk__gte=dt.timedelta(seconds=asked.lasts_min_s))
        if asked.lasts_max_s is not None:
            found = found.filter(talk__lte=dt.timedelta(seconds=asked.lasts_max_s))
    if asked.is_incomplete:
        found = found.filter(Exists(_kept().filter(contact=OuterRef("pk"), complete=False)))
    if asked.is_held:
        found = found.filter(Q(pk__in=holding_recordings()) | Exists(_open_holds().filter(contact=OuterRef("pk"))))
    return found


def _by_client(text: str) -> Q:
    people = [client.pk for client in clients.find(text, limit=PEOPLE_MOST)]
    found = Q(client__in=people)
    figures = "".join(sign for sign in text if sign.isdigit())
    if len(figures) >= 3:
        found |= Q(caller__contains=figures) | Q(called__contains=figures)
    return found


def _by_words(text: str) -> Exists:
    """Talks of which a side said every word; in the language of the organisation's standard."""
    said = transcripts.matching(text, loader.load(settings.KINDLINE["profile"]).language)
    return Exists(said.filter(recording__contact=OuterRef("pk"), recording__removed_at=None))


def _not_met(clause: str) -> Exists:
    found = Measurement.objects.filter(clause=clause, subject_type="contact", verdict=Verdict.NOT_MET)
    return Exists(found.filter(subject_id=Cast(OuterRef("pk"), TextField())))


def _on_bad_lines(asked: Asked) -> list[str]:
    """Contacts of which so much was lost, the latest first; with a time, only its talks are looked at."""
    told = Fact.objects.filter(kind="media_measured", data__loss_share__gte=asked.lost_min)
    if asked.since is not None:
        told = told.filter(at__gte=asked.since)
    if asked.until is not None:
        told = told.filter(at__lt=asked.until + MEASURED_WITHIN)
    return list(told.order_by("-at").values_list("subject_id", flat=True)[:CONTACTS_MOST])


def worst_lines(contacts: Collection[Contact]) -> dict[str, Fact]:
    """Of each contact the side of which most sound was lost, as far as it was measured (fault T11)."""
    found: dict[str, Fact] = {}
    for fact in facts_of_many("contact", [one.pk for one in contacts]).filter(kind="media_measured"):
        known = found.get(fact.subject_id)
        if known is None or fact.data["loss_share"] > known.data["loss_share"]:
            found[fact.subject_id] = fact
    return found


def _open_holds() -> QuerySet[Hold]:
    return Hold.objects.filter(released_at=None)


def hold_of(contact: Contact) -> Hold | None:
    """The hold that a person has placed on the recordings of a contact."""
    return _open_holds().select_related("placed_by").filter(contact=contact).first()


def is_held_by_case(contact: Contact) -> bool:
    """Whether an appeal made in the contact is still open."""
    return holding_recordings().filter(pk=contact.pk).exists()


def held(contacts: Collection[Contact]) -> set[object]:
    """Which of these contacts' recordings are held, by a case or by hand."""
    keys = [contact.pk for contact in contacts]
    by_case = holding_recordings().filter(pk__in=keys).values_list("pk", flat=True)
    return {*by_case, *_open_holds().filter(contact__in=keys).values_list("contact", flat=True)}


def recordings_of(contacts: Collection[Contact]) -> dict[object, list[Recording]]:
    """The kept recordings of each contact, in their order."""
    found: dict[object, list[Recording]] = {}
    for one in _kept().filter(contact__in=[contact.pk for contact in contacts]).order_by("started_at", "pk"):
        found.setdefault(one.contact_id, []).append(one)
    return found


def listenings(contacts: Collection[Contact]) -> dict[str, list[Fact]]:
    """Who has heard or taken out the recordings of each contact."""
    found: dict[str, list[Fact]] = {}
    for fact in facts_of_many("contact", [contact.pk for contact in contacts]).filter(kind__in=HEARD):
        found.setdefault(fact.subject_id, []).append(fact)
    return found


def remarks_of(contact: Contact) -> QuerySet[Remark]:
    """What was said about moments of a talk, in the order of the talk."""
    return Remark.objects.filter(contact=contact).select_related("employee").order_by("moment", "pk")


def removals() -> QuerySet[Removal]:
    """The receipts of removed recordings, the latest first."""
    return Removal.objects.select_related("contact", "removed_by").order_by("-removed_at", "-pk")
