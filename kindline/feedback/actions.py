"""A client rates; once for each subject, and he may think better of it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.feedback.errors import LongWordsError, NotRatedError
from kindline.feedback.models import Rating
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.standard.menus import RATING_BEST

BEST = RATING_BEST
LONGEST = 2000
RATED = "service_rated"
"""The fact that a client has rated: without it there is no rating of a subject."""


@transaction.atomic
def rate(*, subject_type: str, subject_id: object, answer: int, service: int, words: str, now: dt.datetime) -> Rating:
    """Keep what a client thinks of the answer and of the service, 1 to 5; rated again, the later one holds.

    The words stand in the row alone, not in the fact: they may name people.
    Clause: krc-5.7-16, krc-2-23. Raises: NotRatedError; LongWordsError (a line's end counts as one character).
    """
    if not all(1 <= one <= BEST for one in (answer, service)):
        raise NotRatedError
    said = storable(words).replace("\r\n", "\n").strip()
    if len(said) > LONGEST:
        raise LongWordsError(LONGEST, len(said))
    given = {"answer": answer, "service": service, "words": said, "made_at": now}
    row, _new = Rating.objects.update_or_create(
        subject_type=subject_type, subject_id=str(subject_id), defaults=given
    )  # fmt: skip
    data = {"rating": row.pk, "answer": answer, "service": service, "in_words": bool(said)}
    journal.record(kind=RATED, subject_type=subject_type, subject_id=subject_id, actor="client", data=data, at=now)
    return row
