"""Letters on their way that were made before the applicant's name or address was corrected: they bear the earlier one.

Nothing stops them by itself; who corrects, and who has the outgoing letters, sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from kindline.appeals import correcting
from kindline.appeals.models import JoinedLetter, LetterState
from kindline.correspondence.models import PaperState
from kindline.journal.queries import facts_of_many

BY_MAIL, PRINTED, WAITS = "by_mail", "printed", "waits"
"""Where such a letter is: with the mail server, beside the printer, in the print queue."""


def among(letters: Iterable[JoinedLetter]) -> set[int]:
    """The keys of those letters that are on their way and bear an earlier name or address; from one question."""
    waiting = [one for one in letters if one.state == LetterState.ON_ITS_WAY]
    corrected: dict[str, list[tuple[dt.datetime, set[str]]]] = {}
    if waiting:
        rows = facts_of_many("appeal", {one.appeal_id for one in waiting}).filter(kind=correcting.FACT)
        for appeal, at, data in rows.values_list("subject_id", "at", "data"):
            corrected.setdefault(appeal, []).append((at, set(data.get("fields", ()))))
    return {one.pk for one in waiting if _is_outdated(one, corrected.get(str(one.appeal_id), ()))}


def of_papers(papers: Collection[int]) -> set[int]:
    """Which of these letters on paper bear an earlier name or address, by their keys."""
    return _by("paper_id", JoinedLetter.objects.filter(paper__in=papers))


def of_mail(letters: Collection[int]) -> set[int]:
    """Which of these e-mails in the queue bear an earlier name or address, by their keys."""
    return _by("outgoing_id", JoinedLetter.objects.filter(outgoing__in=letters))


def place_of(letter: JoinedLetter) -> str:
    """Where it is: `BY_MAIL`, `PRINTED`, `WAITS`."""
    if letter.paper is None:
        return BY_MAIL
    return WAITS if letter.paper.state == PaperState.TO_PRINT else PRINTED


def _by(field: str, letters: QuerySet[JoinedLetter]) -> set[int]:
    rows = list(letters.filter(state=LetterState.ON_ITS_WAY).select_related("appeal", "paper", "outgoing"))
    outdated = among(rows)
    return {getattr(one, field) for one in rows if one.pk in outdated}


def _is_outdated(letter: JoinedLetter, corrected: Iterable[tuple[dt.datetime, set[str]]]) -> bool:
    """A name stands in every letter; an address that was corrected to the one which it bears changes nothing."""
    since = {name for at, fields in corrected if at > letter.joined_at for name in fields}
    if letter.paper is not None:
        is_elsewhere = "residence" in since and letter.paper.address != letter.appeal.residence
    else:
        to = letter.outgoing.recipient if letter.outgoing else ""
        is_elsewhere = "email" in since and to.casefold() != letter.appeal.email.casefold()
    return is_elsewhere or bool(since & set(correcting.NAMES))
