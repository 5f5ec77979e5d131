"""The shipped profiles: no faults, and every example of every clause comes to its verdict."""

from __future__ import annotations

import pytest

from kindline.standard import examples, loader
from kindline.standard.faults import errors

PROFILES = loader.profile_ids()


def test_the_four_standards_are_there() -> None:
    assert set(PROFILES) >= {"court", "krc", "voe", "yumek"}


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_has_no_faults(name: str) -> None:
    found = errors(loader.check(loader.profiles_dir() / name))
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("name", PROFILES)
def test_every_example_comes_to_its_verdict(name: str) -> None:
    failures = examples.run(loader.load(name))
    assert not failures, "\n".join(map(str, failures))


@pytest.mark.parametrize("name", PROFILES)
def test_both_verdicts_are_shown_for_every_rule(name: str) -> None:
    for clause in loader.load(name).clauses.values():
        if clause.rule is not None and not clause.rule.params.get("report"):
            verdicts = {example.verdict for example in clause.examples}
            assert {"met", "not_met"} <= verdicts, clause.id


def test_the_small_profile_is_a_good_example() -> None:
    from tests.standard.conftest import MINI

    assert loader.check(MINI) == []
    assert examples.run(loader.load_path(MINI)) == []


def test_a_false_example_is_told_with_its_line() -> None:
    from dataclasses import replace

    from tests.standard.conftest import MINI

    profile = loader.load_path(MINI)
    clause = profile.clauses["mini-1-19"]
    wrong = replace(clause, examples=(replace(clause.examples[0], verdict="not_met"),))
    object.__setattr__(profile, "clauses", {**profile.clauses, clause.id: wrong})
    (failure,) = examples.run(profile, [clause.id])
    assert (failure.clause, failure.expected, failure.came_to) == ("mini-1-19", "not_met", "met")
    assert failure.line == clause.examples[0].line > 0
    assert "mini/clauses/1.yaml" in str(failure)
