"""bench judge: synthetic calls, all clauses of a profile, on DuckDB; the time and how it grows."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from kindline.standard.profile import Profile

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 100_000
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MONTH_S = 30 * 86_400


class Calls:
    """Synthetic calls as Arrow columns: what a call with a guide, a recording and a transcript leaves behind."""

    def __init__(self, profile: Profile, count: int, first: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.count = count
        self.profile = profile
        self.steps = [
            step.id for script in profile.scripts.values() if script.direction == "in" for step in script.steps
        ][:14]
        self.subjects = pa.array([f"{first + number:032x}" for number in range(count)])
        self.starts = self.random.integers(0, MONTH_S, count) * 1_000_000 + int(START.timestamp() * 1_000_000)
        self.parts: list[pa.Table] = []
        self.first_id = first * 100

    def table(self) -> pa.Table:
        """All facts of all calls."""
        answered = self.random.random(self.count) < 0.93
        at = self._waiting(answered)
        self._talk(at, answered)
        end = at + self.random.integers(60, 400, self.count)
        self._after(end, answered)
        self._transcript(end, answered & (self.random.random(self.count) < 0.8))
        return pa.concat_tables(self.parts)

    def _waiting(self, answered: Any) -> Any:
        """Arrival, menu and queue; gives when the call was answered or given up, in seconds."""
        opened = {"channel": "phone", "direction": "in", "line": "hotline", "profile": self.profile.id}
        self._put("contact_opened", 0, [opened])
        self._put("call_arrived", 0, [{"line": "hotline", "caller": "+79270000000"}])
        self._put("call_answered_by_system", 1, [{}])
        self._put("notice_played", 2, [{"notice": "recording", "duration_s": 4.0}])
        self._put("menu_entered", 6, [{"node": "main", "level": 1}])
        self._put("prompt_played", 7, [{"prompt": "nodes.main", "node": "main", "duration_s": 9.5}])
        digits = [{"node": "main", "digit": str(digit)} for digit in range(4)]
        self._put("menu_digit", 12, [{**digit, "valid": True} for digit in digits])
        self._put("menu_choice", 12, [{**digit, "action": "queue", "target": "general"} for digit in digits])
        self._put("queue_entered", 13, [{"queue": "general", "priority": 0, "position": 1, "from_menu": True}])
        offered = 13 + self.random.integers(1, 90, self.count)
        self._put("call_offered", offered, [{"employee": employee, "queue": "general"} for employee in range(30)])
        at = offered + self.random.integers(1, 18, self.count)
        self._put("queue_left", at, [{"queue": "general", "outcome": "answered"}], answered)
        self._put("queue_left", at, [{"queue": "general", "outcome": "abandoned"}], ~answered)
        return at

    def _talk(self, at: Any, answered: Any) -> None:
        """The answer, the guide, the client found and identified, a branch, a topic."""
        rung = [{"employee": employee, "rings": 1 + employee % 4} for employee in range(30)]
        self._put("call_answered", at, rung, answered)
        for leg in ("client", "operator"):
            self._put("recording_started", at, [{"leg": leg, "name": leg}], answered)
        guides = [{"script": "incoming", "menu_named_company": bool(flag)} for flag in (0, 1)]
        self._put("guide_started", at, guides, answered)
        for number, step in enumerate(self.steps):
            done = answered & (self.random.random(self.count) < 0.9)
            data = {"script": "incoming", "step": step, "branch": "", "by": "key"}
            self._put("step_done", at + 3 + number * 12, [data], done)
        self._put("client_search_started", at + 20, [{"by": "account"}], answered)
        self._put("client_found", at + 20 + self.random.integers(5, 60, self.count), [{"via": "account"}], answered)
        asked = answered & (self.random.random(self.count) < 0.5)
        self._put("identified", at + 70, [{"method": "asked", "fields": ["account_number", "address"]}], asked)
        self._put("account_shown", at + 72, [{"account": "1"}], asked)
        branches = [{"branch": branch.id} for script in self.profile.scripts.values() for branch in script.branches]
        taken = answered & (self.random.random(self.count) < 0.3)
        self._put("branch_taken", at + 80, branches or [{"branch": "x"}], taken)
        self._put("topic_set", at + 85, [{"topic": "bill", "competence": "own"}], answered)

    def _after(self, end: Any, answered: Any) -> None:
        """The end, both recordings, the wrap-up, the closing."""
        self._put("call_ended", end, [{"by": "client", "outcome": "answered"}])
        until = (START + dt.timedelta(days=240)).isoformat()
        for leg in ("client", "operator"):
            stored = {"leg": leg, "name": leg, "complete": True, "retention_until": until}
            self._put("recording_stored", end + 1, [stored], answered)
        self._put("wrap_up_started", end, [{}], answered)
        self._put("wrap_up_ended", end + self.random.integers(10, 400, self.count), [{"overrun": False}], answered)
        closed = [{"outcome": outcome, "topic": "bill", "direction": "in"} for outcome in ("answered", "appeal")]
        self._put("contact_closed", end + 400, closed)

    def _transcript(self, end: Any, heard: Any) -> None:
        """The transcript, phrases and words heard in it, the measured sound."""
        self._put("transcript_ready", end + 500, [{"engine": "x", "language": self.profile.language}], heard)
        for step in self.steps[:2]:
            self._put("phrase_heard", end + 501, [{"step": step, "speaker": "operator"}], heard)
        self._put("speech_measured", end + 502, [_sound(number) for number in range(25)], heard)
        lists = [{"list": one.id, "word": "x", "speaker": "operator"} for one in self.profile.lexicons]
        said = heard & (self.random.random(self.count) < 0.15)
        self._put("lexicon_hit", end + 503, lists or [{"list": "x"}], said)

    def _put(self, kind: str, offset_s: Any, variants: list[dict[str, Any]], there: Any = None) -> None:
        """One fact for each call (where `there`), its data one of the variants."""
        chosen = np.arange(self.count) if there is None else np.nonzero(there)[0]
        size = len(chosen)
        offsets = np.broadcast_to(offset_s, self.count)[chosen]
        texts = pa.array([json.dumps(variant) for variant in variants])
        ids = pa.array(self.first_id + np.arange(size), pa.int64()).cast(pa.string())
        self.first_id += size

        def same(text: str) -> Any:
            return pa.DictionaryArray.from_arrays(pa.array(np.zeros(size, np.int32)), pa.array([text]))

        self.parts.append(
            pa.table(
                {
                    "id": ids,
                    "at": pa.array(self.starts[chosen] + offsets * 1_000_000, pa.timestamp("us", "UTC")),
                    "kind": same(kind),
                    "subject_type": same("contact"),
                    "subject_id": pc.take(self.subjects, pa.array(chosen)),
                    "actor": same("system"),
                    "data": pc.take(texts, pa.array(self.random.integers(0, len(variants), size))),
                }
            )
        )


def _sound(number: int) -> dict[str, float]:
    """What was measured on the sound of one of a few kinds of talk."""
    return {
        "longest_silence_s": number / 2,
        "silence_unannounced_s": number / 3,
        "interruptions": number % 4,
        "tempo_ratio": 0.7 + number / 50,
        "level_db": -30.0 + number,
    }


def batches(profile: Profile, calls: int) -> Iterator[pa.Table]:
    """The calls in parts of at most BATCH, so that memory stays bounded."""
    for first in range(0, calls, BATCH):
        yield Calls(profile, min(BATCH, calls - first), first, seed=first).table()


def measure(profile: Profile, calls: int, runs: int) -> dict[str, Any]:
    """Judge that many calls; only the judging is timed."""
    from kindline.standard.rules import chunks, subject_clauses

    clauses = subject_clauses(profile)
    totals: list[float] = []
    facts = verdicts = 0
    cpu_s = 0.0
    for _ in range(runs):
        spent, cpu_s, facts, verdicts = 0.0, 0.0, 0, 0
        for table in batches(profile, calls):
            began, used = time.perf_counter(), time.process_time()
            for found in chunks(table, profile, clauses):
                verdicts += found.num_rows
            spent += time.perf_counter() - began
            cpu_s += time.process_time() - used
            facts += table.num_rows
        totals.append(spent)
    median = statistics.median(totals)
    return {
        "bench": "judge",
        "profile": profile.id,
        "calls": calls,
        "facts": facts,
        "clauses": len(clauses),
        "verdicts": verdicts,
        "seconds": round(median, 2),
        "runs": [round(one, 2) for one in totals],
        "cpu_s": round(cpu_s, 2),
        "calls_per_s": round(calls / median),
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Print one JSON line a size: 10k, 100k and 1M calls, the median of the runs."""
    from kindline.standard import loader
    from kindline.standard.rules import chunks, subject_clauses

    options = argparse.ArgumentParser(prog="judge", description=__doc__)
    options.add_argument("--profile", default="krc")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("calls", nargs="*", type=int, default=list(SIZES))
    chosen = options.parse_args(argv)
    profile = loader.load(chosen.profile)
    began = time.perf_counter()
    list(chunks(Calls(profile, 10, 0, 0).table(), profile, subject_clauses(profile)))
    print(
        json.dumps(
            {"bench": "judge", "first_s": round(time.perf_counter() - began, 2), "what": "compile and first ten calls"}
        ),
        flush=True,
    )
    for calls in chosen.calls:
        print(json.dumps(measure(profile, calls, 1 if calls > BATCH else chosen.runs)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
