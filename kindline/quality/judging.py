"""Judging: what each clause came to on each subject, within seconds, once in effect however often it runs.

A reader follows the journal; the subjects that its facts touched are judged whole, from all their facts, and their
measurements replaced, in the transaction that moves the cursor. A judge that is killed leaves nothing half done, and
two judges cannot work on the same facts: the second finds the cursor held and goes away.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction

from kindline.journal import cursor
from kindline.journal.models import Fact
from kindline.quality import facts as arrow
from kindline.quality import measuring, periods, rejudging
from kindline.quality.models import Measurement
from kindline.standard import loader, rules
from kindline.standard.profile import Profile
from kindline.standard.rules.judgement import subject_type

CURSOR = "quality"
BATCH = 5000
CLOSING = "contact_closed"
Subject = tuple[str, str]


def judge_new(*, now: dt.datetime, limit: int = BATCH) -> int:
    """Follow the journal and judge the subjects that are ready; returns how many facts were read.

    A contact is ready once it is closed; later facts about it (a callback made, an item judged) judge it anew.
    Returns 0 while another judge is at work.
    """
    try:
        with cursor.reading(CURSOR, limit) as facts:
            judge_subjects(subjects=_ready(facts), now=now)
            rejudging.expect_periods(facts, _profile(), now)
            return len(facts)
    except cursor.CursorBusyError:
        return 0


def judge_due(*, now: dt.datetime, limit: int = 500) -> int:
    """Judge again what the clock alone has changed: promises that fell due, periods with news; returns how many."""
    with transaction.atomic():
        due = rejudging.take_due(now, limit)
        contacts = {(row.subject_type, row.subject_id) for row in due if row.subject_type != periods.SUBJECT}
        judge_subjects(subjects=contacts, now=now)
        for row in due:
            if row.subject_type == periods.SUBJECT:
                judge_period(period=row.subject_id, now=now)
        return len(due)


@transaction.atomic
def judge_subjects(*, subjects: Collection[Subject], now: dt.datetime) -> int:
    """Judge these subjects (type, id) from all their facts and replace their measurements; returns how many rows."""
    if not subjects:
        return 0
    table = arrow.of_subjects(subjects)
    written = 0
    for profile, part, own in _by_profile(table, subjects):
        verdicts = rules.judge(part, profile, clauses=rules.subject_clauses(profile), as_of=now)
        written += measuring.replace(profile, verdicts.to_pylist(), own, now)
        rejudging.expect_dues(profile, part, own, now)
    return written


@transaction.atomic
def judge_period(*, period: str, now: dt.datetime) -> int:
    """Judge the averages and shares of a month such as 2026-03, and of its days; returns how many rows."""
    profile = _profile()
    since, until = periods.bounds(period, profile.zone)
    clauses = rules.period_clauses(profile)
    table = arrow.between(since - periods.MARGIN, until + periods.MARGIN, periods.kinds_of(profile, clauses))
    verdicts = rules.judge(table, profile, clauses=clauses, as_of=now)
    rows = [row for row in verdicts.to_pylist() if row["subject_id"].startswith(period)]
    subjects = {(periods.SUBJECT, row["subject_id"]) for row in rows}
    measuring.write(profile, rows, now)
    stale = Measurement.objects.filter(
        subject_type=periods.SUBJECT, subject_id__startswith=period, version=profile.version
    )
    stale.filter(profile=profile.id, judged_at__lt=now).delete()
    return len(subjects)


def warm_up() -> None:
    """Plan the whole standard once, which takes seconds, before the first call is waiting for it."""
    profile = _profile()
    rules.judge(arrow.SCHEMA.empty_table(), profile, clauses=rules.subject_clauses(profile))


def _profile() -> Profile:
    return loader.load(settings.KINDLINE["profile"])


def _ready(facts: Iterable[Fact]) -> set[Subject]:
    """The subjects of these facts that can be judged now: closed contacts, and others that a clause speaks of."""
    judged = {subject_type(clause) for clause in _profile().clauses.values() if clause.rule is not None}
    touched = {(fact.subject_type, fact.subject_id) for fact in facts if fact.subject_type in judged | {"contact"}}
    contacts = {id_ for type_, id_ in touched if type_ == "contact"}
    closed = Fact.objects.filter(subject_type="contact", subject_id__in=contacts, kind=CLOSING)
    ready = set(closed.values_list("subject_id", flat=True))
    return {(type_, id_) for type_, id_ in touched if type_ != "contact" or id_ in ready}


def _by_profile(table: pa.Table, subjects: Collection[Subject]) -> list[tuple[Profile, pa.Table, set[Subject]]]:
    """The facts parted by the standard under which their contacts were opened."""
    own = _profile()
    opened = {
        row["subject_id"]: name
        for row in table.select(["kind", "subject_id", "data"]).to_pylist()
        if row["kind"] == "contact_opened" and (name := _named_profile(row["data"])) != own.id
    }
    if not opened:
        return [(own, table, set(subjects))]
    names = pa.array([opened.get(id_, own.id) for id_ in table["subject_id"].to_pylist()], pa.string())
    parts = []
    for name in sorted({own.id, *opened.values()}):
        mine = {subject for subject in subjects if opened.get(subject[1], own.id) == name}
        if mine and name in loader.profile_ids():
            parts.append((loader.load(name), table.filter(pc.equal(names, name)), mine))
    return parts


def _named_profile(data: str) -> str:
    return str(json.loads(data).get("profile", ""))
