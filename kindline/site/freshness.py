"""Who answers for what site and stands must carry, when it was last reviewed, until when it must be again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from wagtail.models import Page

from kindline.journal import actions as journal
from kindline.journal.queries import facts_of_many
from kindline.site.models import ItemPage, NewsPage
from kindline.site.reports.standing import PAGE as REPORTS
from kindline.site.reports.standing import standing
from kindline.site.wording_models import PageWording, source_of
from kindline.staff.models import Employee, Role
from kindline.standard.page_translations import Piece
from kindline.standard.profile import Profile
from kindline.standard.publication import Publication, Slot

REVIEWERS = (Role.SITE_ADMINISTRATOR, Role.UNIT_HEAD, Role.DIRECTOR)


class NotYoursError(Exception):
    """Only those who answer for what is published may confirm it."""


class EmptySlotError(Exception):
    """What is not there cannot be confirmed: write it first."""


class ChangedError(Exception):
    """The page is another one than was read: read it again."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """A slot today: `lacking` is what must be in it and is not."""

    slot: Slot
    reviewed_on: dt.date | None
    due_on: dt.date | None
    state: str  # empty|overdue|fresh
    lacking: tuple[str, ...]
    address: str


@transaction.atomic
def review_slot(*, profile: Profile, key: str, employee: Employee, now: dt.datetime) -> None:
    """Say that a slot was read and holds; a fact, from which the next review is counted.

    Clause: krc-5.2-27, krc-5.7.1-50. Raises: NotYoursError; EmptySlotError, also where only a report is a review;
    KeyError without such a slot.
    """
    publication = _publication(profile)
    slot = publication.slots[key]
    if not employee.has_role(*REVIEWERS):
        raise NotYoursError(key)
    if slot.page == REPORTS or _lacking(slot, publication, _pages()):
        raise EmptySlotError(key)
    due = now.astimezone(profile.zone).date() + dt.timedelta(days=slot.review_every_days)
    data = {"employee": employee.pk, "due_on": due.isoformat()}
    journal.record(
        kind="slot_reviewed", subject_type="slot", subject_id=key, actor=f"employee:{employee.pk}", data=data, at=now,
        clauses=slot.clauses,
    )  # fmt: skip


@transaction.atomic
def confirm_wording(*, wording: PageWording, source: str, employee: Employee, now: dt.datetime) -> None:
    """Say that a translation was read beside the page as it is now (`source`), and is still right: it is older no more.

    Raises: NotYoursError; ChangedError when the page was changed once more since it was read.
    """
    if not employee.has_role(*REVIEWERS):
        raise NotYoursError(wording.page_id)
    if source != source_of(Page.objects.select_for_update().get(pk=wording.page_id).specific):
        raise ChangedError(wording.page_id)
    PageWording.objects.filter(pk=wording.pk).update(source=source)
    data = {"employee": employee.pk, "language": wording.language}
    journal.record(
        kind="wording_confirmed", subject_type="page", subject_id=wording.page_id, actor=f"employee:{employee.pk}",
        data=data, at=now,
    )  # fmt: skip


def today(profile: Profile, now: dt.datetime) -> list[Freshness]:
    """Every slot, what is wrong first, then by the day on which it is due (krc-5.7-04)."""
    publication, pages = _publication(profile), _pages()
    day, reviewed = now.astimezone(profile.zone).date(), _reviewed(publication.slots, profile)
    rows = []
    for slot in publication.slots.values():
        since = reviewed.get(slot.key, publication.as_of)
        due = since + dt.timedelta(days=slot.review_every_days) if since else None
        if slot.page == REPORTS:
            since, due = standing(profile, day)
        lacking = tuple(_lacking(slot, publication, pages))
        state = "empty" if lacking else "overdue" if due is None or due < day else "fresh"
        page = pages.get(slot.key)
        rows.append(Freshness(slot, since, due, state, lacking, (page.url or "") if page else ""))
    order = {"empty": 0, "overdue": 1, "fresh": 2}
    return sorted(rows, key=lambda row: (order[row.state], row.due_on or dt.date.min))


def texts(profile: Profile, slots: Iterable[Slot]) -> Iterator[tuple[Slot, Piece]]:
    """The text of each slot as it is published now: that of the site's page, else the first one."""
    publication, pages = _publication(profile), _pages()
    for slot in slots:
        yield slot, _piece(slot, publication, pages)


def _publication(profile: Profile) -> Publication:
    return profile.publication or Publication((), {}, {}, ())


def _pages() -> dict[str, ItemPage]:
    return {page.slot: page for page in ItemPage.objects.live().exclude(slot="")}


def _reviewed(keys: Iterable[str], profile: Profile) -> dict[str, dt.date]:
    facts = facts_of_many("slot", list(keys)).filter(kind="slot_reviewed").order_by("at", "pk")
    return {fact.subject_id: fact.at.astimezone(profile.zone).date() for fact in facts}


def _piece(slot: Slot, publication: Publication, pages: dict[str, ItemPage]) -> Piece:
    page = pages.get(slot.source)
    if page is None:
        return Piece() if publication.slots[slot.source].on_site else publication.pieces.get(slot.source, Piece())
    said = [block.value for block in page.body if block.block_type == "text"]
    rows = [(row["name"], row["value"]) for block in page.body if block.block_type == "rows" for row in block.value]
    return Piece("\n\n".join(said), tuple(rows))


def _lacking(slot: Slot, publication: Publication, pages: dict[str, ItemPage]) -> list[str]:
    if slot.news:
        page = pages.get(slot.key)
        return [] if page and NewsPage.objects.child_of(page).live().exists() else [slot.title]
    if slot.scheme and slot.key not in publication.schemes:
        return [slot.title]
    words = _piece(slot, publication, pages).words
    return slot.lacking(words) if words else [slot.title]
