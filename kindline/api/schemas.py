"""What goes in and out over the API, as the OpenAPI document says it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from kindline.appeals import applying, models
from kindline.standard.deadlines import CHANNELS

KEY_MAX = 2**63 - 1
Channel = Literal["phone", "office", "paper", "email", "web", "account"]
ApplicantKind = Literal["person", "firm", "sole_trader", "executor", "supplier", "no_contact"]
CameBy = Literal["post", "courier", "client_box", "handed_over"]
FieldName = Literal["surname", "given_name", "patronymic", "residence", "phone", "email"]
Line = Annotated[str, StringConstraints(max_length=1000)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Code = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9_-]*$")]
Moment = Annotated[AwareDatetime, Field(description="ISO 8601 with a zone, not in the future")]
Key = Annotated[int, Field(ge=1, le=KEY_MAX)]
assert set(Channel.__args__) == set(CHANNELS)  # type: ignore[attr-defined]  # noqa: S101 - said twice, kept the same
assert set(ApplicantKind.__args__) == set(applying.KINDS)  # type: ignore[attr-defined]  # noqa: S101 - the same
assert set(CameBy.__args__) == set(models.CameBy.values)  # type: ignore[attr-defined]  # noqa: S101 - the same


class Strict(Schema):
    """What comes in: a name that we do not know is a mistake, told at once."""

    model_config = ConfigDict(extra="forbid")


class Applicant(Strict):
    """Who makes the appeal; what the standard requires of a channel is told when it is missing."""

    kind: Annotated[ApplicantKind, Field(description="Terms may depend on it; no_contact: no answer")] = "person"
    firm_name: Annotated[Line, Field(description="Not of a person; the names are of who speaks for it")] = ""
    surname: Line = ""
    given_name: Line = ""
    patronymic: Line = ""
    residence: Line = ""
    phone: Line = ""
    email: Line = ""


class NewAppeal(Strict):
    """An appeal to be registered."""

    kind: Code = Field(description="A kind that the standard knows, such as application or complaint")
    substance: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    applicant: Applicant = Applicant()
    has_none: Annotated[list[FieldName], Field(max_length=6)] = Field([], description="Answered that there is none")
    other_kinds: Annotated[list[Code], Field(max_length=10)] = Field([], description="Further kinds voiced at once")
    subject: Code = Field("", description="Where a term depends on it, such as utility_quality")
    topic: Code = Field("", description="The code of a topic")
    channel: Channel = "web"
    sent_at: Moment | None = None
    received_at: Moment | None = Field(None, description="When it came, where that was before now")
    answer_by: Channel | None = Field(None, description="The channel that the applicant chose for the answer")
    earlier: Annotated[str, StringConstraints(max_length=64)] = Field("", description="Number of the appeal it repeats")
    came_by: CameBy | None = Field(None, description="How a letter on paper came")
    in_court: bool = Field(False, description="The matter is before a court")
    named_at: AwareDatetime | None = Field(None, description="By when an authority wants its answer: the earlier holds")
    against: Annotated[str, StringConstraints(max_length=150)] = Field(
        "", description="Log-in name of the employee complained of: the answer is not prepared by him"
    )


class Registered(Schema):
    """An appeal as it was registered: its number, by when it must be answered, and how that date came about."""

    id: int
    href: str
    number: str
    state: str
    revision: int
    received_at: dt.datetime
    registered_at: dt.datetime
    target_at: dt.datetime | None
    limit_at: dt.datetime | None
    derivation: list[str]
    limit_clauses: list[str]


class Status(Schema):
    """Where an appeal stands."""

    id: int
    number: str
    state: str
    state_title: str
    revision: int
    registered_at: dt.datetime
    limit_at: dt.datetime | None
    answered_at: dt.datetime | None
    forwarded_to: str | None
    closed_at: dt.datetime | None
    end: str
    end_title: str


class Message(Schema):
    """Something added after the registration."""

    id: int
    text: str
    made_at: dt.datetime


class AnswerSent(Schema):
    """The answer, once it has been sent."""

    subject: str
    text: str
    sent_at: dt.datetime
    channel: str


class Card(Status):
    """An appeal with everything that its applicant may know."""

    kind: str
    kinds: list[str]
    subject: str
    topic: str
    channel: str
    form: str
    applicant: Applicant
    has_none: list[str]
    substance: str
    sent_at: dt.datetime | None
    received_at: dt.datetime
    target_at: dt.datetime | None
    derivation: list[str]
    limit_clauses: list[str]
    answer_by: str
    came_by: str
    messages: list[Message]
    answer: AnswerSent | None


class Page(Schema):
    """A page of a list; `next` is the cursor of the page that follows, null on the last."""

    items: list[Status]
    next: str | None


class NewMessage(Strict):
    """Something that the applicant adds."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]


class MessageAdded(Schema):
    """The message was kept."""

    id: int
    appeal: int
    made_at: dt.datetime
    revision: int


class FileAttached(Schema):
    """A file of an appeal or a reading; it is passed on once its state is `clean`."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    state: str
    attached_at: dt.datetime


class Files(Schema):
    """The files of an appeal."""

    items: list[FileAttached]


class Asked(Strict):
    """Which appeals are listed, the latest first."""

    state: Code = Field("", description="A state of the workflow; `open` for all that have not left the registry")
    kind: Code = ""
    applicant_kind: Annotated[ApplicantKind | None, Field(description="Who applies")] = None
    channel: Channel | None = None
    number: Annotated[str, StringConstraints(max_length=64, pattern=r"^[\w/-]*$")] = ""
    registered_from: AwareDatetime | None = None
    registered_to: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(max_length=200, pattern=r"^[\w=-]*$")] = ""


class FieldWrong(Schema):
    """A field and what to do about it."""

    field: str
    detail: str
    clauses: list[str] = []


class ClauseNamed(Schema):
    """A clause of the standard that stands behind a refusal."""

    id: str
    text: str


class Problem(Schema):
    """Why it was refused and what to do (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    instance: str
    code: str
    errors: list[FieldWrong] = []
    clauses: list[ClauseNamed] = []


class NewReading(Strict):
    """A reading, as it was read from the meter."""

    account: Short
    meter: Short
    zone: Annotated[str, StringConstraints(max_length=12)] = Field(
        "", description="Such as day and night; empty for one"
    )
    value: Annotated[str, StringConstraints(max_length=32)] = Field(description="Figures with a point or comma")
    taken_on: Annotated[str, StringConstraints(max_length=10)] = Field(description="2026-03-31")


class NewReadings(Strict):
    """Readings that are sent together; each is judged after those before it."""

    readings: Annotated[list[NewReading], Field(min_length=1, max_length=10_000)]


class ReadingTold(Schema):
    """What came of a reading: accepted, asked_back (confirm it or send another), refused, or duplicate."""

    line: int
    state: str
    code: str
    detail: str
    id: int | None


class ReadingsTold(Schema):
    """A sending and what came of its readings, in their order."""

    sending: int
    results: list[ReadingTold]


def refusals(*statuses: int) -> dict[int, Any]:
    """The refusals of an operation for the OpenAPI document; those of every operation with them."""
    return dict.fromkeys(sorted({400, 401, 403, 422, 429, 503, *statuses}), Problem)
