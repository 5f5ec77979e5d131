"""What stands beside an appeal or waits for an employee, in one planned statement: pages ask further only for that."""

from __future__ import annotations

from kindline.appeals.models import Appeal
from kindline.journal import prepared
from kindline.staff.models import Employee

PRESENT = """
    SELECT array_remove(ARRAY[
        CASE WHEN EXISTS (SELECT FROM appeals_answer WHERE appeal_id = one.id) THEN 'answer' END,
        CASE WHEN EXISTS (SELECT FROM appeals_decision WHERE appeal_id = one.id) THEN 'decision' END,
        CASE WHEN EXISTS (SELECT FROM appeals_measure WHERE appeal_id = one.id) THEN 'measures' END,
        CASE WHEN EXISTS (SELECT FROM appeals_clientnotice WHERE appeal_id = one.id) THEN 'client_notices' END,
        CASE WHEN EXISTS (SELECT FROM appeals_extension WHERE appeal_id = one.id) THEN 'extensions' END,
        CASE WHEN EXISTS (SELECT FROM appeals_joinedletter WHERE appeal_id = one.id) THEN 'letters' END,
        CASE WHEN EXISTS (SELECT FROM appeals_enquiry WHERE appeal_id = one.id) THEN 'enquiries' END,
        CASE WHEN EXISTS (SELECT FROM appeals_publication WHERE appeal_id = one.id) THEN 'publication' END,
        CASE WHEN EXISTS (SELECT FROM appeals_servicerequest WHERE appeal_id = one.id) THEN 'service' END,
        CASE WHEN EXISTS (SELECT FROM appeals_appealmessage WHERE appeal_id = one.id) THEN 'messages' END,
        CASE WHEN EXISTS (SELECT FROM appeals_managementnotice WHERE appeal_id = one.id) THEN 'notices' END,
        CASE WHEN EXISTS (
            SELECT FROM files_attachment WHERE owner_kind = 'appeal' AND owner_key = one.id::text) THEN 'files' END,
        CASE WHEN EXISTS (
            SELECT FROM appeals_incident WHERE profile = one.profile AND ended_at IS NULL) THEN 'incidents' END,
        CASE WHEN one.original IS NOT NULL
            OR EXISTS (SELECT FROM appeals_relation WHERE appeal_id = one.id OR other_id = one.id)
            OR EXISTS (SELECT FROM appeals_appeal WHERE original_id = one.id) THEN 'linked' END
    ], NULL)
    FROM (SELECT %s::bigint AS id, %s::bigint AS original, %s::text AS profile) AS one
"""


def of(appeal: Appeal) -> frozenset[str]:
    """The names of what is there: `answer`, `measures`, `letters` and the others of the statement.

    `incidents`: some that go on, whether this appeal belongs to one or not.
    """
    [(names,)] = prepared.rows(PRESENT, [appeal.pk, appeal.original_id, appeal.profile])
    return frozenset(names)


WAITING = """
    SELECT array_remove(ARRAY[
        CASE WHEN EXISTS (
            SELECT FROM appeals_managementnotice WHERE employee_id = me.id AND seen_at IS NULL) THEN 'notices' END,
        CASE WHEN EXISTS (
            SELECT FROM appeals_enquiry WHERE employee_id = me.id AND closed_at IS NULL) THEN 'enquiries' END
    ], NULL)
    FROM (SELECT %s::bigint AS id) AS me
"""


def waiting_for(employee: Employee) -> frozenset[str]:
    """The names of what waits for an employee: `notices` that he has not seen, `enquiries` that he has not answered."""
    [(names,)] = prepared.rows(WAITING, [employee.pk])
    return frozenset(names)
