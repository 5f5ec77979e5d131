"""What must hold between the files of a profile."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from kindline.standard import (
    appeal_numbers,
    calendars,
    deadline_checks,
    message_purposes,
    placeholders,
    queue_checks,
    terms,
    vocabulary,
)
from kindline.standard.clause_checks import term_fault
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.menus import ACTIONS
from kindline.standard.shapes import near

if TYPE_CHECKING:
    from kindline.standard.assembly import Assembly

Raw = Mapping[str, Any]


class Anything(set[str]):
    """Whatever is asked for: the part that would tell could not be read, and its own faults are told already."""

    def __contains__(self, _name: object) -> bool:
        return True


class Known:
    """The ids that other parts may refer to."""

    def __init__(self, assembly: Assembly) -> None:
        standard = assembly.documents["standard.yaml"].data
        broken = assembly.broken
        steps = [s for raw, _ in assembly.scripts.values() for s in _steps(raw)]
        branches = {b["id"] for raw, _ in assembly.scripts.values() for b in raw.get("branches") or ()}
        scripted = "scripts" in broken
        menu = assembly.parts.get("menu.yaml", {})
        self.clauses = set(assembly.clauses) | assembly.wrong
        self.scripts = Anything() if scripted else set(assembly.scripts)
        self.steps = Anything() if scripted else {step["id"] for step in steps}
        self.asked = Anything() if scripted else {field for step in steps for field in _several(step.get("ask"))}
        self.branches = Anything() if scripted else branches
        lists = assembly.parts.get("lexicon.yaml", {}).get("lists", ())
        self.lexicons = Anything() if "lexicon.yaml" in broken else {one["id"] for one in lists}
        self.hours = set(_mapping(standard.get("hours")))
        self.variables = set(_mapping(standard.get("variables")))
        self.lines = Anything() if "menu.yaml" in broken else set(menu.get("lines", ()))


class MenuNames(Protocol):
    """What the parts of a menu may refer to outside it."""

    @property
    def clauses(self) -> Collection[str]:
        """The clauses that there are."""
        ...

    @property
    def hours(self) -> Collection[str]:
        """The timetables that there are."""
        ...


def _mapping(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _several(raw: Any) -> list[Any]:
    return [] if raw is None else raw if isinstance(raw, list) else [raw]


def _steps(raw: Raw) -> Iterator[Raw]:
    yield from raw["steps"]
    for branch in raw.get("branches") or ():
        yield from branch["steps"]


def _named(names: Any, words: Collection[str], what: str, place: Place) -> Iterator[Fault]:
    for name in _several(names):
        if name not in words:
            yield place.fault(f"no {what} {name!r}", near(str(name), words or {"(none)"}))


def _unique(entries: Iterator[Raw] | list[Raw], place: Place, key: str = "id") -> Iterator[Fault]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry.get(key) is not None and entry[key] in seen:
            yield place.child(index).child(key).fault(f"{entry[key]!r} is there twice", "give each its own")
        seen.add(entry.get(key, ""))


def standard(raw: Raw, place: Place) -> Iterator[Fault]:
    """The zone, the calendar, dates in order, hours, day parts, assumed variables."""
    try:
        ZoneInfo(raw["zone"])
    except (KeyError, ValueError, OSError):
        yield place.child("zone").fault(f"unknown zone {raw['zone']!r}", "write a name such as Europe/Kyiv")
    region = raw["calendar"].get("region")
    if not calendars.known(raw["calendar"]["country"], region):
        codes = calendars.regions_of(raw["calendar"]["country"])
        cure = near(region, codes) if codes else "none of that country is known"
        said = f"{cure}; or write region: null, and enter the region's days off on the page Calendar"
        yield place.child("calendar").child("region").fault(f"no calendar of region {region!r}", said)
    if raw.get("valid_to") is not None and raw["valid_to"] < raw["valid_from"]:
        yield place.child("valid_to").fault("it ends before it begins", "correct the dates")
    for key, entry in (raw.get("hours") or {}).items():
        for index, interval in enumerate(entry["intervals"]):
            if len(interval) != 2 or interval[0] == interval[1] != "00:00":
                yield (
                    place.child("hours")
                    .child(key)
                    .child("intervals")
                    .child(index)
                    .fault("not an interval", 'write ["08:00", "20:00"]')
                )
    for key in raw.get("assumed") or {}:
        if key not in raw["variables"] and not _there(raw, key.split(".")):
            yield (
                place.child("assumed")
                .child(key)
                .fault("assumed, but not there", "correct the name, or remove it", "warning")
            )
    yield from _variables(raw["variables"], place.child("variables"))


def _variables(variables: Raw, place: Place) -> Iterator[Fault]:
    for key in ("company", "company_short"):
        if key in variables and not isinstance(variables[key], str):
            yield place.child(key).fault("a text is expected", "write the name in quotes")
    for key, wrong in appeal_numbers.faults(variables):
        yield place.child(key).fault(wrong, appeal_numbers.CURE)
    yield from message_purposes.faults(variables, place)
    ring = variables.get("ring_period_s")
    if ring is not None and (isinstance(ring, bool) or not isinstance(ring, int | float) or ring <= 0):
        yield place.child("ring_period_s").fault("seconds above 0 are expected", "write ring_period_s: 5")
    parts = variables.get("day_parts")
    for index, part in enumerate(parts if isinstance(parts, list) else []):
        good = isinstance(part, dict) and isinstance(part.get("from"), str) and isinstance(part.get("greeting"), str)
        if not good or not _clock(part["from"]):
            yield (
                place.child("day_parts")
                .child(index)
                .fault("not a part of the day", 'write {from: "06:00", greeting: …}')
            )
    if parts is not None and not isinstance(parts, list):
        yield place.child("day_parts").fault("a list is expected", 'write - {from: "06:00", greeting: …}')


def _there(raw: Any, path: list[str]) -> bool:
    """Whether a dotted name stands for something in standard.yaml."""
    for key in path:
        if not isinstance(raw, dict) or key not in raw:
            return False
        raw = raw[key]
    return True


def _clock(text: str) -> bool:
    hour, _, minute = text.partition(":")
    return hour.isdigit() and minute.isdigit() and len(text) == 5 and int(hour) < 24 and int(minute) < 60


def script(raw: Raw, place: Place, known: Known) -> Iterator[Fault]:
    """Steps, branches, timers and outcomes that refer to each other and to clauses."""
    steps = list(_steps(raw))
    ids = {step["id"] for step in steps}
    timers = {timer["id"] for timer in raw.get("timers") or ()}
    groups = [(raw["steps"], place.child("steps"))]
    for index, branch in enumerate(raw.get("branches") or ()):
        at = place.child("branches").child(index)
        groups.append((branch["steps"], at.child("steps")))
        yield from _branch(branch, at, known)
    seen: set[str] = set()
    for group, at in groups:
        for index, step in enumerate(group):
            if step["id"] in seen:
                yield (
                    at.child(index).child("id").fault(f"the step {step['id']!r} is there twice", "give each its own id")
                )
            seen.add(step["id"])
            yield from _step(step, at.child(index), ids, timers, known)
    for name in ("branches", "timers", "outcomes"):
        yield from _unique(list(raw.get(name) or ()), place.child(name))
    yield from _unique([b for b in raw.get("branches") or () if b.get("key")], place.child("branches"), "key")
    for index, timer in enumerate(raw.get("timers") or ()):
        yield from _timer(timer, place.child("timers").child(index), known)
    for index, outcome in enumerate(raw.get("outcomes") or ()):
        yield from _outcome(outcome, place.child("outcomes").child(index), ids, known)
    yield from _named(raw.get("line"), known.lines, "line in menu.yaml", place.child("line"))


def _step(step: Raw, place: Place, ids: set[str], timers: set[str], known: Known) -> Iterator[Fault]:
    yield from _named(step.get("after"), ids, "step", place.child("after"))
    yield from _named(step.get("timer"), timers, "timer", place.child("timer"))
    yield from _named(step.get("clauses"), known.clauses, "clause", place.child("clauses"))
    filled = placeholders.BY_GUIDE | known.variables
    for index, phrase in enumerate(_several(step.get("phrases"))):
        yield from placeholders.check(phrase, place.child("phrases").child(index), filled)
    for index, case in enumerate(step.get("phrase_when") or ()):
        at = place.child("phrase_when").child(index)
        if ("else" in case) == ("if" in case) or ("if" in case and "phrases" not in case):
            yield at.fault("either if with phrases, or else", "write {if: flag, phrases: […]} or {else: […]}")
        for phrase in _several(case.get("else")) + _several(case.get("phrases")):
            yield from placeholders.check(phrase, at, filled)


def _branch(branch: Raw, place: Place, known: Known) -> Iterator[Fault]:
    yield from _named(branch.get("clauses"), known.clauses, "clause", place.child("clauses"))
    yield from _unique(list(branch.get("grounds") or ()), place.child("grounds"))
    for index, ground in enumerate(branch.get("grounds") or ()):
        yield from _named(
            ground.get("clause"), known.clauses, "clause", place.child("grounds").child(index).child("clause")
        )


def _timer(timer: Raw, place: Place, known: Known) -> Iterator[Fault]:
    yield from _named(timer.get("clause"), known.clauses, "clause", place.child("clause"))
    bounds = ("target_s", "max_s", "target_rings", "max_rings")
    for name in bounds:
        value = timer.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            yield place.child(name).fault(f"a number is expected, not {value!r}", "refer to a number")
    if any(name.endswith("rings") and name in timer for name in bounds) and "ring_period_s" not in known.variables:
        yield place.fault("the profile has no variables.ring_period_s", "add it (and its reason to assumed)")


def _outcome(outcome: Raw, place: Place, ids: set[str], known: Known) -> Iterator[Fault]:
    yield from _named(outcome.get("clauses"), known.clauses, "clause", place.child("clauses"))
    words = ids | set(vocabulary.kinds()) | known.asked | known.branches
    for name in _several(outcome.get("requires")):
        if name not in words:
            message = f"{name!r} is no step, branch, fact or asked field"
            yield place.child("requires").fault(message, near(name, words), "warning")


def form(raw: Raw, place: Place, known: Known) -> Iterator[Fault]:
    """Items with their own ids, standing for clauses that there are."""
    yield from _unique(list(raw["items"]), place.child("items"))
    for index, item in enumerate(raw["items"]):
        yield from _named(
            item.get("clause"), known.clauses, "clause", place.child("items").child(index).child("clause")
        )
    if raw["subject"] not in vocabulary.subject_types():
        yield place.child("subject").fault(
            f"unknown type of subject {raw['subject']!r}", near(raw["subject"], vocabulary.subject_types())
        )


def menu(raw: Raw, place: Place, known: MenuNames) -> Iterator[Fault]:
    """Options with one action each, targets that there are, a root, hours of lines, clauses of limits."""
    nodes, queues = raw.get("nodes") or {}, raw["queues"]
    if nodes and "root" not in raw:
        yield place.child("root").fault("no root", "write root: NODE")
    if nodes:
        yield from _named(raw.get("root"), nodes, "node", place.child("root"))
    for key, node in nodes.items():
        at = place.child("nodes").child(key)
        yield from _prompt(node["prompt"], at.child("prompt"), known)
        for digit, option in node["options"].items():
            yield from _option(option, at.child("options").child(digit), nodes, queues, known)
    for key in ("recording_notice", "greeting"):
        if key in raw:
            yield from _prompt(raw[key], place.child(key), known)
    if "off_hours" in raw:
        yield from _prompt(raw["off_hours"]["greeting"], place.child("off_hours").child("greeting"), known)
        yield from _named(raw["off_hours"].get("node"), nodes, "node", place.child("off_hours").child("node"))
    for key, limit in (raw.get("limits") or {}).items():
        yield from _named(limit["clause"], known.clauses, "clause", place.child("limits").child(key).child("clause"))
    yield from _lines(raw["lines"], place.child("lines"), nodes, queues, known)
    yield from queue_checks.queues(queues, place.child("queues"))
    yield from _rating(raw.get("rating") or {}, place.child("rating"), raw["lines"], queues)
    yield from _named((raw.get("site_callback") or {}).get("queue"), queues, "queue", place.child("site_callback"))
    yield from _unreachable(raw, nodes, place)


def _lines(lines: Raw, place: Place, nodes: Raw, queues: Raw, known: MenuNames) -> Iterator[Fault]:
    for key, line in lines.items():
        at = place.child(key)
        yield from _named(line.get("hours"), known.hours, "hours", at.child("hours"))
        yield from _named(line.get("queue"), queues, "queue", at.child("queue"))
        yield from _named(line.get("when_closed"), set(lines) - {key}, "other line", at.child("when_closed"))
        if line.get("menu", True) and not nodes:
            yield at.fault("the line has a menu, but there are no nodes", "write menu: false or add nodes")
        if not line.get("menu", True) and "queue" not in line:
            yield at.child("queue").fault("a line without a menu needs a queue", "write queue: QUEUE")


def _rating(asked: Raw, place: Place, lines: Raw, queues: Raw) -> Iterator[Fault]:
    for name, there, what in (("lines", lines, "line"), ("queues", queues, "queue")):
        for one in asked.get(name) or ():
            yield from _named(one, there, what, place.child(name))


def _unreachable(raw: Raw, nodes: Raw, place: Place) -> Iterator[Fault]:
    reached: set[str] = set()
    edge = [raw.get("root"), (raw.get("off_hours") or {}).get("node")]
    while edge:
        node = edge.pop()
        if isinstance(node, str) and node in nodes and node not in reached:
            reached.add(node)
            edge += [option.get("goto") for option in nodes[node]["options"].values()]
    for key in nodes:
        if key not in reached:
            yield (
                place.child("nodes").child(key).fault("no key leads here", "add a goto, or remove the node", "warning")
            )


def _prompt(prompt: Raw, place: Place, known: MenuNames) -> Iterator[Fault]:
    yield from placeholders.check(prompt["text"], place.child("text"))
    yield from _named(prompt.get("clauses"), known.clauses, "clause", place.child("clauses"))
    yield from _named(prompt.get("clause"), known.clauses, "clause", place.child("clause"))


def _option(option: Raw, place: Place, nodes: Raw, queues: Raw, known: MenuNames) -> Iterator[Fault]:
    actions = [name for name in ACTIONS if name in option]
    if len(actions) != 1:
        yield place.fault(
            f"{len(actions)} actions: {', '.join(actions) or 'none'}", f"write exactly one of {', '.join(ACTIONS)}"
        )
    yield from _named(option.get("goto"), nodes, "node", place.child("goto"))
    for name in ("queue", "operator"):
        yield from _named(option.get(name), queues, "queue", place.child(name))
    if "info" in option:
        yield from _prompt(option["info"], place.child("info"), known)
    for name in ("back", "repeat", "hangup"):
        if option.get(name) is False:
            yield place.child(name).fault("an action cannot be false", "use enabled: false")


def deadlines(raw: Raw, place: Place, known: Known) -> Iterator[Fault]:
    """Own ids, clauses that there are, a limit in every rule, a rule for whatever can be registered."""
    yield from _unique(list(raw["rules"]), place.child("rules"))
    for index, rule in enumerate(raw["rules"]):
        at = place.child("rules").child(index)
        yield from _named(rule["clauses"], known.clauses, "clause", at.child("clauses"))
        yield from _named(rule.get("hours"), known.hours, "hours", at.child("hours"))
        yield from term_fault(rule.get("limit"), at.child("limit"))
        yield from term_fault(rule.get("target"), at.child("target"))
        if terms.parse(rule.get("limit")) is None and rule.get("rule") is None and rule["start"] != "date_named":
            named = rule["clauses"][0] if rule["clauses"] else ""
            yield at.child("limit").fault(
                "the deadline is left empty", "write limit: {n: …, unit: …} or rule: …", clause=named
            )
    for index, needed in enumerate(raw.get("mandatory") or ()):
        at = place.child("mandatory").child(index)
        yield from _named(needed.get("clause"), known.clauses, "clause", at.child("clause"))
    yield from deadline_checks.uncovered(raw, place)


def lexicon(raw: Raw, place: Place, known: Known) -> Iterator[Fault]:
    """Own ids, clauses that there are, words where words are matched, a rate where rates are."""
    yield from _unique(list(raw["lists"]), place.child("lists"))
    for index, one in enumerate(raw["lists"]):
        at = place.child("lists").child(index)
        yield from _named(one.get("clause"), known.clauses, "clause", at.child("clause"))
        if one["match"] in ("phrase", "lemma", "rate") and not one.get("words"):
            yield at.child("words").fault("a list without words", "write words: [ … ]")
        if one["match"] == "rate" and "per_100_words" not in one:
            yield at.child("per_100_words").fault("a rate without a bound", "write per_100_words: 3")
