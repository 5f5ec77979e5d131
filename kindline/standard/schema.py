"""What the files of a profile folder must look like."""

from __future__ import annotations

import datetime as dt

from kindline.standard import legal, orders, vocabulary
from kindline.standard.deadlines import CAME, CHANNELS, KINDS, NAMED_RULES, REQUESTERS, STARTS, SUBJECTS
from kindline.standard.hours import DAYS
from kindline.standard.lexicons import MATCHES
from kindline.standard.menus import SERVICES
from kindline.standard.patterns import PatternShape
from kindline.standard.rule_shapes import VERDICTS, TermShape
from kindline.standard.shapes import (
    LANGUAGES,
    Anything,
    Choice,
    Day,
    Either,
    Flag,
    ListOf,
    MapOf,
    Number,
    Record,
    Reference,
    Shape,
    Text,
    Title,
)

HOW = ("enforced", "measured", "guided", "reviewed", "published", "defined")
CLAUSE_CHANNELS = (
    "any",
    "phone",
    "office",
    "web",
    "account",
    "post",
    "mail",
    "paper",
    "email",
    "appeals",
    "staff",
    "system",
)
ROLES = ("prescribed", "forbidden", "label")
WORDS = ListOf(Text(), single=True)
IDENT = Text(pattern=r"[a-z][a-z0-9_]*", cure="write small Latin letters, digits and _, a letter first")
CLAUSE_ID = Text(pattern=r"[a-z]+-[0-9.]+-[0-9]{2,3}", cure="write the id as in the register: krc-5.6.4-03")
TIME = Text(
    pattern=r"([01]\d|2[0-4]):[0-5]\d", cure='write the time in quotes: "08:00" (without them YAML reads a number)'
)
SCALAR: Shape = Either({bool: Flag(), int: Number(least=None), float: Number(least=None), str: Text(), dt.date: Day()})
VALUE: Shape = Either(
    {
        bool: Flag(),
        int: Number(least=None),
        float: Number(least=None),
        str: Text(),
        dt.date: Day(),
        list: Anything(),
        dict: Anything(),
    }
)

STANDARD = Record(
    {
        "id": IDENT,
        "title": Text(),
        "title_en": Text(),
        "body": Text(),
        "languages": ListOf(Choice(LANGUAGES), least=1),
        "zone": Text(),
        "version": Text(),
        "valid_from": Day(),
        "approved": orders.ORDER,
        "calendar": Record(
            {"country": Choice(("RU", "UA"))},
            {
                "region": Either({str: Text(), type(None): Anything()}),
                "martial_law_until": Either({dt.date: Day(), type(None): Anything()}),
                "overrides": ListOf(Record({"date": Day(), "working": Flag(), "why": Text()})),
            },
        ),
        "variables": MapOf(VALUE, r"[a-z][a-z0-9_]*"),
    },
    {
        "valid_to": Day(),
        "amends": Text(),
        "assumed": MapOf(Text()),
        "texts": MapOf(Anything()),
        "sections": MapOf(Text()),
        "hours": MapOf(
            Record(
                {"days": ListOf(Choice(DAYS), least=1), "intervals": ListOf(ListOf(TIME, least=2), least=1)},
                {"holidays": Choice(("closed", "open")), "source_note": Text()},
            )
        ),
        "legal_sources": legal.SOURCES,
        "repealed_by": orders.ORDER,
        "notes": ListOf(Text()),
    },
)

AMENDMENT = Record(
    {"version": Text(), "valid_from": Day(), "approved": orders.ORDER},
    {
        "valid_to": Day(),
        "repealed_by": orders.ORDER,
        "variables": STANDARD.needed["variables"],
        "assumed": STANDARD.optional["assumed"],
        "repealed": ListOf(CLAUSE_ID),
        "notes": ListOf(Text()),
    },
)

EXAMPLE = Record(
    {"name": Text(), "facts": ListOf(MapOf(Anything())), "verdict": Choice(VERDICTS)},
    {"as_of": Number(least=None), "subject": Text(), "base": Text()},
)
CLAUSE = Record(
    {
        "id": CLAUSE_ID,
        "section": Text(),
        "text": Text(),
        "text_en": Text(),
        "how": Choice(HOW),
        "channel": ListOf(Choice(CLAUSE_CHANNELS), least=1),
    },
    {
        "direction": Choice(("in", "out")),
        "obligation": Choice(("mandatory", "recommended", "permission")),
        "value": MapOf(VALUE),
        "phrases": ListOf(Record({"text": Text(), "role": Choice(ROLES)}, {"note": Text()})),
        "role": Text(),
        "reading": Text(),
        "reading_en": Text(),
        "evidence": ListOf(PatternShape(single=True)),
        "rule": MapOf(Anything()),
        "component": Text(),
        "later": Flag(),
        "law": WORDS,
        "examples": ListOf(EXAMPLE),
        "note": Text(),
    },
)

MESSAGE = Record(
    {
        "id": IDENT,
        "title": Title(),
        "way": Choice(("email", "paper", "web", "sms", "any")),
        "version": Text(),
        "wordings": MapOf(Record({"text": Text()}, {"subject": Text()})),
    },
    {"automatic": Flag(), "clauses": WORDS},
)

FACT = Choice(tuple(vocabulary.kinds()))
WHEN = Either({dict: Record({}, {"if": Text(), "else": WORDS, "phrases": WORDS})})
STEP = Record(
    {"id": IDENT, "title": Title()},
    {
        "phrases": WORDS,
        "phrase_when": ListOf(WHEN),
        "ask": WORDS,
        "hint": Title(),
        "required": Flag(),
        "after": WORDS,
        "hard": Flag(),
        "done_by": FACT,
        "clauses": WORDS,
        "timer": Text(),
        "only_if": Text(),
        "firm": Flag(),
        "offers": Choice(("conference", "client")),
        "hold": Choice(("announced", "consent")),
    },
)
GROUND = Record({"id": IDENT, "title": Title()}, {"clause": Text()})
BRANCH = Record(
    {"id": IDENT, "title": Title(), "steps": ListOf(STEP)},
    {
        "key": Text(pattern=r".", cure="one key"),
        "only_if": Text(),
        "locks": WORDS,
        "ends_call": Flag(),
        "grounds": ListOf(GROUND),
        "clauses": WORDS,
        "hint": Title(),
    },
)
TIMER = Record(
    {"id": IDENT, "title": Title(), "from": PatternShape(), "to": PatternShape()},
    {
        "target_s": Reference(),
        "max_s": Reference(),
        "target_rings": Reference(),
        "max_rings": Reference(),
        "clause": Text(),
        "at_max": Choice(("warn", "offer_next", "lock", "unlock", "report")),
    },
)
SCRIPT = Record(
    {
        "id": IDENT,
        "title": Title(),
        "channel": Choice(CHANNELS),
        "direction": Choice(("in", "out")),
        "steps": ListOf(STEP, least=1),
    },
    {
        "line": Text(),
        "purpose": IDENT,
        "branches": ListOf(BRANCH),
        "timers": ListOf(TIMER),
        "outcomes": ListOf(Record({"id": IDENT, "title": Title()}, {"requires": WORDS, "clauses": WORDS})),
    },
)

PROMPT = Record({"text": Text()}, {"clauses": WORDS, "clause": Text(), "names_company": Flag()})
OPTION = Record(
    {},
    {
        "goto": Text(),
        "queue": Text(),
        "operator": Text(),
        "voicemail": Text(),
        "info": PROMPT,
        "self": Choice(SERVICES),
        "back": Flag(),
        "repeat": Flag(),
        "hangup": Flag(),
        "title": Title(),
        "enabled": Flag(),
        "on_end": Choice(("back", "operator", "hangup")),
        "clauses": WORDS,
    },
)
NODE = Record(
    {"prompt": PROMPT, "options": MapOf(OPTION, r"[0-9*#]")},
    {"title": Title(), "timeout_s": Number(), "tries": Number(whole=True, least=1), "clauses": WORDS},
)
LIMITS = (
    "message_s_max",
    "message_s_target",
    "branches_max",
    "branches_target",
    "levels_max",
    "levels_target",
    "greeting",
    "off_hours_greeting",
    "off_hours_hours_told",
    "off_hours_intake",
    "voicemail",
    "return_to_menu",
    "deepest_to_operator",
    "switchable",
)
QUEUE = Record(
    {"title": Title()},
    {
        "skills": WORDS,
        "priority": Number(whole=True, least=None),
        "ring_timeout_rings": Reference(),
        "ring_timeout_s": Reference(),
        "music": Text(),
        "announce_every_s": Number(),
        "callback": Record(
            {"after_s": Reference()},
            {"key": Text(), "tries": Reference(), "pause_s": Reference(), "within_s": Reference()},
        ),
        "returns": Record({"within_s": Reference(), "wait_s": Reference()}),
        "overflow": Record(
            {"after_s": Reference(), "to": Text()},
            {"box": Text(), "length": Reference(), "expected_wait_s": Reference()},
        ),
        "clauses": WORDS,
    },
)
MENU = Record(
    {
        "language": Choice(LANGUAGES),
        "queues": MapOf(QUEUE),
        "lines": MapOf(
            Record(
                {"title": Title()},
                {"menu": Flag(), "hours": Text(), "queue": Text(), "when_closed": Text(), "clauses": WORDS},
            )
        ),
    },
    {
        "recording_notice": PROMPT,
        "greeting": PROMPT,
        "root": Text(),
        "nodes": MapOf(NODE),
        "abandoned": Record({"after_s": Reference()}, {"clauses": WORDS}),
        "site_callback": Record({"queue": Text()}, {"span_s": Number(), "days": Number(whole=True), "clauses": WORDS}),
        "rating": Record(
            {"talk_s_min": Reference(), "pause_days": Reference()},
            {"lines": WORDS, "queues": WORDS, "directions": ListOf(Choice(("in", "out"))), "clauses": WORDS},
        ),
        "approval": Record({}, {"roles": WORDS, "another": Flag()}),
        "off_hours": Record({"greeting": PROMPT}, {"node": Text(), "clauses": WORDS}),
        "limits": Record(
            {},
            {
                name: Record(
                    {
                        "clause": Text(),
                        "value": Either({bool: Flag(), int: Number(), float: Number(), str: Reference()}),
                    }
                )
                for name in LIMITS
            },
        ),
    },
)

TERM = Either({dict: TermShape(), str: Anything()})
WHAT_COMES = {"kind": ListOf(Choice(KINDS), single=True), "channel": ListOf(Choice(CAME), single=True)}
DEADLINE = Record(
    {"id": Text(), "start": Choice(STARTS), "clauses": ListOf(Text())},
    {
        "when": Record(
            {},
            {
                **WHAT_COMES,
                "subject": ListOf(Choice(SUBJECTS), single=True),
                "requester": ListOf(Choice(REQUESTERS), single=True),
            },
        ),
        "target": TERM,
        "limit": TERM,
        "rule": Choice(NAMED_RULES),
        "hours": Text(),
        "cutoff_min": Number(whole=True),
        "extension": Record(
            {"days": Number(whole=True)}, {"times": Number(whole=True), "notice_before": Flag(), "clauses": WORDS}
        ),
        "note": Text(),
        "assumed": Text(),
    },
)
DEADLINES = Record(
    {"rules": ListOf(DEADLINE)},
    {
        "mandatory": ListOf(
            Record({"kinds": ListOf(Choice(KINDS), least=1)}, {"channel": Choice(CAME), "clause": Text()})
        ),
        "without_limit": ListOf(Record({}, WHAT_COMES)),
    },
)
LEXICON = Record(
    {
        "lists": ListOf(
            Record(
                {
                    "id": IDENT,
                    "role": Choice(("forbidden", "prescribed", "report")),
                    "speaker": Choice(("operator", "client", "any")),
                    "match": Choice(MATCHES),
                },
                {
                    "channel": ListOf(Choice((*CHANNELS, "any")), single=True),
                    "position": Choice(("any", "opening")),
                    "words": WORDS,
                    "clause": Text(),
                    "open": Flag(),
                    "per_100_words": Number(),
                    "except": WORDS,
                    "direction": Choice(("in", "out")),
                    "title": Title(),
                    "note": Text(),
                    "assumed": Text(),
                },
            )
        )
    },
    {},
)
FORMS = ListOf(
    Record(
        {
            "id": IDENT,
            "title": Title(),
            "subject": Text(),
            "items": ListOf(
                Record(
                    {"id": IDENT, "title": Title()},
                    {"clause": Text(), "scale": Choice(("yes_no_na", "yes_no", "five")), "critical": Flag()},
                ),
                least=1,
            ),
        },
        {"channel": ListOf(Choice(CHANNELS), single=True)},
    ),
    single=True,
)
