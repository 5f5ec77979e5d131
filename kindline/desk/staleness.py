"""Two at one appeal: what was typed on an older page overwrites nothing, and is shown beside what stands there now."""

from __future__ import annotations

import datetime as dt
import difflib
from typing import Any

from django.http import QueryDict

from kindline.appeals import moves
from kindline.appeals.models import Answer, Appeal
from kindline.desk import telling
from kindline.journal.queries import facts_of

LONGEST = 20_000
"""Longer texts are shown whole, without marks: comparing them would take long."""


def check(appeal: Appeal, typed: QueryDict) -> None:
    """Hold the appeal if the page was of today's revision; to be called within a transaction.

    A signature stands under a text: it is refused where the form does not say what was seen. Raises: StaleError.
    """
    _check(appeal, typed.get("revision", ""), typed)


def check_row(appeal: Appeal, typed: QueryDict) -> None:
    """The same of one of many ticked in a list, each of which says what was seen. Raises: StaleError."""
    _check(appeal, typed.get(f"revision-{appeal.pk}", ""), typed)


def _check(appeal: Appeal, raw: str, typed: QueryDict) -> None:
    if raw or typed.get("verb") == "sign":
        moves.check_revision(appeal, int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0)


def merge(appeal: Appeal, typed: QueryDict) -> dict[str, Any]:
    """What a refused page shows: what has happened since it was opened, and where two texts differ."""
    since = _seen(typed)
    news = [fact for fact in facts_of("appeal", appeal.pk) if since is None or fact.at >= since]
    context: dict[str, Any] = {"news": telling.all_told(news[-10:], appeal.registered_at)}
    if typed.get("verb") == "draft":
        answer = Answer.objects.select_related("author").filter(appeal=appeal).first()
        context["theirs"] = answer
        context["differences"] = differences(answer.text if answer else "", typed.get("text", ""))
    return context


def changes(appeal: Appeal, typed: QueryDict) -> dict[str, Any]:
    """What has happened since a page was opened, where it was of an earlier revision; for a form that has no text."""
    return merge(appeal, typed) if typed.get("revision", "") not in ("", str(appeal.revision)) else {}


def differences(theirs: str, mine: str) -> list[tuple[str, str]]:
    """Line by line: `same`, `theirs` (stands there, not in what was typed), `mine` (typed, does not stand there)."""
    left, right = theirs.splitlines(), mine.replace("\r\n", "\n").splitlines()
    if len(theirs) + len(mine) > LONGEST:
        return [*(("theirs", line) for line in left), *(("mine", line) for line in right)]
    kinds = {"  ": "same", "- ": "theirs", "+ ": "mine"}
    return [(kinds[line[:2]], line[2:]) for line in difflib.ndiff(left, right) if line[:2] in kinds]


def _seen(typed: QueryDict) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(typed.get("seen", ""))
    except ValueError:
        return None
    return found if found.tzinfo else None
