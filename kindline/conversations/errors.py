"""Why an action on a contact is refused; each says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class RefusedError(Exception):
    """The standard or the state of the contact does not allow this now."""

    code = "refused"
    clauses: tuple[str, ...] = ()


class UnknownPartError(RefusedError):
    """The guide of this contact has no such step, branch or outcome."""

    code = "unknown"


class AlreadyClosedError(RefusedError):
    """The contact is closed; nothing more can be written into it."""

    code = "closed"


class StillTalkingError(RefusedError):
    """The call goes on: end it before closing the contact."""

    code = "talking"


class OutOfOrderError(RefusedError):
    """A step that must come before is not done."""

    code = "order"

    def __init__(self, step: str, missing: Sequence[str], clauses: Sequence[str] = ()) -> None:
        self.step, self.missing, self.clauses = step, list(missing), tuple(clauses)
        super().__init__(f"{step}: first do {', '.join(missing)}")


class AwaitsFactError(RefusedError):
    """The step completes by itself when its action is carried out; it cannot be ticked off."""

    code = "awaits"

    def __init__(self, step: str, fact: str) -> None:
        self.step, self.fact = step, fact
        super().__init__(f"{step} is done by its action ({fact}), not by a tick")


class FirmStepError(RefusedError):
    """The standard does not let this step be left out."""

    code = "firm_step"

    def __init__(self, step: str, clauses: Sequence[str]) -> None:
        self.step, self.clauses = step, tuple(clauses)
        super().__init__(f"{step} may not be left out: do it")


class UntrueReasonError(RefusedError):
    """The journal says otherwise: the client has not ended the call."""

    code = "untrue_reason"


class PastDayError(RefusedError):
    """A day that must lie ahead has passed."""

    code = "past_day"


class BranchClosedError(RefusedError):
    """The branch opens only after something has happened."""

    code = "branch_closed"


class NotIdentifiedError(RefusedError):
    """Account data stays closed until the client is identified."""

    code = "not_identified"

    def __init__(self, clauses: Sequence[str] = ()) -> None:
        self.clauses = tuple(clauses)
        super().__init__("identify the client first: account data stays closed until then")


class MismatchError(RefusedError):
    """What the client named does not agree with the account; which field is not told."""

    code = "mismatch"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is still required: a step or a field, and the clauses that require it."""

    kind: str  # step | field | fact | topic
    id: str
    clauses: tuple[str, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)


class StillRequiredError(RefusedError):
    """The contact cannot be closed yet: `missing` says what is still required, with the clauses."""

    code = "still_required"

    def __init__(self, missing: Sequence[Missing]) -> None:
        self.missing = list(missing)
        self.clauses = tuple(dict.fromkeys(clause for one in missing for clause in one.clauses))
        super().__init__("still required: " + ", ".join(one.id for one in missing))


class MissingFieldsError(RefusedError):
    """Fields that the standard requires here are empty; `missing` names them with their clauses."""

    code = "missing_fields"

    def __init__(self, missing: Mapping[str, Sequence[str]]) -> None:
        self.missing = {name: tuple(clauses) for name, clauses in missing.items()}
        self.clauses = tuple(dict.fromkeys(clause for clauses in missing.values() for clause in clauses))
        super().__init__("fill in " + ", ".join(missing))


class PromiseTooLateError(RefusedError):
    """The promised time is later than the standard allows."""

    code, field = "too_late", "due_at"

    def __init__(self, limit: str, clauses: Sequence[str]) -> None:
        self.limit, self.clauses = limit, tuple(clauses)
        super().__init__(f"promise a time not later than {limit}")


class PromisePastError(RefusedError):
    """The promised time has passed already."""

    code, field = "past_promise", "due_at"


class CallbackDoneError(RefusedError):
    """The promised call is made, or not needed any more: nothing is noted of it."""

    code = "callback_done"


class NoGroundError(RefusedError):
    """The standard does not grant the right to end this talk now."""

    code = "no_ground"
