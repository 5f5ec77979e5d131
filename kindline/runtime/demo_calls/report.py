"""What a demonstration call came to, in words: the facts in their order, and each clause with verdict and evidence."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from kindline.journal.models import Fact
from kindline.quality import queries
from kindline.quality.models import Verdict
from kindline.quality.queries import ContactResult
from kindline.runtime.demo_calls.play import Call
from kindline.standard.scripts import Script

VERDICTS = {"met": "met", "not_met": "NOT MET", "not_measurable": "not measurable"}
WIDTH = 118


def lines(call: Call) -> Iterator[str]:
    """The whole report."""
    if call.contact is None:
        return
    facts = call.office.facts(call.contact)
    results = queries.of_contact(call.contact, call.office.profile)
    yield ""
    yield f"facts of contact {call.contact}"
    yield from _timeline(facts)
    yield ""
    yield "clauses"
    yield from _clauses([one for one in results if one.measurement.verdict != Verdict.NOT_MEASURABLE], facts)
    yield from _open([one for one in results if one.measurement.verdict == Verdict.NOT_MEASURABLE])
    yield ""
    yield from (f"sound    {one}" for one in call.proofs)
    yield from (f"refused  {one}" for one in call.refusals)
    yield f"verdicts {summary(results)}"


def as_json(call: Call, wrong: Sequence[str]) -> dict[str, Any]:
    """The same for programs."""
    results = queries.of_contact(call.contact, call.office.profile) if call.contact else []
    facts = call.office.facts(call.contact) if call.contact else []
    return {
        "profile": call.office.profile.id,
        "scenario": call.scenario.id,
        "contact": str(call.contact or ""),
        "facts": [{"at": fact.at.isoformat(), "kind": fact.kind, "data": fact.data} for fact in facts],
        "clauses": {one.clause.id: one.measurement.verdict for one in results},
        "sound": {one.what: one.audible_s for one in call.proofs},
        "refused": call.refusals,
        "wrong": list(wrong),
    }


def problems(call: Call) -> list[str]:
    """Why the call was not what it should have been; empty when it was."""
    if call.contact is None:
        return ["no contact came of the call"]
    facts = {fact.kind for fact in call.office.facts(call.contact)}
    found = [f"the fact {kind} is missing" for kind in _expected(call) if kind not in facts]
    if not queries.of_contact(call.contact, call.office.profile):
        found.append("no clause was judged")
    found += [str(one) for one in call.proofs if not one.holds]
    if not call.proofs:
        found.append("no sound was measured")
    return found


def summary(results: Sequence[ContactResult]) -> str:
    """How many clauses came to what."""
    counts = Counter(one.measurement.verdict for one in results)
    return ", ".join(f"{counts[verdict]} {word.lower()}" for verdict, word in VERDICTS.items())


WITH_PERSON = ["call_arrived", "call_answered", "call_ended", "contact_closed"]
"""What must be there when a person took the call; the rest is for that person to decide."""


def _expected(call: Call) -> list[str]:
    if call.by_person:
        return WITH_PERSON
    script = _script(call)
    return [kind for one in call.scenario.expect if (kind := one.of(script))]


def _script(call: Call) -> Script | None:
    contact = call.office.contact(call.contact) if call.contact else None
    return call.office.script(contact.line) if contact else None


def _timeline(facts: Sequence[Fact]) -> Iterator[str]:
    start = facts[0].at if facts else None
    for fact in facts:
        seconds = (fact.at - start).total_seconds() if start else 0.0
        told = ", ".join(f"{key}={_short(value)}" for key, value in fact.data.items() if value not in ("", None, []))
        yield _cut(f"{seconds:8.2f} s  #{fact.id:<7} {fact.kind:<22} {told}".rstrip())


def _open(results: Sequence[ContactResult]) -> Iterator[str]:
    """The clauses without an answer, by what they wait for."""
    review = [one.measurement.clause for one in results if one.clause.how == "reviewed"]
    rest = [one.measurement.clause for one in results if one.clause.how != "reviewed"]
    for waits_for, clauses in (
        ("until a person reviews the talk", review),
        ("without a transcript or more facts", rest),
    ):
        if clauses:
            yield f"  not measurable {waits_for}:"
            indent = " " * 17
            yield from textwrap.wrap(", ".join(clauses), WIDTH, initial_indent=indent, subsequent_indent=indent)


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _short(value: object) -> str:
    if isinstance(value, list):
        return "+".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _clauses(results: Sequence[ContactResult], facts: Sequence[Fact]) -> Iterator[str]:
    kinds = {fact.id: fact.kind for fact in facts}
    for one in results:
        row = one.measurement
        measured = " ".join(
            filter(None, (row.observed and f"observed {row.observed}", row.limit and f"limit {row.limit}", row.unit))
        )
        yield f"  {VERDICTS.get(row.verdict, row.verdict):<14} {row.clause:<16} {measured}".rstrip()
        yield f"{'':17}{textwrap.shorten(one.clause.text_en or one.clause.text, WIDTH - 20, placeholder=' …')}"
        evidence = ", ".join(f"#{id_} {kinds.get(id_, '')}".strip() for id_ in row.evidence[:6])
        if evidence:
            yield f"{'':17}evidence: {evidence}{' …' if len(row.evidence) > 6 else ''}"
