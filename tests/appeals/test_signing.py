"""Who signs: by the list of powers where one is kept, by role where it is empty; the message says who may."""

import datetime as dt
from typing import Any

import pytest

from kindline.appeals import answering, moves, queries, signing
from kindline.appeals.models import Appeal
from kindline.staff import signers
from kindline.staff.models import Employee, Signer, Unit
from tests.appeals.registry import DAY, NOW, Registry, registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause


def _name(here: Registry, person: Employee, **more: Any) -> Signer:
    given: dict[str, Any] = {"valid_from": NOW.date(), "valid_to": None, "order": "17-к"}
    return signers.name_signer(
        profile_id=here.profile.id, person=person, employee=here.people["administrator"], now=NOW, **given | more
    )


def _sign(here: Registry, appeal: Appeal, who: str, now: dt.datetime = NOW) -> None:
    answering.sign_answer(appeal=appeal, employee=here.people[who], now=now)


def _pile(here: Registry, who: str, now: dt.datetime = NOW) -> set[int]:
    rows, powers = queries.appeals().filter(profile=here.profile.id), signing.powers_of(here.profile, now)
    return {one.pk for one in signing.pile(rows, here.profile, here.people[who], powers)}


@clause("krc-5.8-10", "krc-6.1-44")
@pytest.mark.parametrize("profile", ["krc", "court", "voe", "yumek"])
def test_under_every_standard_roles_sign_until_the_list_has_a_name(profile: str) -> None:
    here = registry(profile)
    first, second = here.at("sign"), here.at("sign")
    assert _pile(here, "director") == {first.pk, second.pk}
    assert _pile(here, "supervisor") == set()
    _sign(here, first, "director")
    _name(here, here.people["supervisor"])
    assert _pile(here, "director") == set()
    assert _pile(here, "supervisor") == {second.pk}
    with pytest.raises(moves.NotSignerError) as refused:
        _sign(here, second, "director")
    assert refused.value.who == [str(here.people["supervisor"])]
    assert "sign" not in moves.possible(second, here.people["director"], NOW)
    assert "sign" in moves.possible(second, here.people["supervisor"], NOW)
    _sign(here, second, "supervisor")
    second.refresh_from_db()
    assert second.state == "signed"


@clause("krc-6.1-44")
def test_a_power_counts_on_its_days_by_the_clock_of_the_organisation(krc: Registry) -> None:
    appeal = krc.at("sign")
    _name(krc, krc.people["supervisor"], valid_to=NOW.date())
    midnight = dt.datetime.combine(NOW.date() + DAY, dt.time(0), krc.profile.zone)
    with pytest.raises(moves.NotSignerError) as refused:
        _sign(krc, appeal, "supervisor", midnight)
    assert refused.value.who == [], "nobody today, and roles do not come back by themselves"
    assert "sign" not in moves.possible(appeal, krc.people["supervisor"], midnight)
    assert _pile(krc, "supervisor", midnight) == set()
    _sign(krc, appeal, "supervisor", midnight - dt.timedelta(seconds=1))


@clause("krc-6.1-44")
def test_a_power_reaches_its_kinds_and_units(krc: Registry) -> None:
    unit = Unit.objects.create(code="meters", name="Служба учёта")
    proposal, application = krc.at("sign", kind="proposal"), krc.at("sign")
    there = krc.at("sign")
    Appeal.objects.filter(pk=there.pk).update(unit=unit)
    _name(krc, krc.people["supervisor"], kinds=["proposal"])
    _name(krc, krc.people["unit_head"], units=[unit])
    assert _pile(krc, "supervisor") == {proposal.pk}
    assert _pile(krc, "unit_head") == {there.pk}
    for who, appeal in (("supervisor", application), ("unit_head", proposal), ("director", there)):
        with pytest.raises(moves.NotSignerError):
            _sign(krc, appeal, who)
    _name(krc, krc.people["supervisor"])
    assert _pile(krc, "supervisor") == {proposal.pk, application.pk, there.pk}


def test_other_conditions_of_signing_stay(krc: Registry) -> None:
    appeal = krc.at("sign")
    _name(krc, krc.people["executor"])
    with pytest.raises(moves.NeedError) as refused:
        _sign(krc, appeal, "executor")
    assert refused.value.need == "other_person", "nobody signs what he has written"
