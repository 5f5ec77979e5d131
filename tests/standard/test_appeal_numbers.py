"""The shape of numbers: written, found again in any letters, and refused where nobody could read it."""

from pathlib import Path

import pytest

from kindline.standard import appeal_numbers, loader
from kindline.standard.appeal_numbers import Template
from tests.standard.test_loader import spoil


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("{prefix}-{year}/{number:5}", "", "КРЦ-2026/00017"),
        ("{number:1}/{year}", "", "17/2026"),
        ("{prefix}/{unit}-{number:6}", "north", "КРЦ/north-000017"),
        ("{unit}-{year}-{number:2}", "", "0-2026-17"),
        ("{prefix}-{number:3}", "", "КРЦ-017"),
    ],
)
def test_a_number_is_written_and_found_again(text: str, unit: str, number: str) -> None:
    template = Template(text, "КРЦ")
    assert template.written(17, 2026, unit) == number
    assert template.found_in(f"Re: обращение {number.lower()}, повторно") == [number]
    assert template.found_in(number.replace("17", "")) == []
    assert template.is_yearly == ("{year}" in text)


def test_a_long_running_number_keeps_all_its_figures() -> None:
    assert Template("{prefix}-{number:3}", "a").written(12345, 2026) == "a-12345"


def test_what_was_in_use_before_is_known_beside_the_usual() -> None:
    known = {"appeal_number": "{prefix}/{number:4}", "appeal_prefix": "КРЦ"}
    known |= {"appeal_numbers_before": ["{number:4}/{year}"]}  # type: ignore[dict-item]
    shapes = appeal_numbers.all_of(known, "krc")
    assert [one.written(5, 2025) for one in shapes] == ["КРЦ/0005", "0005/2025", "krc-2025/00005"]
    assert [one.written(5, 2025) for one in appeal_numbers.all_of({}, "voe")] == ["voe-2025/00005"]


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_every_profile_keeps_its_shape(profile: str) -> None:
    found = loader.load(profile)
    assert appeal_numbers.of(found.variables, found.id).written(17, 2026) == f"{profile}-2026/00017"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("appeal_number: '{prefix}-{year}'", "needs one running number"),
        ("appeal_number: '{number:5}/{number:2}'", "needs one running number"),
        ("appeal_number: '{prefix} № {number:5}'", "something else in it"),
        ("appeal_number: '{month}/{number:5}'", "something else in it"),
        ("appeal_number: '{year}{number:5}'", "begins or ends"),
        ("appeal_number: '7{number:5}'", "begins or ends"),
        ("appeal_number: '{year}-{year}-{number:5}'", "names a place twice"),
        ("appeal_number: 5", "a text is expected"),
        ("appeal_prefix: 'a b'", "a prefix of letters"),
        ("appeal_numbers_before: '{number:5}'", "a list of templates"),
        ("appeal_numbers_before: ['{year}']", "needs one running number"),
    ],
)
def test_a_shape_that_cannot_be_read_is_refused_with_a_cure(folder: Path, said: str, told: str) -> None:
    faults = spoil(folder, "standard.yaml", "ring_period_s: 5", f"ring_period_s: 5\n  {said}")
    [fault] = [one for one in faults if one.key.startswith("variables.appeal_")]
    assert told in fault.message
    assert fault.cure == appeal_numbers.CURE
    assert fault.line > 0


def test_a_requester_that_nobody_can_be_is_refused(folder: Path) -> None:
    rule = "rules:\n  - {id: firms, when: {requester: firma}, start: received,\n"
    rule += "     limit: {n: 5, unit: working_days}, clauses: [mini-1-01]}\n"
    (folder / "deadlines.yaml").write_text(rule, encoding="utf-8")
    [fault] = [one for one in loader.check(folder) if "requester" in one.key]
    assert "firm" in fault.cure
