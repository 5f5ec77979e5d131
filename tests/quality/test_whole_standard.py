"""A whole standard is judged at once, in its four kinds."""

from collections.abc import Callable

import pytest

from kindline.quality import judging, queries
from kindline.quality.models import Measurement
from kindline.standard import loader
from tests.quality.conftest import NOW

pytestmark = pytest.mark.db


@pytest.mark.parametrize("profile", ["court", "yumek"])
def test_every_verdict_names_a_clause_and_proves_itself(
    call: Callable[..., str], under: Callable[[str], None], profile: str
) -> None:
    under(profile)
    contacts = [call(profile), call(profile, rings=9)]
    count = judging.judge_subjects(subjects={("contact", contact) for contact in contacts}, now=NOW)
    rows = list(Measurement.objects.all())
    whole = loader.load(profile)
    assert len(rows) == count > 20
    assert {row.clause for row in rows} <= set(whole.clauses)
    assert {row.subject_id for row in rows} == set(contacts)
    assert {row.verdict for row in rows} >= {"not_met", "not_measurable"}
    for row in rows:
        if row.verdict == "met":
            assert queries.evidence(row), f"{row.clause} is met by nothing"
    shown = queries.of_contact(contacts[0], whole)
    order = list(whole.clauses)
    assert [order.index(one.clause.id) for one in shown] == sorted(order.index(one.clause.id) for one in shown)
