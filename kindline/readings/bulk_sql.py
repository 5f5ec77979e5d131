"""What `checking.judge` says, said to the database for all lines of a file at once; a test holds both together."""

from __future__ import annotations

from typing import LiteralString

STAGE: LiteralString = """
CREATE TEMP TABLE readings_staged
    (line int, account text, meter text, zone text, value text, taken_on text) ON COMMIT DROP
"""
COPY: LiteralString = "COPY readings_staged FROM STDIN"
DROP: LiteralString = "DROP TABLE IF EXISTS readings_staged, readings_rounds"
REPEATS: LiteralString = """
SELECT EXISTS (
    SELECT 1 FROM readings_staged
    GROUP BY translate(account, %(blanks)s || '-', ''), btrim(meter, %(blanks)s), zone HAVING count(*) > 1)
"""
"""Whether any dial stands in more than one line: those lines are judged one after another, round by round."""

ROUNDS: LiteralString = """
CREATE TEMP TABLE readings_rounds ON COMMIT DROP AS
SELECT *, row_number() OVER (
    PARTITION BY translate(account, %(blanks)s || '-', ''), btrim(meter, %(blanks)s), zone ORDER BY line) AS round
FROM readings_staged
"""

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
SELECT line, account, meter, zone, value AS typed, taken_on AS typed_on,
    CASE WHEN plain ~ '^[0-9]{1,12}([.,][0-9]{1,6})?$' THEN replace(plain, ',', '.')::numeric END AS value,
    CASE WHEN iso ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(iso, 'date') THEN iso::date END AS day
FROM (
    SELECT *, translate(value, %(blanks)s, '') AS plain,
        CASE WHEN length(day) <> 10 OR substr(day, 5, 1) = '-' THEN day
            WHEN day ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$'
            THEN concat_ws('-', right(day, 4), substr(day, 4, 2), left(day, 2)) ELSE day END AS iso
    FROM (SELECT *, btrim(taken_on, %(blanks)s) AS day FROM <lines> OFFSET 0) AS trimmed OFFSET 0) AS plain_lines
OFFSET 0
"""
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
LEFT JOIN clients_account a ON a.number = translate(s.account, %(blanks)s || '-', '')
LEFT JOIN readings_meter m ON m.account_id = a.id AND m.number = btrim(s.meter, %(blanks)s)
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
SELECT line, account, meter, zone, typed, typed_on, meter_id, value, day, code, CASE
    WHEN code IN (<refused>) THEN 'refused'
    WHEN code = 'duplicate' THEN 'duplicate'
    WHEN code IN (<asked_back>) THEN 'asked_back'
    ELSE 'accepted' END AS state,
    CASE WHEN code IN ('', 'rollover', 'grows_too_much', 'stands_still') AND last_on IS NOT NULL THEN
        round((coalesce(last_daily, 0) * over + CASE WHEN growth < 0 THEN growth + full_turn ELSE growth END)
            / (over + days), 4)
        ELSE last_daily END AS daily
FROM (SELECT *, CASE WHEN last_daily IS NULL THEN 0 ELSE %(over)s::int END AS over FROM (<coded>) AS coded) AS judged
"""
LOAD = """
WITH judged AS MATERIALIZED (<judged>), kept AS (
    INSERT INTO readings_reading
        (sending_id, meter_id, zone, value, taken_on, state, code, daily, line, reason, export_fault)
    SELECT %(sending)s::bigint, meter_id, zone, value, day, state, code, daily, line, '', ''
    FROM judged WHERE state IN ('accepted', 'asked_back') <else>
), refused AS (
    INSERT INTO readings_refused (sending_id, line, code, typed)
    SELECT %(sending)s::bigint, line, code, jsonb_build_object(
        'account', account, 'meter', meter, 'zone', zone, 'value', typed, 'taken_on', typed_on)
    FROM judged WHERE state = 'refused'
)
SELECT state, code, count(*) FROM judged GROUP BY 1, 2
"""


def load(lines: str, *, carefully: bool) -> str:
    """The statement that judges these lines (a table) and keeps what comes of them; it answers with numbers.

    `carefully`: what somebody else has kept meanwhile, or has asked back before, is left out instead of refused.
    """
    return _filled(LOAD.replace("<else>", "ON CONFLICT DO NOTHING" if carefully else ""), lines)


def judged(lines: str) -> str:
    """The verdicts alone."""
    return _filled(JUDGED, lines)


def _filled(text: str, lines: str) -> str:
    places = {
        "<judged>": JUDGED, "<coded>": CODED, "<known>": KNOWN, "<read>": READ, "<lines>": lines, "<tens>": f"({TENS})",
        "<refused>": REFUSED, "<asked_back>": ASKED_BACK,
    }  # fmt: skip
    for place, value in places.items():
        text = text.replace(place, value)
    return text
