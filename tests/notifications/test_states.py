"""What is known of a message only grows, whatever the order of news; texts are cut and joined; ids are matched."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.notifications import matching, segments, states

NEWS = st.lists(st.sampled_from([one for one in states.ORDER if one not in ("queued", "sending")]), max_size=8)


@given(NEWS, st.randoms(use_true_random=False))
def test_the_order_of_news_and_news_told_twice_change_nothing(news: list[str], dice: random.Random) -> None:
    shuffled = [*news, *news]
    dice.shuffle(shuffled)
    ends = set()
    for told in (news, shuffled):
        state = states.SENDING
        for one in told:
            assert states.RANK[states.after(state, one)] >= states.RANK[state]
            state = states.after(state, one)
        ends.add(state)
    assert len(ends) == 1


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["delivered", "delivered"], "delivered"),
        (["delivered", "submitted"], "submitted"),
        (["delivered", "unknown"], "unknown"),
        (["delivered", "failed"], "failed"),
        (["expired", "submitted"], "expired"),
        (["queued", "queued"], "queued"),
        (["submitted", "queued"], "sending"),
    ],
)
def test_a_message_is_what_its_parts_are(parts: list[str], whole: str) -> None:
    assert states.whole(parts) == whole


@pytest.mark.parametrize(
    ("text", "coding", "pieces"),
    [
        ("a" * 160, "gsm", 1),
        ("a" * 161, "gsm", 2),
        ("€" * 80, "gsm", 1),
        ("€" * 81, "gsm", 2),
        ("я" * 70, "ucs2", 1),
        ("я" * 71, "ucs2", 2),
        ("ґ" * 134, "ucs2", 2),
        ("ґ" * 135, "ucs2", 3),
        ("😀" * 35, "ucs2", 1),
        ("😀" * 36, "ucs2", 2),
    ],
)
def test_a_text_takes_as_few_messages_as_it_needs(text: str, coding: str, pieces: int) -> None:
    cut = segments.cut(text)
    assert (cut.coding, len(cut.pieces)) == (coding, pieces)


@given(st.text(min_size=1, max_size=500))
def test_a_text_that_was_cut_is_joined_again(text: str) -> None:
    cut = segments.cut(text)
    assert segments.joined(dict(enumerate(cut.pieces, 1)), len(cut.pieces)) == text
    together = segments.ROOM[cut.coding][1]
    if len(cut.pieces) > 1 and cut.coding == segments.UCS2:
        assert max(len(piece.encode("utf-16-be", "surrogatepass")) // 2 for piece in cut.pieces) <= together


def test_a_part_that_never_came_is_shown() -> None:
    assert segments.joined({1: "a", 3: "c"}, 3) == "a…c"


@pytest.mark.parametrize(
    ("given_id", "told", "is_same"),
    [
        ("1A2B", "6699", True),
        ("6699", "1a2b", True),
        ("1A2B", "00006699", True),
        ("0000001A2B", "1a2b", True),
        ("abc-def", "ABC-DEF", True),
        ("1A2B", "6700", False),
        ("zz", "6699", False),
    ],
)
def test_an_id_may_be_told_in_another_base(given_id: str, told: str, is_same: bool) -> None:
    assert matching.same(given_id, told) is is_same


def test_the_same_writing_wins_and_a_crossed_one_must_be_the_only_one() -> None:
    assert matching.found("10", {1: "16", 2: "10"}) == 2
    assert matching.found("16", {1: "10", 2: "23"}) == 1
    assert matching.found("16", {1: "10", 2: "22"}) is None, "one in either base"
    assert matching.found("16", {1: "10", 2: "0010"}) is None
    assert matching.found("99", {1: "10"}) is None
