"""Small groups are put together, so that no number is about few people and none can be found by subtraction."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kindline.site.open_data import grouping

LEAST = 5
GROUPS = st.dictionaries(st.text("abcdef", max_size=2), st.integers(0, 12).map(lambda n: {"n": n, "late": n // 2}))


def test_small_topics_are_one_and_the_smallest_of_the_rest_joins_them_where_they_are_too_few() -> None:
    groups = {"a": {"n": 9}, "b": {"n": 3}, "c": {"n": 6}, "d": {"n": 1}}
    assert grouping.merged(groups, LEAST, "n") == {"a": {"n": 9}, grouping.OTHER: {"n": 10}}
    assert grouping.merged({"a": {"n": 9}, "b": {"n": 3}, "d": {"n": 2}}, LEAST, "n") == {
        "a": {"n": 9},
        grouping.OTHER: {"n": 5},
    }


def test_a_whole_of_few_people_is_not_told() -> None:
    assert grouping.merged({"a": {"n": 3}, "b": {"n": 1}}, LEAST, "n") == {}
    assert grouping.merged({}, LEAST, "n") == {}


@given(GROUPS)
def test_every_number_told_is_of_enough_people_and_the_sum_is_the_whole_or_nothing(
    groups: dict[str, dict[str, int]],
) -> None:
    told = grouping.merged(groups, LEAST, "n")
    assert all(counts["n"] >= LEAST for counts in told.values())
    whole = sum(counts["n"] for counts in groups.values())
    assert sum(counts["n"] for counts in told.values()) == (whole if whole >= LEAST else 0)
    late = sum(counts["late"] for counts in groups.values())
    assert whole < LEAST or sum(counts["late"] for counts in told.values()) == late
