"""Codes are read as they look, on whatever keyboard they were typed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.staff.typed_codes import figures, signs


@pytest.mark.parametrize("typed", ["HOPE-BI27", " hope bi27 ", "H0PE-8127", "НОРЕ-ВІ27", "норе81-27"])
def test_what_looks_alike_is_one_code(typed: str) -> None:
    assert signs(typed) == "HOPEBI27"


@given(st.binary(min_size=5, max_size=10))
def test_a_code_that_was_made_is_itself(made: bytes) -> None:
    code = base64.b32encode(made).decode().rstrip("=")
    assert signs(code) == code == signs(code.lower())


def test_figures_of_an_app_stay_figures() -> None:
    assert figures(" 018 018 ") == "018018"
