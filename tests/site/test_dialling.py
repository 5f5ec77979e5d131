"""Numbers in what is published are called by a touch."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kindline.site.templatetags.dialling import dialled
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db


@pytest.mark.parametrize(
    ("text", "tels"),
    [
        ("8-800-200-9997", ["+78002009997"]),
        ("8 (846) 200-10-01, 08:00–17:00", ["+78462001001"]),
        ("(846) 200-10-01; +7 846 200-10-02", ["+78462001001", "+78462001002"]),
        ("(000) 000-10-01", ["+70000001001"]),
    ],
)
def test_a_number_is_a_link(site: Callable[[str], Profile], text: str, tels: list[str]) -> None:
    site("krc")
    parts = dialled(text).split('<a href="tel:')[1:]
    assert [part.partition('"')[0] for part in parts] == tels


@pytest.mark.parametrize(
    "text",
    ["08:00–17:00", "30.11.2026", "ИНН 7701234567, КПП 770101001", "40702810500000000001", "100 000 руб.", "<b>"],
)
def test_what_is_no_number_of_a_telephone_stays_text(site: Callable[[str], Profile], text: str) -> None:
    site("krc")
    assert dialled(text) == text.replace("<", "&lt;").replace(">", "&gt;")
