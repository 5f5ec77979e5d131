"""Each kind of rule on facts: met, not met, not measurable, does not apply; what was observed, and by which facts."""

# ruff: noqa: E501 - a table of cases, a line each

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from kindline.standard.clauses import Clause, Rule
from kindline.standard.profile import Profile
from kindline.standard.rules import judge
from tests.standard.conftest import Facts

ANSWERED = (0, "call_answered")
CLOSED = (600, "contact_closed")
READ = (700, "transcript_ready")
NONE: dict[str, Any] = {"verdict": "none", "observed": None, "evidence": []}
# rule, facts -> verdict, observed, places of the facts that prove it
Case = tuple[str, dict[str, Any], list[tuple[Any, ...]], str, str | None, list[int] | None]
CASES: list[Case] = [
    ("longest in time", {"kind": "limit", "from": "hold_started", "to": "hold_ended", "max_s": 180}, [(0, "hold_started"), (60, "hold_ended"), (70, "hold_started"), (100, "hold_ended")], "met", "60", [0, 1, 2, 3]),
    ("one too long", {"kind": "limit", "from": "hold_started", "to": "hold_ended", "max_s": 50}, [(0, "hold_started"), (10, "hold_ended"), (70, "hold_started"), (130.5, "hold_ended")], "not_met", "60.5", None),
    ("total too long", {"kind": "limit", "from": "hold_started", "to": "hold_ended", "max_s": 80, "statistic": "total"}, [(0, "hold_started"), (60, "hold_ended"), (70, "hold_started"), (130, "hold_ended")], "not_met", "120", None),
    ("too short", {"kind": "limit", "from": "bad_line_flagged", "to": "call_ended", "min_s": 10}, [(0, "bad_line_flagged"), (9, "call_ended")], "not_met", "9", None),
    ("long enough", {"kind": "limit", "from": "bad_line_flagged", "to": "call_ended", "min_s": 10}, [(0, "bad_line_flagged"), (10, "call_ended")], "met", "10", None),
    ("below a target is no breach", {"kind": "limit", "from": "client_search_started", "to": "client_found", "target_s": 25, "max_s": 45}, [(0, "client_search_started"), (3, "client_found")], "met", "3", None),
    ("never ended, contact over", {"kind": "limit", "from": "client_search_started", "to": "client_found", "max_s": 45}, [(0, "client_search_started"), (50, "call_ended")], "not_met", "50", [0]),
    ("never ended, not judged", {"kind": "limit", "from": "client_search_started", "to": "client_found", "max_s": 45, "open": "ignore"}, [(0, "client_search_started"), (50, "call_ended")], "none", None, None),
    ("first of several starts", {"kind": "limit", "from": "menu_choice", "to": "call_answered", "max_s": 15, "pair": "first"}, [(0, "menu_choice"), (10, "menu_choice"), (20, "call_answered")], "not_met", "20", None),
    ("last of several starts", {"kind": "limit", "from": "menu_choice", "to": "call_answered", "max_s": 15}, [(0, "menu_choice"), (10, "menu_choice"), (20, "call_answered")], "met", "10", None),
    ("rings by time", {"kind": "limit", "from": "call_offered", "to": "call_answered", "max_rings": 3}, [(0, "call_offered"), (15, "call_answered")], "met", "3", None),
    ("rings by time, one more", {"kind": "limit", "from": "call_offered", "to": "call_answered", "max_rings": 3}, [(0, "call_offered"), (15.1, "call_answered")], "not_met", "4", None),
    ("rings as counted", {"kind": "limit", "from": "call_offered", "to": "call_answered", "max_rings": 3}, [(0, "call_offered"), (2, "call_answered", {"rings": 5})], "not_met", "5", None),
    ("a measured field", {"kind": "limit", "measure": {"fact": "hold_ended", "field": "duration_s", "agg": "max"}, "max": 180}, [(0, "hold_ended", {"duration_s": 20}), (9, "hold_ended", {"duration_s": 200})], "not_met", "200", [0, 1]),
    ("a sum", {"kind": "limit", "measure": {"fact": "hold_ended", "field": "duration_s", "agg": "sum"}, "max": 220}, [(0, "hold_ended", {"duration_s": 20}), (9, "hold_ended", {"duration_s": 200})], "met", "220", None),
    ("a field that is missing", {"kind": "limit", "measure": {"fact": "hold_ended", "field": "duration_s"}, "max": 180}, [(0, "hold_ended")], "not_measurable", None, [0]),
    ("report only", {"kind": "limit", "from": "call_answered", "to": "call_ended", "report": True}, [ANSWERED, (90, "call_ended")], "not_measurable", "90", [0, 1]),
    ("a step done", {"kind": "step_done", "steps": ["greet"]}, [ANSWERED, (1, "step_done", {"step": "greet"})], "met", "greet", [1]),
    ("another step done", {"kind": "step_done", "steps": ["greet"]}, [ANSWERED, (1, "step_done", {"step": "offer_help"})], "not_met", "", []),
    ("one of two steps", {"kind": "step_done", "steps": ["greet", "offer_help"]}, [(1, "step_done", {"step": "greet"})], "not_met", None, [0]),
    ("any of two steps", {"kind": "step_done", "steps": ["greet", "offer_help"], "any": True}, [(1, "step_done", {"step": "greet"})], "met", None, [0]),
    ("in another script", {"kind": "step_done", "steps": ["greet"], "script": "outgoing"}, [(1, "step_done", {"step": "greet", "script": "incoming"})], "not_met", None, None),
    ("in order", {"kind": "step_order", "steps": ["greet", "offer_help"]}, [(1, "step_done", {"step": "greet"}), (2, "step_done", {"step": "offer_help"}), (3, "step_done", {"step": "greet"})], "met", "greet → offer_help", None),
    ("out of order", {"kind": "step_order", "steps": ["greet", "offer_help"]}, [(2, "step_done", {"step": "greet"}), (1, "step_done", {"step": "offer_help"})], "not_met", "offer_help < greet", None),
    ("a step missing", {"kind": "step_order", "steps": ["greet", "offer_help"]}, [(2, "step_done", {"step": "greet"})], "not_met", "offer_help –", None),
    ("a step missing that may", {"kind": "step_order", "steps": ["greet", "offer_help"], "missing": "ignore"}, [(2, "step_done", {"step": "greet"})], "met", None, None),
    ("words heard", {"kind": "phrase_at_step", "step": "greet", "phrases": ["Добрый день!"]}, [(1, "phrase_heard", {"step": "greet", "phrase": "Ну, добрый день, слушаю"}), READ], "met", None, [0]),
    ("other words heard", {"kind": "phrase_at_step", "step": "greet", "phrases": ["Добрый день!"]}, [(1, "phrase_heard", {"step": "greet", "phrase": "Привет"}), READ], "not_met", "Привет", [0]),
    ("words of the client", {"kind": "phrase_at_step", "step": "greet", "phrases": ["Добрый день!"]}, [(1, "phrase_heard", {"step": "greet", "phrase": "Добрый день", "speaker": "client"}), READ], "not_met", "not heard", []),
    ("the greeting of the hour", {"kind": "phrase_at_step", "step": "greet", "phrases": ["{greeting}"]}, [ANSWERED, (1, "phrase_heard", {"step": "greet", "phrase": "Доброе утро"}), READ], "met", None, None),
    ("the greeting of another hour", {"kind": "phrase_at_step", "step": "greet", "phrases": ["{greeting}"]}, [ANSWERED, (1, "phrase_heard", {"step": "greet", "phrase": "Добрый вечер"}), READ], "not_met", None, None),
    ("the greeting by local time", {"kind": "phrase_at_step", "step": "greet", "phrases": ["{greeting}"]}, [(7 * 3600 + 1, "call_answered"), (8 * 3600, "phrase_heard", {"step": "greet", "phrase": "Добрый день"}), (8 * 3600, "transcript_ready")], "met", None, None),
    ("a step clicked is no proof", {"kind": "phrase_at_step", "step": "greet", "phrases": ["Добрый день"]}, [(1, "step_done", {"step": "greet"})], "not_measurable", "step marked done", [0]),
    ("not even clicked", {"kind": "phrase_at_step", "step": "greet", "phrases": ["Добрый день"]}, [ANSWERED], "not_measurable", "step not marked", []),
    ("happened", {"kind": "occurs", "fact": "topic_set"}, [(1, "topic_set")], "met", "1", [0]),
    ("did not happen", {"kind": "occurs", "fact": "topic_set"}, [ANSWERED], "not_met", "0", []),
    ("any of two facts", {"kind": "occurs", "fact": ["topic_set", "measure_taken"], "count_min": 2}, [(1, "topic_set"), (2, "measure_taken")], "met", "2", [0, 1]),
    ("too often", {"kind": "occurs", "fact": "hold_started", "count_max": 1}, [(1, "hold_started"), (2, "hold_started")], "not_met", "2", None),
    ("a field that says so", {"kind": "occurs", "fact": {"fact": "topic_set", "competence": ["own", "outside"]}}, [(1, "topic_set", {"competence": "own"})], "met", "1", None),
    ("a field that says otherwise", {"kind": "occurs", "fact": {"fact": "topic_set", "competence": {"not": "own"}}}, [(1, "topic_set", {"competence": "own"})], "not_met", "0", None),
    ("a field that is there", {"kind": "occurs", "fact": {"fact": "contact_closed", "topic": "present"}}, [(1, "contact_closed", {"topic": ""})], "not_met", "0", None),
    ("a true flag", {"kind": "occurs", "fact": {"fact": "hold_started", "announced": True}}, [(1, "hold_started", {"announced": True})], "met", "1", None),
    ("every field of every fact", {"kind": "required_fields", "fact": "appeal_registered", "fields": ["phone"]}, [(1, "appeal_registered", {"fields": ["phone"]}), (2, "appeal_registered", {"fields": ["name"]})], "not_met", "phone –", [0, 1]),
    ("a field of the fact itself", {"kind": "required_fields", "fact": "callback_promised", "fields": ["phone"]}, [(1, "callback_promised", {"phone": "+7927"})], "met", "phone", [0]),
    ("one of two fields", {"kind": "required_fields", "fact": "callback_promised", "fields": ["phone", "email"], "any": True}, [(1, "callback_promised", {"fields": ["email"]})], "met", None, None),
    ("none may be said", {"kind": "required_fields", "fact": "appeal_registered", "fields": ["email"], "allow_none": ["email"]}, [(1, "appeal_registered", {"fields": [], "none_fields": ["email"]})], "met", None, None),
    ("none may not be said", {"kind": "required_fields", "fact": "appeal_registered", "fields": ["email"]}, [(1, "appeal_registered", {"fields": [], "none_fields": ["email"]})], "not_met", "email –", None),
    ("no such fact", {"kind": "required_fields", "fact": "appeal_registered", "fields": ["email"]}, [ANSWERED], "none", None, None),
    ("identified before", {"kind": "identified_before", "action": "account_shown"}, [(1, "identified"), (2, "account_shown")], "met", "1", [0, 1]),
    ("identified after", {"kind": "identified_before", "action": "account_shown"}, [(3, "identified"), (2, "account_shown")], "not_met", "-1", [0, 1]),
    ("never identified", {"kind": "identified_before", "action": "account_shown"}, [(2, "account_shown")], "not_met", None, [0]),
    ("nothing shown", {"kind": "identified_before", "action": "account_shown"}, [(2, "identified")], "none", None, None),
    ("told in time", {"kind": "notified_before", "notice": {"fact": "notice_played", "notice": "recording"}, "event": "call_answered"}, [(-5, "notice_played", {"notice": "recording"}), ANSWERED], "met", "5", None),
    ("told something else", {"kind": "notified_before", "notice": {"fact": "notice_played", "notice": "recording"}, "event": "call_answered"}, [(-5, "notice_played", {"notice": "x"}), ANSWERED], "not_met", None, [1]),
    ("both sides recorded", {"kind": "recorded", "legs": ["client", "operator"]}, [(1, "recording_stored", {"leg": "client"}), (1, "recording_stored", {"leg": "operator"})], "met", "client, operator", [0, 1]),
    ("a broken recording", {"kind": "recorded", "legs": ["client"]}, [(1, "recording_stored", {"leg": "client", "complete": False})], "not_met", "client –", []),
    ("kept too shortly", {"kind": "recorded", "legs": ["client"], "retention": "6 months"}, [(1, "recording_stored", {"leg": "client", "retention_until": "2026-08-01T00:00:00+04:00"})], "not_met", "retention_until –", [0]),
    ("kept long enough", {"kind": "recorded", "legs": ["client"], "retention": "6 months"}, [(1, "recording_stored", {"leg": "client", "retention_until": "2026-09-02T10:00:01+04:00"})], "met", None, None),
    ("how long is not said", {"kind": "recorded", "legs": ["client"], "retention": "6 months"}, [(1, "recording_stored", {"leg": "client"})], "not_met", None, None),
    ("forbidden", {"kind": "forbidden", "fact": "transfer_cancelled"}, [(1, "transfer_cancelled")], "not_met", "1", [0]),
    ("not done", {"kind": "forbidden", "fact": "transfer_cancelled"}, [ANSWERED], "met", "0", []),
    ("a right not used", {"kind": "forbidden", "fact": "call_terminated", "unless_ground": ["abuse"]}, [ANSWERED], "none", None, None),
    ("a ground", {"kind": "forbidden", "fact": "call_terminated", "unless_ground": ["abuse"]}, [(1, "call_terminated", {"ground": "abuse"})], "met", "abuse", [0]),
    ("no ground", {"kind": "forbidden", "fact": "call_terminated", "unless_ground": ["abuse"]}, [(1, "call_terminated")], "not_met", None, [0]),
    ("warned first", {"kind": "forbidden", "fact": "call_terminated", "requires_before": {"fact": "step_done", "step": "warn"}}, [(1, "step_done", {"step": "warn"}), (2, "call_terminated")], "met", None, [0, 1]),
    ("warned too late", {"kind": "forbidden", "fact": "call_terminated", "requires_before": {"fact": "step_done", "step": "warn"}}, [(3, "step_done", {"step": "warn"}), (2, "call_terminated")], "not_met", None, None),
    ("an occasion on which nothing happened", {"kind": "forbidden", "fact": "account_shown", "requires_before": "identified", "when": "identification_refused"}, [(3, "identification_refused")], "met", None, [0]),
    ("a hit", {"kind": "lexicon", "list": "irritants"}, [(1, "lexicon_hit", {"list": "irritants", "word": "увы"}), READ], "not_met", "1: увы", [0, 1]),
    ("a hit of the client", {"kind": "lexicon", "list": "irritants"}, [(1, "lexicon_hit", {"list": "irritants", "speaker": "client"}), READ], "met", "0", [1]),
    ("without a transcript", {"kind": "lexicon", "list": "irritants"}, [ANSWERED], "not_measurable", None, []),
    ("measured sound", {"kind": "speech", "field": "tempo_ratio", "min": 0.8, "max": 1.2}, [(1, "speech_measured", {"tempo_ratio": 1.25})], "not_met", "1.25", [0]),
    ("sound within", {"kind": "speech", "field": "level_db", "min": -30}, [(1, "speech_measured", {"level_db": -30.0})], "met", "-30", [0]),
    ("sound not measured", {"kind": "speech", "field": "level_db", "min": -30}, [(1, "speech_measured", {"tempo_ratio": 1})], "not_measurable", None, [0]),
    ("a word heard badly", {"kind": "lexicon", "list": "irritants"}, [(1, "lexicon_hit", {"list": "irritants", "word": "увы", "sure": False}), READ], "not_measurable", "1: увы", [0, 1]),
    ("a word heard well beside one heard badly", {"kind": "lexicon", "list": "irritants"}, [(1, "lexicon_hit", {"list": "irritants", "sure": False}), (2, "lexicon_hit", {"list": "irritants", "sure": True}), READ], "not_met", None, None),
    ("no word in a bad transcript", {"kind": "lexicon", "list": "irritants"}, [(1, "transcript_ready", {"sure": False})], "not_measurable", "0", [0]),
    ("no word in a good transcript", {"kind": "lexicon", "list": "irritants"}, [(1, "transcript_ready", {"sure": True})], "met", "0", [0]),
    ("words heard badly", {"kind": "phrase_at_step", "step": "greet", "phrases": ["Добрый день!"]}, [(1, "phrase_heard", {"step": "greet", "phrase": "Добрый день!", "sure": False}), READ], "not_measurable", None, [0]),
    ("words heard in a bad transcript", {"kind": "phrase_at_step", "step": "greet", "phrases": ["Добрый день!"]}, [(1, "phrase_heard", {"step": "greet", "phrase": "Добрый день!", "sure": True}), (2, "transcript_ready", {"sure": False})], "met", None, None),
    ("no words in a bad transcript", {"kind": "phrase_at_step", "step": "greet", "phrases": ["Добрый день!"]}, [(2, "transcript_ready", {"sure": False})], "not_measurable", None, None),
    ("a doubtful silence", {"kind": "speech", "field": "longest_silence_s", "max": 3}, [(1, "speech_measured", {"longest_silence_s": 9.0, "sure": False}), (1, "speech_measured", {"level_db": -20.0, "sure": True})], "not_measurable", "9", None),
    ("no silence, doubtful or not", {"kind": "speech", "field": "longest_silence_s", "max": 3}, [(1, "speech_measured", {"longest_silence_s": 2.0, "sure": False})], "met", "2", [0]),
    ("judged again", {"kind": "inspected"}, [(1, "item_judged", {"clause": "mini-1-01", "verdict": "not_met"}), (2, "item_judged", {"clause": "mini-1-01", "verdict": "met"})], "met", "met", [0, 1]),
    ("judged not applicable", {"kind": "inspected"}, [(1, "item_judged", {"clause": "mini-1-01", "verdict": "na"})], "none", None, None),
    ("judged for another clause", {"kind": "inspected"}, [(1, "item_judged", {"clause": "mini-1-02", "verdict": "met"})], "not_measurable", None, []),
    ("on its occasion", {"kind": "occurs", "fact": "topic_set", "when": "call_answered"}, [ANSWERED], "not_met", "0", [0]),
    ("not on its occasion", {"kind": "occurs", "fact": "topic_set", "when": "call_answered"}, [CLOSED], "none", None, None),
    ("all occasions needed", {"kind": "occurs", "fact": "topic_set", "when_all": ["call_answered", "hold_started"]}, [ANSWERED], "none", None, None),
    ("an exception", {"kind": "occurs", "fact": "topic_set", "unless": "call_terminated"}, [ANSWERED, (5, "call_terminated")], "none", None, None),
    ("what it needs is missing", {"kind": "occurs", "fact": "topic_set", "needs": "transcript_ready"}, [ANSWERED], "not_measurable", "0", []),
    ("another channel", {"kind": "occurs", "fact": "topic_set"}, [(0, "contact_opened", {"channel": "web"})], "none", None, None),
    ("the other direction", {"kind": "occurs", "fact": "topic_set"}, [(0, "contact_opened", {"channel": "phone", "direction": "out"})], "none", None, None),
]  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(mini: Profile, facts: Facts) -> dict[str, dict[str, Any]]:
    """All cases judged in one pass: each as a clause of its own, on a subject of its own."""
    base = mini.clauses["mini-1-01"]
    clauses: dict[str, Clause] = {}
    tables = []
    for number, (name, raw, rows, *_) in enumerate(CASES):
        rule = Rule(raw["kind"], {key: value for key, value in raw.items() if key != "kind"})
        clause_id = "mini-1-01" if raw["kind"] == "inspected" else f"case-{number}"
        clauses.setdefault(clause_id, replace(base, id=clause_id, rule=rule))
        table = facts(*((at, kind, data[0] if data else {}, name) for at, kind, *data in rows))
        tables.append(table.set_column(0, "id", pa.array([f"{name}:{place}" for place in range(table.num_rows)])))
    profile = replace(mini, clauses=clauses)
    found = judge(pa.concat_tables(tables), profile).to_pylist()
    by_case = {(row["clause"], row["subject_id"]): row for row in found}
    named = {}
    for number, (name, raw, *_) in enumerate(CASES):
        clause_id = "mini-1-01" if raw["kind"] == "inspected" else f"case-{number}"
        named[name] = by_case.get((clause_id, name), NONE)
    return named


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_rule(case: Case, verdicts: dict[str, dict[str, Any]]) -> None:
    name, _, _, verdict, observed, evidence = case
    found = verdicts[name]
    assert found["verdict"] == verdict
    if observed is not None:
        assert found["observed"] == observed
    if evidence is not None:
        assert sorted(found["evidence"]) == sorted(f"{name}:{place}" for place in evidence)


def test_nothing_is_said_to_be_seen_without_a_transcript(verdicts: dict[str, dict[str, Any]]) -> None:
    assert verdicts["without a transcript"]["observed"] is None
