"""What `checking.judge` says, said to the database for all lines of a file at once; a test holds both together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

STAGED: LiteralString = """
CREATE TEMP TABLE readings_staged
    (line int, account text, meter text, zone text, value text, taken_on text) ON COMMIT DROP
"""
JUDGED_LINES: LiteralString = """
CREATE TEMP TABLE readings_judged
    (line int, meter_id bigint, zone text, value numeric, day date, code text, state text, daily numeric) ON COMMIT DROP
"""
DROP: LiteralString = "DROP TABLE IF EXISTS readings_staged, readings_judged, readings_later"
BEGIN = (DROP, "SET LOCAL work_mem = '256MB'", "SET LOCAL jit = off", STAGED, JUDGED_LINES)
EMPTY: LiteralString = "TRUNCATE readings_staged, readings_judged"
COPY: LiteralString = "COPY readings_staged FROM STDIN"
REPEATS: LiteralString = """
SELECT EXISTS (
    SELECT FROM readings_judged WHERE meter_id IS NOT NULL GROUP BY meter_id, zone HAVING count(*) > 1)
"""
"""Whether any dial stands in more than one line: those lines are judged one after another, round by round."""

LATER: LiteralString = """
CREATE TEMP TABLE readings_later ON COMMIT DROP AS
SELECT staged.*, round, meter_id FROM readings_staged AS staged JOIN (
    SELECT line, meter_id, row_number() OVER (PARTITION BY meter_id, zone ORDER BY line) AS round
    FROM readings_judged WHERE meter_id IS NOT NULL) AS numbered USING (line)
WHERE round > 1;
CREATE INDEX ON readings_later (round);
DELETE FROM readings_judged AS judged USING readings_later AS later WHERE judged.line = later.line
"""
"""The lines of a dial below its first one are taken back, to be judged once that one is kept."""

BEYOND: LiteralString = """
SELECT line, meter_id, zone, value, taken_on FROM readings_later WHERE round > %s ORDER BY line
"""
EMPTY_JUDGED: LiteralString = "TRUNCATE readings_judged"
COPY_JUDGED: LiteralString = "COPY readings_judged FROM STDIN"

TENS = "'{1,10,100,1e3,1e4,1e5,1e6,1e7,1e8,1e9,1e10,1e11,1e12}'::numeric[]"
REFUSED = (
    "'unknown_meter', 'unknown_zone', 'not_a_number', 'too_many_digits', 'too_many_decimals', 'not_a_day', 'future', "
    "'meter_absent'"
)
ASKED_BACK = (
    "'differs_same_day', 'too_old', 'older_than_last', 'lower_than_last', 'grows_too_much', 'stands_still'"
)  # fmt: skip

# One layer a step of the judge; OFFSET 0 keeps the planner from working a layer's values out again at each use.
READ = r"""
SELECT line, account, meter, zone, day, CASE
    WHEN length(plain) BETWEEN 1 AND 12 AND translate(plain, '0123456789', '') = '' THEN plain::numeric
    WHEN plain ~ '^[0-9]{1,12}([.,][0-9]{1,6})?$' THEN replace(plain, ',', '.')::numeric END AS value
FROM (
    SELECT lines.*, days.day, <plain> AS plain
    FROM <lines> AS lines JOIN (<days>) AS days USING (taken_on) OFFSET 0) AS plain_lines
OFFSET 0
"""
DAYS = r"""
SELECT taken_on,
    CASE WHEN iso ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(iso, 'date') THEN iso::date END AS day
FROM (
    SELECT taken_on, CASE WHEN trimmed ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$'
        THEN concat_ws('-', right(trimmed, 4), substr(trimmed, 4, 2), left(trimmed, 2)) ELSE trimmed END AS iso
    FROM (
        SELECT taken_on, btrim(taken_on, %(blanks)s) AS trimmed FROM <lines> AS lines GROUP BY taken_on OFFSET 0
    ) AS trimmed_days OFFSET 0) AS iso_days
OFFSET 0
"""
"""The days of a file are few: each is read once."""
KNOWN = """
SELECT s.*, m.id AS meter_id, m.zones, m.decimals, m.installed_on, m.removed_on, <tens>[m.digits + 1] AS full_turn,
    l.value AS last_value, l.taken_on AS last_on, l.daily AS last_daily,
    s.day - l.taken_on AS days, s.value - l.value AS growth,
    CASE WHEN l.taken_on = s.day THEN l.value
        WHEN l.taken_on > s.day THEN (SELECT r.value FROM readings_reading r
            WHERE r.meter_id = m.id AND r.zone = s.zone AND r.state = 'accepted' AND r.taken_on = s.day)
        END AS same_day,
    %(times)s::numeric * nullif(greatest(coalesce(l.daily, 0), coalesce(u.ordinary, 0)), 0) * (s.day - l.taken_on)
        AS allowed
FROM (<read>) AS s
LEFT JOIN clients_account a ON a.number = <account>
LEFT JOIN readings_meter m ON m.account_id = a.id AND m.number = <meter>
LEFT JOIN unnest(%(units)s::text[], %(ordinary)s::numeric[]) AS u(unit, ordinary) ON u.unit = m.unit
LEFT JOIN LATERAL (
    SELECT r.value, r.taken_on, r.daily FROM readings_reading r
    WHERE r.meter_id = m.id AND r.zone = s.zone AND r.state = 'accepted' ORDER BY r.taken_on DESC LIMIT 1
) AS l ON true
OFFSET 0
"""
CODED = """
SELECT *, CASE
    WHEN meter_id IS NULL THEN 'unknown_meter'
    WHEN NOT zone = ANY (zones) THEN 'unknown_zone'
    WHEN value IS NULL THEN 'not_a_number'
    WHEN value >= full_turn THEN 'too_many_digits'
    WHEN value <> trunc(value, decimals) THEN 'too_many_decimals'
    WHEN day IS NULL THEN 'not_a_day'
    WHEN day > %(today)s::date THEN 'future'
    WHEN day < installed_on OR day > removed_on THEN 'meter_absent'
    WHEN same_day = value THEN 'duplicate'
    WHEN same_day IS NOT NULL THEN 'differs_same_day'
    WHEN %(today)s::date - day > %(oldest)s::int THEN 'too_old'
    WHEN last_on IS NULL THEN ''
    WHEN last_on > day THEN 'older_than_last'
    WHEN growth < 0 AND (allowed IS NULL OR growth + full_turn > allowed) THEN 'lower_than_last'
    WHEN growth < 0 THEN 'rollover'
    WHEN growth > allowed THEN 'grows_too_much'
    WHEN growth = 0 AND days >= %(still)s::int AND last_daily > 0 THEN 'stands_still'
    ELSE '' END AS code
FROM (<known>) AS known OFFSET 0
"""
JUDGED = """
SELECT line, meter_id, zone, value, day, code, CASE
    WHEN code IN (<refused>) THEN 'refused'
    WHEN code = 'duplicate' THEN 'duplicate'
    WHEN code IN (<asked_back>) THEN 'asked_back'
    ELSE 'accepted' END AS state,
    CASE WHEN code IN ('', 'rollover', 'grows_too_much', 'stands_still') AND last_on IS NOT NULL THEN
        round((coalesce(last_daily, 0) * over
            + least(CASE WHEN growth < 0 THEN growth + full_turn ELSE growth END, allowed)) / (over + days), 4)
        ELSE last_daily END AS daily
FROM (SELECT *, CASE WHEN last_daily IS NULL THEN 0 ELSE %(over)s::int END AS over FROM (<coded>) AS coded) AS judged
"""
KEEP = """
WITH judged AS MATERIALIZED (<found>), kept AS (
    INSERT INTO readings_reading
        (sending_id, meter_id, zone, value, taken_on, state, code, daily, line, reason, export_fault)
    SELECT %(sending)s::bigint, meter_id, zone, value, day, state, code, daily, line, '', ''
    FROM judged WHERE state = 'accepted' OR state = 'asked_back' AND NOT EXISTS (
        SELECT FROM readings_reading AS before
        WHERE before.meter_id = judged.meter_id AND before.zone = judged.zone AND before.taken_on = judged.day
            AND before.value = judged.value AND before.state = 'asked_back') <else>
), refused AS (
    INSERT INTO readings_refused (sending_id, line, code, typed)
    SELECT %(sending)s::bigint, line, code, jsonb_build_object(
        'account', account, 'meter', meter, 'zone', staged.zone, 'value', staged.value, 'taken_on', taken_on)
    FROM judged JOIN readings_staged AS staged USING (line) WHERE state = 'refused'
)
SELECT state, code, count(*) FROM judged GROUP BY 1, 2
"""
ROUND = "(SELECT * FROM readings_later WHERE round = %(round)s)"
STRIPPED = {
    "<plain>": "translate(value, %(blanks)s, '')", "<account>": "translate(s.account, %(blanks)s || '-', '')",
    "<meter>": "btrim(s.meter, %(blanks)s)",
}  # fmt: skip
SIMPLE = {"<plain>": "value", "<account>": "s.account", "<meter>": "s.meter"}


def judge() -> str:
    """The statement that judges what is staged."""
    return _filled("INSERT INTO readings_judged SELECT * FROM (<judged>) AS judged", "readings_staged", STRIPPED)


def keep(what: str, *, carefully: bool) -> str:
    """The statement that keeps what was judged, and answers with numbers.

    `what`: what was judged before; or the lines of a round, or simple ones all together, which it judges first. What
    was asked back before is never asked back again. `carefully`: what somebody else has kept meanwhile is left out
    instead of refused.
    """
    found, lines, cells = {
        "judged": ("SELECT * FROM readings_judged", "", STRIPPED), "round": ("<judged>", ROUND, STRIPPED),
        "simple": ("<judged>", "readings_staged", SIMPLE),
    }[what]  # fmt: skip
    text = KEEP.replace("<else>", "ON CONFLICT DO NOTHING" if carefully else "")
    return _filled(text.replace("<found>", found), lines, cells)


def judged(*, is_simple: bool) -> str:
    """The verdicts alone on what is staged."""
    return _filled(JUDGED, "readings_staged", SIMPLE if is_simple else STRIPPED)


def _filled(text: str, lines: str, cells: Mapping[str, str]) -> str:
    places = {
        "<judged>": JUDGED, "<coded>": CODED, "<known>": KNOWN, "<read>": READ, "<days>": DAYS, "<lines>": lines,
        "<tens>": f"({TENS})", "<refused>": REFUSED, "<asked_back>": ASKED_BACK, **cells,
    }  # fmt: skip
    for place, value in places.items():
        text = text.replace(place, value)
    return text
