"""What the client hears when a colleague is busy, does not answer or cannot help: a turn of the talk for each."""

from __future__ import annotations

import pytest

from kindline.standard import loader

GUIDES = [
    ("krc", "incoming"), ("court", "incoming"), ("yumek", "incoming"), ("voe", "incoming_direct"),
    ("voe", "incoming_hotline"),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "guide"), GUIDES, ids=[" ".join(one) for one in GUIDES])
def test_who_does_not_take_a_call_passed_on_has_a_turn_with_words(profile: str, guide: str) -> None:
    script = loader.load(profile).scripts[guide]
    turns = [branch for branch in script.branches if branch.only_if == "transfer_refused"]
    assert {"transfer_absent", "transfer_busy"} <= {branch.id for branch in turns}
    assert len(turns) == 3
    for branch in turns:
        assert branch.key
        assert any(step.phrases for step in branch.steps), branch.id


@pytest.mark.parametrize("profile", ["court", "yumek", "voe"])
def test_where_the_standard_has_no_words_of_its_own_they_are_marked_as_assumed(profile: str) -> None:
    found = loader.load(profile)
    assert "зайнят" in found.assumed["transfers"] or "занят" in found.assumed["transfers"]
