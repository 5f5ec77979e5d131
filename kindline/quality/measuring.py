"""Writing measurements: many rows in one statement, each replacing its elder."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection

from kindline.quality.models import Measurement
from kindline.standard.profile import Profile

WRITE = """
INSERT INTO quality_measurement
    (profile, clause, version, subject_type, subject_id, verdict, observed, "limit", unit, evidence, at, judged_at)
SELECT profile, clause, version, subject_type, subject_id, verdict, observed, "limit", unit, evidence, at, judged_at
FROM jsonb_to_recordset(%s::jsonb) AS row(
    profile text, clause text, version text, subject_type text, subject_id text, verdict text, observed text,
    "limit" text, unit text, evidence bigint[], at timestamptz, judged_at timestamptz)
ON CONFLICT (clause, version, subject_type, subject_id) DO UPDATE SET
    profile = excluded.profile, verdict = excluded.verdict, observed = excluded.observed, "limit" = excluded."limit",
    unit = excluded.unit, evidence = excluded.evidence, at = excluded.at, judged_at = excluded.judged_at
"""
BATCH = 5000
Subject = tuple[str, str]


def replace(
    profile: Profile, verdicts: Iterable[Mapping[str, Any]], subjects: Collection[Subject], now: dt.datetime
) -> int:
    """Write the verdicts on these subjects; older ones of the same version that no longer apply go."""
    rows = [row for row in verdicts if (row["subject_type"], row["subject_id"]) in subjects]
    write(profile, rows, now)
    for type_ in {type_ for type_, _ in subjects}:
        ids = [id_ for other, id_ in subjects if other == type_]
        old = Measurement.objects.filter(subject_type=type_, subject_id__in=ids, version=profile.version)
        old.filter(profile=profile.id).exclude(judged_at=now).delete()
    return len(rows)


def write(profile: Profile, rows: Collection[Mapping[str, Any]], now: dt.datetime) -> None:
    """Write verdicts as the rules give them."""
    plain = [_plain(profile, row, now) for row in rows]
    with connection.cursor() as cursor:
        for start in range(0, len(plain), BATCH):
            cursor.execute(WRITE, [json.dumps(plain[start : start + BATCH], ensure_ascii=False)])


def _plain(profile: Profile, row: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    named = ("clause", "version", "subject_type", "subject_id", "verdict")
    return {
        "profile": profile.id,
        **{name: row[name] for name in named},
        **{name: row[name] or "" for name in ("observed", "limit", "unit")},
        "evidence": sorted({int(id_) for ids in row["evidence"] or () for id_ in ids.split()}),
        "at": (row["at"] or now).isoformat(),
        "judged_at": now.isoformat(),
    }
