"""A letter that came becomes an appeal by itself, or is added to the one that it belongs to; each letter once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from kindline.appeals import actions, applying, filing, limits, moves, notices, numbers, registering, unsorted
from kindline.appeals.models import Appeal, JoinedLetter
from kindline.clients.models import Client
from kindline.conversations.models import Contact
from kindline.correspondence import actions as correspondence
from kindline.correspondence import answering
from kindline.correspondence import queries as mail
from kindline.correspondence.addressing import Person
from kindline.correspondence.models import Incoming, MailKind, MailState, Paper
from kindline.correspondence.printing import person_of
from kindline.staff.models import Employee
from kindline.standard import names
from kindline.standard.profile import Profile

SENT_WITHIN = dt.timedelta(days=7)
"""A date of sending further back than that is not believed: it would eat up the term."""


@dataclass(frozen=True, slots=True)
class Came:
    """What is known of a letter before anybody has read it."""

    channel: str
    substance: str
    person: Person
    received_at: dt.datetime
    sent_at: dt.datetime | None = None
    client: Client | None = None
    fields: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def join_mail(
    *, incoming: Incoming, profile: Profile, employee: Employee | None = None, now: dt.datetime
) -> JoinedLetter | None:
    """Make an e-mail an appeal that waits to be sorted, or add it to the appeal of its thread or number.

    By itself only what a person wrote, or what cannot be read (a case of its own); an employee may choose any.
    None for what is nobody's work, and where the standard lets no letter become an appeal. Again it changes nothing.

    Clause: krc-5.7.2-14, krc-5.8-03, krc-6.1-02, yumek-9.1-06, voe-8-03 (one registry for every channel).
    """
    row = Incoming.objects.select_for_update(of=("self",)).select_related("thread", "client").get(pk=incoming.pk)
    known = JoinedLetter.objects.filter(incoming=row).first()
    if known is not None or not (employee is not None or _is_work(row)) or intake_of(profile) is None:
        return known
    found = _appeal_of_mail(row, profile)
    theirs = found if found is not None and _takes_part(found, row) else None
    to = theirs if theirs is not None and theirs.closed_at is None else None
    appeal = to or register(profile, _came_by_mail(row, profile), theirs, now)
    made = _add(appeal, JoinedLetter(incoming=row, channel="email", is_first=to is None), now)
    if row.handled_at is None:
        correspondence.handle_message(incoming=row, outcome=appeal.number, employee=employee, now=now)
    return made


@transaction.atomic
def join_paper(*, paper: Paper, profile: Profile, now: dt.datetime) -> JoinedLetter | None:
    """The same for a letter on paper that was registered; its number of ours was read by a clerk, so it is believed.

    Clause: krc-5.8-01, krc-5.8-03, krc-6.1-02, yumek-9.1-06.
    """
    row = Paper.objects.select_for_update(of=("self",)).select_related("client").get(pk=paper.pk)
    known = JoinedLetter.objects.filter(paper=row).first()
    if known is not None or row.direction != "in" or intake_of(profile) is None:
        return known
    found = _numbered(row.subject, profile)
    to = found if found is not None and found.closed_at is None else None
    appeal = to or register(profile, _came_on_paper(row, profile), found, now)
    return _add(appeal, JoinedLetter(paper=row, channel="paper", is_first=to is None), now)


def register_letter(*, letter: JoinedLetter, now: dt.datetime) -> Appeal:
    """A new appeal of a letter that belongs to no other after all; it waits to be sorted, by the term of its receipt.

    Raises: NoWorkflowError where the standard lets no letter become an appeal by itself.
    """
    profile = moves.profile_of(letter.appeal)
    if intake_of(profile) is None:
        raise moves.NoWorkflowError(f"profiles/{profile.id} has no intake: register the letter by hand")
    if letter.incoming is not None:
        return register(profile, _came_by_mail(letter.incoming, profile), None, now)
    assert letter.paper is not None, "a letter that came"  # noqa: S101
    return register(profile, _came_on_paper(letter.paper, profile), None, now)


def intake_of(profile: Profile) -> object | None:
    """How the standard lets letters become appeals by themselves; None: it does not."""
    return profile.workflow.intake if profile.workflow else None


def _is_work(row: Incoming) -> bool:
    written = row.state == MailState.READ and row.kind == MailKind.MESSAGE
    return row.handled_at is None and (written or row.state == MailState.UNREADABLE)


def _appeal_of_mail(row: Incoming, profile: Profile) -> Appeal | None:
    """The appeal of the thread, else the one whose number stands in the subject."""
    if row.thread is not None:
        of_thread = Q(incoming__thread=row.thread) | Q(outgoing__thread=row.thread)
        latest = JoinedLetter.objects.filter(of_thread).select_related("appeal").order_by("-pk").first()
        if latest is not None:
            return latest.appeal
    return _numbered(row.subject, profile)


def _numbered(subject: str, profile: Profile) -> Appeal | None:
    return Appeal.objects.filter(number__in=numbers.found_in(subject, profile)).order_by("-pk").first()


def _takes_part(appeal: Appeal, row: Incoming) -> bool:
    """A stranger who names a number is not let into another's appeal: his letter becomes one of its own, no repeat.

    Whoever answers a letter of ours has it: from whatever address, he takes part.
    """
    address = row.sender.lower()
    same = bool(address) and address == appeal.email.lower()
    same = same or (row.client_id is not None and row.client_id == appeal.client_id)
    took_part = Q(incoming__sender__iexact=address) | Q(outgoing__recipient__iexact=address)
    same = same or (bool(address) and appeal.letters.filter(took_part).exists())
    return same or (row.outgoing_id is not None and appeal.letters.filter(outgoing=row.outgoing_id).exists())


def _came_by_mail(row: Incoming, profile: Profile) -> Came:
    """The card's name, else the parts of what the sender calls himself; a person confirms both."""
    person = answering.person_of(row)
    if row.client is None and row.sender_name:
        called = names.split(row.sender_name, profile.language)
        person = Person(called.surname, called.given, called.patronymic)
    believed = row.sent_at and row.stored_at - SENT_WITHIN <= row.sent_at <= row.stored_at
    return Came(
        "email", row.text.strip() or row.subject, person, row.stored_at, row.sent_at if believed else None, row.client,
        {"email": (row.reply_to or row.sender).lower()},
    )  # fmt: skip


def _came_on_paper(row: Paper, profile: Profile) -> Came:
    def began(day: dt.date) -> dt.datetime:
        return min(dt.datetime.combine(day, dt.time(0), profile.zone), row.registered_at)

    received_at = began(row.received_on) if row.received_on else row.registered_at
    sent_at = min(began(row.written_on), received_at) if row.written_on else None
    return Came(
        "paper", row.subject, person_of(row), received_at, sent_at, row.client, {"residence": row.address}
    )  # fmt: skip


def register(
    profile: Profile, came: Came, earlier: Appeal | None, now: dt.datetime, *, contact: Contact | None = None,
    employee: Employee | None = None,
) -> Appeal:  # fmt: skip
    """The appeal gets its number and its term at once; kind, subject and topic are asked of whoever sorts it.

    `contact`: in which it came, where there is one before it is sorted; `employee`: who made it an appeal.
    """
    flow = profile.workflow
    assert flow is not None and flow.intake is not None, "asked before"  # noqa: S101, PT018
    person = came.person
    named = {"surname": person.surname, "given_name": person.given_name, "patronymic": person.patronymic}
    named |= applying.of(came.client, {"firm_name": person.firm_name})
    appeal = Appeal(
        profile=profile.id, version=profile.version, client=came.client, contact=contact, channel=came.channel,
        form=actions.FORMS[came.channel], substance=came.substance, sent_at=came.sent_at, received_at=came.received_at,
        registered_at=now, earlier=earlier, state=flow.intake.state, **named, **came.fields,
    )  # fmt: skip
    appeal.kind = unsorted.kind_of(profile, appeal)
    limits.set_limit(appeal, unsorted.shortest(profile, appeal))
    filled = [name for name in (*actions.ROW_FIELDS, "substance") if getattr(appeal, name)]
    registering.insert(appeal, [actions.created_fact(appeal, filled, employee, now)], contact=None, now=now)
    return appeal


def _add(appeal: Appeal, letter: JoinedLetter, now: dt.datetime) -> JoinedLetter:
    letter.appeal, letter.joined_at, letter.changed_at = appeal, now, now
    letter.save()
    data = {"letter": letter.pk, "way": letter.channel, "first": letter.is_first}
    moves.keep(appeal, "letter_joined", data, employee=None, now=now)
    if (came := letter.incoming or letter.paper) is not None:
        files = [one.file for one in mail.files_of(came)]
        filing.attach_files(appeal=appeal, files=files, employee=None, now=now)
    if not letter.is_first:
        notices.tell_executor(appeal, f"letter:{letter.pk}", now)
    return letter
