"""A letter that bears an earlier name or address, on the page of its appeal: where it is, and who may take it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from kindline.appeals import outdated_letters, recalling
from kindline.appeals.models import Appeal, JoinedLetter


def told(
    found: Appeal, letters: Iterable[JoinedLetter], acts: Collection[str], recallable: Collection[int]
) -> list[dict[str, Any]]:
    """`place`: of `outdated_letters`; `is_his`: who looks may take it back on this page."""
    rows = list(letters)
    keys = outdated_letters.among(rows)
    return [_one(found, one, acts, recallable) for one in rows if one.pk in keys]


def _one(found: Appeal, one: JoinedLetter, acts: Collection[str], recallable: Collection[int]) -> dict[str, Any]:
    goes_with_state = one.answer is not None or (one.notice is not None and one.notice.about == found.end)
    is_his = one.notice_id in recallable or (goes_with_state and recalling.ACT in acts)
    return {"letter": one, "place": outdated_letters.place_of(one), "is_his": is_his}
