"""An inspection carried out: begun by one, kept as it is typed, finished once; each answer becomes a fact."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation

from django.db import transaction

from kindline.conversations.errors import RefusedError
from kindline.files import taking
from kindline.files.models import Owner
from kindline.journal import actions as journal
from kindline.journal.actions import NewFact
from kindline.journal.checking import storable
from kindline.quality import corrections
from kindline.quality.inspection_models import Inspection
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.inspections import Checklist, Item
from kindline.standard.profile import Profile

SUBJECT = "inspection"
MET, NOT_MET, NOT_APPLICABLE, COUNTED = "met", "not_met", "not_applicable", "counted"
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/heic")
MOST = Decimal(100_000)


class NotInspectorError(RefusedError):
    """The standard gives this inspection to other roles, or it is the employee himself who is looked at."""

    code = "not_inspector"


class InspectionOverError(RefusedError):
    """The inspection is finished or dropped: nothing of it changes any more."""

    code = "inspection_over"


class OthersInspectionError(RefusedError):
    """Somebody else has begun this inspection."""

    code = "others_inspection"


class UnansweredError(RefusedError):
    """It cannot be finished yet: `wrong` says by item what is missing (answer, number, comment, photo)."""

    code = "unanswered"

    def __init__(self, wrong: Mapping[str, str]) -> None:
        self.wrong = dict(wrong)
        super().__init__("; ".join(f"{item}: {why}" for item, why in wrong.items()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What was seen of an item; the number as it was typed; the keys of the attached photos."""

    value: str = ""
    number: str = ""
    comment: str = ""
    photos: tuple[int, ...] = field(default=())

    @property
    def amount(self) -> Decimal | None:
        """The number, with point or comma; None where it is none."""
        try:
            found = Decimal(self.number.strip().replace(",", "."))
        except InvalidOperation:
            return None
        return found if found.is_finite() and 0 <= found <= MOST else None


def checklist_of(profile: Profile, inspection: Inspection) -> Checklist:
    """By what it is carried out. Raises: InspectionOverError where the standard has that checklist no more."""
    found = profile.inspections.checklists.get(inspection.checklist) if profile.inspections else None
    if found is None:
        raise InspectionOverError(f"the standard has no checklist {inspection.checklist!r}")
    return found


def items_of(profile: Profile, inspection: Inspection) -> list[Item]:
    """What is looked at: the whole checklist, or what a repetition looks at again."""
    wanted = set(inspection.items)
    return [item for item in checklist_of(profile, inspection).items if not wanted or item.id in wanted]


def answers_of(inspection: Inspection) -> dict[str, Answer]:
    """What was answered so far, by item."""
    return {
        item: Answer(raw.get("value", ""), raw.get("number", ""), raw.get("comment", ""), tuple(raw.get("photos", ())))
        for item, raw in inspection.answers.items()
    }


def may_inspect(profile: Profile, inspection: Inspection, employee: Employee) -> bool:
    """Whether the standard gives it to the employee; nobody judges himself."""
    found = profile.inspections.checklists.get(inspection.checklist) if profile.inspections else None
    return found is not None and employee.has_role(*found.inspectors) and inspection.employee_id != employee.pk


def may_see(profile: Profile, employee: Employee, inspection: Inspection | None = None) -> bool:
    """Whether inspections are shown to the employee: by role; and one's own, once it is finished."""
    if profile.inspections is None:
        return False
    inspectors = {role for one in profile.inspections.checklists.values() for role in one.inspectors}
    if employee.has_role(*profile.inspections.seen_by, *inspectors):
        return True
    own = inspection is not None and employee.pk in (
        inspection.employee_id, corrections.answerable(inspection.place).pk,
    )  # fmt: skip
    return own and inspection is not None and inspection.finished_at is not None


@transaction.atomic
def begin(*, profile: Profile, inspection: Inspection, employee: Employee, now: dt.datetime) -> Inspection:
    """The employee carries it out from now on; who began before gives it over by that.

    Raises: NotInspectorError; InspectionOverError.
    """
    row = _held(profile, inspection, employee)
    if row.inspector_id != employee.pk:
        row.inspector, row.begun_at = employee, row.begun_at or now
        row.save(update_fields=["inspector", "begun_at"])
        data = {"checklist": row.checklist, "employee": employee.pk}
        journal.record(
            kind="inspection_begun", subject_type=SUBJECT, subject_id=row.pk, actor=actor(employee), data=data, at=now
        )
    return row


@transaction.atomic
def keep(
    *, profile: Profile, inspection: Inspection, answers: Mapping[str, Answer], employee: Employee, now: dt.datetime
) -> Inspection:
    """Keep what was typed so far, finished or not; photos that are there stay.

    Raises: NotInspectorError; InspectionOverError; OthersInspectionError.
    """
    row = _own(profile, inspection, employee)
    known, kept = {item.id for item in items_of(profile, row)}, answers_of(row)
    for item, answer in answers.items():
        if item in known:
            photos = kept.get(item, Answer()).photos
            kept[item] = Answer(answer.value, answer.number[:20], storable(answer.comment), photos)
    return _keep(row, kept, now)


def _keep(row: Inspection, answers: Mapping[str, Answer], now: dt.datetime) -> Inspection:
    row.answers, row.kept_at = {item: asdict(one) for item, one in answers.items()}, now
    row.save(update_fields=["answers", "kept_at"])
    return row


def add_photo(
    *, profile: Profile, inspection: Inspection, item: str, upload: taking.Upload, employee: Employee, now: dt.datetime
) -> Inspection:
    """A photo of what was seen, checked and sealed like every file.

    Raises: NotInspectorError; InspectionOverError; OthersInspectionError; FilesError.
    """
    with transaction.atomic():
        row = _own(profile, inspection, employee)
        owner = Owner("inspection", str(row.pk))
        made = taking.take_file(upload=upload, owner=owner, types=PICTURES, employee=employee, now=now)
        kept = answers_of(row)
        before = kept.get(item, Answer())
        photos = tuple(dict.fromkeys((*before.photos, made.pk)))
        return _keep(row, {**kept, item: Answer(before.value, before.number, before.comment, photos)}, now)


@transaction.atomic
def finish(
    *, profile: Profile, inspection: Inspection, correct_until: dt.date | None, employee: Employee, now: dt.datetime
) -> Inspection:
    """Freeze it with time and name; what is not met is to be corrected until a day, and looked at again.

    Clause: the clauses of the items; krc-5.3-15.
    Raises: NotInspectorError; InspectionOverError; OthersInspectionError; UnansweredError; PastDayError.
    """
    row = _own(profile, inspection, employee)
    items, answers = items_of(profile, row), answers_of(row)
    wrong = {item.id: why for item in items if (why := missing(item, answers.get(item.id, Answer())))}
    if wrong:
        raise UnansweredError(wrong)
    verdicts = {item.id: verdict(item, answers[item.id]) for item in items}
    row.answers = {item.id: asdict(answers[item.id]) for item in items}
    row.version, row.finished_at = profile.version, now
    row.sha256 = seal(row)
    row.save(update_fields=["answers", "version", "finished_at", "sha256"])
    journal.record_many([*_facts(row, items, answers, verdicts, employee, now)])
    bad = [item for item in items if verdicts[item.id] == NOT_MET]
    corrections.follow(
        profile=profile, inspection=row, bad=[item.id for item in bad], titles=_titles(bad, answers),
        due_on=correct_until, employee=employee, now=now,
    )  # fmt: skip
    return row


def missing(item: Item, answer: Answer) -> str:
    """What an item lacks before the inspection can be finished: answer, number, comment or photo; empty for nothing."""
    found = verdict(item, answer)
    if not found:
        return "number" if item.answer != "look" else "answer"
    if found == NOT_MET and not answer.comment.strip():
        return "comment"
    return "photo" if found == NOT_MET and item.photo and not answer.photos else ""


def verdict(item: Item, answer: Answer) -> str:
    """met, not_met, not_applicable or counted; empty while it is open. A number is held against the clause's limit."""
    if answer.value == NOT_APPLICABLE:
        return NOT_APPLICABLE if item.may_not_apply else ""
    if item.answer == "look":
        return answer.value if answer.value in (MET, NOT_MET) else ""
    if answer.amount is None:
        return ""
    if item.answer == "count":
        return COUNTED
    return MET if item.norm.is_kept(float(answer.amount)) else NOT_MET


def seal(row: Inspection) -> str:
    """The hash of what was seen, by whom and when: a finished inspection that was changed has another one."""
    at = row.finished_at.astimezone(dt.UTC).isoformat() if row.finished_at else ""
    said = [row.pk, row.inspector_id, at, row.answers]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _titles(items: list[Item], answers: Mapping[str, Answer]) -> dict[str, str]:
    return {item.id: answers[item.id].comment.strip() for item in items}


def _facts(
    row: Inspection, items: list[Item], answers: Mapping[str, Answer], verdicts: Mapping[str, str],
    employee: Employee, now: dt.datetime,
) -> Iterator[NewFact]:  # fmt: skip
    """One for each item and clause, then the end. No words are in them: a journal is never changed."""
    for item in items:
        amount, photos = answers[item.id].amount, len(answers[item.id].photos)
        seen = {"checklist": row.checklist, "item": item.id, "verdict": verdicts[item.id], "photos": photos,
                "inspector": employee.pk}  # fmt: skip
        if item.answer != "look" and amount is not None and verdicts[item.id] != NOT_APPLICABLE:
            seen["value"] = float(amount)
        for clause in item.clauses:
            data = {**seen, "clause": clause}
            yield NewFact("item_looked_at", SUBJECT, row.pk, actor(employee), data, now, [clause])
    found = list(verdicts.values())
    data = {"checklist": row.checklist, "place": row.place_id, "inspector": employee.pk, "met": found.count(MET),
            "not_met": found.count(NOT_MET), "sha256": row.sha256}  # fmt: skip
    yield NewFact("inspection_finished", SUBJECT, row.pk, actor(employee), data, now)


def _held(profile: Profile, inspection: Inspection, employee: Employee) -> Inspection:
    row: Inspection = Inspection.objects.select_for_update(of=("self",)).select_related("place").get(pk=inspection.pk)
    if not may_inspect(profile, row, employee):
        raise NotInspectorError("the standard gives this inspection to others")
    if not row.is_open:
        raise InspectionOverError("the inspection is over")
    return row


def _own(profile: Profile, inspection: Inspection, employee: Employee) -> Inspection:
    row = _held(profile, inspection, employee)
    if row.inspector_id != employee.pk:
        raise OthersInspectionError("somebody else carries it out: take it over first")
    return row
