"""The shape of workflow.yaml and what must hold in it: every state is reached, every way leads out on a named end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kindline.standard import acts, rungs, terms
from kindline.standard.deadlines import CHANNELS, KINDS, SUBJECTS
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.rule_shapes import TermShape
from kindline.standard.shapes import Anything, Choice, Either, Flag, ListOf, Number, Record, Text, Title, near
from kindline.standard.workflows import several

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

Raw = Mapping[str, Any]
IDENT = Text(pattern=r"[a-z][a-z0-9_]*", cure="write small Latin letters, digits and _, a letter first")
WORDS = ListOf(Text(), single=True)
TERM = Either({dict: TermShape(), str: Anything()})
STATE = Record({"id": IDENT, "title": Title()}, {"final": Flag()})
TRANSITION = Record(
    {
        "act": Choice(acts.ACTS),
        "from": ListOf(IDENT, least=1, single=True),
        "by": ListOf(Choice((*acts.DOERS, acts.SIGNER)), least=1, single=True),
    },
    {
        "to": IDENT,
        "needs": ListOf(Choice(acts.NEEDS), single=True),
        "ends": ListOf(IDENT, single=True),
        "clauses": WORDS,
        "note": Text(),
        "assumed": Text(),
    },
)
END = Record(
    {"id": IDENT, "title": Title(), "how": Choice(acts.WAYS_OUT), "clauses": ListOf(Text(), least=1, single=True)},
    {
        "notice": Flag(),
        "demands": ListOf(Choice(acts.DEMANDS), single=True),
        "copy_to": ListOf(Choice(acts.STAFF_ROLES), single=True),
        "subject": Choice(SUBJECTS),
        "channels": ListOf(Choice(CHANNELS), single=True),
        "note": Text(),
        "assumed": Text(),
    },
)
LETTER = Record(
    {"what": Choice(acts.LETTER_CHECKS), "clauses": ListOf(Text(), least=1, single=True)},
    {
        "when": Choice(acts.OCCASIONS),
        "came": ListOf(Choice(CHANNELS), single=True),
        "goes": ListOf(Choice(CHANNELS), single=True),
        "subjects": ListOf(Choice(SUBJECTS), single=True),
        "words": WORDS,
        "letters_min": Number(whole=True, least=1),
        "note": Text(),
        "assumed": Text(),
    },
)
DISPATCH = Record(
    {"came": ListOf(Choice(CHANNELS), least=1, single=True), "goes": Choice(CHANNELS)},
    {
        "client_may_choose": Flag(),
        "sent_by": ListOf(Choice(acts.STAFF_ROLES), single=True),
        "sends": ListOf(IDENT, least=1, single=True),
        "clauses": WORDS,
        "assumed": Text(),
    },
)
RUNGS_OF = (*rungs.TERMS, *rungs.UNDERTAKINGS)
RUNG = Record(
    {"id": IDENT, "to": ListOf(Choice(rungs.ADDRESSEES), least=1, single=True)},
    {"before": TERM, "after": TERM, "of": Choice(RUNGS_OF), "clauses": WORDS, "assumed": Text()},
)
BAR = Record(
    {"flag": Choice(("in_court",)), "kinds": ListOf(Choice(KINDS), least=1, single=True), "clauses": WORDS},
)
RIGHT = Record(
    {"act": Choice(acts.RIGHTS), "by": ListOf(Choice(acts.DOERS), least=1, single=True)},
    {"clauses": WORDS, "note": Text(), "assumed": Text()},
)
WAY_ON = Record({"id": IDENT, "title": Title()}, {"clauses": ListOf(Text()), "assumed": Text()})
MEASURES = Record(
    {"responsible": ListOf(Choice(acts.STAFF_ROLES), least=1, single=True)},
    {"clauses": WORDS, "assumed": Text()},
)
MASKS = Record(dict.fromkeys(acts.MASKED, Text()))
PUBLISHING = Record(
    {"channels": ListOf(Choice(CHANNELS), least=1, single=True), "masks": MASKS},
    {"clauses": WORDS, "note": Text(), "assumed": Text()},
)
INTAKE = Record(
    {"state": IDENT, "kinds": ListOf(Choice(KINDS), least=1, single=True)},
    {"subjects": ListOf(Choice(SUBJECTS), single=True), "clauses": WORDS, "assumed": Text()},
)
DIGEST = Record(
    {
        "at": Text(pattern=r"([01]\d|2[0-3]):[0-5]\d", cure='write "08:00"'),
        "to": ListOf(Choice(acts.STAFF_ROLES), least=1, single=True),
        "soon_days": Number(whole=True, least=1),
    },
    {"assumed": Text()},
)
FACT_CHECK = Record(
    {
        "kinds": ListOf(Choice(KINDS), least=1, single=True),
        "subjects": ListOf(Choice(SUBJECTS), least=1, single=True),
        "term": TERM,
        "title": Title(),
    },
    {"clauses": WORDS, "assumed": Text()},
)
SIGNED_NOTICES = Record(
    {"about": ListOf(IDENT, least=1, single=True), "goes": ListOf(Choice(CHANNELS), least=1, single=True)},
    {"clauses": WORDS, "assumed": Text()},
)
WORKFLOW = Record(
    {
        "start": IDENT,
        "states": ListOf(STATE, least=2),
        "transitions": ListOf(TRANSITION, least=1),
        "ends": ListOf(END, least=1),
    },
    {
        "letter": ListOf(LETTER),
        "dispatch": ListOf(DISPATCH),
        "ladder": ListOf(RUNG),
        "bars": ListOf(BAR),
        "decided": Record(
            {"kinds": ListOf(Choice(KINDS), least=1, single=True), "clauses": WORDS},
            {"checked_subjects": ListOf(Choice(SUBJECTS), single=True), "assumed": Text()},
        ),
        "reply_term": TERM,
        "silence": ListOf(WAY_ON, least=1),
        "incident": Record({"appeals_min": Number(whole=True, least=2), "within": TERM}),
        "rights": ListOf(RIGHT),
        "measures": MEASURES,
        "publishing": PUBLISHING,
        "analysis_every": Choice(("month",)),
        "analysis_reminder": TERM,
        "intake": INTAKE,
        "digest": DIGEST,
        "fact_check": FACT_CHECK,
        "signed_notices": SIGNED_NOTICES,
        "assumed": Anything(),
        "notes": WORDS,
    },
)
HELD = ("mark_notified",)
"""Acts that leave on the end that an earlier act has chosen."""


def workflow(raw: Raw, place: Place, known: Known) -> Iterator[Fault]:
    """States, acts, ends, clauses and rungs that fit together."""
    states = {one["id"] for one in raw["states"]}
    ends = {one["id"]: one for one in raw["ends"]}
    for part in ("states", "ends", "ladder", "silence"):
        yield from _unique(list(raw.get(part) or ()), place.child(part))
    yield from _named(raw["start"], states, "state", place.child("start"))
    yield from _named(_intake_state(raw), states, "state", place.child("intake").child("state"))
    for index, one in enumerate(raw["transitions"]):
        yield from _transition(one, raw, place.child("transitions").child(index), states, ends)
    yield from _twice(raw, place.child("transitions"))
    yield from _paths(raw, place.child("states"))
    yield from _unused(raw, place.child("ends"))
    for index, one in enumerate(raw.get("ladder") or ()):
        yield from _rung(one, place.child("ladder").child(index))
    if "reply_term" in raw and terms.parse(raw["reply_term"]) is None:
        yield place.child("reply_term").fault("not a term", "write {n: 5, unit: working_days}")
    if "fact_check" in raw and terms.parse(raw["fact_check"]["term"]) is None:
        yield place.child("fact_check").child("term").fault("not a term", "write {n: 1, unit: working_days}")
    within = (raw.get("incident") or {}).get("within")
    if within is not None and terms.parse(within) is None:
        yield place.child("incident").child("within").fault("not a term", "write {n: 6, unit: hours}")
    yield from _told(raw, {*acts.TOLD, *ends}, place)
    yield from _rights(list(raw.get("rights") or ()), place.child("rights"))
    yield from _citations(raw, place, known)


def _told(raw: Raw, known: set[str], place: Place) -> Iterator[Fault]:
    """What is written to an applicant: the answer, a notice, or an end of which he is told."""
    for index, one in enumerate(raw.get("dispatch") or ()):
        yield from _named(one.get("sends"), known, "letter", place.child("dispatch").child(index).child("sends"))
    signed = (raw.get("signed_notices") or {}).get("about")
    yield from _named(signed, known - {"answer"}, "notice", place.child("signed_notices").child("about"))


def _rights(rights: list[Raw], place: Place) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, one in enumerate(rights):
        if one["act"] in seen:
            yield place.child(index).fault(f"{one['act']} is there twice", "join the two")
        seen.add(one["act"])


def _transition(one: Raw, raw: Raw, at: Place, states: set[str], ends: Mapping[str, Raw]) -> Iterator[Fault]:
    finals = {state["id"] for state in raw["states"] if state.get("final")}
    yield from _named(several(one["from"]), states, "state", at.child("from"))
    yield from _named(several(one.get("to")), states, "state", at.child("to"))
    yield from _named(several(one.get("ends")), set(ends), "end", at.child("ends"))
    if one.get("to") in finals and not one.get("ends") and one["act"] not in HELD:
        yield at.child("ends").fault("it leaves the registry on no end", "write ends: [ … ]")
    if one["act"] == "give_notice" and not one.get("ends"):
        yield at.child("ends").fault("a notice of what?", "write ends: [ … ]")
    for name in several(one["from"]):
        if name in finals and one.get("to") not in (None, name):
            yield at.child("from").fault(f"{name!r} is final: nothing leads out of it", "remove it, or its final: true")
    for name in several(one.get("ends")):
        told = ends.get(name, {}).get("notice", False)
        if name in ends and one["act"] == "close_silently" and told:
            yield at.child("ends").fault(f"the client is told of {name!r}", "use give_notice and mark_notified")
        if name in ends and one["act"] == "give_notice" and not told:
            yield at.child("ends").fault(f"the client is not told of {name!r}", "use close_silently")


def _twice(raw: Raw, place: Place) -> Iterator[Fault]:
    """An act leads from a state to one place only."""
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(raw["transitions"]):
        for source in several(one["from"]):
            if (one["act"], source) in seen:
                yield place.child(index).fault(f"{one['act']} from {source!r} is there twice", "join the two")
            seen.add((one["act"], source))


def _paths(raw: Raw, place: Place) -> Iterator[Fault]:
    """Every state can be reached, and from every state there is a way out."""
    edges = [(source, one["to"]) for one in raw["transitions"] if "to" in one for source in several(one["from"])]
    reached = _closure({raw["start"], *_intake_state(raw)}, edges)
    finals = {state["id"] for state in raw["states"] if state.get("final")}
    leaving = _closure(finals, [(target, source) for source, target in edges])
    if not finals:
        yield place.fault("no state is final", "write final: true")
    for index, state in enumerate(raw["states"]):
        if state["id"] not in reached:
            yield place.child(index).fault(f"nothing leads to {state['id']!r}", "add a transition, or remove it")
        if finals and state["id"] not in leaving:
            yield place.child(index).fault(f"nothing leads out of {state['id']!r}", "add a transition")


def _intake_state(raw: Raw) -> tuple[str, ...]:
    return several((raw.get("intake") or {}).get("state"))


def _closure(found: set[str], edges: list[tuple[str, str]]) -> set[str]:
    grown = found | {target for source, target in edges if source in found}
    return found if grown == found else _closure(grown, edges)


def _unused(raw: Raw, place: Place) -> Iterator[Fault]:
    used = {name for one in raw["transitions"] for name in several(one.get("ends"))}
    for index, end in enumerate(raw["ends"]):
        if end["id"] not in used:
            yield place.child(index).fault(f"no transition ends with {end['id']!r}", "name it in ends", "warning")


def _rung(one: Raw, at: Place) -> Iterator[Fault]:
    if ("before" in one) == ("after" in one):
        yield at.fault("either before or after", "write before: {n: 2, unit: working_days}")
    for side in ("before", "after"):
        if side in one and terms.parse(one[side]) is None:
            yield at.child(side).fault("not a term", "write {n: 2, unit: working_days}")
    if "responsible" in several(one["to"]) and one.get("of") not in rungs.UNDERTAKINGS:
        yield at.child("to").fault("only a measure or an enquiry has somebody responsible", "write executor")


def _citations(raw: Raw, place: Place, known: Known) -> Iterator[Fault]:
    for part in ("transitions", "ends", "letter", "dispatch", "ladder", "bars", "rights", "silence"):
        for index, one in enumerate(raw.get(part) or ()):
            at = place.child(part).child(index).child("clauses")
            yield from _named(several(one.get("clauses")), set(known.clauses), "clause", at)
    for part in ("decided", "measures", "publishing", "intake", "signed_notices", "fact_check"):
        cited = several((raw.get(part) or {}).get("clauses"))
        yield from _named(cited, set(known.clauses), "clause", place.child(part))


def _named(names: Any, words: set[str], what: str, place: Place) -> Iterator[Fault]:
    for name in several(names):
        if name not in words:
            yield place.fault(f"no {what} {name!r}", near(name, words or {"(none)"}))


def _unique(entries: list[Raw], place: Place) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry["id"] in seen:
            yield place.child(index).child("id").fault(f"{entry['id']!r} is there twice", "give each its own")
        seen.add(entry["id"])
