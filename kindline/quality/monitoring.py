"""The quarterly monitoring by the internal procedure: due, drawn by lot, reviewed whole, approved and published."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections import Counter
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext

from kindline.appeals import telling_staff
from kindline.conversations.models import Contact
from kindline.correspondence import wires, wording
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of, facts_of_many
from kindline.quality import quarters, queries
from kindline.quality.models import Monitoring, Sampled
from kindline.staff import queries as staff
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.standard.published_data import Monitoring as Procedure

SUBJECT = "quarter"
JUDGED = ("met", "not_met", "not_applicable")


class MonitoringError(ValueError):
    """It cannot be done now; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class NotTheirsError(PermissionError):
    """The procedure names other roles for this."""


def procedure_of(profile: Profile) -> Procedure | None:
    """The procedure of the standard; None where it has none."""
    return profile.publication.monitoring if profile.publication else None


def population(profile: Profile, procedure: Procedure, quarter: str) -> list[Contact]:
    """The closed contacts with an employee from which the sample of a quarter is drawn."""
    since, until = quarters.bounds(quarter, profile.zone)
    rows = Contact.objects.filter(profile=profile.id, channel__in=procedure.channels, employee__isnull=False)
    return list(rows.filter(closed_at__gte=since, closed_at__lt=until).only("pk"))


def sweep(*, profile: Profile, now: dt.datetime) -> bool:
    """Say, once, that the monitoring of the quarter that is over is due; by e-mail too. Run it as often as you like.

    Clause: voe-1-08, voe-1-09. A quarter before the first contact is nobody's.
    """
    procedure, quarter = procedure_of(profile), quarters.before(now.astimezone(profile.zone).date())
    if procedure is None or facts_of(SUBJECT, quarter).filter(kind="monitoring_due").exists():
        return False
    if not Contact.objects.filter(
        profile=profile.id, started_at__lt=quarters.bounds(quarter, profile.zone)[1]
    ).exists():
        return False
    due = quarters.due_at(quarter, procedure.publish_within_days, profile.zone)
    with transaction.atomic():
        journal.record(
            kind="monitoring_due", subject_type=SUBJECT, subject_id=quarter, data={"due_at": due}, at=now,
            clauses=procedure.clauses,
        )  # fmt: skip
        _tell(profile, procedure, quarter, due, now)
    return True


def _tell(profile: Profile, procedure: Procedure, quarter: str, due: dt.datetime, now: dt.datetime) -> None:
    if wires.relay() is None:
        return
    for employee in staff.with_role(*procedure.reviewers, *procedure.approvers).exclude(email=""):
        with translation.override(employee.language):
            day = wording.shown_date(due - dt.timedelta(seconds=1), profile)
            words = {"quarter": quarter, "day": day}
            subject = gettext("The monitoring of %(quarter)s is to be published until %(day)s") % words
            end = gettext("Open the page “Monitoring” to see more. This message was composed by the program.")
        key = f"monitoring:{quarter}:{employee.pk}"
        telling_staff.write(key, employee, subject, f"{subject}\n\n{end}", profile, now)


def draw(*, profile: Profile, quarter: str, employee: Employee, now: dt.datetime) -> Monitoring:
    """Draw the sample of a quarter that is over, once: who draws can choose neither the contacts nor the seed.

    Clause: voe-1-08. Raises: NotTheirsError; MonitoringError (no_procedure, not_over, drawn).
    """
    procedure = _procedure(profile)
    if not employee.has_role(*procedure.reviewers, *procedure.approvers):
        raise NotTheirsError(quarter)
    if quarters.bounds(quarter, profile.zone)[1] > now:
        raise MonitoringError("not_over")
    rows, seed = population(profile, procedure, quarter), secrets.token_hex(8)
    try:
        with transaction.atomic():
            made = Monitoring.objects.create(
                profile=profile.id, quarter=quarter, seed=seed, population=len(rows), drawn_at=now, drawn_by=employee
            )
            chosen = by_lot(rows, seed)[: procedure.sample]
            Sampled.objects.bulk_create(
                Sampled(monitoring=made, contact=one, place=place) for place, one in enumerate(chosen, 1)
            )
            data = {"seed": seed, "of": len(rows), "sample": len(chosen), "employee": employee.pk}
            _keep(made, "monitoring_drawn", data, employee, now, procedure)
            if not chosen:
                _keep(made, "monitoring_reviewed", {"reviewer": employee.pk, "left": 0}, employee, now, procedure)
            return made
    except IntegrityError as error:
        raise MonitoringError("drawn") from error


def by_lot(rows: list[Contact], seed: str) -> list[Contact]:
    """The contacts in the order of the draw: by a hash of seed and contact, so that anybody can draw it again."""
    return sorted(rows, key=lambda one: hashlib.sha256(f"{seed}:{one.pk}".encode()).hexdigest())


def note_review(*, profile: Profile, contact: Contact, reviewer: Employee, now: dt.datetime) -> bool:
    """A review was kept: where it made a contact of a sample judged whole, that is noted; whether it was.

    Clause: voe-1-08. Who led the contact does not review it: such a judgement leaves it open.
    """
    row = Sampled.objects.select_for_update(of=("self",)).select_related("monitoring").filter(
        contact=contact, monitoring__profile=profile.id, reviewed_at=None
    ).first()  # fmt: skip
    procedure, form = procedure_of(profile), profile.form(contact.channel)
    if row is None or procedure is None or form is None or contact.employee_id == reviewer.pk:
        return False
    if not {item.id for item in form.items} <= set(_verdicts(contact.pk, form.id)):
        return False
    row.reviewed_at, row.reviewer = now, reviewer
    row.save(update_fields=["reviewed_at", "reviewer"])
    left = row.monitoring.sampled.filter(reviewed_at=None).count()
    data = {"contact": str(contact.pk), "reviewer": reviewer.pk, "left": left}
    _keep(row.monitoring, "monitoring_reviewed", data, reviewer, now, procedure)
    return True


def _verdicts(contact: object, form: str) -> dict[str, str]:
    """The latest judgement of each item of a form."""
    facts = facts_of("contact", contact).filter(kind="item_judged", data__form=form)
    return {fact.data["item"]: fact.data["verdict"] for fact in facts}


def publish(*, profile: Profile, quarter: str, employee: Employee, now: dt.datetime) -> Monitoring:
    """Approve the results of a quarter: from now on the numbers stand on the site, and change no more.

    Clause: voe-1-09. Raises: NotTheirsError; MonitoringError (no_procedure, not_drawn, not_reviewed, published).
    """
    procedure = _procedure(profile)
    if not employee.has_role(*procedure.approvers):
        raise NotTheirsError(quarter)
    with transaction.atomic():
        row = Monitoring.objects.select_for_update().filter(profile=profile.id, quarter=quarter).first()
        if row is None:
            raise MonitoringError("not_drawn")
        if row.published_at is not None:
            raise MonitoringError("published")
        if row.sampled.filter(reviewed_at=None).exists():
            raise MonitoringError("not_reviewed")
        row.results, row.published_at, row.published_by = results(profile, row), now, employee
        row.save(update_fields=["results", "published_at", "published_by"])
        count = row.sampled.count()
        data = {"employee": employee.pk, "sample": count, "reviewed": count}
        _keep(row, "monitoring_published", data, employee, now, procedure)
        return row


def results(profile: Profile, row: Monitoring) -> dict[str, Any]:
    """What came of a quarter, in numbers alone: items of the review, sections of the standard; nobody is named."""
    return {"sample": row.sampled.count(), "population": row.population, "items": _items(profile, row),
            "sections": _sections(profile, row.quarter)}  # fmt: skip


def _items(profile: Profile, row: Monitoring) -> list[dict[str, Any]]:
    keys = [str(one) for one in row.sampled.values_list("contact", flat=True)]
    latest: dict[tuple[str, str, str], str] = {}
    for fact in facts_of_many("contact", keys).filter(kind="item_judged"):
        latest[fact.subject_id, fact.data["form"], fact.data["item"]] = fact.data["verdict"]
    counts = Counter((form, item, verdict) for (_contact, form, item), verdict in latest.items())
    return [
        {"form": form.id, "item": item.id, "clause": item.clause or "", "title": item.title}
        | {word: counts[form.id, item.id, word] for word in JUDGED}
        for form in profile.forms.values()
        for item in form.items
        if any(counts[form.id, item.id, word] for word in JUDGED)
    ]


def _sections(profile: Profile, quarter: str) -> list[dict[str, Any]]:
    found: dict[str, Counter[str]] = {}
    for one in queries.clause_results(profile, *quarters.bounds(quarter, profile.zone)):
        found.setdefault(one.clause.section, Counter()).update(met=one.met, not_met=one.not_met)
    return [
        {"section": key, "title": profile.sections.get(key, ""), "met": count["met"], "not_met": count["not_met"]}
        for key, count in found.items()
        if count["met"] + count["not_met"]
    ]


def published(profile: Profile) -> list[Monitoring]:
    """The quarters whose results stand on the site, the latest first."""
    return list(Monitoring.objects.filter(profile=profile.id, published_at__isnull=False).order_by("-quarter"))


def _procedure(profile: Profile) -> Procedure:
    found = procedure_of(profile)
    if found is None:
        raise MonitoringError("no_procedure")
    return found


def _keep(
    row: Monitoring, kind: str, data: dict[str, Any], employee: Employee, now: dt.datetime, procedure: Procedure
) -> None:
    journal.record(
        kind=kind, subject_type=SUBJECT, subject_id=row.quarter, actor=actor(employee), data=data, at=now,
        clauses=procedure.clauses,
    )  # fmt: skip
