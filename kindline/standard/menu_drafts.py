"""A voice menu as people edit it: plain data whose lists keep their order, and which may be wrong for a while."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kindline.standard.menus import ACTIONS, Menu, Node, OffHours, Option, Prompt, Title
from kindline.standard.shapes import LANGUAGES

Content = dict[str, Any]
KEYS = tuple("1234567890*#")
TEXT_MAX, TITLE_MAX, NODES_MAX, OPTIONS_MAX = 1000, 120, 80, 24
TARGETED = ("goto", "queue", "operator", "voicemail", "self")
"""The actions that lead somewhere."""
ON_END = ("back", "operator", "hangup")
IDENT = re.compile(r"[A-Za-z0-9_-]{1,40}")
SOUND = re.compile(r"[0-9a-f]{64}")


class UnreadableMenuError(ValueError):
    """What was sent is no menu; `place` says where."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"this is no voice menu: {place}")


# --- a menu as content ---
def content_of(menu: Menu) -> Content:
    """The part of a menu that people edit; queues, lines and limits stay those of the standard."""
    off = menu.off_hours
    return {
        "root": menu.root or "",
        "recording_notice": _prompt_content(menu.recording_notice),
        "greeting": _prompt_content(menu.greeting),
        "off_hours": {"greeting": _prompt_content(off.greeting), "node": off.node or ""} if off else None,
        "nodes": [_node_content(node) for node in menu.nodes.values()],
    }


def _prompt_content(prompt: Prompt | None) -> Content | None:
    if prompt is None:
        return None
    found: Content = {"text": prompt.text, "sound": prompt.sound, "clauses": list(prompt.clauses)}
    return found | ({"names_company": True} if prompt.names_company else {})


def _node_content(node: Node) -> Content:
    return {
        "id": node.id,
        "title": dict(node.title or {}),
        "prompt": _prompt_content(node.prompt),
        "timeout_s": node.timeout_s,
        "tries": node.tries,
        "options": [_option_content(option) for option in node.options.values()],
    }


def _option_content(option: Option) -> Content:
    return {
        "digit": option.digit,
        "action": option.action,
        "target": option.target or "",
        "title": dict(option.title or {}),
        "enabled": option.enabled,
        "on_end": option.on_end,
        "prompt": _prompt_content(option.prompt),
    }


# --- content as a menu ---
def menu_of(content: Mapping[str, Any], base: Menu) -> Menu:
    """The menu that a content describes, under the queues, lines and limits of the standard's own menu.

    What cannot be a part of a menu (a key without a use, the second of two equal keys) is left out: `faults` says so.
    """
    off = content["off_hours"]
    return replace(
        base,
        root=content["root"] or None,
        nodes={one["id"]: _node(one) for one in content["nodes"]},
        recording_notice=_prompt("recording_notice", content["recording_notice"]),
        greeting=_prompt("greeting", content["greeting"]),
        off_hours=OffHours(_said("off_hours.greeting", off["greeting"]), off["node"] or None) if off else None,
        marks={},
    )


def _prompt(key: str, raw: Mapping[str, Any] | None) -> Prompt | None:
    return None if raw is None else _said(key, raw)


def _said(key: str, raw: Mapping[str, Any]) -> Prompt:
    clauses, names_company = tuple(raw.get("clauses") or ()), bool(raw.get("names_company"))
    return Prompt(key, raw["text"], clauses, names_company, raw.get("sound", ""))


def _node(raw: Mapping[str, Any]) -> Node:
    options: dict[str, Option] = {}
    for one in raw["options"]:
        if one["digit"] in KEYS and one["digit"] not in options and (one["target"] or one["action"] not in TARGETED):
            options[one["digit"]] = _option(f"nodes.{raw['id']}.options.{one['digit']}", one)
    said = _said(f"nodes.{raw['id']}", raw["prompt"])
    return Node(raw["id"], said, options, raw["title"] or None, raw["timeout_s"], raw["tries"])


def _option(key: str, raw: Mapping[str, Any]) -> Option:
    action = raw["action"]
    return Option(
        digit=raw["digit"],
        action=action,
        target=raw["target"] or None if action in TARGETED else None,
        title=raw["title"] or None,
        enabled=raw["enabled"],
        prompt=_prompt(key, raw["prompt"]) if action == "info" else None,
        on_end=raw["on_end"],
    )


def raw_of(content: Mapping[str, Any], base: Menu) -> dict[str, Any]:
    """The content as it would stand in menu.yaml, with as much of queues and lines as is referred to."""
    off, lines = content["off_hours"], base.lines.values()
    raw = {
        "language": base.language,
        "recording_notice": _raw_prompt(content["recording_notice"]),
        "greeting": _raw_prompt(content["greeting"]),
        "off_hours": {"greeting": _raw_prompt(off["greeting"])} | _if("node", off["node"]) if off else None,
        "root": content["root"] or None,
        "nodes": {one["id"]: _raw_node(one) for one in content["nodes"]},
        "queues": {queue.id: {"title": queue.title} for queue in base.queues.values()},
        "lines": {
            line.id: {"title": line.title, "menu": line.menu}
            | _if("hours", line.hours)
            | _if("queue", line.queue)
            | _if("when_closed", line.when_closed)
            for line in lines
        },
    }
    return {key: value for key, value in raw.items() if value is not None}


def _if(key: str, value: Any) -> dict[str, Any]:
    return {key: value} if value else {}


def _raw_prompt(raw: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if raw is None:
        return None
    clauses, company = list(raw.get("clauses") or ()), bool(raw.get("names_company"))
    return {"text": raw["text"]} | _if("clauses", clauses) | _if("names_company", company)


def _raw_node(raw: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "prompt": _raw_prompt(raw["prompt"]), "timeout_s": raw["timeout_s"], "tries": raw["tries"],
        "options": {one["digit"]: _raw_option(one) for one in raw["options"]},
    }  # fmt: skip
    return found | _if("title", raw["title"])


def _raw_option(raw: Mapping[str, Any]) -> dict[str, Any]:
    action = raw["action"]
    does: Any = raw["target"] if action in TARGETED else _raw_prompt(raw["prompt"]) if action == "info" else True
    ends = {"on_end": raw["on_end"]} if action == "info" else {}
    return {action: does, "enabled": raw["enabled"]} | ends | _if("title", raw["title"])


# --- what a page sends ---
def tidied(raw: Any) -> Content:
    """What a page sent, with nothing in it but a menu's parts. Raises: UnreadableMenuError."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("nodes"), list):
        raise UnreadableMenuError("nodes")
    off = raw.get("off_hours")
    nodes = [_tidy_node(one, f"nodes[{index}]") for index, one in enumerate(raw["nodes"])]
    if len(nodes) > NODES_MAX or len({one["id"] for one in nodes}) < len(nodes):
        raise UnreadableMenuError("nodes")
    return {
        "root": _ident(raw.get("root"), "root"),
        "recording_notice": _tidy_prompt(raw.get("recording_notice"), "recording_notice"),
        "greeting": _tidy_prompt(raw.get("greeting"), "greeting"),
        "off_hours": _tidy_off(off) if isinstance(off, Mapping) else None,
        "nodes": nodes,
    }


def _tidy_off(raw: Mapping[str, Any]) -> Content:
    greeting = _tidy_prompt(raw.get("greeting"), "off_hours.greeting")
    return {"greeting": greeting or _silent(), "node": _ident(raw.get("node"), "off_hours.node")}


def _silent() -> Content:
    return {"text": "", "sound": "", "clauses": []}


def _tidy_prompt(raw: Any, place: str) -> Content | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        raise UnreadableMenuError(place)
    clauses, sound = raw.get("clauses"), str(raw.get("sound") or "")
    said: Content = {
        "text": " ".join(_text(raw.get("text"), TEXT_MAX, f"{place}.text").split()),
        "sound": sound if SOUND.fullmatch(sound) else "",
        "clauses": [str(one)[:40] for one in clauses[:10]] if isinstance(clauses, Sequence) else [],
    }
    return said | ({"names_company": True} if raw.get("names_company") is True else {})


def _tidy_node(raw: Any, place: str) -> Content:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("options"), list):
        raise UnreadableMenuError(place)
    if len(raw["options"]) > OPTIONS_MAX or not (name := _ident(raw.get("id"), place)):
        raise UnreadableMenuError(place)
    options = [_tidy_option(one, f"{place}.options[{index}]") for index, one in enumerate(raw["options"])]
    return {
        "id": name,
        "title": _title(raw.get("title"), place),
        "prompt": _tidy_prompt(raw.get("prompt"), place) or _silent(),
        "timeout_s": _number(raw.get("timeout_s"), 1, 60, 5),
        "tries": int(_number(raw.get("tries"), 1, 9, 3)),
        "options": options,
    }


def _tidy_option(raw: Any, place: str) -> Content:
    if not isinstance(raw, Mapping) or raw.get("action") not in ACTIONS:
        raise UnreadableMenuError(place)
    prompt = _tidy_prompt(raw.get("prompt"), place)
    return {
        "digit": _text(raw.get("digit"), 1, place),
        "action": raw["action"],
        "target": _ident(raw.get("target"), place),
        "title": _title(raw.get("title"), place),
        "enabled": raw.get("enabled") is not False,
        "on_end": raw["on_end"] if raw.get("on_end") in ON_END else "back",
        "prompt": prompt or (_silent() if raw["action"] == "info" else None),
    }


def _title(raw: Any, place: str) -> Title:
    """A title in every language; where one is not written, the first that is stands in for it."""
    said = raw if isinstance(raw, Mapping) else {}
    found = {language: _text(said.get(language), TITLE_MAX, place).strip() for language in LANGUAGES}
    first = next((text for text in found.values() if text), "")
    return {language: text or first for language, text in found.items()} if first else {}


def _text(raw: Any, longest: int, place: str) -> str:
    if raw is not None and (not isinstance(raw, str) or len(raw) > longest or "\x00" in raw):
        raise UnreadableMenuError(place)
    return raw or ""


def _ident(raw: Any, place: str) -> str:
    said = _text(raw, 40, place)
    if said and not IDENT.fullmatch(said):
        raise UnreadableMenuError(place)
    return said


def _number(raw: Any, least: float, most: float, otherwise: float) -> float:
    good = isinstance(raw, int | float) and not isinstance(raw, bool) and least <= raw <= most
    return raw if good else otherwise


def prompts_of(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every message of a content with its key; of two equal keys of a level both."""
    off = content["off_hours"]
    for key, raw in (
        ("recording_notice", content["recording_notice"]),
        ("greeting", content["greeting"]),
        ("off_hours.greeting", off["greeting"] if off else None),
    ):
        if raw is not None:
            yield key, raw
    for node in content["nodes"]:
        yield f"nodes.{node['id']}", node["prompt"]
        for option in node["options"]:
            if option["action"] == "info" and option["prompt"] is not None:
                yield f"nodes.{node['id']}.options.{option['digit']}", option["prompt"]
