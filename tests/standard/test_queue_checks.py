"""Where callers are sent on must come to an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.standard.test_loader import spoil

OLD = "    overflow: {after_s: 300, to: voicemail}\n"
QUEUE = "  {name}: {{title: {{uk: Ч, ru: О, en: Q}}, skills: [general], overflow: {{after_s: 60, to: {to}}}}}\n"


def faults(folder: Path, general: str, **others: str) -> list[str]:
    new = OLD.replace("voicemail", general) + "".join(QUEUE.format(name=name, to=to) for name, to in others.items())
    return [one.message for one in spoil(folder, "menu.yaml", OLD, new) if one.level == "error"]


@pytest.mark.parametrize(
    ("general", "others", "ways"),
    [
        ("general", {}, ["general -> general"]),
        ("b", {"b": "general"}, ["general -> b -> general", "b -> general -> b"]),
        ("b", {"b": "c", "c": "b"}, ["b -> c -> b", "c -> b -> c"]),
        ("b", {"b": "c", "c": "voicemail"}, []),
        ("b", {"b": "callback"}, []),
    ],
)
def test_a_circle_of_queues_is_refused_where_it_runs(
    folder: Path, general: str, others: dict[str, str], ways: list[str]
) -> None:
    assert faults(folder, general, **others) == [f"callers are sent round in a circle: {way}" for way in ways]


def test_a_queue_that_is_not_there_is_named(folder: Path) -> None:
    assert faults(folder, "nowhere") == ["cannot overflow to 'nowhere'"]
