"""The state of an appeal as the telephone tells it: by the figures of its number, without a person's data."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.appeals import spoken
from kindline.appeals.models import Appeal
from kindline.standard import loader
from tests.appeals.registry import NOW, Registry, registry

pytestmark = pytest.mark.db


def figures(appeal: Appeal) -> str:
    return "".join(one for one in appeal.number if one.isdecimal())


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_state_and_term_are_told_in_words_and_nothing_of_the_person(db: None, profile: str) -> None:
    here = registry(profile)
    appeal = here.register(substance="Тайна")
    Appeal.objects.filter(pk=appeal.pk).update(limit_at=NOW + dt.timedelta(days=2), phone="+79001112233")
    said = spoken.status(here.profile, figures(appeal), NOW)
    assert said is not None
    assert not any(one.isdecimal() for one in said), "figures are not read well"
    for hidden in ("Тайна", appeal.surname, appeal.given_name, "7900"):
        assert not hidden or hidden not in said
    state = here.profile.workflow.states[appeal.state] if here.profile.workflow else None
    assert state is not None
    assert state.title[here.profile.language] in said
    assert spoken.spoken_day(here.profile, NOW + dt.timedelta(days=2)) in said


def _answered(here: Registry) -> Appeal:
    appeal = here.register()
    Appeal.objects.filter(pk=appeal.pk).update(answered_at=NOW)
    return appeal


def test_who_has_an_answer_hears_when_it_was_given(db: None) -> None:
    here = registry("krc")
    said = spoken.status(here.profile, figures(_answered(here)), NOW)
    assert said is not None
    assert f"Ответ дан {spoken.spoken_day(here.profile, NOW)}." in said
    assert "не позднее" not in said


def test_leading_zeros_may_be_left_out_and_nonsense_is_unknown(db: None) -> None:
    here = registry("krc")
    appeal = here.register()
    year, running = figures(appeal)[:4], figures(appeal)[4:]
    assert spoken.by_figures(here.profile, year + running.lstrip("0")) == appeal
    for wrong in ("", "1", year, year + "0", year + "99999", "99" + running, "abcd1", "٢٠٢٦٠٠٠٠١"):
        assert spoken.status(here.profile, wrong, NOW) is None
    assert spoken.by_figures(loader.load("voe"), figures(appeal)) is None, "of another organisation"


@pytest.mark.parametrize(
    ("profile", "day", "said"),
    [("krc", 3, "третьего марта"), ("court", 21, "двадцять першого березня"), ("voe", 31, "тридцять першого березня")],
)
def test_a_day_is_read_as_people_say_it(profile: str, day: int, said: str) -> None:
    moment = dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)
    assert spoken.spoken_day(loader.load(profile), moment) == said
