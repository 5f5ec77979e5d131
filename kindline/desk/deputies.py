"""Who signs while a signer is away: the part of the page *Who may sign* with its forms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _

from kindline.desk import access
from kindline.desk.typed import Post, day_of
from kindline.staff import deputies, signers
from kindline.staff import queries as staff
from kindline.staff.by_order import UnfitPowerError
from kindline.staff.models import Deputy
from kindline.standard.profile import Profile

WRONG = {
    "absent": _("Choose who is away: somebody who stands in the list."),
    "deputy": _("Choose who signs for him: somebody else who works here."),
    "deputy_order": _("Write the number of the order on deputising."),
    "deputy_from": _("Write from which day on."),
    "deputy_to": _("The last day is a day on or after the first."),
    "deputy_why": _("Write why the deputising is struck out."),
}
"""By the names of the form's fields; those of the action come without `deputy_`."""
By = dict[str, Any]


def typed_day(post: Post, field: str) -> dt.date | None:
    """A typed day, or none. Raises: UnfitPowerError for what is no day."""
    raw = post.text(field)
    if raw and day_of(raw) is None:
        raise UnfitPowerError(field)
    return day_of(raw)


def context(profile: Profile, today: dt.date) -> dict[str, Any]:
    """The deputies with their state, and who can be away."""
    return {
        "deputies": [(one, _state(one, today)) for one in deputies.everything(profile.id)],
        "absents": deputies.absents(profile.id),
    }


def _state(row: Deputy, today: dt.date) -> str:
    """`struck`, `gone` with either of the two, `ended`, `to_come`, or `holds`."""
    if row.struck_at is not None:
        return "struck"
    if not (row.deputy.is_active and row.absent.is_active):
        return "gone"
    if signers.holds_on(row, today):
        return "holds"
    return "to_come" if row.valid_from > today else "ended"


def _named(profile: Profile, post: Post, by: By) -> None:
    people = staff.with_role(*access.REGISTRY)
    deputies.name_deputy(
        profile_id=profile.id, absent=people.filter(pk=post.key("absent")).first(),
        deputy=people.filter(pk=post.key("deputy")).first(), order=post.text("deputy_order"),
        valid_from=typed_day(post, "deputy_from"), valid_to=typed_day(post, "deputy_to"), **by,
    )  # fmt: skip


def _ended(profile: Profile, post: Post, by: By) -> None:
    deputies.end_deputy(deputy=_row(profile, post), valid_to=typed_day(post, "deputy_to"), **by)


def _struck(profile: Profile, post: Post, by: By) -> None:
    deputies.strike_deputy(deputy=_row(profile, post), why=post.text("deputy_why"), **by)


def _row(profile: Profile, post: Post) -> Deputy:
    return get_object_or_404(Deputy, pk=post.key("deputising"), profile=profile.id)


def _in_form(act: Callable[[Profile, Post, By], None]) -> Callable[[Profile, Post, By], None]:
    """The act, its refusals under the names of the form's fields."""

    def acted(profile: Profile, post: Post, by: By) -> None:
        try:
            act(profile, post, by)
        except UnfitPowerError as error:
            field = error.field.removeprefix("valid_").removeprefix("deputy_")
            raise UnfitPowerError(field if field in WRONG else f"deputy_{field}") from error

    return acted


ACTS = {"deputy_add": _in_form(_named), "deputy_end": _in_form(_ended), "deputy_strike": _in_form(_struck)}
