"""Which report is due next and until when; the slot that leads to the reports stands or falls by this alone."""

from __future__ import annotations

import datetime as dt

from kindline.journal.models import Fact
from kindline.quality import quarters
from kindline.site.report_models import QuarterReport
from kindline.standard.profile import Profile

PAGE = "reports"
"""The page of a slot whose review is the report itself."""


def standing(profile: Profile, day: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """The day of the last report and the last day for the next one: of the earliest quarter that is owed one.

    A quarter is owed a report once its monitoring was said to be due. Clause: voe-1-09.
    """
    procedure = profile.publication.monitoring if profile.publication else None
    if procedure is None:
        return None, None
    rows = QuarterReport.objects.filter(profile=profile.id, published_at__isnull=False)
    published = {row.quarter: row.published_at for row in rows.only("quarter", "published_at") if row.published_at}
    owed = set(Fact.objects.filter(kind="monitoring_due").values_list("subject_id", flat=True)) - published.keys()
    ends = quarters.due_at(min(owed, default=quarters.of(day)), procedure.publish_within_days, profile.zone)
    last = max(published.values(), default=None)
    return last.astimezone(profile.zone).date() if last else None, ends.date() - dt.timedelta(days=1)
