"""Numbers by the profile's template: gapless over a change of it, and old ones are still found everywhere."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kindline.appeals import lookup, numbers, spoken
from kindline.appeals.models import Appeal, NumberSeries
from kindline.standard import loader
from tests.appeals.registry import Registry

pytestmark = pytest.mark.db
Shaped = Callable[..., Registry]


@pytest.fixture
def shaped(krc: Registry, monkeypatch: pytest.MonkeyPatch) -> Shaped:
    """The registry once its profile says how numbers look."""
    load = loader.load

    def change(**said: Any) -> Registry:
        profile = dataclasses.replace(krc.profile, variables={**krc.profile.variables, **said})
        monkeypatch.setattr(loader, "load", lambda name, on=None: profile if name == "krc" else load(name, on))
        krc.profile = profile
        return krc

    return change


def _found(here: Registry, text: str) -> list[Appeal]:
    return list(lookup.find(Appeal.objects.order_by("pk"), text, "krc"))


def test_the_series_goes_on_without_a_gap_over_a_change_of_the_template(krc: Registry, shaped: Shaped) -> None:
    old = krc.register()
    here = shaped(appeal_number="{prefix}/{year}-{number:4}", appeal_prefix="КРЦ")
    new = here.register()
    assert (old.number, new.number) == ("krc-2026/00001", "КРЦ/2026-0002")
    assert NumberSeries.objects.get(profile="krc").last == 2
    assert numbers.found_in("Re: крц/2026-0002 и krc-2026/00001", here.profile) == [new.number, old.number]
    for one in (old, new):
        assert _found(here, one.number) == _found(here, one.number.lower()) == [one]
    assert _found(here, "0002") == [new], "by the running number alone"
    assert spoken.by_figures(here.profile, "20261") == old
    assert spoken.by_figures(here.profile, "20260002") == new


def test_without_the_year_the_series_does_not_begin_anew(shaped: Shaped) -> None:
    here = shaped(appeal_number="{prefix}-{number:3}")
    first = here.register()
    here.now += dt.timedelta(days=365)
    second = here.register()
    assert (first.number, second.number) == ("krc-001", "krc-002")
    assert NumberSeries.objects.get().year == numbers.ALWAYS
    assert spoken.by_figures(here.profile, "2") == second
    assert spoken.by_figures(here.profile, "3") is None


def test_the_unit_that_received_it_stands_in_the_number(shaped: Shaped) -> None:
    here = shaped(appeal_number="{unit}/{year}-{number:3}", appeal_numbers_before=["{prefix}-{number:9}"])
    first = here.register()
    assert first.number == "clients/2026-001"
    assert spoken.by_figures(here.profile, "2026001") == first
    assert spoken.by_figures(here.profile, "2025001") is None
    assert numbers.found_in("CLIENTS/2026-001", here.profile) == ["CLIENTS/2026-001"], "as far as letters tell"
    here.people["operator"].unit = None
    assert here.register().number == "0/2026-002"


def test_what_was_in_use_between_is_read_when_it_is_named(shaped: Shaped) -> None:
    here = shaped(appeal_numbers_before=["{number:4}/{year}"])
    assert numbers.found_in("№ 0017/2025", here.profile) == ["0017/2025"]
