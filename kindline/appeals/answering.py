"""The written answer: drafted, checked, signed and frozen, sent; each action ends in a fact."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction

from kindline.appeals import actions, answer_ways, filing, letters, linking, moves, signing
from kindline.appeals.models import Answer, AnswerVersion, Appeal, JoinedLetter, LetterState
from kindline.conversations.errors import RefusedError
from kindline.files.models import FileState
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

IN_VAIN = (LetterState.FAILED, LetterState.CAME_BACK)


class EmptyTextError(RefusedError):
    """Write something first: an empty text is not kept."""

    code = "empty_text"


class WrongChannelError(RefusedError):
    """The clause demands that the answer go another way."""

    code = "wrong_channel"

    def __init__(self, demanded: str, clauses: tuple[str, ...]) -> None:
        self.demanded, self.clauses = demanded, clauses
        super().__init__(f"the answer goes by {demanded}")


class UncheckedFileError(RefusedError):
    """A file that goes with the answer waits to be checked, or was refused: take it away, or wait."""

    code = "unchecked_file"


class BrokenSealError(RefusedError):
    """The signed text is not what was signed: it must not be sent; have it signed anew."""

    code = "broken_seal"


def draft_answer(*, appeal: Appeal, subject: str, text: str, employee: Employee, now: dt.datetime) -> Answer:
    """Keep the draft of the answer as a new version; the earlier ones stay (krc-5.8-05, krc-5.7.2-15).

    Raises: WrongStateError; NotYoursError; NeedError; EmptyTextError.
    """
    subject, text = storable(subject).strip(), storable(text).replace("\r\n", "\n").strip()
    if not text:
        raise EmptyTextError("write the answer")
    with transaction.atomic():
        move = moves.begin(appeal, "draft", employee, now)
        answer = Answer.objects.filter(appeal=move.appeal).first() or Answer(appeal=move.appeal, version=0)
        answer.subject, answer.text, answer.author = subject, text, employee
        answer.version += 1
        answer.checked_by = answer.checked_at = None
        answer.save()
        AnswerVersion.objects.create(
            answer=answer, version=answer.version, subject=subject, text=text, author=employee, made_at=now
        )
        move.keep("answer_drafted", {"version": answer.version})
        move.finish()
        return answer


def submit_answer(*, appeal: Appeal, employee: Employee, now: dt.datetime) -> Appeal:
    """Give the draft to be checked (krc-5.7.2-15).

    Raises: WrongStateError; NotYoursError; IncompleteLetterError with everything that it lacks.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "submit", employee, now)
        answer = _answer(move)
        _check_filled(answer)
        _begin_anew(answer, now)
        move.keep("answer_submitted", {"version": answer.version})
        return move.finish()


def approve_answer(*, appeal: Appeal, employee: Employee, now: dt.datetime) -> Appeal:
    """Somebody else than the author found the answer good (krc-6.1-40).

    Raises: WrongStateError; NotYoursError; NeedError when it is one's own.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "approve", employee, now)
        answer = _answer(move)
        answer.checked_by, answer.checked_at = employee, now
        answer.save(update_fields=["checked_by", "checked_at"])
        move.keep("answer_approved", {"version": answer.version})
        return move.finish()


def send_back(*, appeal: Appeal, reason: str, employee: Employee, now: dt.datetime) -> Appeal:
    """Give the draft back to the executor, with the reason.

    Raises: WrongStateError; NotYoursError; EmptyTextError without a reason.
    """
    if not reason.strip():
        raise EmptyTextError("say what must be changed")
    with transaction.atomic():
        move = moves.begin(appeal, "send_back", employee, now)
        move.keep("answer_sent_back", {"version": _answer(move).version, "reason": storable(reason.strip())})
        return move.finish()


def sign_answer(*, appeal: Appeal, employee: Employee, now: dt.datetime) -> Answer:
    """Sign the answer: it is frozen, and its hash is kept (krc-5.8-10, krc-6.1-44).

    Who signs for one who is away signs in his own name; for whom and by what power is frozen with the text.
    Raises: WrongStateError; NotYoursError; IncompleteLetterError; NeedError when one's own, or a complaint not decided;
    UncheckedFileError.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "sign", employee, now)
        answer = _answer(move)
        _check_filled(answer)
        _check_files(move.appeal)
        _begin_anew(answer, now)
        held = signing.ground(move.appeal, employee, now)
        answer.signed_by, answer.signed_at = employee, now
        answer.signed_for = held.deputy.absent if held and held.deputy else None
        answer.signed_as = signing.signed_as(move.profile, held)
        answer.frozen = frozen_text(answer)
        answer.sha256 = hashlib.sha256(answer.frozen.encode()).hexdigest()
        answer.save(update_fields=["signed_by", "signed_at", "signed_for", "signed_as", "frozen", "sha256"])
        data = {"version": answer.version, "sha256": answer.sha256, "signed_for": answer.signed_for_id}
        move.keep("answer_signed", data | {"signed_as": answer.signed_as or None})
        move.finish()
        return answer


def mark_sent(
    *, appeal: Appeal, channel: str, proof: str, employee: Employee | None = None, now: dt.datetime
) -> Appeal:
    """The signed answer has gone out by the channel that the clause demands (krc-5.8-06..08, krc-5.7.2-16).

    What it must have was checked when it was signed, and is frozen.
    Raises: WrongStateError; NotYoursError; WrongChannelError; BrokenSealError.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "mark_sent", employee, now)
        answer, fresh = _answer(move), move.appeal
        check_channel(move.profile, fresh, channel)
        check_seal(answer)
        answer.sent_at, answer.sent_channel, answer.proof = now, channel, storable(proof)
        answer.save(update_fields=["sent_at", "sent_channel", "proof"])
        fresh.answered_at = now
        in_time = fresh.limit_at is None or now <= fresh.limit_at
        data = {"channel": channel, "proof": answer.proof, "sha256": answer.sha256, "limit_at": fresh.limit_at}
        move.keep("answer_sent", data | {"in_time": in_time})
        actions.keep_answered(fresh, channel, employee, now)
        done = move.finish("answered_at")
        linking.share(fresh, letters.sent_text(answer), answer.author, employee=employee, now=now)
        return done


def frozen_text(answer: Answer) -> str:
    """What is signed: subject line, empty line, text with who signs for whom, the hash of each file that goes along."""
    enclosed = "".join(f"sha256:{one.sha256}\n" for one in filing.answer_files(answer.appeal))
    return f"{answer.subject}\n\n{letters.sent_text(answer)}\n{enclosed}"


def sealed(answer: Answer) -> bool:
    """Whether the frozen text is still the one that was signed."""
    return hashlib.sha256(answer.frozen.encode()).hexdigest() == answer.sha256


def _begin_anew(answer: Answer, now: dt.datetime) -> None:
    """What goes the same way again after its signature was taken back is a version of its own: both acts stay."""
    if not answer.versions.filter(version=answer.version).exclude(signed_at=None).exists():
        return
    answer.version += 1
    answer.save(update_fields=["version"])
    AnswerVersion.objects.create(
        answer=answer, version=answer.version, subject=answer.subject, text=answer.text, author=answer.author,
        made_at=now,
    )  # fmt: skip


def _check_filled(answer: Answer) -> None:
    """No gap of a template is checked or signed, whatever the standard's own workflow asks for."""
    if found := letters.unfilled(answer.subject, answer.text):
        raise moves.IncompleteLetterError(found)


def _check_files(appeal: Appeal) -> None:
    if any(one.state != FileState.CLEAN for one in filing.answer_files(appeal)):
        raise UncheckedFileError("a file that goes with the answer is not found clean")


def check_seal(answer: Answer) -> None:
    """Whether the letter still is what was signed. Raises: BrokenSealError."""
    if frozen_text(answer) != answer.frozen or not sealed(answer):
        raise BrokenSealError("the signed text was changed: have it signed anew")


def check_channel(profile: Profile, appeal: Appeal, channel: str) -> None:
    """An answer goes the demanded way, another only after it did not arrive so, or where the applicant has left no
    address for it (krc-5.8-07, krc-5.8-08).

    Raises: WrongChannelError.
    """
    demanded = letters.channel_of(profile, appeal)
    way = profile.workflow.way(appeal.channel) if profile.workflow else None
    in_vain = JoinedLetter.objects.filter(answer__appeal=appeal, channel=demanded, state__in=IN_VAIN)
    if way is None or channel == demanded or not answer_ways.is_open(appeal, demanded):
        return
    if not in_vain.exists():
        raise WrongChannelError(demanded, way.clauses)


def _answer(move: moves.Move) -> Answer:
    return Answer.objects.select_for_update().get(appeal=move.appeal)
