"""Erasing a person: card, contacts, callbacks, calls and facts are cleaned; what the law keeps is kept with its reason.

The row of the client stays, empty, so that numbers of a period stay true. Campaigns follow by the fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.appeals import lookup, masking, measuring, owning, rights
from kindline.appeals.masking import Person
from kindline.appeals.models import Answer, AnswerVersion, Appeal, AppealMessage, ClientNotice, Decision, Enquiry
from kindline.clients.models import Account, BarredNumber, Client, Login, Ticket
from kindline.conversations.errors import RefusedError
from kindline.conversations.models import Callback, CallbackState, Contact
from kindline.feedback import calls as ratings
from kindline.feedback.models import Rating
from kindline.journal import actions as journal
from kindline.journal import erasure as facts
from kindline.notifications import receiving as texts
from kindline.notifications import topics
from kindline.quality import erased_ledger, erasing_letters
from kindline.quality.models import Erasure
from kindline.readings import photos
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import terms
from kindline.standard.profile import Profile
from kindline.switchboard.models import Call, Intent, Recording

GONE, SENDER = "…", "sender"
MASKS = dict.fromkeys(("name", "phone", "email", "address", "account", "number"), GONE)
CARD = ("surname", "given_name", "patronymic", "firm_name", "address_as", "dative_as", "residence")
APPLICANT = ("firm_name", "surname", "given_name", "patronymic", "residence", "phone", "email")

TEXTS: dict[Any, tuple[str, ...]] = {
    Answer: ("subject", "text", "frozen"),
    AppealMessage: ("text",),
    ClientNotice: ("text",),
    Enquiry: ("text", "outcome"),
    Decision: ("reasons", "rights", "order", "check_record"),
}


class StillNeededError(RefusedError):
    """Something is under way with the person: finish it first; `what` says which."""

    code = "still_needed"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"finish first: {what}")


def erase_client(*, profile: Profile, client: Client, ground: str, employee: Employee, now: dt.datetime) -> Erasure:
    """Erase a person by the profile's rule (`kept_on_erasure`), on a ground, with a receipt of what is kept and why.

    Raises: NotYoursError; EmptyTextError without a ground; StillNeededError while something is under way.
    """
    ground = measuring.said(ground, "write the ground")
    with transaction.atomic():
        rights.check(profile, "erase_client", employee)
        held = Client.objects.select_for_update().get(pk=client.pk)
        _check_idle(held)
        mine = Q(client=held) | Q(pk__in=[one.pk for one in owning.unclaimed(held)])
        appeals = list(Appeal.objects.select_for_update(of=("self",)).filter(mine))
        talks = list(_subjects(held))  # while their numbers say whose they are
        who, kept = _person(held, appeals), _Kept(profile, now)
        old = [one for one in appeals if not kept.holds("appeals", one.closed_at or now)]
        erased = _talks(held, who) | {
            "short messages": _texts_of(held),
            "appeals": _appeals(old, who),
            "card": _card(held),
        }
        erased["logins"] = _logins(held)
        erased["photos"] = photos.erase_of(client=held, ground=ground, now=now)
        erased["letters"] = kept.letters(held, appeals, old, ground, employee)
        kept.others(held, appeals, old)
        ids = [("client", str(held.pk)), *(("appeal", str(one.pk)) for one in old), *talks]
        erased["facts"] = facts.clean(ids, lambda data: cleaned(data, who))
        made = Erasure.objects.create(
            client_id=held.pk,
            profile=profile.id,
            ground=ground,
            erased=erased,
            kept=kept.rows,
            by=employee,
            made_at=now,
        )
        data = {"erasure": made.pk, "kept": [row["what"] for row in kept.rows]}
        journal.record(
            kind="client_erased", subject_type="client", subject_id=held.pk, actor=actor(employee), data=data, at=now
        )
        transaction.on_commit(erased_ledger.note, robust=True)  # else by the worker, within minutes
        return made


def cleaned(value: Any, who: Person) -> Any:
    """A value of any shape without the person's own data and the hash of his address; keys and others' data stay."""
    if isinstance(value, str):
        return masking.struck(value, masking.own(value, who), MASKS)
    if isinstance(value, list):
        return [cleaned(one, who) for one in value]
    if isinstance(value, dict):
        return {key: "" if key == SENDER else cleaned(one, who) for key, one in value.items()}
    return value


class _Kept:
    """What the profile's rule keeps, gathered for the receipt."""

    def __init__(self, profile: Profile, now: dt.datetime) -> None:
        self.rule: dict[str, Any] = profile.variable("kept_on_erasure", {}) or {}
        self.profile, self.now = profile, now
        self.rows: list[dict[str, Any]] = []

    def until(self, what: str, since: dt.datetime) -> dt.datetime | None:
        """Until when a thing is kept that ended then; None where the rule gives no term."""
        term = terms.parse(self.rule.get(what, {}).get("term"))
        return term.end(since, self.profile.calendar, self.profile.zone) if term else None

    def holds(self, what: str, since: dt.datetime) -> bool:
        """Whether the law still keeps it: its term has not passed, or there is none; not named is not kept."""
        until = self.until(what, since)
        return what in self.rule and (until is None or until > self.now)

    def add(self, what: str, rows: int, law: str, until: dt.date | None = None) -> None:
        """Write it into the receipt."""
        if rows:
            day = until.isoformat() if until else ""
            self.rows.append({"what": what, "rows": rows, "law": law, "until": day})

    def letters(
        self, client: Client, appeals: Iterable[Appeal], old: Iterable[Appeal], ground: str, employee: Employee
    ) -> int:
        """Letters whose term is over go with raw form, files and PDF; the others are kept with their appeal or term."""
        norms = erasing_letters.Norms(partial(self.holds, "letters"), partial(self.until, "letters"))
        mine = [one for one in appeals if one not in list(old)]
        found = erasing_letters.erase_letters(
            client=client, kept_appeals=mine, norms=norms, ground=ground, employee=employee, now=self.now
        )
        self.add("letters", found.kept, self._law("letters") or self._law("appeals"), found.until)
        return found.removed

    def others(self, client: Client, appeals: Iterable[Appeal], old: Iterable[Appeal]) -> None:
        """Appeals within their term, accounts, recordings, and the wish not to be called."""
        mine = [one for one in appeals if one not in list(old)]
        ends = [until for one in mine if (until := self.until("appeals", one.closed_at or self.now))]
        self.add("appeals", len(mine), self._law("appeals"), max(ends).date() if ends else None)
        self.add("accounts", Account.objects.filter(client=client).count(), self._law("accounts"))
        recordings = Recording.objects.filter(contact__client=client, removed_at=None)
        latest = max((one.retention_until for one in recordings if one.retention_until), default=None)
        self.add("recordings", len(recordings), "retention of recordings", latest)
        phones = [one.value for one in client.points.all() if one.kind == "phone"]
        self.add("barred numbers", BarredNumber.objects.filter(phone__in=phones).count(), "wish not to be called")
        client.points.all().delete()

    def _law(self, what: str) -> str:
        return str(self.rule.get(what, {}).get("law", ""))


def _check_idle(client: Client) -> None:
    waiting = {
        "appeals": Appeal.objects.filter(client=client, closed_at=None),
        "appeals on nobody's card": owning.unclaimed(client).filter(closed_at=None),
        "callbacks": _callbacks(client).filter(
            Q(state=CallbackState.OPEN) | Q(state=CallbackState.MISSED, waits_since__isnull=False)
        ),
        "contacts": Contact.objects.filter(client=client, closed_at=None),
    }
    for what, rows in waiting.items():
        if rows.exists():
            raise StillNeededError(what)


def _person(client: Client, appeals: Iterable[Appeal]) -> Person:
    """Everything by which the person may be named anywhere."""
    points, accounts = list(client.points.all()), list(client.accounts.select_related("premise"))
    said = [client.surname, client.given_name, client.patronymic, client.firm_name, client.address_as, client.dative_as]
    places = [client.residence, *(str(one.premise) for one in accounts)]
    lines = [one.value for one in points if one.kind == "phone"]
    emails = [one.value for one in points if one.kind == "email"]
    for appeal in appeals:
        said += [appeal.firm_name, appeal.surname, appeal.given_name, appeal.patronymic]
        places.append(appeal.residence)
        lines.append(appeal.phone)
        emails.append(appeal.email)
    return masking.person(said, places, lines, [one.number for one in accounts], emails)


def _talks(client: Client, who: Person) -> dict[str, int]:
    callbacks = list(_callbacks(client))
    contacts = list(_contacts(client).select_for_update(of=("self",)))
    for one in contacts:
        one.caller = one.called = ""
        one.summary = cleaned(one.summary, who)
        one.guide = {**one.guide, "fields": {}}
    Contact.objects.bulk_update(contacts, ["caller", "called", "summary", "guide"])
    for promised in callbacks:
        promised.phone = promised.name = promised.sender = ""
        promised.matter = cleaned(promised.matter, who)
    Callback.objects.bulk_update(callbacks, ["phone", "name", "matter", "sender"])
    calls = list(Call.objects.filter(pk__in=[one.pk for one in contacts]))
    intents = list(Intent.objects.filter(call__in=calls))
    for call in calls:
        call.data = cleaned(call.data, who)
    for intent in intents:
        intent.params, intent.target = cleaned(intent.params, who), cleaned(intent.target, who)
    Call.objects.bulk_update(calls, ["data"])
    Intent.objects.bulk_update(intents, ["params", "target"])
    return {"contacts": len(contacts), "callbacks": len(callbacks), "calls": len(calls)}


def _callbacks(client: Client) -> QuerySet[Callback]:
    """His callbacks; those of nobody's card that go to a telephone of his too: on the site nobody is known."""
    numbers = list(client.points.filter(kind="phone").values_list("value", flat=True))
    nobodys = Q(client=None, contact__client=None, phone__in=numbers)
    return Callback.objects.filter(Q(client=client) | Q(contact__client=client) | nobodys)


def _contacts(client: Client) -> QuerySet[Contact]:
    """His contacts, with those of nobody's card from which a callback to him came."""
    asked = _callbacks(client).filter(contact__client=None).values("contact")
    return Contact.objects.filter(Q(client=client) | Q(client=None, pk__in=asked))


def _texts_of(client: Client) -> int:
    """Short messages both ways: neither number nor words are kept; those still waiting are not sent."""
    numbers = [one.value for one in client.points.all() if one.kind == "phone"]
    ratings.forget(numbers)
    topics.forget([one.value.lower() for one in client.points.all() if one.kind == "email"])
    return texts.forget(clients=[client.pk], phones_of=numbers)


def _appeals(appeals: list[Appeal], who: Person) -> int:
    """Appeals whose term has passed: who, and what names him in the texts; the search learns of it."""
    for one in appeals:
        for name in APPLICANT:
            setattr(one, name, "")
        one.substance = cleaned(one.substance, who)
    Appeal.objects.bulk_update(appeals, [*APPLICANT, "substance"])
    for model, names in TEXTS.items():
        _texts(model.objects.filter(appeal__in=appeals), names, who)
    _texts(AnswerVersion.objects.filter(answer__appeal__in=appeals), ("subject", "text", "frozen"), who)
    rated = Rating.objects.filter(subject_type="appeal", subject_id__in=[str(one.pk) for one in appeals])
    _texts(rated, ("words",), who)
    return len(appeals)


def _texts(rows: Any, names: Iterable[str], who: Person) -> None:
    found = list(rows)
    for row in found:
        for name in names:
            setattr(row, name, cleaned(getattr(row, name), who))
    rows.model.objects.bulk_update(found, list(names))


def _logins(client: Client) -> int:
    """Ways into the personal account: none is left to the person's accounts, nor the codes that went to him."""
    mine = Account.objects.filter(client=client)
    entering = Login.accounts.through._default_manager.filter(account__in=mine).values("login")
    logins = list(Login.objects.select_for_update().filter(pk__in=entering))
    Ticket.objects.filter(Q(account__in=mine) | Q(email__in=[one.email for one in logins])).delete()
    for one in logins:
        one.accounts.remove(*mine)
    gone = [one.pk for one in logins if not one.accounts.exists()]
    Login.objects.filter(pk__in=gone).delete()
    return len(gone)


def _card(client: Client) -> int:
    for name in CARD:
        setattr(client, name, "")
    client.words, client.survey_consent, client.do_not_call = [], False, True
    client.ways, client.notices, client.time_zone = [], [], ""
    client.save()
    lookup.index_all(Appeal.objects.filter(client=client).select_related("client"))
    return 1


def _subjects(client: Client) -> Iterable[tuple[str, str]]:
    yield from (("contact", str(one)) for one in _contacts(client).values_list("pk", flat=True))
    yield from (("callback", str(one)) for one in _callbacks(client).values_list("pk", flat=True))
