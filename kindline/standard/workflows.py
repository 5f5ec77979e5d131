"""Workflows: the way of an appeal through the registry, who may do what, and how it may leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kindline.standard.rungs import TERMS, UNDERTAKINGS, Rung
from kindline.standard.scripts import Title
from kindline.standard.silence import WayOn, ways_on
from kindline.standard.terms import Term, parse

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """Where an appeal can stand; in a final one it has left the registry."""

    id: str
    title: Title
    final: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """An act that the profile allows: from which states, to which (None: it stays), by whom, under what conditions."""

    act: str
    sources: tuple[str, ...]
    target: str | None
    by: tuple[str, ...]
    needs: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """Something that may be done beside the states of an appeal, and by whom; what is not listed nobody may do."""

    act: str
    by: tuple[str, ...]
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answerable:
    """Who may answer for a corrective measure, by role."""

    responsible: tuple[str, ...]
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Publishing:
    """Answers on the site: for which channels it must be decided, and what stands where a person's data stood."""

    channels: tuple[str, ...]
    masks: Mapping[str, str]
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """A way out of the registry that the standard names; `notice`: the client is told, by the term of the `subject`."""

    id: str
    title: Title
    how: str
    notice: bool
    demands: tuple[str, ...] = ()
    copy_to: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """Something that an answer must have, on which occasion and channels, and the clauses that demand it."""

    what: str
    when: str = "always"
    came: tuple[str, ...] = ()
    goes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    letters_min: int = 1
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispatch:
    """By which channel the answer goes to an appeal that came by some channel.

    `sent_by`: the standard gives the sending to these roles, so that the program does not do it by itself; `sends`: of
    what it does (`answer`, `request_data`, `extension`, an end), the answer where nothing is named.
    """

    came: tuple[str, ...]
    goes: str
    client_may_choose: bool = False
    clauses: tuple[str, ...] = ()
    sent_by: tuple[str, ...] = ()
    sends: tuple[str, ...] = ("answer",)


@dataclass(frozen=True, slots=True)
class SignedNotices:
    """What the applicant is told in writing under the signature of those who may sign, where it goes so."""

    about: tuple[str, ...]
    goes: tuple[str, ...]
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactCheck:
    """What complaints of these kinds and subjects state is checked within a term of its own, once somebody has them."""

    kinds: tuple[str, ...]
    subjects: tuple[str, ...]
    term: Term
    title: Title
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A kind that an appeal may not be registered as under a circumstance (krc-6.1-62)."""

    flag: str
    kinds: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentSign:
    """So many appeals of one topic and address area within a time are probably about one event."""

    appeals_min: int
    within: Term


@dataclass(frozen=True, slots=True)
class Intake:
    """Letters become appeals by themselves: the state in which they wait to be sorted, and what they may be.

    Until somebody has sorted a letter, the shortest term of these kinds and subjects holds.
    """

    state: str
    kinds: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """A letter a day to those in charge: from what time, to which roles, how many days ahead counts as soon."""

    at: dt.time
    to: tuple[str, ...]
    soon_days: int


@dataclass(frozen=True, slots=True)
class Workflow:
    """A profile's whole way of an appeal. Everything that is not there is not allowed."""

    start: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    ends: Mapping[str, End]
    letter: tuple[LetterCheck, ...] = ()
    dispatch: tuple[Dispatch, ...] = ()
    ladder: tuple[Rung, ...] = ()  # of appeals
    undertakings: tuple[Rung, ...] = ()  # the rungs of measures, enquiries and stages
    bars: tuple[Bar, ...] = ()
    decided_kinds: tuple[str, ...] = ()
    decided_clauses: tuple[str, ...] = ()
    checked_subjects: tuple[str, ...] = ()
    reply_term: Term | None = None
    silence: tuple[WayOn, ...] = ()  # what may be decided once that term has passed without data
    incident: IncidentSign | None = None
    rights: Mapping[str, Right] = field(default_factory=dict)
    measures: Answerable | None = None  # None: no norm, anybody may answer for one
    publishing: Publishing | None = None
    analysis_every: str = ""  # month: reasons of complaints are analysed at least once a month; empty: no norm
    analysis_reminder: Term | None = None  # so long before the month's end its analysis is asked for
    intake: Intake | None = None
    digest: Digest | None = None
    fact_check: FactCheck | None = None  # None: no term of its own
    signed_notices: SignedNotices | None = None  # None: no norm, whoever may prepare a notice sends it

    def named(self, act: str) -> list[Transition]:
        """Every transition of an act."""
        return [one for one in self.transitions if one.act == act]

    def find(self, act: str, state: str) -> Transition | None:
        """The transition of an act from a state; None where the profile allows none."""
        return next((one for one in self.named(act) if state in one.sources), None)

    def acts_from(self, state: str) -> list[Transition]:
        """Everything that may be done in a state, in the order of the file."""
        return [one for one in self.transitions if state in one.sources]

    def way(self, channel: str) -> Dispatch | None:
        """How an answer to an appeal from this channel goes out; None: no norm."""
        return next((one for one in self.dispatch if channel in one.came), None)

    def is_final(self, state: str) -> bool:
        """Whether the appeal has left the registry in this state."""
        return state in self.states and self.states[state].final

    def cited(self) -> set[str]:
        """Every clause that the workflow cites."""
        groups: list[Iterable[Any]] = [
            self.transitions,
            self.ends.values(),
            self.letter,
            self.dispatch,
            self.ladder,
            self.undertakings,
            self.bars,
            self.silence,
            self.rights.values(),
            [self.measures] if self.measures else [],
            [self.publishing] if self.publishing else [],
            [self.intake] if self.intake else [],
            [self.signed_notices] if self.signed_notices else [],
            [self.fact_check] if self.fact_check else [],
        ]
        return {clause for group in groups for one in group for clause in one.clauses} | set(self.decided_clauses)


def build(raw: Raw) -> Workflow:
    """A workflow out of plain data whose shape has been checked."""
    decided = raw.get("decided") or {}
    rungs = [_rung(one) for one in raw.get("ladder") or ()]
    return Workflow(
        start=raw["start"],
        states={one["id"]: State(one["id"], one["title"], one.get("final", False)) for one in raw["states"]},
        transitions=tuple(_transition(one) for one in raw["transitions"]),
        ends={one["id"]: _end(one) for one in raw["ends"]},
        letter=tuple(_letter_check(one) for one in raw.get("letter") or ()),
        dispatch=tuple(_dispatch(one) for one in raw.get("dispatch") or ()),
        ladder=tuple(one for one in rungs if one.of in TERMS),
        undertakings=tuple(one for one in rungs if one.of in UNDERTAKINGS),
        bars=tuple(Bar(one["flag"], several(one["kinds"]), several(one["clauses"])) for one in raw.get("bars") or ()),
        decided_kinds=several(decided.get("kinds")),
        decided_clauses=several(decided.get("clauses")),
        checked_subjects=several(decided.get("checked_subjects")),
        reply_term=parse(raw.get("reply_term")),
        silence=ways_on(raw.get("silence") or ()),
        incident=_incident(raw.get("incident")),
        rights={one["act"]: _right(one) for one in raw.get("rights") or ()},
        measures=_answerable(raw["measures"]) if "measures" in raw else None,
        publishing=_publishing(raw.get("publishing")),
        analysis_every=str(raw.get("analysis_every", "")),
        analysis_reminder=parse(raw.get("analysis_reminder")),
        intake=_intake(raw["intake"]) if "intake" in raw else None,
        digest=_digest(raw["digest"]) if "digest" in raw else None,
        fact_check=_fact_check(raw.get("fact_check")),
        signed_notices=_signed_notices(raw["signed_notices"]) if "signed_notices" in raw else None,
    )


def _answerable(raw: Raw) -> Answerable:
    return Answerable(several(raw["responsible"]), several(raw.get("clauses")))


def several(raw: Any) -> tuple[str, ...]:
    """One word or a list of them."""
    return () if raw is None else (raw,) if isinstance(raw, str) else tuple(raw)


def _transition(raw: Raw) -> Transition:
    return Transition(
        raw["act"],
        several(raw["from"]),
        raw.get("to"),
        several(raw["by"]),
        several(raw.get("needs")),
        several(raw.get("ends")),
        several(raw.get("clauses")),
    )


def _right(raw: Raw) -> Right:
    return Right(raw["act"], several(raw["by"]), several(raw.get("clauses")))


def _publishing(raw: Raw | None) -> Publishing | None:
    if raw is None:
        return None
    return Publishing(several(raw["channels"]), dict(raw["masks"]), several(raw.get("clauses")))


def _end(raw: Raw) -> End:
    return End(
        raw["id"],
        raw["title"],
        raw["how"],
        raw.get("notice", False),
        several(raw.get("demands")),
        several(raw.get("copy_to")),
        several(raw.get("channels")),
        several(raw["clauses"]),
        raw.get("subject", ""),
    )


def _letter_check(raw: Raw) -> LetterCheck:
    return LetterCheck(
        raw["what"],
        raw.get("when", "always"),
        several(raw.get("came")),
        several(raw.get("goes")),
        several(raw.get("subjects")),
        several(raw.get("words")),
        raw.get("letters_min", 1),
        several(raw["clauses"]),
    )


def _incident(raw: Raw | None) -> IncidentSign | None:
    within = parse(raw["within"]) if raw else None
    return IncidentSign(raw["appeals_min"], within) if raw and within else None


def _dispatch(raw: Raw) -> Dispatch:
    chosen, clauses = raw.get("client_may_choose", False), several(raw.get("clauses"))
    sent_by, sends = several(raw.get("sent_by")), several(raw.get("sends")) or ("answer",)
    return Dispatch(several(raw["came"]), raw["goes"], chosen, clauses, sent_by, sends)


def _fact_check(raw: Raw | None) -> FactCheck | None:
    term = parse(raw["term"]) if raw else None
    if raw is None or term is None:
        return None
    return FactCheck(
        several(raw["kinds"]), several(raw["subjects"]), term, raw["title"], several(raw.get("clauses"))
    )  # fmt: skip


def _signed_notices(raw: Raw) -> SignedNotices:
    return SignedNotices(several(raw["about"]), several(raw["goes"]), several(raw.get("clauses")))


def _intake(raw: Raw) -> Intake:
    return Intake(raw["state"], several(raw["kinds"]), several(raw.get("clauses")), several(raw.get("subjects")))


def _digest(raw: Raw) -> Digest:
    return Digest(dt.time.fromisoformat(raw["at"]), several(raw["to"]), raw["soon_days"])


def _rung(raw: Raw) -> Rung:
    side = "before" if "before" in raw else "after"
    term = parse(raw[side])
    assert term is not None, "checked by the loader"  # noqa: S101 - the shape has been checked
    return Rung(raw["id"], raw.get("of", "limit"), side, term, several(raw["to"]), several(raw.get("clauses")))
