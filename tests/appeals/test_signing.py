"""Who signs: by the list of powers where one is kept, by role where it is empty; the message says who may."""

import datetime as dt
from typing import Any

import pytest

from kindline.appeals import answering, dispatching, moves, queries, signing
from kindline.appeals.models import Answer, Appeal
from kindline.journal.queries import facts_of
from kindline.staff import deputies, signers
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


def _deputise(here: Registry, absent: str, deputy: str) -> None:
    deputies.name_deputy(
        profile_id=here.profile.id, absent=here.people[absent], deputy=here.people[deputy], valid_from=NOW.date(),
        valid_to=NOW.date() + DAY, order="21-к", employee=here.people["administrator"], now=NOW,
    )  # fmt: skip


@clause("krc-5.8-10", "krc-6.1-44")
def test_a_deputy_signs_for_whom_is_away_and_the_letter_says_so(krc: Registry) -> None:
    proposal, application = krc.at("sign", kind="proposal"), krc.at("sign")
    _name(krc, krc.people["director"], kinds=["proposal"])
    _deputise(krc, "director", "supervisor")
    assert _pile(krc, "supervisor") == {proposal.pk} == _pile(krc, "director")
    with pytest.raises(moves.NotSignerError) as refused:
        _sign(krc, application, "supervisor")
    assert refused.value.clauses == ("krc-5.8-10", "krc-6.1-44")
    with pytest.raises(moves.NotSignerError) as refused:
        _sign(krc, proposal, "unit_head")
    director, supervisor = krc.people["director"], krc.people["supervisor"]
    assert refused.value.who == [str(director), f"{supervisor} for {director}"]
    _sign(krc, proposal, "supervisor")
    signed = Answer.objects.get(appeal=proposal)
    assert (signed.signed_by, signed.signed_for) == (supervisor, director)
    assert all(said in signed.signed_as for said in (str(director), "21-к", "17-к"))
    assert signed.signed_as in signed.frozen
    answering.check_seal(signed)
    fact = facts_of("appeal", proposal.pk).get(kind="answer_signed")
    assert (fact.data["signed_for"], fact.data["signed_as"]) == (director.pk, signed.signed_as)
    letter = dispatching.send_answer(appeal=proposal, way="paper", address="Лесная, 1", employee=None, now=NOW)
    assert letter.paper is not None
    assert letter.paper.signer == supervisor
    assert letter.paper.text.rstrip().endswith(signed.signed_as)
    Answer.objects.filter(pk=signed.pk).update(signed_as="")
    signed.refresh_from_db()
    with pytest.raises(answering.BrokenSealError):
        answering.check_seal(signed)


@clause("krc-6.1-44")
def test_who_has_the_power_himself_signs_for_nobody(krc: Registry) -> None:
    appeal = krc.at("sign")
    _name(krc, krc.people["director"])
    _deputise(krc, "director", "supervisor")
    _sign(krc, appeal, "director")
    signed = Answer.objects.get(appeal=appeal)
    assert (signed.signed_for, signed.signed_as) == (None, "")
