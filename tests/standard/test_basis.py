"""What a standard rests on: its orders, legal acts, and local rules that may be stricter and never looser."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kindline.standard import examples, loader
from kindline.standard.faults import Fault, ProfileFaults, errors
from kindline.standard.local_rules import looser

clause = pytest.mark.clause
KRC = Path(__file__).resolve().parents[2] / "profiles" / "krc"
ORDER = 'approved: {order: "№ 1", date: 2022-01-10, by: генеральный директор'
Spoil = Callable[[str, str, str], list[Fault]]


@pytest.fixture
def krc(tmp_path: Path) -> Path:
    """A copy of the whole standard, to be spoilt."""
    return Path(shutil.copytree(KRC, tmp_path / "krc"))


@pytest.fixture
def spoilt(krc: Path) -> Spoil:
    """Change a text in a file of the copy; the faults that come of it."""

    def change(file: str, old: str, new: str) -> list[Fault]:
        path = krc / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
        return errors(loader.check(krc))

    return change


class TestOrders:
    @clause("krc-8-01")
    @pytest.mark.parametrize(
        ("new", "said"),
        [
            ('approved: {order: "без номера", date: 2022-01-10, by: генеральный директор', "no number"),
            ('approved: {order: "№ 1", by: генеральный директор', "no day"),
            ('approved: {order: "№ 1", date: 2022-01-11, by: генеральный директор', "before its order was signed"),
            ('approved: {order: "№ 1", date: 2022-01-10, by: начальник отдела', "not signed by: генеральный директор"),
        ],
    )
    def test_a_standard_is_not_in_force_without_an_order_of_the_general_director(
        self, spoilt: Spoil, krc: Path, new: str, said: str
    ) -> None:
        (fault,) = spoilt("standard.yaml", ORDER, new)
        assert said in fault.message
        assert fault.clause == "krc-8-01"
        with pytest.raises(ProfileFaults):
            loader.load_path(krc)

    @clause("krc-8-02")
    def test_an_amendment_needs_an_order_and_a_version_of_its_own(self, krc: Path) -> None:
        file = krc / "versions" / "2" / "standard.yaml"
        file.parent.mkdir(parents=True)
        order = '{order: "№ 19", date: 2026-06-15, by: генеральный директор}'
        own = f'version: "2"\nvalid_from: 2026-07-01\napproved: {order}\n'
        wrong = {
            own.replace("№ 19", "устно"): "no number",
            own.replace("№ 19", "№ 1").replace("2026-06-15", "2022-01-10"): "has this order already",
            own.replace('"2"', '"1"'): "such a version already",
            own.replace("генеральный", "технический"): "not signed by",
        }
        for text, said in wrong.items():
            file.write_text(text, encoding="utf-8")
            found = errors(loader.check(krc))
            assert [(said in one.message, one.clause, one.file) for one in found] == [
                (True, "krc-8-02", "krc/versions/2/standard.yaml")
            ], text
        file.write_text(own, encoding="utf-8")
        assert errors(loader.check(krc)) == []
        assert loader.load_path(krc, dt.date(2026, 7, 1)).approved.order == "№ 19"

    @clause("krc-8-03")
    def test_a_last_day_needs_an_order_of_repeal(self, spoilt: Spoil, krc: Path) -> None:
        last = "valid_from: 2022-01-10\nvalid_to: 2026-12-31\n"
        (fault,) = spoilt("standard.yaml", "valid_from: 2022-01-10\n", last)
        assert (fault.clause, "without an order of repeal" in fault.message) == ("krc-8-03", True)
        order = 'repealed_by: {order: "№ 80", date: 2026-11-30, by: генеральный директор}\n'
        assert spoilt("standard.yaml", last, last + order) == []
        found = loader.load_path(krc)
        assert found.repealed_by is not None
        assert (found.repealed_by.order, found.valid_to) == ("№ 80", dt.date(2026, 12, 31))
        (fault,) = spoilt("standard.yaml", "by: генеральный директор}\n", "by: директор}\n")
        assert fault.clause == "krc-8-03"

    def test_another_standard_may_come_without_such_an_order(self) -> None:
        assert loader.load("yumek").approved.date is None, "none of its clauses demands one"


class TestLegalActs:
    @clause("krc-1-04", "krc-1-05", "krc-1-06", "krc-1-07", "krc-1-08", "krc-1-09", "krc-1-10")
    @pytest.mark.parametrize(
        ("act", "of"),
        [
            ("GK_RF", "krc-1-04"), ("2300-1", "krc-1-05"), ("59-FZ", "krc-1-06"), ("152-FZ", "krc-1-07"),
            ("PP-354", "krc-1-08"), ("PP-124", "krc-1-09"), ("PP-644", "krc-1-10"),
        ],
    )  # fmt: skip
    def test_an_act_that_a_clause_names_stands_in_the_register(self, spoilt: Spoil, act: str, of: str) -> None:
        standing = loader.load("krc")
        assert [one.act for one in standing.cited(standing.clauses[of])] == [act]
        found = spoilt("standard.yaml", f"act: {act},", "act: X,")
        assert of in {fault.clause for fault in found if f"the act {act} is not in legal_sources" in fault.message}

    @clause("krc-1-07")
    def test_its_day_is_the_clause_s_and_what_is_cited_is_there(self, spoilt: Spoil) -> None:
        (fault,) = spoilt("standard.yaml", "date: 2006-07-27,", "date: 2006-07-28,")
        assert (fault.clause, "another day" in fault.message) == ("krc-1-07", True)
        found = spoilt("clauses/5.6.4.yaml", "law: [personal_data]", "law: [personal_datum]")
        assert any("no legal act 'personal_datum'" in one.message and "personal_data" in one.cure for one in found)

    def test_an_act_is_cited_by_key(self) -> None:
        krc = loader.load("krc")
        assert [act.id for act in krc.cited(krc.clauses["krc-6.1-20"])] == ["utility_rules"]
        assert krc.cited(krc.clauses["krc-2-04"]) == ()


LOCAL = """rules:
  - document: "Регламент call-центра № 12"
    clause: krc-5.6.4-03
    value: {%s}
"""


class TestLocalRules:
    @clause("krc-1-03")
    def test_a_local_rule_may_tighten_a_clause_and_then_everything_goes_by_it(self, krc: Path) -> None:
        (krc / "local.yaml").write_text(LOCAL % "rings_max: 2", encoding="utf-8")
        assert errors(loader.check(krc)) == []
        found = loader.load_path(krc)
        assert found.clauses["krc-5.6.4-03"].value["rings_max"] == 2
        assert found.clauses["krc-5.6.4-03"].ruled.params["max_rings"] == 2
        (rule,) = found.local_rules
        assert (rule.document, rule.value, rule.standard) == ("Регламент call-центра № 12", 2, 3)
        assert examples.run(found, ["krc-5.6.4-03"]) == [], "examples are of the standard's own value"

    @clause("krc-1-03")
    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ("rings_max: 4", "Регламент call-центра № 12 loosens krc-5.6.4-03: 3 -> 4"),
            ("rings_max: много", "cannot be seen"),
            ("rings: 2", "has no 'rings'"),
        ],
    )
    def test_one_that_loosens_it_is_refused_and_both_are_named(self, krc: Path, value: str, said: str) -> None:
        (krc / "local.yaml").write_text(LOCAL % value, encoding="utf-8")
        found = [fault.message for fault in errors(loader.check(krc))]
        assert len(found) == 1
        assert said in found[0]
        with pytest.raises(ProfileFaults):
            loader.load_path(krc)

    @clause("krc-1-03")
    def test_a_term_in_deadlines_is_never_longer_than_the_clause_s(self, spoilt: Spoil) -> None:
        limit = "    start: received\n    limit: {n: 3, unit: working_days}"
        (fault,) = spoilt("deadlines.yaml", limit, limit.replace("n: 3", "n: 4"))
        assert (fault.message, fault.clause) == (
            "utility_quality loosens krc-6.1-20: 3 -> 4 working_days", "krc-6.1-20",
        )  # fmt: skip

    @clause("krc-1-03")
    def test_a_shorter_local_term_is_the_limit_of_appeals(self, krc: Path) -> None:
        text = LOCAL.replace("krc-5.6.4-03", "krc-6.1-20") % "deadline: 2 working_days"
        (krc / "local.yaml").write_text(text, encoding="utf-8")
        rule = next(one for one in loader.load_path(krc).deadlines if one.id == "utility_quality")
        assert rule.limit is not None
        assert (rule.limit.n, rule.limit.unit) == (2, "working_days")

    def test_which_side_is_the_strict_one(self) -> None:
        assert [looser("wait_s_max", 60, local) for local in (59, 60, 61)] == [False, False, True]
        assert [looser("share_min", 0.8, local) for local in (0.9, 0.7)] == [False, True]
        assert looser("deadline", "30 calendar_days", "20 working_days") is None, "of another unit"
        assert looser("rings", 3, 2) is None
        assert looser("switched_max", True, False) is None
