"""Dataclasses out of plain data whose shape has been checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kindline.standard import patterns, terms, vocabulary
from kindline.standard.calendars import Edits, Override, WorkingCalendar
from kindline.standard.clauses import EXAMPLE_BASE, Clause, Example, ExampleFact, Phrase, Rule
from kindline.standard.deadlines import DeadlineRule, Extension
from kindline.standard.forms import Form, Item
from kindline.standard.hours import Opening
from kindline.standard.lexicons import Lexicon
from kindline.standard.menus import (
    ACTIONS,
    ApprovalRule,
    Bound,
    Line,
    Menu,
    Node,
    OffHours,
    Option,
    Prompt,
    Queue,
    RatingRequest,
    SiteCallback,
)
from kindline.standard.scripts import Branch, Ground, Outcome, PhraseWhen, Script, Step, Timer

Raw = Mapping[str, Any]
FACT_KEYS = ("at", "kind", "subject", "type", "data")


def words(raw: Any) -> tuple[str, ...]:
    """One text or a list of them, as a tuple."""
    return () if raw is None else (raw,) if isinstance(raw, str) else tuple(raw)


def calendar(raw: Raw, edits: Edits) -> WorkingCalendar:
    overrides = {one["date"]: Override(one["date"], one["working"], one["why"]) for one in raw.get("overrides") or ()}
    return WorkingCalendar(raw["country"], raw.get("region"), raw.get("martial_law_until"), overrides, edits)


def opening(raw: Raw) -> Opening:
    intervals = tuple((clock(start), clock(end)) for start, end in raw["intervals"])
    return Opening(tuple(raw["days"]), intervals, raw.get("holidays", "closed"), raw.get("source_note", ""))


def clock(text: str) -> dt.time:
    """A time of the day; 24:00 is the midnight that ends it."""
    return dt.time(0, 0) if text.startswith("24:") else dt.time.fromisoformat(text)


def clause(raw: Raw, rule: Raw | None, file: str, line: int, example_lines: list[int]) -> Clause:
    return Clause(
        id=raw["id"],
        section=raw["section"],
        text=raw["text"],
        text_en=raw["text_en"],
        how=raw["how"],
        channel=tuple(raw["channel"]),
        direction=raw.get("direction"),
        obligation=raw.get("obligation", "mandatory"),
        value=dict(raw.get("value") or {}),
        phrases=tuple(Phrase(one["text"], one["role"]) for one in raw.get("phrases") or ()),
        role=raw.get("role"),
        reading=raw.get("reading"),
        reading_en=raw.get("reading_en"),
        evidence=tuple(one if isinstance(one, str) else one["fact"] for one in raw.get("evidence") or ()),
        rule=Rule(rule["kind"], {key: value for key, value in rule.items() if key != "kind"}) if rule else None,
        component=raw.get("component"),
        later=raw.get("later", False),
        law=words(raw.get("law")),
        examples=tuple(example(one, at) for one, at in zip(raw.get("examples") or (), example_lines, strict=True)),
        file=file,
        line=line,
    )


def example(raw: Raw, line: int) -> Example:
    base = dt.datetime.fromisoformat(raw["base"]) if "base" in raw else EXAMPLE_BASE
    facts = tuple(example_fact(one) for one in raw["facts"])
    return Example(
        raw["name"], facts, raw["verdict"], raw.get("subject", "a"), raw.get("as_of"), base.replace(tzinfo=None), line
    )


def example_fact(raw: Raw) -> ExampleFact:
    data = {key: value for key, value in raw.items() if key not in FACT_KEYS} | dict(raw.get("data") or {})
    subject_type = raw.get("type") or vocabulary.kinds()[raw["kind"]].subject
    return ExampleFact(float(raw.get("at", 0)), raw["kind"], str(raw.get("subject", "a")), subject_type, data)


def step(raw: Raw) -> Step:
    return Step(
        id=raw["id"],
        title=raw["title"],
        phrases=words(raw.get("phrases")),
        phrase_when=tuple(_when(one) for one in raw.get("phrase_when") or ()),
        ask=words(raw.get("ask")),
        hint=raw.get("hint"),
        required=raw.get("required", False),
        after=words(raw.get("after")),
        hard=raw.get("hard", False),
        done_by=raw.get("done_by"),
        clauses=words(raw.get("clauses")),
        timer=raw.get("timer"),
        only_if=raw.get("only_if"),
        firm=raw.get("firm", False),
        offers=raw.get("offers", ""),
        hold=raw.get("hold", ""),
    )


def _when(raw: Raw) -> PhraseWhen:
    if "else" in raw:
        return PhraseWhen(None, words(raw["else"]))
    return PhraseWhen(raw.get("if"), words(raw.get("phrases")))


def branch(raw: Raw) -> Branch:
    return Branch(
        id=raw["id"],
        title=raw["title"],
        steps=tuple(step(one) for one in raw["steps"]),
        key=raw.get("key"),
        only_if=raw.get("only_if"),
        locks=words(raw.get("locks")),
        ends_call=raw.get("ends_call", False),
        grounds=tuple(Ground(one["id"], one["title"], one.get("clause")) for one in raw.get("grounds") or ()),
        clauses=words(raw.get("clauses")),
        hint=raw.get("hint"),
    )


def timer(raw: Raw, ring_period_s: float | None) -> Timer:
    return Timer(
        id=raw["id"],
        title=raw["title"],
        starts=patterns.parse(raw["from"]),
        ends=patterns.parse(raw["to"]),
        target_s=_seconds(raw, "target", ring_period_s),
        max_s=_seconds(raw, "max", ring_period_s),
        clause=raw.get("clause"),
        at_max=raw.get("at_max", "warn"),
    )


def _seconds(raw: Raw, bound: str, ring_period_s: float | None) -> float | None:
    rings = raw.get(f"{bound}_rings")
    if rings is not None and ring_period_s is not None:
        return float(rings) * float(ring_period_s)
    return raw.get(f"{bound}_s")


def script(raw: Raw, ring_period_s: float | None) -> Script:
    outcomes = tuple(
        Outcome(one["id"], one["title"], words(one.get("requires")), words(one.get("clauses")))
        for one in raw.get("outcomes") or ()
    )
    return Script(
        id=raw["id"],
        title=raw["title"],
        channel=raw["channel"],
        direction=raw["direction"],
        line=raw.get("line"),
        purpose=raw.get("purpose"),
        steps=tuple(step(one) for one in raw["steps"]),
        branches=tuple(branch(one) for one in raw.get("branches") or ()),
        timers=tuple(timer(one, ring_period_s) for one in raw.get("timers") or ()),
        outcomes=outcomes,
    )


def menu(raw: Raw, file: str, marks: dict[str, int]) -> Menu:
    off = raw.get("off_hours")
    return Menu(
        language=raw["language"],
        root=raw.get("root"),
        nodes={key: node(key, one) for key, one in (raw.get("nodes") or {}).items()},
        queues={key: queue(key, one) for key, one in raw["queues"].items()},
        lines={
            key: Line(
                key, one["title"], one.get("menu", True), one.get("hours"), one.get("queue"), one.get("when_closed")
            )
            for key, one in raw["lines"].items()
        },
        recording_notice=prompt("recording_notice", raw.get("recording_notice")),
        greeting=prompt("greeting", raw.get("greeting")),
        off_hours=OffHours(_prompt("off_hours.greeting", off["greeting"]), off.get("node")) if off else None,
        abandoned_after_s=(raw.get("abandoned") or {}).get("after_s"),
        site_callback=_site_callback(raw.get("site_callback")),
        rating=_rating(raw.get("rating")),
        limits={key: Bound(one["clause"], one["value"]) for key, one in (raw.get("limits") or {}).items()},
        approval=_approval(raw.get("approval") or {}),
        file=file,
        marks=marks,
    )


def _site_callback(raw: Raw | None) -> SiteCallback | None:
    return SiteCallback(**{name: value for name, value in raw.items() if name != "clauses"}) if raw else None


def _rating(raw: Raw | None) -> RatingRequest | None:
    if raw is None:
        return None
    directions = words(raw.get("directions")) or ("in",)
    named = words(raw.get("lines")), words(raw.get("queues"))
    return RatingRequest(*named, directions, raw["talk_s_min"], raw["pause_days"])


def _approval(raw: Raw) -> ApprovalRule:
    return ApprovalRule(words(raw.get("roles")), raw.get("another", False))


def prompt(key: str, raw: Raw | None) -> Prompt | None:
    return None if raw is None else _prompt(key, raw)


def _prompt(key: str, raw: Raw) -> Prompt:
    return Prompt(
        key, raw["text"], words(raw.get("clauses")) + words(raw.get("clause")), raw.get("names_company", False)
    )


def node(key: str, raw: Raw) -> Node:
    options = {digit: option(f"nodes.{key}.options.{digit}", digit, one) for digit, one in raw["options"].items()}
    said = _prompt(f"nodes.{key}", raw["prompt"])
    return Node(key, said, options, raw.get("title"), raw.get("timeout_s", 5), raw.get("tries", 3))


def option(key: str, digit: str, raw: Raw) -> Option:
    action = next(name for name in ACTIONS if name in raw)
    target = raw[action] if isinstance(raw[action], str) else None
    said = prompt(key, raw["info"]) if action == "info" else None
    return Option(digit, action, target, raw.get("title"), raw.get("enabled", True), said, raw.get("on_end", "back"))


def queue(key: str, raw: Raw) -> Queue:
    return Queue(
        id=key,
        title=raw["title"],
        skills=words(raw.get("skills")),
        priority=raw.get("priority", 0),
        ring_timeout_rings=raw.get("ring_timeout_rings"),
        ring_timeout_s=raw.get("ring_timeout_s"),
        music=raw.get("music", "default"),
        announce_every_s=raw.get("announce_every_s"),
        overflow=raw.get("overflow"),
        returns=raw.get("returns"),
        callback=raw.get("callback"),
    )


def deadline(raw: Raw) -> DeadlineRule:
    extension = raw.get("extension")
    return DeadlineRule(
        id=raw["id"],
        when={key: words(value) for key, value in (raw.get("when") or {}).items()},
        start=raw["start"],
        target=terms.parse(raw.get("target")),
        limit=terms.parse(raw.get("limit")),
        rule=raw.get("rule"),
        extension=Extension(extension["days"], extension.get("times", 1), extension.get("notice_before", True))
        if extension
        else None,
        clauses=tuple(raw["clauses"]),
        hours=raw.get("hours"),
        cutoff_min=raw.get("cutoff_min", 0),
    )


def lexicon(raw: Raw) -> Lexicon:
    return Lexicon(
        id=raw["id"],
        role=raw["role"],
        speaker=raw["speaker"],
        channel=words(raw.get("channel")),
        position=raw.get("position", "any"),
        match=raw["match"],
        words=words(raw.get("words")),
        clause=raw.get("clause"),
        open=raw.get("open", False),
        per_100_words=raw.get("per_100_words"),
        except_words=words(raw.get("except")),
        direction=raw.get("direction"),
    )


def form(raw: Raw) -> Form:
    items = tuple(
        Item(one["id"], one["title"], one.get("clause"), one.get("scale", "yes_no_na"), one.get("critical", False))
        for one in raw["items"]
    )
    return Form(raw["id"], raw["title"], raw["subject"], items, words(raw.get("channel")))
