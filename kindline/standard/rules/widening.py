"""Facts to wide rows: needed fields out of the data once, one aggregate a question, stretches and promises joined."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import ibis

from kindline.standard.patterns import Condition, Pattern
from kindline.standard.profile import Profile
from kindline.standard.rules.features import (
    BETWEEN,
    DUE_TYPES,
    PAIR_TYPES,
    Due,
    Feature,
    Pair,
    Patterns,
    Questions,
    fields_of,
)
from kindline.standard.rules.sheet import seconds
from kindline.standard.rules.zones import local_day

Table = Any
Expr = Any
KEYS = ["subject_type", "subject_id"]
FACTS = {
    "id": "string",
    "at": "timestamp",
    "kind": "string",
    "subject_type": "string",
    "subject_id": "string",
    "data": "string",
}


LATEST = ("word", "opening", "final")
NUMBERS = ("max", "min", "sum", "avg")
STAMP, STAMP_LENGTH = "%Y%m%d%H%M%S%f", 20


def _stamped(feature: Feature) -> str:
    """The column of a field's values, each after the moment of its fact: the greatest text is the latest."""
    return "s_" + "_".join([feature.name, *sorted({pattern.kind for pattern in feature.patterns})])


class Widening:
    """One pass over the facts for all questions."""

    def __init__(self, profile: Profile, questions: Questions, tables: Mapping[str, Table]) -> None:
        self.profile = profile
        self.questions = questions
        self.tables = tables
        self.marks = {
            patterns: f"m{number}"
            for number, patterns in enumerate(dict.fromkeys(f.patterns for f in questions.features))
        }
        self.kinds = {kind: number for number, kind in enumerate(sorted({p.kind for p in questions.patterns()}))}
        self.facts = self._projected(tables["facts"])
        self.marked = self._marked()

    def wide(self) -> Table:
        """The wide table: one row a subject, one column an answer."""
        marked = self.marked
        aggregates = {name: self._aggregate(feature) for feature, name in self.questions.features.items()}
        wide = marked.group_by(KEYS).aggregate(first_at=marked.at.min(), last_at=marked.at.max(), **aggregates)
        for extra in (self._pairs(), self._dues()):
            if extra is not None:
                wide = wide.left_join(extra, KEYS).drop("subject_type_right", "subject_id_right")
        return wide.cross_join(self.tables["moment"])

    # --- facts ------------------------------------------------------------------------------

    def _projected(self, facts: Table) -> Table:
        """Only the kinds that are asked about, their kind as a number, their needed fields as columns of JSON text."""
        coded = facts.inner_join(self.tables["kinds"], "kind")
        data = coded.data.cast("json")
        columns = {}
        for name, kinds in sorted(fields_of(self.questions).items()):
            numbers = sorted(self.kinds[kind] for kind in kinds)
            columns[f"j_{name}"] = ibis.ifelse(
                coded.k.isin(numbers), data[name].cast("string"), ibis.null().cast("string")
            )
        return coded.select(*KEYS, "id", "at", "k", **columns)

    def _marked(self) -> Table:
        """The facts with a mark for every set of patterns, and the columns of which the latest value is asked."""
        marks = {mark: self._where(patterns) for patterns, mark in self.marks.items()}
        stamped: dict[str, Expr] = {}
        for feature in self.questions.features:
            column: Expr = self.facts[f"j_{feature.name}"] if feature.what in (*LATEST, *NUMBERS) else None
            if feature.what in LATEST:
                stamp = self.facts.at.strftime(STAMP)
                known = self.facts.k.isin(sorted({self.kinds[p.kind] for p in feature.patterns}))
                value = stamp.concat(column)
                missing = ibis.null().cast("string")
                stamped[_stamped(feature)] = ibis.ifelse(known & column.notnull() & (column != "null"), value, missing)
            elif feature.what in NUMBERS:
                stamped[f"n_{feature.name}"] = self._number(column)
        return self.facts.mutate(**marks, **stamped)

    def _where(self, patterns: Patterns) -> Expr:
        """Whether a fact matches any of the patterns."""
        return reduce(lambda one, other: one | other, (self._matches(self.facts, pattern) for pattern in patterns))

    def _matches(self, facts: Table, pattern: Pattern) -> Expr:
        found = facts.k == self.kinds[pattern.kind]
        for condition in pattern.conditions:
            found = found & self._holds(facts[f"j_{condition.field}"], condition)
        return found

    @staticmethod
    def _holds(column: Expr, condition: Condition) -> Expr:
        there = column.notnull() & (column != "null")
        if condition.test == "present":
            return there & (column != '""') & (column != "[]")
        if condition.test == "says":
            lower = column.lower()
            said = [lower.contains(str(part).lower()) for part in condition.values]
            return ~there | reduce(lambda one, other: one & other, said)
        written = [json.dumps(value, ensure_ascii=False) for value in condition.values]
        among = (column == written[0]) if len(written) == 1 else column.isin(written)
        return (~among).fill_null(True) if condition.test == "not_in" else among

    # --- one aggregate a question -----------------------------------------------------------

    def _aggregate(self, feature: Feature) -> Expr:
        """The question as an aggregate of a column that is null in all other facts (much faster than a filter each)."""
        facts = self.marked
        mark = facts[self.marks[feature.patterns]]

        def only(column: Expr) -> Expr:
            return ibis.ifelse(mark, column, ibis.null().cast(column.type()))

        simple: dict[str, Callable[[], Expr]] = {
            "count": lambda: only(facts.k).count(),
            "first": lambda: only(facts.at).min(),
            "last": lambda: only(facts.at).max(),
            "ids": lambda: only(facts.id).group_concat(BETWEEN),
            "lacking": lambda: ibis.ifelse(mark & self._lacks(feature), 1, 0).sum(),
            "early": lambda: ibis.ifelse(mark & self._early(feature), 1, 0).sum(),
            "word": lambda: only(facts[_stamped(feature)]).max().substr(STAMP_LENGTH),
            "opening": lambda: only(facts[_stamped(feature)]).min().substr(STAMP_LENGTH),
            "final": lambda: self._number(only(facts[_stamped(feature)]).max().substr(STAMP_LENGTH)),
        }
        if feature.what in simple:
            return simple[feature.what]()
        number = only(facts[f"n_{feature.name}"])
        return {"max": number.max, "min": number.min, "sum": number.sum, "avg": number.mean}[feature.what]()

    @staticmethod
    def _number(column: Expr) -> Expr:
        """A JSON number, or true and false as 1 and 0."""
        truth = ibis.cases((column == "true", 1.0), (column == "false", 0.0), else_=ibis.null().cast("float64"))
        return ibis.coalesce(truth, column.try_cast("float64"))

    def _lacks(self, feature: Feature) -> Expr:
        """Neither among the filled fields, nor a field of the fact itself, nor (where allowed) said to be none."""
        word = json.dumps(feature.name, ensure_ascii=False)
        own = self.marked[f"j_{feature.name}"]
        found = self.marked.j_fields.contains(word).fill_null(False)
        found = found | (own.notnull() & ~own.isin(["null", '""', "[]"])).fill_null(False)
        if "none" in feature.extra:
            found = found | self.marked.j_none_fields.contains(word).fill_null(False)
        return ~found

    def _early(self, feature: Feature) -> Expr:
        """The moment in the field comes sooner than `extra[0]` days after the fact, or is not given."""
        until = moment(self.marked[f"j_{feature.name}"])
        return (seconds(until, self.marked.at) < float(feature.extra[0]) * 86_400).fill_null(True)

    # --- stretches --------------------------------------------------------------------------

    def _pairs(self) -> Table | None:
        if not self.questions.pairs:
            return None
        rows = ibis.union(*(self._pair_rows(pair, number) for pair, number in self.questions.pairs.items()))
        spans = self._spans(rows)
        aggregates: dict[str, Expr] = {}
        for pair, number in self.questions.pairs.items():
            mine = spans.pair == number
            aggregates |= {f"p{number}_{name}": made for name, made in self._pair_columns(spans, mine, pair).items()}
        return spans.group_by(KEYS).aggregate(**aggregates)

    def _pair_rows(self, pair: Pair, number: int) -> Table:
        starts, ends = self._where(pair.starts), self._where(pair.ends)
        rings = self._number(self.facts.j_rings) if pair.ring_period_s is not None else ibis.null().cast("float64")
        rows = self.facts.filter(starts | ends).select(
            *KEYS,
            "at",
            pair=ibis.literal(number, type="int32"),
            role=ibis.ifelse(starts, 0, 1).cast("int32"),
            rings=rings,
        )
        if not pair.from_first:
            return rows
        before = ibis.window(group_by=KEYS, order_by=["at", "role"])
        marked = rows.mutate(before=rows.role.lag().over(before))
        return marked.filter((marked.role == 1) | (marked.before.fill_null(1) == 1)).drop("before")

    @staticmethod
    def _spans(rows: Table) -> Table:
        """Every start with the fact of its pair that comes next."""
        following = ibis.window(group_by=["pair", *KEYS], order_by=["at", "role"])
        seen = rows.mutate(
            next_at=rows.at.lead().over(following),
            next_role=rows.role.lead().over(following),
            next_rings=rows.rings.lead().over(following),
        )
        starts = seen.filter((seen.role == 0) & (seen.next_role.fill_null(1) == 1))
        return starts.mutate(span_s=seconds(starts.next_at, starts.at))

    @staticmethod
    def _pair_columns(spans: Table, mine: Expr, pair: Pair) -> Mapping[str, Expr]:
        closed, still = mine & spans.next_at.notnull(), mine & spans.next_at.isnull()
        rung = ibis.null().cast("float64")
        if pair.ring_period_s is not None:
            by_time = (spans.span_s / float(pair.ring_period_s)).ceil().cast("float64")
            rung = ibis.coalesce(spans.next_rings, ibis.greatest(by_time, ibis.literal(1.0)))
        columns = {
            "n": spans.count(where=closed),
            "total": spans.span_s.sum(where=closed),
            "longest": spans.span_s.max(where=closed),
            "shortest": spans.span_s.min(where=closed),
            "rings_most": rung.max(where=closed) if pair.ring_period_s else rung,
            "rings_least": rung.min(where=closed) if pair.ring_period_s else rung,
            "open_n": spans.count(where=still),
            "open_at": spans.at.max(where=still),
        }
        return {name: columns[name] for name in PAIR_TYPES}

    # --- promises ---------------------------------------------------------------------------

    def _dues(self) -> Table | None:
        if not self.questions.dues:
            return None
        tables = [self._promises(due, number) for due, number in self.questions.dues.items()]
        promises = ibis.union(*tables) if len(tables) > 1 else tables[0]
        aggregates: dict[str, Expr] = {}
        for number in self.questions.dues.values():
            mine = promises.due_of == number
            aggregates |= {f"d{number}_{name}": made for name, made in self._due_columns(promises, mine).items()}
        return promises.group_by(KEYS).aggregate(**aggregates)

    def _promises(self, due: Due, number: int) -> Table:
        """A row a promise: when it was due and when it was kept; the n-th promise is kept by the n-th keeping."""
        starts, done = self._where(due.starts), self._where(due.done)
        given = self.facts[f"j_{due.field}"] if due.field is not None else ibis.null().cast("string")
        started = self.facts.filter(starts).select(*KEYS, "at", role=ibis.literal(0), given=given)
        kept = self.facts.filter(done).select(*KEYS, "at", role=ibis.literal(1), given=ibis.null().cast("string"))
        rows = started.union(kept)
        rank = ibis.window(group_by=[*KEYS, "role"], order_by="at")
        rows = rows.mutate(rank=ibis.row_number().over(rank))
        first, second = rows.role == 0, rows.role == 1
        promises = rows.group_by([*KEYS, "rank"]).aggregate(
            started=rows.at.min(where=first), done=rows.at.min(where=second), given=rows.given.min(where=first)
        )
        promises = self._with_due(promises.filter(promises.started.notnull()), due)
        return promises.select(*KEYS, "done", "due", due_of=ibis.literal(number, type="int32"))

    def _with_due(self, promises: Table, due: Due) -> Table:
        if due.field is not None:
            return promises.mutate(due=moment(promises.given))
        if due.after_s is not None:
            return promises.mutate(due=promises.started + ibis.literal(int(due.after_s)).as_interval("s"))
        table = self.tables[due_table(due.calendar_key)]
        promises = promises.mutate(day=local_day(promises.started, self.profile.zone))
        known = promises.left_join(table, promises.day == table.due_day)
        return known.mutate(due=ibis.ifelse(known.started < known.closes, known.closes, known.next_closes))

    @staticmethod
    def _due_columns(promises: Table, mine: Expr) -> Mapping[str, Expr]:
        done, known = promises.done.notnull(), promises.due.notnull()
        late = done & (promises.done > promises.due)
        columns = {
            "kept": promises.count(where=mine & done & known & (promises.done <= promises.due)),
            "late": promises.count(where=mine & known & late),
            "open_n": promises.count(where=mine & ~done & known),
            "open_due": promises.due.min(where=mine & ~done & known),
            "due": promises.due.max(where=mine & known),
            "done": promises.done.max(where=mine & done),
            "unknown": promises.count(where=mine & ~known),
        }
        return {name: columns[name] for name in DUE_TYPES}


def moment(column: Expr) -> Expr:
    """A moment written as JSON text, as UTC without a zone."""
    return column.replace('"', "").try_cast("timestamp('UTC')").cast("timestamp")


def due_table(key: tuple[Any, ...] | None) -> str:
    """The name of the calendar table for a term or a named rule."""
    term, rule, hours = key or (None, None, None)
    said = f"{term.n}_{term.unit}" if term is not None else f"{rule}_{hours or 'any'}"
    return f"due_{said}"
