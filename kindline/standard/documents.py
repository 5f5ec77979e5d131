"""YAML files read together with the line of every key and value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kindline.standard.faults import Fault, Level

Key = str | int
KeyPath = tuple[Key, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NODES_MAX = 400_000
DEPTH_MAX = 40


@dataclass(slots=True)
class Document:
    """A parsed file: its plain data and where each part of it stands."""

    file: str
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: KeyPath) -> int:
        """The line of the part at `path`, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place(self) -> Place:
        return Place(self, ())


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a document, able to say what is wrong with it."""

    document: Document
    path: KeyPath

    def child(self, key: Key) -> Place:
        return Place(self.document, (*self.path, key))

    @property
    def line(self) -> int:
        return self.document.line(self.path)

    def fault(self, message: str, cure: str = "", level: Level = "error", clause: str = "") -> Fault:
        return Fault(self.document.file, self.line, spelt(self.path), message, cure, level, clause)


def spelt(path: KeyPath) -> str:
    """A path as a reader writes it: rule.steps[2]."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text or "(file)"


def read(path: Path, shown: str) -> Document:
    """The file at `path`, named `shown` in faults; what cannot be parsed becomes a fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        broken = Document(shown)
        broken.faults.append(Fault(shown, 1, "(file)", f"cannot be read: {error}", "write the file as UTF-8 text"))
        return broken
    return parse(text, shown)


def parse(text: str, shown: str) -> Document:
    """A document out of its text."""
    document = Document(shown)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is not None:
            document.data = _Reader(document, loader).value(node, ())
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        said = getattr(error, "problem", None) or str(error)
        document.data = None
        document.faults.append(Fault(shown, line, "(file)", f"not readable as YAML: {said}", "correct the YAML here"))
    return document


class _Reader:
    """Turns YAML nodes into plain data, remembering lines; bounded against alias bombs."""

    def __init__(self, document: Document, loader: Any) -> None:
        self.document = document
        self.loader = loader
        self.count = 0

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.count += 1
        if self.count > NODES_MAX or len(path) > DEPTH_MAX:
            raise ValueError("too large or too deep (an alias that contains itself?)")
        self.document.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        try:
            return self.loader.construct_object(node)
        except (ValueError, yaml.YAMLError) as error:
            message = f"not a readable value: {getattr(error, 'problem', None) or error}"
            self.document.faults.append(Place(self.document, path).fault(message, "put it in quotes, or correct it"))
            return str(node.value)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            here = (*path, key)
            if key in found:
                self.document.faults.append(
                    Fault(self.document.file, key_node.start_mark.line + 1, spelt(here), "written twice", "keep one")
                )
            found[key] = self.value(value_node, here)
            self.document.lines[here] = key_node.start_mark.line + 1
        return found
